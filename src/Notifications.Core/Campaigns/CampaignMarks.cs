using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Notifications.Storage;

namespace Notifications.Campaigns;

/// <summary>
/// Notes that a message of a batch has changed, so that the batch is counted anew: one row where there is none, and one delayed item of the
/// queue. However many messages of the batch change meanwhile, it is counted once.
/// </summary>
public sealed class CampaignMarks(ITableStore tables, CampaignQueue queue, CampaignOptions options, TimeProvider time)
{
    /// <summary>So much after its time a note has no item any more.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(2);

    // Since when, by a clock that nobody sets.
    private readonly ConcurrentDictionary<(string Campaign, string Batch), long> _noted = new();

    /// <summary>Has the batch counted anew, after a while. Repeating it is cheap.</summary>
    public async ValueTask TouchAsync(string campaign, string batch, CancellationToken cancel)
    {
        // Noted by this process, and certainly not counted yet: the item comes back only after the delay.
        if (_noted.TryGetValue((campaign, batch), out var since) && time.GetElapsedTime(since) < options.RecountAfter / 2) return;
        var (now, begun) = (time.GetUtcNow(), time.GetTimestamp());
        var written = await tables.CommitAsync(
            Tables.Campaigns, campaign,
            [
                RowChange.Insert(
                    Rows.Stale(batch), Encoding.ASCII.GetBytes(now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture))),
            ],
            cancel);
        if (written.Committed || await IsForgottenAsync(campaign, batch, now, cancel))
            await queue.EnqueueAsync(new CampaignWork(CampaignStep.Recount, campaign, Part: batch), options.RecountAfter, cancel);
        if (_noted.Count > 10_000) _noted.Clear();
        if (written.Committed) _noted[(campaign, batch)] = begun;
    }

    /// <summary>
    /// Whether the note that is there has no item: it is the one of this very moment, refused by its own repetition, or its time is long
    /// over. A campaign that ended a week ago is watched by nobody else.
    /// </summary>
    private async ValueTask<bool> IsForgottenAsync(string campaign, string batch, DateTimeOffset now, CancellationToken cancel) =>
        await tables.GetAsync(Tables.Campaigns, campaign, Rows.Stale(batch), cancel) is { } row
            && (NotedAt(row.Value) == now.ToUnixTimeMilliseconds() || IsLate(row.Value, now));

    /// <summary>Whether a note's item is lost. One that lies ahead is of before the clock was set back.</summary>
    internal bool IsLate(ReadOnlyMemory<byte> note, DateTimeOffset now) =>
        Math.Abs(now.ToUnixTimeMilliseconds() - NotedAt(note)) > (options.RecountAfter + Late).TotalMilliseconds;

    private static long NotedAt(ReadOnlyMemory<byte> note) => long.Parse(Encoding.ASCII.GetString(note.Span), CultureInfo.InvariantCulture);
}
