namespace Notifications.Storage;

/// <summary>Deletes rows whose time is over.</summary>
internal static class Purge
{
    private const int Page = 500;

    /// <summary>Goes through a range of one partition and deletes what is <paramref name="over"/>, each row under the ETag it was read with; how many.</summary>
    public static async ValueTask<int> RowsAsync(ITableStore tables, string table, string partition, RowRange range, Func<Row, bool> over, CancellationToken cancel)
    {
        var purged = 0;
        while (await tables.RangeAsync(table, partition, range, Page, cancel) is { Count: > 0 } rows)
        {
            foreach (var row in rows)
                if (over(row) && (await tables.CommitAsync(table, partition, [RowChange.Delete(row.Key, row.ETag)], cancel)).Committed) purged++;
            range = range with { From = rows[^1].Key + ' ' };
        }

        return purged;
    }
}
