using Microsoft.Extensions.Logging;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Schedule;

/// <summary>
/// Moves what is due within the next hours from the schedule to the send queue, which holds it back to the moment. A timer calls it, every
/// hour or oftener. Enqueued first and deleted after: a crash, or two runners, put a message on the queue twice, and its id lets it out
/// once (P5).
/// </summary>
public sealed partial class ScheduleRunner(
    ITableStore tables, IWorkQueue queue, DeadLetters letters, TimeProvider time, ILogger<ScheduleRunner> log)
{
    /// <summary>
    /// How far ahead messages are moved. Longer than the timer's pause, so that none is late; no longer than that needs, because an erasure
    /// cannot see what a queue holds back.
    /// </summary>
    public static readonly TimeSpan Horizon = TimeSpan.FromMinutes(90);

    // Quiet hours end for many at once.
    private const int AtOnce = 16;

    private const int Page = 500;

    /// <summary>Moves what is due; the answer is how many.</summary>
    /// <exception cref="Security.UnreadableRowException">Everything is moved but what no key opens, which stays.</exception>
    public async ValueTask<int> RunDueAsync(CancellationToken cancel)
    {
        var moved = 0;
        var unread = new Unread();
        var pages = new LegiblePages((after, limit) => tables.ScanAsync(Tables.Schedule, after, limit, cancel), Page);
        var isDue = true;
        while (isDue && !pages.Ended)
        {
            // Partitions are hours: the scan begins at the earliest and ends at the first that is not due.
            var (rows, shut) = await pages.NextAsync();
            isDue = IsDue(shut?.Row ?? (rows.Count == 0 ? null : rows[^1].Row.Key));
            if (shut is not null && isDue) unread.Add(shut);
            var due = rows.TakeWhile(r => IsDue(r.Row.Key)).ToList();
            await Parallel.ForEachAsync(
                due, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, MoveAsync);
            moved += due.Count;
        }

        LogMoved(moved);
        unread.Tell();
        return moved;
    }

    private bool IsDue(string? row) => row is not null && SendSchedule.DueOf(row) <= time.GetUtcNow() + Horizon;

    private async ValueTask MoveAsync(ScannedRow item, CancellationToken cancel)
    {
        var wait = SendSchedule.DueOf(item.Row.Key) - time.GetUtcNow();
        try
        {
            await queue.EnqueueAsync(Queues.Send, item.Row.Value, wait > TimeSpan.Zero ? wait : TimeSpan.Zero, cancel);
        }
        catch (ArgumentException)
        {
            // More than a queue holds, as former versions wrote it: a dead letter that can be replayed. Whatever stands behind it must not
            // wait for it.
            var request = item.Row.Read(CoreJson.Default.SendRequest);
            await letters.KeepAsync(Queues.Send, SendQueue.BodyOf(request), 1, cancel);
        }

        await tables.CommitAsync(Tables.Schedule, item.Partition, [RowChange.Delete(item.Row.Key)], cancel);
    }

    [LoggerMessage(
        EventId = 150, EventName = "ScheduleRun", Level = LogLevel.Debug, Message = "{Count} scheduled messages moved to the send queue")]
    private partial void LogMoved(int count);
}
