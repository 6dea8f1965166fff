using Notifications.Addresses;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Packages;

/// <summary>
/// The follower rows of packages. They follow the address records: a crash in between leaves one too many, which tells nobody because every
/// send reads the record, or one too few, or one that says what the watch said before, which <see cref="WatchRepair"/> puts right.
/// </summary>
internal static class WatchIndex
{
    public static async ValueTask PutAsync(
        ITableStore tables, string number, AddressKey key, AddressState state, WatchRecord watch, CancellationToken cancel)
    {
        if (state.Value is null) return;
        await tables.CommitAsync(
            Tables.Packages, number, [RowChange.Put(Rows.Watcher(key.Value), RowOf(state, watch), CoreJson.Default.WatcherRow)], cancel);
    }

    /// <summary>The same for the timer: nothing is written where the row changed since it was read as <paramref name="stored"/>.</summary>
    public static async ValueTask<bool> TryPutAsync(
        ITableStore tables, string number, AddressKey key, AddressState state, WatchRecord watch, Row? stored, CancellationToken cancel) =>
        (await tables.CommitAsync(
            Tables.Packages, number,
            [RowChange.Write(Rows.Watcher(key.Value), RowOf(state, watch), CoreJson.Default.WatcherRow, stored?.ETag)], cancel)).Committed;

    /// <summary>
    /// Whether a follower's row says what the watch and the address's record say; an address of which only the key is known has none.
    /// </summary>
    public static bool IsRight(Row? stored, AddressState state, WatchRecord watch) =>
        state.Value is null || (stored is not null && stored.Read(CoreJson.Default.WatcherRow) == RowOf(state, watch));

    /// <summary>Removes a follower; nothing happens when there is none.</summary>
    public static async ValueTask RemoveAsync(ITableStore tables, string number, AddressKey key, CancellationToken cancel) =>
        await tables.CommitAsync(Tables.Packages, number, [RowChange.Delete(Rows.Watcher(key.Value))], cancel);

    private static WatcherRow RowOf(AddressState state, WatchRecord watch) =>
        new(state.Channel, state.Value!, watch.Filter, watch.Since, watch.Locale, watch.Daily, state.TimeZone);
}
