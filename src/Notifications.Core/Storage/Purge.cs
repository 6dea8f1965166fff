namespace Notifications.Storage;

/// <summary>Deletes rows whose time is over.</summary>
internal static class Purge
{
    private const int Page = 500;

    /// <summary>
    /// Goes through a range of one partition and deletes what is <paramref name="over"/>, each row under the ETag it was read with; how
    /// many. A row that no key opens stays as it is.
    /// </summary>
    public static async ValueTask<int> RowsAsync(
        ITableStore tables, string table, string partition, RowRange range, Func<Row, bool> over, CancellationToken cancel)
    {
        var purged = 0;
        await foreach (var (_, row) in Legible.RangeAsync(
            tables, table, partition, range, Page, cancel))
            if (over(row) && (await tables.CommitAsync(table, partition, [RowChange.Delete(row.Key, row.ETag)], cancel)).Committed)
                purged++;
        return purged;
    }
}
