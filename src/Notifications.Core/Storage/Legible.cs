using System.Runtime.CompilerServices;
using Notifications.Security;

namespace Notifications.Storage;

/// <summary>
/// Reads rows one after the other and goes on behind one that no key of the ring opens: it must not hold up what is done to its neighbours.
/// Whoever reads is told of each.
/// </summary>
internal static class Legible
{
    /// <summary>The rows of a table.</summary>
    public static IAsyncEnumerable<ScannedRow> ScanAsync(
        ITableStore tables, string table, int page, Func<string, string, ValueTask> unreadable, CancellationToken cancel) =>
        ReadAsync((after, limit) => tables.ScanAsync(table, after, limit, cancel), page, unreadable, cancel);

    /// <summary>The rows of a range of one partition.</summary>
    public static IAsyncEnumerable<ScannedRow> RangeAsync(
        ITableStore tables, string table, string partition, RowRange range, int page, Func<string, string, ValueTask> unreadable,
        CancellationToken cancel) =>
        ReadAsync(
            async (after, limit) =>
                [
                    .. (await tables.RangeAsync(
                        table, partition, after is { Row: var row } ? range with { From = row + ' ' } : range, limit,
                        cancel)).Select(r => new ScannedRow(partition, r)),
                ],
            page, unreadable, cancel);

    private static async IAsyncEnumerable<ScannedRow> ReadAsync(
        Func<(string Partition, string Row)?, int, ValueTask<IReadOnlyList<ScannedRow>>> pageAsync,
        int page, Func<string, string, ValueTask> unreadable, [EnumeratorCancellation] CancellationToken cancel)
    {
        (string, string)? after = null;
        var limit = page;
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            IReadOnlyList<ScannedRow> rows = [];
            UnreadableRowException? found = null;
            try
            {
                rows = await pageAsync(after, limit);
            }
            catch (UnreadableRowException one)
            {
                found = one;
            }

            if (found is { Before: > 0 and var before })
            {
                limit = before; // Those before it first; then it is the first itself.
                continue;
            }

            foreach (var row in rows) yield return row;
            if (found is not null)
            {
                await unreadable(found.Partition, found.Row);
                after = (found.Partition, found.Row);
                limit = 1; // Where one is shut its neighbours often are: one by one, and more at once the longer it goes well.
                continue;
            }

            if (rows.Count < limit) yield break;
            after = (rows[^1].Partition, rows[^1].Row.Key);
            limit = Math.Min(page, limit * 2);
        }
    }
}
