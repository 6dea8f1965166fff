namespace Notifications.Storage;

/// <summary>Names rows without reading them.</summary>
internal static class RowKeys
{
    private const int Page = 500;

    /// <summary>
    /// The keys of a range in their order, those of rows that no key of the ring opens among them: whoever takes one after the other is
    /// then held up by none before it has begun.
    /// </summary>
    public static async ValueTask<List<string>> KeysAsync(
        this ITableStore tables, string table, string partition, RowRange range, CancellationToken cancel)
    {
        var keys = new List<string>();
        await foreach (var (_, row) in Legible.RangeAsync(tables, table, partition, range, Page, cancel, (_, shut) => keys.Add(shut)))
            keys.Add(row.Key);
        return keys;
    }
}
