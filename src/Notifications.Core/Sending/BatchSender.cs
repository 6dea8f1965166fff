using Microsoft.Extensions.Logging;

namespace Notifications.Sending;

/// <summary>
/// Sends a batch of messages where it stands, many at a time, without a queue item for each. What one of them needs later (a wait, another
/// attempt, an operator) goes to the queue <c>send</c> for that one alone, so one bad message never brings its batch back. The batch itself
/// may be run again: every message finds its record (P5).
/// </summary>
public sealed partial class BatchSender(
    Dispatcher dispatcher, SendQueue queue, SendSlots slots, TimeProvider time, ILogger<BatchSender> log)
{
    /// <summary>How many messages a batch should hold.</summary>
    public const int Size = 100;

    /// <summary>
    /// After this long nothing more is begun: with the longest hand-off on top, the batch ends before its item is taken for lost.
    /// </summary>
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(15);

    /// <summary>Sends them in their order, as far as they may be sent and time allows.</summary>
    /// <param name="requests">The batch.</param>
    /// <param name="redelivered">The queue has given the batch out before.</param>
    /// <param name="cancel">Begins nothing more; what is under way is waited for.</param>
    /// <returns>How many are settled or on the queue. The rest was not begun, and is the caller's to bring again.</returns>
    /// <exception cref="Notifications.Storage.StorageUnavailableException">The store was away for at least one of them; the batch has to be
    /// run again.</exception>
    public async ValueTask<int> SendAsync(IReadOnlyList<SendRequest> requests, bool redelivered, CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        var begun = new List<Task>(requests.Count);
        try
        {
            while (begun.Count < requests.Count)
            {
                var left = Turn - time.GetElapsedTime(started);
                if (left <= TimeSpan.Zero || !await slots.Of(requests[begun.Count].Channel).WaitAsync(left, cancel)) break;
                begun.Add(OneAsync(requests[begun.Count], redelivered, cancel));
            }
        }
        finally
        {
            await Task.WhenAll(begun);
        }

        return begun.Count;
    }

    private async Task OneAsync(SendRequest request, bool redelivered, CancellationToken cancel)
    {
        try
        {
            var outcome = await TryAsync(request, redelivered, cancel);
            if (outcome.Result == WorkResult.Later) await queue.EnqueueAsync(request, outcome.Delay, cancel);
            else if (outcome.Result == WorkResult.GiveUp) await queue.GiveUpAsync(request, outcome.Why!);
        }
        finally
        {
            slots.Of(request.Channel).Release();
        }
    }

    private async ValueTask<WorkOutcome> TryAsync(SendRequest request, bool redelivered, CancellationToken cancel)
    {
        try
        {
            return await dispatcher.SendAsync(request, redelivered, cancel);
        }
        catch (Exception unplanned) when (unplanned is not (Storage.StorageUnavailableException or OperationCanceledException))
        {
            // Alone on the queue it is tried again and, if that does not help, given up; the type and the stack, not the message (R67).
            LogUnplanned(request.Id, unplanned.GetType().Name, unplanned.StackTrace);
            return WorkOutcome.Later(TimeSpan.FromSeconds(1));
        }
    }

    [LoggerMessage(
        EventId = 111, EventName = "BatchMessageFailed", Level = LogLevel.Error,
        Message = "Message {Id} of a batch failed with {Exception} at {Stack}; it goes to the queue by itself")]
    private partial void LogUnplanned(string id, string exception, string? stack);
}
