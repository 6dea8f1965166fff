using System.Runtime.CompilerServices;

namespace Notifications.Storage;

/// <summary>Reads rows one after the other, as <see cref="LegiblePages"/> does; whoever reads is told of each that is shut.</summary>
internal static class Legible
{
    /// <summary>The rows of a table.</summary>
    public static IAsyncEnumerable<ScannedRow> ScanAsync(
        ITableStore tables, string table, int page, Func<string, string, ValueTask> unreadable, CancellationToken cancel) =>
        ReadAsync(new((after, limit) => tables.ScanAsync(table, after, limit, cancel), page), unreadable, cancel);

    /// <summary>The rows of a range; <paramref name="shut"/> is told of each that no key opens, by partition and row.</summary>
    public static IAsyncEnumerable<ScannedRow> RangeAsync(
        ITableStore tables, string table, string partition, RowRange range, int page, CancellationToken cancel,
        Action<string, string>? shut = null) =>
        RangeAsync(
            tables, table, partition, range, page,
            (place, row) =>
            {
                shut?.Invoke(place, row);
                return ValueTask.CompletedTask;
            },
            cancel);

    /// <summary>The same where something is to be waited for.</summary>
    public static IAsyncEnumerable<ScannedRow> RangeAsync(
        ITableStore tables, string table, string partition, RowRange range, int page, Func<string, string, ValueTask> unreadable,
        CancellationToken cancel) =>
        ReadAsync(Pages(tables, table, partition, range, page, cancel), unreadable, cancel);

    /// <summary>The pages of a range of one partition.</summary>
    public static LegiblePages Pages(
        ITableStore tables, string table, string partition, RowRange range, int page, CancellationToken cancel) =>
        new(
            async (after, limit) =>
                [
                    .. (await tables.RangeAsync(
                        table, partition, after is { Row: var row } ? range with { From = row + ' ' } : range, limit,
                        cancel)).Select(r => new ScannedRow(partition, r)),
                ],
            page);

    private static async IAsyncEnumerable<ScannedRow> ReadAsync(
        LegiblePages pages, Func<string, string, ValueTask> unreadable, [EnumeratorCancellation] CancellationToken cancel)
    {
        while (!pages.Ended)
        {
            cancel.ThrowIfCancellationRequested();
            var (rows, shut) = await pages.NextAsync();
            foreach (var row in rows) yield return row;
            if (shut is not null) await unreadable(shut.Partition, shut.Row);
        }
    }
}
