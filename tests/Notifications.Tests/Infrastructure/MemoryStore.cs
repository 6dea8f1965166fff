using System.Globalization;
using Notifications.Storage;

namespace Notifications.Tests.Infrastructure;

/// <summary>Both ports in memory, for tests of the domain. Every call is one step: atomic, and visible to the next one.</summary>
internal sealed class MemoryStore(TimeProvider time) : ITableStore, IWorkQueue
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Table, string Partition), SortedDictionary<string, Row>> _rows = [];
    private readonly List<Waiting> _items = [];
    private long _counter;

    /// <summary>Every stored byte there is, for tests of what raw storage shows.</summary>
    public IReadOnlyList<(string Place, byte[] Bytes)> Everything()
    {
        lock (_gate)
        {
            return
            [
                .. _rows.SelectMany(p => p.Value.Values.Select(r => ($"{p.Key.Table}/{p.Key.Partition}/{r.Key}", r.Value.ToArray()))),
                .. _items.Select(i => (i.Queue, i.Body)),
            ];
        }
    }

    public ValueTask<Row?> GetAsync(string table, string partition, string row, CancellationToken cancel = default)
    {
        lock (_gate) return ValueTask.FromResult(_rows.GetValueOrDefault((table, partition))?.GetValueOrDefault(row));
    }

    public ValueTask<IReadOnlyList<Row>> RangeAsync(string table, string partition, RowRange range, int limit, CancellationToken cancel = default)
    {
        lock (_gate)
        {
            var rows = _rows.TryGetValue((table, partition), out var all) ? all.Values : Enumerable.Empty<Row>();
            return ValueTask.FromResult<IReadOnlyList<Row>>(
                [.. rows.Where(r => (range.From is null || string.CompareOrdinal(r.Key, range.From) >= 0) && (range.To is null || string.CompareOrdinal(r.Key, range.To) < 0)).Take(limit)]);
        }
    }

    public ValueTask<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default)
    {
        if (changes.Count is < 1 or > 100 || changes.Select(c => c.Key).Distinct().Count() != changes.Count) throw new ArgumentException("1 to 100 changes of different rows.", nameof(changes));
        lock (_gate)
        {
            if (!_rows.TryGetValue((table, partition), out var rows)) _rows[(table, partition)] = rows = new SortedDictionary<string, Row>(StringComparer.Ordinal);
            for (var i = 0; i < changes.Count; i++)
            {
                var found = rows.GetValueOrDefault(changes[i].Key);
                var holds = changes[i].Kind switch
                {
                    RowChangeKind.Insert => found is null,
                    RowChangeKind.Replace => found is not null && found.ETag == changes[i].ETag,
                    RowChangeKind.Delete => found is not null && (changes[i].ETag is null || found.ETag == changes[i].ETag),
                    _ => true,
                };
                if (!holds) return ValueTask.FromResult(CommitResult.Conflict(i));
            }

            var etags = new string[changes.Count];
            for (var i = 0; i < etags.Length; i++)
            {
                etags[i] = (++_counter).ToString(CultureInfo.InvariantCulture);
                if (changes[i].Kind == RowChangeKind.Delete) rows.Remove(changes[i].Key);
                else rows[changes[i].Key] = new Row(changes[i].Key, changes[i].Value.ToArray(), etags[i]);
            }

            return ValueTask.FromResult(CommitResult.Success(etags));
        }
    }

    public ValueTask<IReadOnlyList<ScannedRow>> ScanAsync(string table, (string Partition, string Row)? after, int limit, CancellationToken cancel = default)
    {
        lock (_gate)
        {
            return ValueTask.FromResult<IReadOnlyList<ScannedRow>>(
            [
                .. _rows.Where(p => p.Key.Table == table)
                    .OrderBy(p => p.Key.Partition, StringComparer.Ordinal)
                    .SelectMany(p => p.Value.Values.Select(r => new ScannedRow(p.Key.Partition, r)))
                    .Where(r => after is not { } a || string.CompareOrdinal(r.Partition, a.Partition) > 0 || (r.Partition == a.Partition && string.CompareOrdinal(r.Row.Key, a.Row) > 0))
                    .Take(limit),
            ]);
        }
    }

    public ValueTask EnqueueAsync(string queue, ReadOnlyMemory<byte> body, TimeSpan delay = default, CancellationToken cancel = default)
    {
        lock (_gate) _items.Add(new Waiting { Queue = queue, Id = Next(), Body = body.ToArray(), VisibleAt = time.GetUtcNow() + delay });
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<QueueItem>> ReceiveAsync(string queue, int max, TimeSpan visibility, CancellationToken cancel = default)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var taken = new List<QueueItem>();
            foreach (var item in _items.Where(i => i.Queue == queue && i.VisibleAt <= now).Take(max))
            {
                item.Receipt = Next();
                item.Deliveries++;
                item.VisibleAt = now + visibility;
                taken.Add(new QueueItem(queue, item.Id, item.Receipt, item.Deliveries, item.Body));
            }

            return ValueTask.FromResult<IReadOnlyList<QueueItem>>(taken);
        }
    }

    public ValueTask<bool> CompleteAsync(QueueItem item, CancellationToken cancel = default)
    {
        lock (_gate) return ValueTask.FromResult(_items.RemoveAll(i => i.Id == item.Id && i.Receipt == item.Receipt) > 0);
    }

    public ValueTask<bool> ReleaseAsync(QueueItem item, TimeSpan delay, CancellationToken cancel = default)
    {
        lock (_gate)
        {
            var mine = _items.Find(i => i.Id == item.Id && i.Receipt == item.Receipt);
            if (mine is null) return ValueTask.FromResult(false);
            mine.Receipt = "";
            mine.VisibleAt = time.GetUtcNow() + delay;
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
        lock (_gate) return ValueTask.FromResult((long)_items.Count(i => i.Queue == queue));
    }

    private string Next() => (++_counter).ToString(CultureInfo.InvariantCulture);

    private sealed class Waiting
    {
        public required string Queue { get; init; }

        public required string Id { get; init; }

        public required byte[] Body { get; init; }

        public string Receipt { get; set; } = "";

        public int Deliveries { get; set; }

        public DateTimeOffset VisibleAt { get; set; }
    }
}
