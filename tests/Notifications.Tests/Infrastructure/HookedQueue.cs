using Notifications.Storage;

namespace Notifications.Tests.Infrastructure;

/// <summary>A queue that does something before each item it is given.</summary>
internal sealed class HookedQueue(IWorkQueue inner, Action<string> before) : IWorkQueue
{
    public ValueTask EnqueueAsync(
        string queue, ReadOnlyMemory<byte> body, TimeSpan delay = default, CancellationToken cancel = default)
    {
        before(queue);
        return inner.EnqueueAsync(queue, body, delay, cancel);
    }

    public ValueTask<IReadOnlyList<QueueItem>> ReceiveAsync(
        string queue, int max, TimeSpan visibility, CancellationToken cancel = default) =>
        inner.ReceiveAsync(queue, max, visibility, cancel);

    public ValueTask<bool> CompleteAsync(QueueItem item, CancellationToken cancel = default) => inner.CompleteAsync(item, cancel);

    public ValueTask<bool> ReleaseAsync(QueueItem item, TimeSpan delay, CancellationToken cancel = default) =>
        inner.ReleaseAsync(item, delay, cancel);

    public ValueTask PoisonAsync(QueueItem item, CancellationToken cancel = default) => inner.PoisonAsync(item, cancel);

    public ValueTask<long> CountAsync(string queue, CancellationToken cancel = default) => inner.CountAsync(queue, cancel);
}
