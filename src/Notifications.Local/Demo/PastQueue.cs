using Notifications.Storage;

namespace Notifications.Local.Demo;

/// <summary>
/// The queues of the demo's past, in memory: what is put on them comes due by the clock of the past, and never meets the pump of the
/// present.
/// </summary>
internal sealed class PastQueue(TimeProvider time) : IWorkQueue
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, PriorityQueue<Item, (DateTimeOffset At, long Order)>> _waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Item> _taken = new(StringComparer.Ordinal);
    private long _order;

    private sealed record Item(string Queue, string Id, ReadOnlyMemory<byte> Body, int Deliveries);

    /// <summary>When the next item comes due; null where none waits.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            lock (_gate)
            {
                DateTimeOffset? next = null;
                foreach (var queue in _waiting.Values)
                    if (queue.TryPeek(out _, out var due) && (next is null || due.At < next)) next = due.At;
                return next;
            }
        }
    }

    public ValueTask EnqueueAsync(string queue, ReadOnlyMemory<byte> body, TimeSpan delay = default, CancellationToken cancel = default)
    {
        lock (_gate) Put(new Item(queue, $"past-{++_order}", body.ToArray(), 0), delay);
        return ValueTask.CompletedTask;
    }

    // Nobody else works here, and who does never dies holding an item: none comes back by itself.
    public ValueTask<IReadOnlyList<QueueItem>> ReceiveAsync(string queue, int max, TimeSpan visibility, CancellationToken cancel = default)
    {
        var items = new List<QueueItem>();
        lock (_gate)
        {
            if (!_waiting.TryGetValue(queue, out var waiting)) return new(items);
            while (items.Count < max && waiting.TryPeek(out var item, out var due) && due.At <= time.GetUtcNow())
            {
                waiting.Dequeue();
                item = item with { Deliveries = item.Deliveries + 1 };
                _taken[item.Id] = item;
                items.Add(new QueueItem(queue, item.Id, item.Id, item.Deliveries, item.Body));
            }
        }

        return new(items);
    }

    public ValueTask<bool> CompleteAsync(QueueItem item, CancellationToken cancel = default)
    {
        lock (_gate) return new(_taken.Remove(item.Id));
    }

    public ValueTask<bool> ReleaseAsync(QueueItem item, TimeSpan delay, CancellationToken cancel = default)
    {
        lock (_gate)
        {
            if (!_taken.Remove(item.Id, out var taken)) return new(false);
            Put(taken, delay);
            return new(true);
        }
    }

    public ValueTask PoisonAsync(QueueItem item, CancellationToken cancel = default)
    {
        lock (_gate)
            if (_taken.Remove(item.Id, out var taken))
                Put(taken with { Queue = Queues.Poison(taken.Queue), Deliveries = 0 }, TimeSpan.Zero);
        return ValueTask.CompletedTask;
    }

    public ValueTask<long> CountAsync(string queue, CancellationToken cancel = default)
    {
        lock (_gate) return new(_waiting.TryGetValue(queue, out var waiting) ? waiting.Count : 0);
    }

    private void Put(Item item, TimeSpan delay)
    {
        if (!_waiting.TryGetValue(item.Queue, out var waiting)) _waiting[item.Queue] = waiting = new();
        waiting.Enqueue(item, (time.GetUtcNow() + delay, ++_order));
    }
}
