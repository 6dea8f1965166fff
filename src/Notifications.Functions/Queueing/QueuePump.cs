using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Web.Webhooks;

namespace Notifications.Functions.Queueing;

/// <summary>
/// Opens what a queue trigger brings, has it done, and turns the outcome into what the host understands: a return takes the item off the
/// queue, a throw brings it back. At the fifth the host would give it up, and what it puts on a poison twin is gone in seven days, so that
/// is done here. What is nobody's failure must not end so, and a poison twin's item has nowhere further to go, where the host would leave
/// it lying unseen: both begin anew.
/// </summary>
public sealed partial class QueuePump(
    Work work, SealedWorkQueue queue, QueueBodies bodies, GivenUpNotes notes, TimeProvider time, ILogger<QueuePump> log)
{
    private static readonly TimeSpan Anew = TimeSpan.FromMinutes(1);

    /// <summary>Does one item of a queue of ours.</summary>
    /// <param name="name">The queue, or a poison twin.</param>
    /// <param name="body">As it stood on the queue.</param>
    /// <param name="binding">What the host says of the item.</param>
    /// <param name="cancel">Signalled when the app is to stop; the item then comes back.</param>
    public Task RunAsync(string name, byte[] body, IReadOnlyDictionary<string, object?> binding, CancellationToken cancel) => GuardAsync(
        name,
        body,
        Deliveries(binding),
        async whole =>
        {
            var opened = Open(name, whole);
            var outcome = await work.DoAsync(name, opened, Deliveries(binding), cancel);
            switch (outcome.Result)
            {
                case WorkResult.Later:
                    // A fresh item in place of this one: the host has no way to put an item back for a chosen time. A crash in between
                    // leaves both, and the second finds the work done.
                    var next = Deliveries(binding) > 1 || outcome.Recovered ? Work.Again(name, opened, !outcome.Recovered) : opened;
                    await queue.EnqueueAsync(name, next, outcome.Delay, CancellationToken.None);
                    break;
                case WorkResult.GiveUp:
                    LogGivenUp(name, outcome.Why ?? "");
                    await queue.EnqueueAsync(Queues.Poison(name), opened, default, CancellationToken.None);
                    break;
            }
        },
        cancel);

    /// <summary>
    /// Puts each of a delivery's events on the queue that the webhook feeds as well. What is not a delivery throws, and so becomes a dead
    /// letter.
    /// </summary>
    public Task TakeEventsAsync(byte[] body, IReadOnlyDictionary<string, object?> binding, CancellationToken cancel) => GuardAsync(
        Queues.ProviderEvents,
        body,
        Deliveries(binding),
        async whole =>
        {
            // JSON begins with a bracket, a sealed body with its format's number.
            var json = whole.Span is [1, ..] ? Open(Queues.ProviderEvents, whole) : whole;
            foreach (var happening in await ParseAsync(json, Came(binding, time.UtcNowMs()), Deliveries(binding)))
                await queue.EnqueueAsync(
                    Queues.Inbound, JsonSerializer.SerializeToUtf8Bytes(happening, CoreJson.Default.InboundEvent), default, cancel);
        },
        cancel);

    private async ValueTask<IReadOnlyList<InboundEvent>> ParseAsync(ReadOnlyMemory<byte> json, DateTimeOffset came, int deliveries)
    {
        try
        {
            return ProviderEvents.Parse(json.Span, came);
        }
        catch (JsonException wrong) when (deliveries >= Work.MaxDeliveries)
        {
            await notes.AddAsync(Queues.ProviderEvents, json, wrong.Message);
            throw;
        }
    }

    /// <summary>
    /// How often the host has given the item out. Unknown counts as more than once, which costs a read and risks nothing.
    /// </summary>
    internal static int Deliveries(IReadOnlyDictionary<string, object?> binding) =>
        binding.TryGetValue("DequeueCount", out var value)
            && int.TryParse(
                Convert.ToString(value, CultureInfo.InvariantCulture), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : 2;

    /// <summary>
    /// When the item was put on its queue, by which an event is dated that does not say when it was: the queue may have stood for hours.
    /// Unknown, or by a clock that is ahead of ours, is <paramref name="now"/>. The host hands the moment on as JSON, in its quotation marks.
    /// </summary>
    internal static DateTimeOffset Came(IReadOnlyDictionary<string, object?> binding, DateTimeOffset now) =>
        binding.TryGetValue("InsertionTime", out var value)
            && DateTimeOffset.TryParse(
                Convert.ToString(value, CultureInfo.InvariantCulture)?.Trim('"'), CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal, out var at)
            && at < now
            ? at
            : now;

    private async Task GuardAsync(string name, byte[] body, int deliveries, Func<ReadOnlyMemory<byte>, Task> act, CancellationToken cancel)
    {
        try
        {
            if (await bodies.ResolveAsync(body, cancel) is { } whole) await act(whole);
            // Its work was done, and whoever did it died before the host took the item off its queue.
            else if (deliveries > 1) LogGone(name);
            else if (Queues.IsPoison(name)) await act(body); // Nobody can have done it: what is left of it is kept for an operator.
            else await bodies.EnqueueAsync(Queues.Poison(name), body, TimeSpan.Zero);
            await bodies.ForgetAsync(body, CancellationToken.None);
        }
        catch (Exception failed)
            when (deliveries >= Work.MaxDeliveries
                && (failed is StorageUnavailableException or OperationCanceledException || Queues.IsPoison(name)))
        {
            // A store that is away, a process that stops (R69, P5).
            LogAnew(name, failed.GetType().Name);
            await bodies.EnqueueAsync(name, Again(name, body), Anew);
        }
        catch (Exception unplanned) when (unplanned is not (StorageUnavailableException or OperationCanceledException))
        {
            // The host logs whatever is thrown at it, and a message may repeat what a person sent (R67): it gets the type, and the log the
            // stack.
            LogUnplanned(name, unplanned.GetType().Name, unplanned.StackTrace);
            if (deliveries >= Work.MaxDeliveries)
            {
                // As it stood, its blob too, and for ever (P5).
                await bodies.EnqueueAsync(Queues.Poison(name), body, TimeSpan.Zero);
                return;
            }

            throw new InvalidOperationException($"An item of queue {name} failed with {unplanned.GetType().Name}.");
        }
    }

    private ReadOnlyMemory<byte> Open(string name, ReadOnlyMemory<byte> whole)
    {
        try
        {
            return queue.Open(whole.Span);
        }
        catch (CryptographicException) when (Queues.IsPoison(name))
        {
            return whole; // Event Grid's own, or sealed by a key that is gone: a poison twin keeps it as it is.
        }
    }

    private ReadOnlyMemory<byte> Again(string name, byte[] body)
    {
        if (name is not (Queues.Campaigns or Queues.Packages)) return body;
        try
        {
            return queue.Seal(Work.Again(name, queue.Open(body)).Span);
        }
        catch (CryptographicException)
        {
            return body; // It stands in a blob, or was sealed by a key that is gone.
        }
    }

    [LoggerMessage(
        EventId = 320, EventName = "ItemGivenUp", Level = LogLevel.Warning, Message = "An item of queue {Queue} was given up: {Why}")]
    private partial void LogGivenUp(string queue, string why);

    [LoggerMessage(
        EventId = 321, EventName = "ItemBeginsAnew", Level = LogLevel.Warning,
        Message = "An item of queue {Queue} met {Exception} at its last delivery; it begins anew")]
    private partial void LogAnew(string queue, string exception);

    [LoggerMessage(
        EventId = 322, EventName = "ItemFailed", Level = LogLevel.Error,
        Message = "An item of queue {Queue} failed with {Exception} at {Stack}")]
    private partial void LogUnplanned(string queue, string exception, string? stack);

    [LoggerMessage(
        EventId = 323, EventName = "ItemBodyGone", Level = LogLevel.Warning,
        Message = "An item of queue {Queue} came again after its body was removed: it was done")]
    private partial void LogGone(string queue);
}
