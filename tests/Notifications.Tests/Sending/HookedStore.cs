using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Sending;

/// <summary>
/// A store between whose steps a test can act: see every commit in its true order, run something in between, fail, or lose an answer.
/// </summary>
internal sealed class HookedStore(ITableStore inner) : PassingStore(inner), IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>Runs before each read and each commit.</summary>
    public Func<Task>? Before { get; set; }

    /// <summary>Runs before each read of one row, with its table and partition.</summary>
    public Func<string, string, Task>? BeforeRead { get; set; }

    /// <summary>Runs before a commit with what it will write.</summary>
    public Func<IReadOnlyList<RowChange>, Task>? BeforeCommit { get; set; }

    /// <summary>Runs after a commit and may replace its answer, as a retrying client does, or throw, as a lost answer does.</summary>
    public Func<IReadOnlyList<RowChange>, CommitResult, CommitResult>? AfterCommit { get; set; }

    /// <summary>The commits that were written, in their order.</summary>
    public List<IReadOnlyList<RowChange>> Committed { get; } = [];

    /// <summary>Every operation there was.</summary>
    public int Operations { get; private set; }

    public override async ValueTask<Row?> GetAsync(string table, string partition, string row, CancellationToken cancel = default)
    {
        Operations++;
        if (Before is not null) await Before();
        if (BeforeRead is not null) await BeforeRead(table, partition);
        return await Inner.GetAsync(table, partition, row, cancel);
    }

    public override async ValueTask<CommitResult> CommitAsync(
        string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default)
    {
        cancel.ThrowIfCancellationRequested();
        Operations++;
        if (Before is not null) await Before();
        if (BeforeCommit is not null) await BeforeCommit(changes);
        CommitResult result;
        await _one.WaitAsync(cancel);
        try
        {
            result = await Inner.CommitAsync(table, partition, changes, cancel);
            if (result.Committed) Committed.Add(changes);
        }
        finally
        {
            _one.Release();
        }

        return AfterCommit is null ? result : AfterCommit(changes, result);
    }

    public void Dispose() => _one.Dispose();
}
