using Notifications.Storage.Azure;

namespace Notifications.Functions.Queueing;

/// <summary>What a trigger brings is the body, or points to a blob that holds it when it is too large for a queue.</summary>
public sealed class QueueBodies(AzureWorkQueue? queue)
{
    /// <summary>The whole body, still sealed.</summary>
    public ValueTask<ReadOnlyMemory<byte>> ResolveAsync(ReadOnlyMemory<byte> message, CancellationToken cancel) =>
        queue?.BodyAsync(message, cancel) ?? ValueTask.FromResult(message);

    /// <summary>Removes the blob, if there is one, once the work is done.</summary>
    public ValueTask ForgetAsync(ReadOnlyMemory<byte> message, CancellationToken cancel) => queue?.ForgetBodyAsync(message, cancel) ?? ValueTask.CompletedTask;
}
