using Notifications.Storage;

namespace Notifications.Tests.Faults;

/// <summary>
/// Both storage ports with a turn of the stage before and after each operation, and what the plan makes go wrong.
/// </summary>
/// <remarks>
/// One thing of the product is kept out: the audience index takes removals out on the pool and by the real clock, which no seed reaches, so
/// it is told that the store is away and leaves them to its repair. Whoever leaves has the row settled on the stage, soon or never: both
/// happen to a real index.
/// </remarks>
internal sealed class StagedStore(ITableStore inner, IWorkQueue queues, Stage stage, FaultPlan plan) : ITableStore, IWorkQueue
{
    /// <summary>Called with each commit that was written, and what it wrote, before its answer goes anywhere.</summary>
    public Action<string, string, IReadOnlyList<RowChange>>? Written { get; set; }

    /// <summary>Called with each commit before it is written.</summary>
    public Action<string, string, IReadOnlyList<RowChange>>? Writing { get; set; }

    /// <summary>Every commit in its order, as a number (FNV-1a) that is the same in every process.</summary>
    public uint Trace { get; private set; } = 2166136261;

    public ValueTask<Row?> GetAsync(string table, string partition, string row, CancellationToken cancel = default) =>
        AroundAsync(() => inner.GetAsync(table, partition, row, cancel));

    public ValueTask<IReadOnlyList<Row>> RangeAsync(
        string table, string partition, RowRange range, int limit, CancellationToken cancel = default) =>
        AroundAsync(() => inner.RangeAsync(table, partition, range, limit, cancel));

    public ValueTask<IReadOnlyList<ScannedRow>> ScanAsync(
        string table, (string Partition, string Row)? after, int limit, CancellationToken cancel = default) =>
        AroundAsync(() => inner.ScanAsync(table, after, limit, cancel));

    public ValueTask<CommitResult> CommitAsync(
        string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default) =>
        !stage.IsMine && table == Tables.Audience ? throw new StorageUnavailableException("Not of the stage.") : AroundAsync(async () =>
        {
            var result = await WriteAsync(table, partition, changes);

            // What a client library does whose answer was lost: it asks again, and is told that its own write stands in its way.
            return result.Committed && Happens(plan.Repeated) ? await WriteAsync(table, partition, changes) : result;
        });

    public ValueTask EnqueueAsync(string queue, ReadOnlyMemory<byte> body, TimeSpan delay = default, CancellationToken cancel = default) =>
        Void(AroundAsync(async () =>
        {
            await queues.EnqueueAsync(queue, body, delay, cancel);
            if (Happens(plan.Repeated)) await queues.EnqueueAsync(queue, body, delay, cancel);
            return true;
        }));

    public ValueTask<IReadOnlyList<QueueItem>> ReceiveAsync(
        string queue, int max, TimeSpan visibility, CancellationToken cancel = default) =>
        AroundAsync(() => queues.ReceiveAsync(queue, max, visibility, cancel));

    public ValueTask<bool> CompleteAsync(QueueItem item, CancellationToken cancel = default) =>
        AroundAsync(() => queues.CompleteAsync(item, cancel));

    public ValueTask<bool> ReleaseAsync(QueueItem item, TimeSpan delay, CancellationToken cancel = default) =>
        AroundAsync(() => queues.ReleaseAsync(item, delay, cancel));

    public ValueTask PoisonAsync(QueueItem item, CancellationToken cancel = default) => Void(AroundAsync(async () =>
    {
        await queues.PoisonAsync(item, cancel);
        return true;
    }));

    public ValueTask<long> CountAsync(string queue, CancellationToken cancel = default) =>
        AroundAsync(() => queues.CountAsync(queue, cancel));

    private async ValueTask<CommitResult> WriteAsync(string table, string partition, IReadOnlyList<RowChange> changes)
    {
        Writing?.Invoke(table, partition, changes);
        var result = await inner.CommitAsync(table, partition, changes);
        foreach (var change in changes)
            // Other rows have names by chance.
            foreach (var c in $"{table}/{(table is Tables.Addresses or Tables.Campaigns or Tables.Audience ? partition + change.Key : "")}/{change.Kind}/{result.Committed}")
                Trace = unchecked((Trace ^ c) * 16777619);
        if (result.Committed) Written?.Invoke(table, partition, changes);
        return result;
    }

    private async ValueTask<T> AroundAsync<T>(Func<ValueTask<T>> operation)
    {
        await stage.StepAsync();
        if (Happens(plan.Fails)) throw new StorageUnavailableException("The plan says no.");
        var answer = await operation();
        await stage.StepAsync();
        if (Happens(plan.Lost)) throw new StorageUnavailableException("The plan lost the answer.");
        return answer;
    }

    private static async ValueTask Void(ValueTask<bool> done) => await done;

    private bool Happens(int percent) => percent > 0 && stage.Steps < FaultPlan.Ends && stage.Random.Next(100) < percent;
}
