using Notifications.Storage;

namespace Notifications.Tests.Infrastructure;

/// <summary>The store in memory, until it is said to be down.</summary>
internal sealed class FaultyStore(MemoryStore inner) : ITableStore, IWorkQueue
{
    public bool Down { get; set; }

    /// <summary>What every operation throws while it is set.</summary>
    public Exception? Broken { get; set; }

    /// <summary>A table that nothing can be written to while it is set.</summary>
    public string? WithoutTable { get; set; }

    /// <summary>
    /// A table each commit to which is tried once more after it took effect, as a client library does whose answer was lost.
    /// </summary>
    public string? RepeatedTable { get; set; }

    /// <summary>What happens before many rows are read: of which table.</summary>
    public Action<string>? Reading { get; set; }

    /// <summary>A queue that nothing can be put on while it is set.</summary>
    public string? WithoutQueue { get; set; }

    /// <summary>So many operations find it down from now on.</summary>
    public int Misses { get; set; }

    private MemoryStore Inner =>
        Down || Misses-- > 0 ? throw new StorageUnavailableException() : Broken is { } broken ? throw broken : inner;

    public ValueTask<Row?> GetAsync(string table, string partition, string row, CancellationToken cancel = default) =>
        Inner.GetAsync(table, partition, row, cancel);

    public ValueTask<IReadOnlyList<Row>> RangeAsync(
        string table, string partition, RowRange range, int limit, CancellationToken cancel = default)
    {
        Reading?.Invoke(table);
        return Inner.RangeAsync(table, partition, range, limit, cancel);
    }

    public async ValueTask<CommitResult> CommitAsync(
        string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default)
    {
        var result = await But(table, WithoutTable).CommitAsync(table, partition, changes, cancel);
        return result.Committed && table == RepeatedTable ? await Inner.CommitAsync(table, partition, changes, cancel) : result;
    }

    public ValueTask<IReadOnlyList<ScannedRow>> ScanAsync(
        string table, (string Partition, string Row)? after, int limit, CancellationToken cancel = default)
    {
        Reading?.Invoke(table);
        return Inner.ScanAsync(table, after, limit, cancel);
    }

    public ValueTask EnqueueAsync(string queue, ReadOnlyMemory<byte> body, TimeSpan delay = default, CancellationToken cancel = default) =>
        But(queue, WithoutQueue).EnqueueAsync(queue, body, delay, cancel);

    public ValueTask<IReadOnlyList<QueueItem>> ReceiveAsync(
        string queue, int max, TimeSpan visibility, CancellationToken cancel = default) =>
        Inner.ReceiveAsync(queue, max, visibility, cancel);

    public ValueTask<bool> CompleteAsync(QueueItem item, CancellationToken cancel = default) => Inner.CompleteAsync(item, cancel);

    public ValueTask<bool> ReleaseAsync(QueueItem item, TimeSpan delay, CancellationToken cancel = default) =>
        Inner.ReleaseAsync(item, delay, cancel);

    public ValueTask PoisonAsync(QueueItem item, CancellationToken cancel = default) => Inner.PoisonAsync(item, cancel);

    public ValueTask<long> CountAsync(string queue, CancellationToken cancel = default) => Inner.CountAsync(queue, cancel);

    private MemoryStore But(string wanted, string? without) => wanted == without ? throw new StorageUnavailableException() : Inner;
}
