using Notifications.Storage;

namespace Notifications.Tests.Infrastructure;

/// <summary>A store that passes everything on; a test's own overrides what it does otherwise.</summary>
internal abstract class PassingStore(ITableStore inner) : ITableStore
{
    /// <summary>What it passes everything on to.</summary>
    protected ITableStore Inner => inner;

    public virtual ValueTask<Row?> GetAsync(string table, string partition, string row, CancellationToken cancel = default) =>
        At(table).GetAsync(table, partition, row, cancel);

    public virtual ValueTask<IReadOnlyList<Row>> RangeAsync(
        string table, string partition, RowRange range, int limit, CancellationToken cancel = default) =>
        At(table).RangeAsync(table, partition, range, limit, cancel);

    public virtual ValueTask<CommitResult> CommitAsync(
        string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default) =>
        At(table).CommitAsync(table, partition, changes, cancel);

    public virtual ValueTask<IReadOnlyList<ScannedRow>> ScanAsync(
        string table, (string Partition, string Row)? after, int limit, CancellationToken cancel = default) =>
        At(table).ScanAsync(table, after, limit, cancel);

    /// <summary>What an operation on a table is passed on to; where it throws, every operation does.</summary>
    protected virtual ITableStore At(string table) => Inner;
}
