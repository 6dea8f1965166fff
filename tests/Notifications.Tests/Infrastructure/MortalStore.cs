using Notifications.Storage;

namespace Notifications.Tests.Infrastructure;

/// <summary>The process dies here.</summary>
internal sealed class CrashException : Exception
{
    public CrashException() : base("The process dies here.") { }

    public CrashException(string message) : base(message) { }

    public CrashException(string message, Exception inner) : base(message, inner) { }
}

/// <summary>
/// Dies at a write to a table or a queue; from then on nothing of that process takes effect. The next process begins as it receives.
/// </summary>
/// <param name="store">What lives on.</param>
/// <param name="random">Chooses where.</param>
/// <param name="weight">How much oftener or seldomer than <see cref="Chance"/> it dies at a table or queue, by its name: of some there are
/// many writes and of others few.</param>
internal sealed class MortalStore(MemoryStore store, Random random, Func<string, double> weight) : ITableStore, IWorkQueue
{
    private double _chance;

    /// <summary>How likely each operation is to be the last. Setting it is a new process's first breath.</summary>
    public double Chance
    {
        get => _chance;
        set => (_chance, Dead) = (value, false);
    }

    private bool Dead { get; set; }

    public ValueTask<Row?> GetAsync(string table, string partition, string row, CancellationToken cancel = default)
    {
        if (Dead) throw new CrashException();
        return store.GetAsync(table, partition, row, cancel);
    }

    public ValueTask<IReadOnlyList<Row>> RangeAsync(
        string table, string partition, RowRange range, int limit, CancellationToken cancel = default)
    {
        if (Dead) throw new CrashException();
        return store.RangeAsync(table, partition, range, limit, cancel);
    }

    public async ValueTask<CommitResult> CommitAsync(
        string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default)
    {
        var chance = Chance * weight(table);
        Die(chance);
        var result = await store.CommitAsync(table, partition, changes, cancel);
        Die(chance);
        return result;
    }

    public ValueTask<IReadOnlyList<ScannedRow>> ScanAsync(
        string table, (string Partition, string Row)? after, int limit, CancellationToken cancel = default) =>
        store.ScanAsync(table, after, limit, cancel);

    public async ValueTask EnqueueAsync(
        string queue, ReadOnlyMemory<byte> body, TimeSpan delay = default, CancellationToken cancel = default)
    {
        var chance = Chance * weight(queue);
        Die(chance);
        await store.EnqueueAsync(queue, body, delay, cancel);
        Die(chance);
    }

    public ValueTask<IReadOnlyList<QueueItem>> ReceiveAsync(string queue, int max, TimeSpan visibility, CancellationToken cancel = default)
    {
        Dead = false; // The pump of the next process.
        return store.ReceiveAsync(queue, max, visibility, cancel);
    }

    public async ValueTask<bool> CompleteAsync(QueueItem item, CancellationToken cancel = default)
    {
        Die(Chance);
        return await store.CompleteAsync(item, cancel);
    }

    public async ValueTask<bool> ReleaseAsync(QueueItem item, TimeSpan delay, CancellationToken cancel = default)
    {
        Die(Chance);
        return await store.ReleaseAsync(item, delay, cancel);
    }

    public ValueTask PoisonAsync(QueueItem item, CancellationToken cancel = default) => store.PoisonAsync(item, cancel);

    public ValueTask<long> CountAsync(string queue, CancellationToken cancel = default) => store.CountAsync(queue, cancel);

    private void Die(double chance)
    {
        lock (random)
        {
            if (!Dead && (chance <= 0 || random.NextDouble() >= chance)) return;
            Dead = true;
        }

        throw new CrashException();
    }
}
