namespace Notifications.Functions.Queueing;

/// <summary>Turns what stands on a storage queue into the whole body: what is too large for a queue stands in a blob, and the queue holds its name.</summary>
public sealed class BodyResolver(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> resolve)
{
    /// <summary>The whole body, still sealed.</summary>
    public ValueTask<ReadOnlyMemory<byte>> ResolveAsync(ReadOnlyMemory<byte> body, CancellationToken cancel) => resolve(body, cancel);
}
