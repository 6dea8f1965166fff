using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace Notifications.Storage;

/// <summary>Reads what one row holds, and more rows than one answer holds.</summary>
public static class TableRows
{
    /// <summary>The most that <see cref="ITableStore.RangeAsync"/> answers with.</summary>
    private const int Page = 1000;

    /// <summary>What a row holds; null where there is none.</summary>
    public static async ValueTask<T?> ReadAsync<T>(
        this ITableStore tables, string table, string partition, string row, JsonTypeInfo<T> type, CancellationToken cancel)
        where T : class =>
        (await tables.GetAsync(table, partition, row, cancel))?.Read(type);

    /// <summary>The same with the ETag to write it under; nulls where there is none.</summary>
    public static async ValueTask<(T? Value, string? ETag)> LoadAsync<T>(
        this ITableStore tables, string table, string partition, string row, JsonTypeInfo<T> type, CancellationToken cancel)
        where T : class =>
        await tables.GetAsync(table, partition, row, cancel) is { } found ? (found.Read(type), found.ETag) : default;

    /// <summary>
    /// Rows of a range as <see cref="ITableStore.RangeAsync"/> gives them, and on a screen (<see cref="PassedOver"/>) without those that no
    /// key opens: fewer than <paramref name="limit"/> are the last ones here too, unless it ended at as many as a page passes over
    /// (<see cref="PassedOver.EndedAt"/>).
    /// </summary>
    public static ValueTask<IReadOnlyList<Row>> ListAsync(
        this ITableStore tables, string table, string partition, RowRange range, int limit, CancellationToken cancel) =>
        ShownAsync(tables, table, partition, range, limit, ends: true, cancel);

    private static async ValueTask<IReadOnlyList<Row>> ShownAsync(
        ITableStore tables, string table, string partition, RowRange range, int limit, bool ends, CancellationToken cancel)
    {
        if (PassedOver.Current is not { } passed) return await tables.RangeAsync(table, partition, range, limit, cancel);
        var found = new List<Row>();
        var pages = Legible.Pages(tables, table, partition, range, limit, cancel);
        while (!pages.Ended && found.Count < limit)
        {
            cancel.ThrowIfCancellationRequested();
            var (rows, shut) = await pages.NextAsync();
            found.AddRange(rows.Take(limit - found.Count).Select(r => r.Row));
            if (shut is null) continue;
            passed.Add(table, shut.Partition, shut.Row);
            if (!ends || !passed.IsFull) continue;
            passed.EndedAt = shut.Row;
            break;
        }

        return found;
    }

    /// <summary>
    /// Every row of a range, in order, page by page, as <see cref="ListAsync"/> gives them: what is written meanwhile behind the last one
    /// read is seen.
    /// </summary>
    public static IAsyncEnumerable<Row> RowsAsync(
        this ITableStore tables, string table, string partition, RowRange range, CancellationToken cancel) =>
        EachAsync(tables, table, partition, range, whole: false, cancel);

    /// <summary>
    /// The same, and on a screen too not one less: for what is wrong as soon as a row is missing, as what is folded of a ledger.
    /// </summary>
    public static IAsyncEnumerable<Row> AllRowsAsync(
        this ITableStore tables, string table, string partition, RowRange range, CancellationToken cancel) =>
        EachAsync(tables, table, partition, range, whole: true, cancel);

    private static async IAsyncEnumerable<Row> EachAsync(
        ITableStore tables, string table, string partition, RowRange range, bool whole, [EnumeratorCancellation] CancellationToken cancel)
    {
        while (true)
        {
            var rows = whole
                ? await tables.RangeAsync(table, partition, range, Page, cancel)
                : await ShownAsync(tables, table, partition, range, Page, ends: false, cancel);
            foreach (var row in rows) yield return row;
            if (rows.Count < Page) yield break;
            range = range with { From = rows[^1].Key + ' ' };
        }
    }
}
