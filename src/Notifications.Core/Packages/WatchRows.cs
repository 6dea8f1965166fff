using Notifications.Addresses;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Packages;

/// <summary>
/// The watches of an address: rows of its partition, so that one is written in one commit with the address's record, under both ETags.
/// </summary>
internal static class WatchRows
{
    /// <summary>One watch with its ETag; nulls where there is none.</summary>
    public static ValueTask<(WatchRecord? Watch, string? ETag)> LoadAsync(
        ITableStore tables, AddressKey key, string number, CancellationToken cancel) =>
        tables.LoadAsync(Tables.Addresses, key.Value, Rows.Watch(number), CoreJson.Default.WatchRecord, cancel);

    /// <summary>Every package that an address follows, waits to follow, or has stopped following.</summary>
    public static async ValueTask<IReadOnlyList<(string Number, WatchRecord Watch)>> OfAsync(
        ITableStore tables, AddressKey key, CancellationToken cancel)
    {
        var rows = tables.RowsAsync(Tables.Addresses, key.Value, RowRange.Prefix(Rows.WatchPrefix), cancel);
        return await rows.Select(r => (r.Key[Rows.WatchPrefix.Length..], r.Read(CoreJson.Default.WatchRecord))).ToListAsync(cancel);
    }

    /// <summary>Writes a watch over the one that was read with <paramref name="etag"/>; null where there was none.</summary>
    public static RowChange Write(string number, WatchRecord watch, string? etag) =>
        RowChange.Write(Rows.Watch(number), watch, CoreJson.Default.WatchRecord, etag);
}
