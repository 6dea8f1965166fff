using Notifications.Storage;

namespace Notifications.Tests.Infrastructure;

/// <summary>
/// A client library whose answer was lost asks again, and is told that its own write stands in its way: every commit of a table that has
/// such a change is tried once more after it took effect, and the second answer is given, or none.
/// </summary>
internal sealed class RepeatingStore(ITableStore store, string name, Func<RowChange, bool> repeated) : ITableStore
{
    public bool Loses { get; set; }

    public ValueTask<Row?> GetAsync(string table, string partition, string row, CancellationToken cancel = default) =>
        store.GetAsync(table, partition, row, cancel);

    public ValueTask<IReadOnlyList<Row>> RangeAsync(
        string table, string partition, RowRange range, int limit, CancellationToken cancel = default) =>
        store.RangeAsync(table, partition, range, limit, cancel);

    public ValueTask<IReadOnlyList<ScannedRow>> ScanAsync(
        string table, (string Partition, string Row)? after, int limit, CancellationToken cancel = default) =>
        store.ScanAsync(table, after, limit, cancel);

    public async ValueTask<CommitResult> CommitAsync(
        string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default)
    {
        var result = await store.CommitAsync(table, partition, changes, cancel);
        if (table != name || !result.Committed || !changes.Any(repeated)) return result;
        return Loses
            ? throw new StorageUnavailableException("The answer was lost.")
            : await store.CommitAsync(table, partition, changes, cancel);
    }
}
