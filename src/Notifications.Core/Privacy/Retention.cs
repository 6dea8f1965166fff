using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Privacy;

/// <summary>The timer that keeps nothing longer than it is needed: finished messages, and opt-ins that nobody confirmed (R28). Ended watches are purged by the watch repair; exports are never stored.</summary>
public sealed class Retention(ITableStore tables, AddressBook book, PrivacyOptions options, TimeProvider time)
{
    private const int Page = 500;

    /// <summary>Purges what is over; the answer is how many messages and how many opt-ins.</summary>
    public async ValueTask<(int Messages, int Unconfirmed)> RunAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        int messages = 0, unconfirmed = 0;
        (string Partition, string Row)? after = null;
        while (true)
        {
            var rows = await tables.ScanAsync(Tables.Addresses, after, Page, cancel);
            foreach (var (partition, row) in rows)
            {
                if (row.Key.StartsWith(Rows.MessagePrefix, StringComparison.Ordinal) && IsOver(row, now - TimeSpan.FromDays(options.MessageDays)))
                {
                    if ((await tables.CommitAsync(Tables.Addresses, partition, [RowChange.Delete(row.Key, row.ETag)], cancel)).Committed) messages++;
                }
                else if (row.Key == Rows.State && AddressKey.TryParse(partition, out var key))
                {
                    unconfirmed += await ExpireAsync(key, row, now - TimeSpan.FromDays(options.UnconfirmedDays), cancel);
                }
            }

            if (rows.Count < Page) return (messages, unconfirmed);
            after = (rows[^1].Partition, rows[^1].Row.Key);
        }
    }

    private static bool IsOver(Row row, DateTimeOffset before)
    {
        var record = JsonSerializer.Deserialize(row.Value.Span, CoreJson.Default.MessageRecord)!;
        return record.IsFinal && record.Timeline is [.., var last] && last.At < before;
    }

    private async ValueTask<int> ExpireAsync(AddressKey key, Row row, DateTimeOffset before, CancellationToken cancel)
    {
        var state = JsonSerializer.Deserialize(row.Value.Span, CoreJson.Default.AddressState)!;
        var expired = state.Subscriptions.Count(s => Expired(s, before));
        if (expired == 0) return 0;

        // Somebody typed an address in and its owner never answered: nothing of it was ever theirs to keep, unless they said something else.
        if (expired == state.Subscriptions.Length && state is { Stopped: null, Suppression: null, ContactId: null, RestrictedSince: null, Contact: ContactStatus.Active, Reviews: [] }
            && (await tables.RangeAsync(Tables.Addresses, key.Value, RowRange.Prefix(Rows.WatchPrefix), 1, cancel)).Count == 0)
        {
            return await ForgetAsync(key, row.ETag, cancel) ? expired : 0;
        }

        await book.ChangeAsync(key, null, (current, _) =>
        {
            var gone = Array.FindAll(current.Subscriptions, s => Expired(s, before));
            return gone.Length == 0
                ? new Change(current, [])
                : new Change(current with { Subscriptions = Array.FindAll(current.Subscriptions, s => !Expired(s, before)) }, Array.ConvertAll(gone, s => new LedgerDraft(LedgerAction.Expire, s.Topic, "retention", "service:retention")));
        }, null, cancel);
        return expired;
    }

    /// <summary>The state goes first and under its ETag: whoever answers meanwhile keeps everything.</summary>
    private async ValueTask<bool> ForgetAsync(AddressKey key, string etag, CancellationToken cancel)
    {
        var rows = await tables.RangeAsync(Tables.Addresses, key.Value, RowRange.All, 99, cancel);
        RowChange[] changes = [.. rows.Select(r => RowChange.Delete(r.Key, r.Key == Rows.State ? etag : null))];
        return rows.Count < 99 && (await tables.CommitAsync(Tables.Addresses, key.Value, changes, cancel)).Committed;
    }

    private static bool Expired(Subscription subscription, DateTimeOffset before) => subscription.Status == SubscriptionStatus.Pending && subscription.Since < before;
}
