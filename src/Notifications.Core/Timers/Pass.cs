using System.Runtime.CompilerServices;
using Notifications.Security;
using Notifications.Storage;

namespace Notifications.Timers;

/// <summary>Where a pass was cut off: the last row that was looked at.</summary>
public sealed record PassPlace(string Partition, string Row);

/// <summary>
/// A timer's pass over a whole table, page by page. Its place is kept when a page has been worked off, so that a run that is cut off (on
/// Azure after an hour) goes on there at its next turn; a pass that has come to the end begins anew. What no key opens is noted and passed
/// over.
/// </summary>
/// <param name="name">Whose place it is, in the table <c>keys</c>; null for one that keeps none, and begins at the beginning.</param>
internal sealed class Pass(ITableStore tables, string? name, string table, Unread unread)
{
    /// <summary>How many rows a timer should work at side by side: most of their time is waiting for the store.</summary>
    public const int Abreast = 16;

    private const string Key = "progress";

    /// <summary>Rows that are read at once.</summary>
    public int Page { get; init; } = 1000;

    /// <summary>
    /// The first key of a partition that is of interest: what stands before it is passed over in one step. Null: everything.
    /// </summary>
    public string? From { get; init; }

    /// <summary>A partition is worked at as a whole: what was cut off within it goes on at its beginning.</summary>
    public bool WholePartitions { get; init; }

    /// <summary>What is done about a row that no key opens, in place of noting it. Null: it is noted.</summary>
    public Func<UnreadableRowException, ValueTask>? ShutAsync { get; init; }

    /// <summary>Whether an earlier run was cut off within it.</summary>
    public async ValueTask<bool> IsUnderWayAsync(CancellationToken cancel) => await PlaceAsync(cancel) is not null;

    /// <summary>
    /// Says that it is under way before its first page: what comes before it is done with, and not to be done again for its sake.
    /// </summary>
    public ValueTask BeginAsync(CancellationToken cancel) => KeepAsync(new PassPlace("", ""), cancel);

    /// <summary>
    /// The pages from where the last run was cut off to the end of the table. Whoever asks for the next page has done with the one before.
    /// </summary>
    public async IAsyncEnumerable<IReadOnlyList<ScannedRow>> PagesAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        var kept = await PlaceAsync(cancel);
        var pages = new LegiblePages((after, limit) => tables.ScanAsync(table, after, limit, cancel), Page)
        {
            After = kept is null ? null : (kept.Partition, kept.Row),
        };
        while (true)
        {
            var (rows, shut) = await pages.NextAsync();
            if (shut is not null && ShutAsync is not null) await ShutAsync(shut);
            else if (shut is not null) unread.Add(shut);
            if (rows.Count > 0) yield return rows;
            if (pages.Ended) break;
            var (partition, last) = pages.After!.Value;
            if (From is not null && string.CompareOrdinal(last, From) < 0) pages.After = (partition, last = From[..^1]);
            if (name is null) continue;
            kept = new PassPlace(partition, WholePartitions ? "" : last);
            await KeepAsync(kept, cancel);
        }

        if (kept is not null) await tables.CommitAsync(Tables.Keys, name!, [RowChange.Delete(Key)], cancel);
    }

    /// <summary>Does something to each, <see cref="Abreast"/> at a time; where that meets what no key opens, it is noted.</summary>
    public static async ValueTask EachAsync<T>(IReadOnlyList<T> all, Func<T, ValueTask> doAsync, Unread unread)
    {
        var running = new List<Task>(Abreast);
        for (var i = 0; i < all.Count; i += running.Count)
        {
            running.Clear();
            for (var j = i; j < all.Count && running.Count < Abreast; j++) running.Add(OneAsync(all[j]));
            await Task.WhenAll(running);
        }

        Task OneAsync(T one) => unread.TryAsync(() => doAsync(one)).AsTask();
    }

    private async ValueTask KeepAsync(PassPlace place, CancellationToken cancel) =>
        await tables.CommitAsync(Tables.Keys, name!, [RowChange.Put(Key, place, CoreJson.Default.PassPlace)], cancel);

    private async ValueTask<PassPlace?> PlaceAsync(CancellationToken cancel) =>
        name is null ? null : await tables.ReadAsync(Tables.Keys, name, Key, CoreJson.Default.PassPlace, cancel);
}
