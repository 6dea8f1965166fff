using System.Runtime.CompilerServices;

namespace Notifications.Storage;

/// <summary>Reads more rows than one answer holds.</summary>
public static class TableRows
{
    /// <summary>The most that <see cref="ITableStore.RangeAsync"/> answers with.</summary>
    private const int Page = 1000;

    /// <summary>Every row of a range, in order, page by page: what is written meanwhile behind the last one read is seen.</summary>
    public static async IAsyncEnumerable<Row> RowsAsync(
        this ITableStore tables, string table, string partition, RowRange range, [EnumeratorCancellation] CancellationToken cancel)
    {
        while (true)
        {
            var rows = await tables.RangeAsync(table, partition, range, Page, cancel);
            foreach (var row in rows) yield return row;
            if (rows.Count < Page) yield break;
            range = range with { From = rows[^1].Key + ' ' };
        }
    }
}
