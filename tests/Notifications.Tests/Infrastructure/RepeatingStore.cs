using Notifications.Storage;

namespace Notifications.Tests.Infrastructure;

/// <summary>
/// A client library whose answer was lost asks again, and is told that its own write stands in its way: every commit of a table that has
/// such a change is tried once more after it took effect, and the second answer is given, or none.
/// </summary>
internal sealed class RepeatingStore(ITableStore store, string name, Func<RowChange, bool> repeated) : PassingStore(store)
{
    public bool Loses { get; set; }

    public override async ValueTask<CommitResult> CommitAsync(
        string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default)
    {
        var result = await Inner.CommitAsync(table, partition, changes, cancel);
        if (table != name || !result.Committed || !changes.Any(repeated)) return result;
        return Loses
            ? throw new StorageUnavailableException("The answer was lost.")
            : await Inner.CommitAsync(table, partition, changes, cancel);
    }
}
