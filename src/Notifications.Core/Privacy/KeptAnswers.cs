using Notifications.Storage;
using Notifications.Timers;

namespace Notifications.Privacy;

/// <summary>
/// The timer that purges the answers that stand under Idempotency-Keys. After a week nobody repeats a request; a message is then still told
/// from its repetition by its record (P5). There is one for every POST that named a key, so it has a timer of its own, which keeps its
/// place: however many there are, nothing else waits for them.
/// </summary>
public sealed class KeptAnswers(ITableStore tables, TimeProvider time)
{
    private static readonly TimeSpan Time = TimeSpan.FromDays(7);

    /// <summary>Rows that are read at once, and after which the place is kept: an answer may have 352 KiB.</summary>
    internal int Page { get; init; } = 200;

    /// <summary>
    /// Purges those whose time is over, and what a request left that died before it was answered, to the end of the table; how many.
    /// </summary>
    /// <exception cref="Security.UnreadableRowException">Everything is done but what no key opens, which stays.</exception>
    public async ValueTask<int> PurgeAsync(CancellationToken cancel)
    {
        var (now, purged) = (time.GetUtcNow(), 0);
        var unread = new Unread();
        await foreach (var page in new Pass(tables, "kept-answers", Tables.Idempotency, unread) { Page = Page }.PagesAsync(cancel))
        {
            // Each stands in a partition of its own, so none can share another's commit.
            await Pass.EachAsync(page, async scanned =>
            {
                var (partition, row) = scanned;
                if (now - row.Read(CoreJson.Default.IdempotencyRecord).At <= Time) return;
                if ((await tables.CommitAsync(Tables.Idempotency, partition, [RowChange.Delete(row.Key, row.ETag)], cancel)).Committed)
                    Interlocked.Increment(ref purged);
            }, unread);
        }

        unread.Tell();
        return purged;
    }
}
