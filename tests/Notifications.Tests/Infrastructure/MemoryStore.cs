using System.Globalization;
using Notifications.Storage;

namespace Notifications.Tests.Infrastructure;

/// <summary>
/// The storage ports in memory, keeping their contract: the limits of every backend on what is written, atomic commits, ETags that never
/// repeat, ordinal ranges, queues with delay and visibility. How much is read at once is not limited: tests look at everything.
/// </summary>
internal sealed class MemoryStore(TimeProvider time) : ITableStore, IWorkQueue
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Table, string Partition), SortedDictionary<string, Row>> _partitions = [];
    private readonly Dictionary<string, List<Item>> _queues = [];
    private long _etag;
    private long _item;

    /// <summary>How many rows and queue items there are, for tests that nothing was written.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _partitions.Values.Sum(static p => p.Count) + _queues.Values.Sum(static q => q.Count);
        }
    }

    /// <summary>Another store with the same rows and nothing on its queues.</summary>
    public MemoryStore Copy(TimeProvider clock)
    {
        var copy = new MemoryStore(clock);
        lock (_gate)
        {
            copy._etag = _etag;
            foreach (var (partition, rows) in _partitions) copy._partitions[partition] = new(rows, StringComparer.Ordinal);
        }

        return copy;
    }

    public ValueTask<Row?> GetAsync(string table, string partition, string row, CancellationToken cancel = default)
    {
        Guards.Table(table);
        Guards.Key(partition);
        Guards.Key(row);
        lock (_gate) return ValueTask.FromResult(Rows(table, partition).GetValueOrDefault(row));
    }

    public ValueTask<IReadOnlyList<Row>> RangeAsync(
        string table, string partition, RowRange range, int limit, CancellationToken cancel = default)
    {
        Guards.Table(table);
        Guards.Key(partition);
        lock (_gate)
        {
            IReadOnlyList<Row> found = [.. Rows(table, partition).Values
                .Where(
                    r => (range.From is null || string.CompareOrdinal(r.Key, range.From) >= 0)
                        && (range.To is null || string.CompareOrdinal(r.Key, range.To) < 0))
                .Take(limit)];
            return ValueTask.FromResult(found);
        }
    }

    public ValueTask<CommitResult> CommitAsync(
        string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default)
    {
        Guards.Table(table);
        Guards.Key(partition);
        Guards.Changes(changes);
        lock (_gate)
        {
            var rows = Rows(table, partition);
            for (var i = 0; i < changes.Count; i++)
                if (!Holds(rows, changes[i])) return ValueTask.FromResult(CommitResult.Conflict(i));
            var etags = new string[changes.Count];
            for (var i = 0; i < changes.Count; i++)
            {
                etags[i] = (++_etag).ToString(CultureInfo.InvariantCulture);
                if (changes[i].Kind == RowChangeKind.Delete) rows.Remove(changes[i].Key);
                else rows[changes[i].Key] = new Row(changes[i].Key, changes[i].Value.ToArray(), etags[i]);
            }

            return ValueTask.FromResult(CommitResult.Success(etags));
        }
    }

    public ValueTask<IReadOnlyList<ScannedRow>> ScanAsync(
        string table, (string Partition, string Row)? after, int limit, CancellationToken cancel = default)
    {
        Guards.Table(table);
        lock (_gate)
        {
            IReadOnlyList<ScannedRow> found =
                [.. _partitions.Where(p => p.Key.Table == table).OrderBy(p => p.Key.Partition, StringComparer.Ordinal)
                    .SelectMany(p => p.Value.Values.Select(r => new ScannedRow(p.Key.Partition, r)))
                    .Where(
                        r => after is not { } a
                            || string.CompareOrdinal(r.Partition, a.Partition) is var order
                                && (order > 0 || (order == 0 && string.CompareOrdinal(r.Row.Key, a.Row) > 0)))
                    .Take(limit)];
            return ValueTask.FromResult(found);
        }
    }

    public ValueTask EnqueueAsync(string queue, ReadOnlyMemory<byte> body, TimeSpan delay = default, CancellationToken cancel = default)
    {
        Guards.Body(body);
        Guards.Delay(delay);
        lock (_gate) Queue(
            queue).Add(new Item((++_item).ToString(CultureInfo.InvariantCulture), body.ToArray()) { Visible = time.GetUtcNow() + delay });
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<QueueItem>> ReceiveAsync(string queue, int max, TimeSpan visibility, CancellationToken cancel = default)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var taken = new List<QueueItem>();
            foreach (var item in Queue(queue).Where(i => i.Visible <= now).Take(max))
            {
                item.Visible = now + visibility;
                item.Count++;
                taken.Add(new QueueItem(queue, item.Id, item.Count.ToString(CultureInfo.InvariantCulture), item.Count, item.Body));
            }

            return ValueTask.FromResult<IReadOnlyList<QueueItem>>(taken);
        }
    }

    public ValueTask<bool> CompleteAsync(QueueItem item, CancellationToken cancel = default)
    {
        lock (_gate) return ValueTask.FromResult(Held(item) is { } held && Queue(item.Queue).Remove(held));
    }

    public ValueTask<bool> ReleaseAsync(QueueItem item, TimeSpan delay, CancellationToken cancel = default)
    {
        Guards.Delay(delay);
        lock (_gate)
        {
            if (Held(item) is not { } held) return ValueTask.FromResult(false);
            held.Visible = time.GetUtcNow() + delay;
            return ValueTask.FromResult(true);
        }
    }

    public async ValueTask PoisonAsync(QueueItem item, CancellationToken cancel = default)
    {
        await EnqueueAsync(Queues.Poison(item.Queue), item.Body, default, cancel);
        await CompleteAsync(item, cancel);
    }

    public ValueTask<long> CountAsync(string queue, CancellationToken cancel = default)
    {
        lock (_gate) return ValueTask.FromResult((long)Queue(queue).Count);
    }

    private static bool Holds(SortedDictionary<string, Row> rows, RowChange change) => change.Kind switch
    {
        RowChangeKind.Insert => !rows.ContainsKey(change.Key),
        RowChangeKind.Replace => rows.TryGetValue(change.Key, out var row) && row.ETag == change.ETag,
        RowChangeKind.Delete => rows.TryGetValue(change.Key, out var row) && (change.ETag is null || row.ETag == change.ETag),
        _ => true,
    };

    private Item? Held(QueueItem item) =>
        Queue(item.Queue).Find(i => i.Id == item.Id && i.Count.ToString(CultureInfo.InvariantCulture) == item.Receipt);

    private SortedDictionary<string, Row> Rows(string table, string partition)
    {
        if (!_partitions.TryGetValue((table, partition), out var rows))
            _partitions[(table, partition)] = rows = new(StringComparer.Ordinal);
        return rows;
    }

    private List<Item> Queue(string name)
    {
        Guards.Queue(name);
        if (!_queues.TryGetValue(name, out var items)) _queues[name] = items = [];
        return items;
    }

    private sealed class Item(string id, byte[] body)
    {
        public string Id { get; } = id;

        public byte[] Body { get; } = body;

        public DateTimeOffset Visible { get; set; }

        public int Count { get; set; }
    }
}
