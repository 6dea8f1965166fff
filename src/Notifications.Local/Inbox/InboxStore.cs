using System.Globalization;
using System.Text;
using Notifications.Addresses;
using Notifications.Security;
using Notifications.Storage;

namespace Notifications.Local.Inbox;

/// <summary>
/// What arrived, in the order of arrival: a row per message under its time, and one under its id that points there. Both are one commit, so
/// a message that is handed off again after a crash is in the inbox once.
/// </summary>
internal sealed class InboxStore(ITableStore tables, KeyRing ring, TimeProvider time)
{
    private const string Partition = "inbox";
    private const string ByTime = "at:";
    private const string ById = "id:";
    private readonly Lock _order = new();
    private long _last;

    /// <summary>Keeps a message; false when it is here already.</summary>
    public async ValueTask<bool> AddAsync(InboxMessage message, CancellationToken cancel)
    {
        ValueTask<CommitResult> commit;
        lock (_order)
        {
            // Begun in the order of the keys, so that a reader who asks for what came after a message misses none.
            _last = Math.Max(_last + 1, time.GetUtcNow().Ticks);
            var key = string.Create(CultureInfo.InvariantCulture, $"{ByTime}{_last:D20}");
            commit = tables.CommitAsync(Tables.Inbox, Partition,
            [
                RowChange.Insert(ById + message.Id, Encoding.ASCII.GetBytes(key)),
                RowChange.Insert(key, message, InboxJson.Default.InboxMessage),
            ], cancel);
        }

        return (await commit).Committed;
    }

    /// <summary>A message, or null.</summary>
    public async ValueTask<InboxMessage?> FindAsync(string id, CancellationToken cancel) =>
        await KeyAsync(id, cancel) is { } key && await tables.GetAsync(Tables.Inbox, Partition, key, cancel) is { } row ? Read(row) : null;

    /// <summary>Messages in the order of arrival.</summary>
    /// <param name="to">Only those to this address, or null.</param>
    /// <param name="after">Only those after this message's id, or after this time; null begins at the first.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancel">Ends the reading.</param>
    public async ValueTask<List<InboxMessage>> ListAsync(string? to, string? after, int limit, CancellationToken cancel)
    {
        var found = new List<InboxMessage>();
        var from = after is null ? null : await KeyAsync(after, cancel) ?? TimeKey(after);
        var wanted = to is null ? null : Normal(to);
        while (found.Count < limit)
        {
            var rows = await tables.RangeAsync(Tables.Inbox, Partition, RowRange.Prefix(ByTime, from), 500, cancel);
            foreach (var row in rows)
            {
                var message = Read(row);
                if (wanted is null || message.To == wanted) found.Add(message);
                if (found.Count == limit) break;
            }

            if (rows.Count < 500) break;
            from = rows[^1].Key;
        }

        return found;
    }

    /// <summary>The texts to and from one phone, by its address key, in the order of arrival.</summary>
    public async ValueTask<List<InboxMessage>> ThreadAsync(string addressKey, CancellationToken cancel) =>
        [.. (await ListAsync(null, null, int.MaxValue, cancel)).Where(m => m.Channel == Channel.Sms && KeyOf(m) == addressKey)];

    /// <summary>The key of the phone in a text: no number stands in a URL.</summary>
    public string KeyOf(InboxMessage text) => ring.KeyOf(new Address(Channel.Sms, text.Incoming ? text.From : text.To)).Value;

    /// <summary>Empties the inbox.</summary>
    public async ValueTask ClearAsync(CancellationToken cancel)
    {
        while (await tables.RangeAsync(Tables.Inbox, Partition, RowRange.All, 100, cancel) is { Count: > 0 } rows)
        {
            await tables.CommitAsync(Tables.Inbox, Partition, [.. rows.Select(row => RowChange.Delete(row.Key))], cancel);
        }
    }

    private async ValueTask<string?> KeyAsync(string id, CancellationToken cancel) =>
        id.Length <= 100
            && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
            && await tables.GetAsync(Tables.Inbox, Partition, ById + id, cancel) is { } row
            ? Encoding.ASCII.GetString(row.Value.Span)
            : null;

    private static string? TimeKey(string after) =>
        DateTimeOffset.TryParse(after, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? string.Create(CultureInfo.InvariantCulture, $"{ByTime}{at.UtcTicks:D20}")
            : null;

    private static string Normal(string to) =>
        Address.TryParse(to.Contains('@', StringComparison.Ordinal) ? Channel.Email : Channel.Sms, to, out var address, out _)
            ? address.Value
            : to;

    private static InboxMessage Read(Row row) => row.Read(InboxJson.Default.InboxMessage);
}
