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
        if (written.Committed)
            await queue.EnqueueAsync(new CampaignWork(CampaignStep.Recount, campaign, Part: batch), options.RecountAfter, cancel);
        if (_noted.Count > 10_000) _noted.Clear();
        if (written.Committed) _noted[(campaign, batch)] = begun;
    }
}
