using System.Collections.Concurrent;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Local.Pump;

/// <summary>
/// Feeds every queue, and its poison twin, to <see cref="Work"/>. Many items are under way at once, so that the store writes them together.
/// At shutdown nothing new is taken; what is under way gets ten seconds, and then begins no further hand-off and goes back to its queue. A
/// hand-off that has begun is waited for.
/// </summary>
internal sealed partial class QueuePump(
    IWorkQueue queue, Work work, WaitForWork waitForWork, SendingOptions options, ILogger<QueuePump> log)
    : BackgroundService
{
    private const int Batch = 32;

    /// <summary>How long what is under way goes on after the process was told to end; then it goes back to its queue.</summary>
    internal static readonly TimeSpan Drain = TimeSpan.FromSeconds(10);

    // How often what is on the queues has failed as nobody planned. The queue's own count has every other delivery in it.
    private readonly ConcurrentDictionary<(string Queue, string Id), int> _failures = new();

    // Items of a queue under way at once. A batch of a campaign or of a package's followers is a hundred messages, of which SendSlots lets
    // 1,024 begin: more batches only make each of them take longer.
    private static int AtOnce(string queue) => queue switch { Queues.Send => 512, Queues.Campaigns => 20, Queues.Packages => 32, _ => 64 };

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var giveUp = new CancellationTokenSource();
        await using var stop = stoppingToken.Register(() => giveUp.CancelAfter(Drain));
        var pumps = new List<Task>();
        foreach (var name in Queues.All)
        {
            pumps.Add(PumpAsync(name, AtOnce(name), stoppingToken, giveUp.Token));
            pumps.Add(PumpAsync(Queues.Poison(name), 8, stoppingToken, giveUp.Token));
        }

        await Task.WhenAll(pumps);
    }

    private async Task PumpAsync(string name, int most, CancellationToken stopping, CancellationToken giveUp)
    {
        using var slots = new SemaphoreSlim(most);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await slots.WaitAsync(stopping);
                var free = 1;
                while (free < Batch && slots.Wait(0, CancellationToken.None)) free++;
                IReadOnlyList<QueueItem> items = [];
                try
                {
                    items = await queue.ReceiveAsync(name, free, options.Visibility, stopping);
                }
                finally
                {
                    if (free > items.Count) slots.Release(free - items.Count);
                }

                foreach (var item in items) _ = RunAsync(item, slots, giveUp);
                if (items.Count == 0) await waitForWork(name, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
            catch (Exception failed)
            {
                LogReceive(name, failed.GetType().Name);
                await Task.Delay(TimeSpan.FromSeconds(1), stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        for (var i = 0; i < most; i++) await slots.WaitAsync(CancellationToken.None); // Every item has ended or was released.
    }

    private async Task RunAsync(QueueItem item, SemaphoreSlim slots, CancellationToken giveUp)
    {
        try
        {
            var outcome = await DoAsync(item, giveUp);
            if (outcome.Result == WorkResult.Done) await queue.CompleteAsync(item, CancellationToken.None);
            else if (outcome.Result == WorkResult.Later) await queue.ReleaseAsync(item, outcome.Delay, CancellationToken.None);
            else await queue.PoisonAsync(item, CancellationToken.None);
            if (outcome.Result != WorkResult.Later) _failures.TryRemove((item.Queue, item.Id), out _);
        }
        catch (Exception failed)
        {
            // The item stays hidden until its visibility ends, and comes back then.
            LogFinish(item.Queue, failed.GetType().Name);
        }
        finally
        {
            slots.Release();
        }
    }

    private async ValueTask<WorkOutcome> DoAsync(QueueItem item, CancellationToken giveUp)
    {
        try
        {
            return await work.DoAsync(item.Queue, item.Body, item.DequeueCount, giveUp);
        }
        catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
        {
            return WorkOutcome.Later(TimeSpan.Zero);
        }
        catch (StorageUnavailableException away)
        {
            if (away.IsContention) LogContended(item.Queue, away.Message);
            else LogUnavailable(item.Queue);
            return WorkOutcome.Later(Backoff(item.DequeueCount));
        }
        catch (Exception unplanned)
        {
            // The type and the stack, not the message: it may repeat what a person sent (R67).
            var failures = _failures.AddOrUpdate((item.Queue, item.Id), 1, static (_, before) => before + 1);
            LogUnplanned(item.Queue, failures, unplanned.GetType().Name, unplanned.StackTrace);
            var last = failures >= Work.MaxDeliveries && !Queues.IsPoison(item.Queue);
            return last ? WorkOutcome.GiveUp(unplanned.GetType().Name) : WorkOutcome.Later(Backoff(failures));
        }
    }

    private static TimeSpan Backoff(int times) => TimeSpan.FromSeconds(1 << Math.Min(times - 1, 6));

    [LoggerMessage(
        EventId = 300, EventName = "ReceiveFailed", Level = LogLevel.Warning,
        Message = "Queue {Queue} cannot be received from: {Exception}")]
    private partial void LogReceive(string queue, string exception);

    [LoggerMessage(
        EventId = 301, EventName = "FinishFailed", Level = LogLevel.Warning,
        Message = "An item of queue {Queue} was worked on and could not be finished ({Exception}); it comes back")]
    private partial void LogFinish(string queue, string exception);

    [LoggerMessage(
        EventId = 302, EventName = "WorkUnavailable", Level = LogLevel.Warning,
        Message = "An item of queue {Queue} met a store that is not reachable; it comes back")]
    private partial void LogUnavailable(string queue);

    [LoggerMessage(
        EventId = 303, EventName = "WorkFailed", Level = LogLevel.Error,
        Message = "An item of queue {Queue}, failure {Failure}: {Exception} at {Stack}")]
    private partial void LogUnplanned(string queue, int failure, string exception, string? stack);

    [LoggerMessage(
        EventId = 304, EventName = "WorkContended", Level = LogLevel.Debug,
        Message = "An item of queue {Queue} met others at work on the same row; it comes back: {Why}")]
    private partial void LogContended(string queue, string why);
}
