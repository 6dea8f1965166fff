using Microsoft.Extensions.Logging;
using Notifications.Storage;

namespace Notifications.Security;

/// <summary>
/// How far the sealing anew under one key of the ring has come. <paramref name="Row"/> null: a pass begins. <paramref name="Renewed"/>:
/// rows of this pass so far.
/// </summary>
public sealed record ResealProgress(byte Key, string Table, string? Partition, string? Row, long Renewed, bool Done, DateTimeOffset At);

/// <summary>
/// The timer that, after the ring was rotated, seals every stored row with its current key, so that an older one opens nothing any more but
/// links (R22). It keeps its place, so a run that is cut off goes on where it was. An instance that still has the older ring may write
/// behind it: only a whole pass that found nothing to do ends it, and then a run costs one read. Queue items and the files of imports are
/// not touched: they are over within days.
/// </summary>
public sealed partial class Resealing(SealedTableStore tables, StoredTables stored, KeyRing ring, TimeProvider time, ILogger<Resealing> log)
{
    private const string Partition = "reseal", Key = "progress";

    /// <summary>Rows that are read at once, and after which the place is kept.</summary>
    internal int Page { get; init; } = 200;

    /// <summary>Seals anew until there is nothing more to do in this pass; answers how many rows it was.</summary>
    public async ValueTask<long> RunAsync(CancellationToken cancel)
    {
        if (ring.Ids.Count() < 2) return 0; // Nothing can be sealed with another.
        var progress = await tables.ReadAsync(Tables.Keys, Partition, Key, CoreJson.Default.ResealProgress, cancel);
        if (progress is null || progress.Key != ring.Current || !stored.Names.Contains(progress.Table)) progress = Beginning();
        if (progress.Done) return 0;

        foreach (var table in stored.Names.SkipWhile(t => t != progress.Table))
        {
            (string, string)? after = table == progress.Table && progress is { Partition: { } partition, Row: { } row }
                ? (partition, row)
                : null;
            do
            {
                var (last, renewed, unreadable) = await tables.ResealAsync(table, ring.Current, after, Page, cancel);
                if (unreadable > 0) LogUnreadable(unreadable, table);
                after = last;
                progress = progress with
                {
                    Table = table,
                    Partition = last?.Partition,
                    Row = last?.Row,
                    Renewed = progress.Renewed + renewed,
                    At = time.UtcNowMs(),
                };
                if (last is not null) await KeepAsync(progress, cancel);
            }
            while (after is not null);
        }

        var (count, done) = (progress.Renewed, progress.Renewed == 0);
        await KeepAsync(Beginning() with { Done = done }, cancel);
        if (done) LogDone(ring.Current);
        else LogPass(count, ring.Current);
        return count;
    }

    private ResealProgress Beginning() => new(ring.Current, stored.Names[0], null, null, 0, false, time.UtcNowMs());

    private async ValueTask KeepAsync(ResealProgress progress, CancellationToken cancel) =>
        await tables.CommitAsync(Tables.Keys, Partition, [RowChange.Put(Key, progress, CoreJson.Default.ResealProgress)], cancel);

    [LoggerMessage(
        EventId = 160, EventName = "RowsSealedAnew", Level = LogLevel.Information,
        Message = "A pass sealed {Rows} rows anew with key {Key} of the ring")]
    private partial void LogPass(long rows, byte key);

    [LoggerMessage(
        EventId = 161, EventName = "SealedAnew", Level = LogLevel.Information,
        Message = "Every stored row is sealed with key {Key} of the ring")]
    private partial void LogDone(byte key);

    [LoggerMessage(
        EventId = 162, EventName = "RowsUnreadable", Level = LogLevel.Warning,
        Message = "{Rows} rows of {Table} were altered or were sealed with a key that is not in the ring; they stay as they are")]
    private partial void LogUnreadable(int rows, string table);
}
