using Notifications.Storage;
using Notifications.Storage.Azure;

namespace Notifications.Functions.Queueing;

/// <summary>What a trigger brings is the body, or points to a blob that holds it when it is too large for a queue.</summary>
public sealed class QueueBodies(AzureWorkQueue? azure, IWorkQueue queue)
{
    /// <summary>The whole body, still sealed; null where it points to a blob that is gone.</summary>
    public ValueTask<ReadOnlyMemory<byte>?> ResolveAsync(ReadOnlyMemory<byte> message, CancellationToken cancel) =>
        azure?.BodyAsync(message, cancel) ?? ValueTask.FromResult<ReadOnlyMemory<byte>?>(message);

    /// <summary>Puts a message on a queue as it stood on one, whatever it points to.</summary>
    public ValueTask EnqueueAsync(string name, ReadOnlyMemory<byte> message, TimeSpan delay) =>
        azure?.EnqueueAsItIsAsync(name, message, delay) ?? queue.EnqueueAsync(name, message, delay);

    /// <summary>Removes the blob, if there is one, once the work is done.</summary>
    public ValueTask ForgetAsync(ReadOnlyMemory<byte> message, CancellationToken cancel) =>
        azure?.ForgetBodyAsync(message, cancel) ?? ValueTask.CompletedTask;
}
