using Notifications.Storage;

namespace Notifications.Tests.Infrastructure;

/// <summary>
/// A store where something happens once, right after a row was read or before a change is written; for what two do at the same moment.
/// </summary>
internal sealed class InterruptedStore(ITableStore store) : PassingStore(store)
{
    /// <summary>Runs once, after the next read of a single row.</summary>
    public Func<Task>? AfterGet { get; set; }

    /// <summary>Runs once, after the next commit in a partition of this name.</summary>
    public (string Partition, Func<Task> Run)? AfterCommit { get; set; }

    /// <summary>Reads of this row fail while it is set.</summary>
    public string? Away { get; set; }

    public override async ValueTask<Row?> GetAsync(string table, string partition, string row, CancellationToken cancel = default)
    {
        if (row == Away) throw new StorageUnavailableException();
        var found = await Inner.GetAsync(table, partition, row, cancel);
        if (AfterGet is { } run)
        {
            AfterGet = null;
            await run();
        }

        return found;
    }

    public override async ValueTask<CommitResult> CommitAsync(
        string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default)
    {
        var written = await Inner.CommitAsync(table, partition, changes, cancel);
        if (AfterCommit is { } hook && hook.Partition == partition)
        {
            AfterCommit = null;
            await hook.Run();
        }

        return written;
    }
}
