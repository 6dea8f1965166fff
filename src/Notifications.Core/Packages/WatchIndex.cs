using System.Text.Json;
using Notifications.Addresses;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Packages;

/// <summary>
/// The follower rows of packages. They follow the address records: a crash in between leaves one too many, which tells nobody because every send
/// reads the record, or one too few, which <see cref="WatchRepair"/> puts back.
/// </summary>
internal static class WatchIndex
{
    public static async ValueTask PutAsync(ITableStore tables, string number, AddressKey key, AddressState state, WatchRecord watch, CancellationToken cancel)
    {
        if (state.Value is null) return;
        var row = new WatcherRow(state.Channel, state.Value, watch.Filter, watch.Since, watch.Locale, watch.Daily, state.TimeZone);
        await tables.CommitAsync(Tables.Packages, number, [RowChange.Put(Rows.Watcher(key.Value), JsonSerializer.SerializeToUtf8Bytes(row, CoreJson.Default.WatcherRow))], cancel);
    }

    /// <summary>Removes a follower; nothing happens when there is none.</summary>
    public static async ValueTask RemoveAsync(ITableStore tables, string number, AddressKey key, CancellationToken cancel) =>
        await tables.CommitAsync(Tables.Packages, number, [RowChange.Delete(Rows.Watcher(key.Value))], cancel);
}
