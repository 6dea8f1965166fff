using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Web.Webhooks;

namespace Notifications.Functions.Queueing;

/// <summary>Opens what a queue trigger brings, has it done, and turns the outcome into what the host understands: a return takes the item off the queue, a throw brings it back.</summary>
public sealed partial class QueuePump(Work work, SealedWorkQueue queue, QueueBodies bodies, ILogger<QueuePump> log)
{
    /// <summary>Where Event Grid delivers; its bodies are not ours and not sealed, unless a dead letter was put back.</summary>
    public const string ProviderEvents = Queues.ProviderEvents;

    /// <summary>Does one item of a queue of ours.</summary>
    /// <param name="name">The queue, or a poison twin.</param>
    /// <param name="body">As it stood on the queue.</param>
    /// <param name="binding">What the host says of the item.</param>
    /// <param name="cancel">Signalled when the app is to stop; the item then comes back.</param>
    public async Task RunAsync(string name, byte[] body, IReadOnlyDictionary<string, object?> binding, CancellationToken cancel)
    {
        var opened = await OpenAsync(name, body, cancel);
        var outcome = await DoAsync(name, opened, Deliveries(binding), cancel);
        switch (outcome.Result)
        {
            case WorkResult.Later:
                // A fresh item in place of this one: the host has no way to put an item back for a chosen time. A crash in between leaves both, and the second finds the work done.
                await queue.EnqueueAsync(name, opened, outcome.Delay, cancel);
                break;
            case WorkResult.GiveUp:
                LogGivenUp(name, outcome.Why ?? "");
                await queue.EnqueueAsync(Queues.Poison(name), opened, default, cancel);
                break;
        }

        await bodies.ForgetAsync(body, cancel);
    }

    /// <summary>Puts each of a delivery's events on the queue that the webhook feeds as well. What is not a delivery throws, and so becomes a dead letter.</summary>
    public async Task TakeEventsAsync(byte[] body, CancellationToken cancel)
    {
        // JSON begins with a bracket, a sealed body with its format's number.
        ReadOnlyMemory<byte> json = body is [1, ..] ? await OpenAsync(ProviderEvents, body, cancel) : body;
        foreach (var happening in Web.Webhooks.ProviderEvents.Parse(json.Span)) await queue.EnqueueAsync(Queues.Inbound, JsonSerializer.SerializeToUtf8Bytes(happening, CoreJson.Default.InboundEvent), default, cancel);
    }

    /// <summary>How often the host has given the item out. Unknown counts as more than once, which costs a read and risks nothing.</summary>
    internal static int Deliveries(IReadOnlyDictionary<string, object?> binding) =>
        binding.TryGetValue("DequeueCount", out var value) && int.TryParse(Convert.ToString(value, CultureInfo.InvariantCulture), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 2;

    // A store that is away is nobody's failure, so it must not end in the dead letters (R69): what the host would give up next begins anew.
    private async ValueTask<WorkOutcome> DoAsync(string name, ReadOnlyMemory<byte> opened, int deliveries, CancellationToken cancel)
    {
        try
        {
            return await work.DoAsync(name, opened, deliveries, cancel);
        }
        catch (StorageUnavailableException) when (deliveries >= Work.MaxDeliveries)
        {
            LogUnavailable(name);
            return WorkOutcome.Later(TimeSpan.FromMinutes(1));
        }
        catch (Exception unplanned) when (unplanned is not (StorageUnavailableException or OperationCanceledException))
        {
            // The host logs whatever is thrown at it, and a message may repeat what a person sent (R67): it gets the type, and the log the stack.
            LogUnplanned(name, unplanned.GetType().Name, unplanned.StackTrace);
            throw new InvalidOperationException($"An item of queue {name} failed with {unplanned.GetType().Name}.");
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> OpenAsync(string name, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        var whole = await bodies.ResolveAsync(body, cancel);
        try
        {
            return queue.Open(whole.Span);
        }
        catch (CryptographicException) when (name.EndsWith(Queues.Poison(""), StringComparison.Ordinal))
        {
            return whole; // Event Grid's own, or sealed by a key that is gone: a poison twin keeps it as it is, there is nowhere further to put it.
        }
    }

    [LoggerMessage(EventId = 320, EventName = "ItemGivenUp", Level = LogLevel.Warning, Message = "An item of queue {Queue} was given up: {Why}")]
    private partial void LogGivenUp(string queue, string why);

    [LoggerMessage(EventId = 321, EventName = "ItemMetNoStore", Level = LogLevel.Warning, Message = "An item of queue {Queue} has met a store that is not reachable at every delivery; it begins anew")]
    private partial void LogUnavailable(string queue);

    [LoggerMessage(EventId = 322, EventName = "ItemFailed", Level = LogLevel.Error, Message = "An item of queue {Queue} failed with {Exception} at {Stack}")]
    private partial void LogUnplanned(string queue, string exception, string? stack);
}
