namespace Notifications.Storage;

/// <summary>
/// Durable work, delivered at least once and in no promised order. What is enqueued is durable before the answer. Queue names
/// are lower-case letters, digits and single hyphens; <c>{name}-poison</c> holds what was given up.
/// </summary>
public interface IWorkQueue
{
    /// <summary>Adds one item of at most 256 KiB, visible after <paramref name="delay"/> (zero to seven days).</summary>
    ValueTask EnqueueAsync(string queue, ReadOnlyMemory<byte> body, TimeSpan delay = default, CancellationToken cancel = default);

    /// <summary>
    /// Takes up to <paramref name="max"/> (1 to 32) visible items and hides them for <paramref name="visibility"/>. An item that
    /// is not completed by then becomes visible again with a higher dequeue count.
    /// </summary>
    ValueTask<IReadOnlyList<QueueItem>> ReceiveAsync(string queue, int max, TimeSpan visibility, CancellationToken cancel = default);

    /// <summary>Removes a received item. False when it had become visible again and belongs to somebody else by now, or is gone.</summary>
    ValueTask<bool> CompleteAsync(QueueItem item, CancellationToken cancel = default);

    /// <summary>Makes a received item visible again after <paramref name="delay"/>. False as for <see cref="CompleteAsync"/>.</summary>
    ValueTask<bool> ReleaseAsync(QueueItem item, TimeSpan delay, CancellationToken cancel = default);

    /// <summary>Moves a received item to <c>{queue}-poison</c>. A crash in between leaves it in both, never in neither.</summary>
    ValueTask PoisonAsync(QueueItem item, CancellationToken cancel = default);

    /// <summary>How many items the queue holds, visible or not; an estimate on Azure.</summary>
    ValueTask<long> CountAsync(string queue, CancellationToken cancel = default);
}

/// <summary>
/// A received item. <paramref name="DequeueCount"/> is 1 at the first delivery; <paramref name="Receipt"/> is the backend's own.
/// </summary>
public sealed record QueueItem(string Queue, string Id, string Receipt, int DequeueCount, ReadOnlyMemory<byte> Body);
