using Microsoft.Extensions.Logging.Abstractions;
using Notifications.Events;
using Notifications.Local;
using Notifications.Storage;
using Notifications.Storage.Sqlite;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Local;

public sealed class FullDiskTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("notifications-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task R69_A_disk_that_was_full_is_among_the_alerts_once_it_has_room_again()
    {
        var sqlite = SqliteStore.Open(_directory.FullName, TimeProvider.System);
        await using var store = new Store(new Backend(sqlite, sqlite, sqlite), exclusive: true, sqlite.WaitForWorkAsync, sqlite);
        var alerts = new OperatorAlerts(sqlite, TimeProvider.System, NullLogger<OperatorAlerts>.Instance);
        store.TellOf(NullLogger.Instance, alerts);
        await sqlite.ExecuteAsync("PRAGMA max_page_count=1");
        await Assert.ThrowsAsync<StorageUnavailableException>(
            async () => await sqlite.CommitAsync(Tables.Addresses, "p", [RowChange.Insert("r", new byte[100_000])]));
        Assert.Empty(await alerts.TodayAsync(default));
        await sqlite.ExecuteAsync("PRAGMA max_page_count=1000000");
        await sqlite.CommitAsync(Tables.Addresses, "p", [RowChange.Insert("r", new byte[100_000])]);
        await Poll.UntilAsync(async () => (await alerts.TodayAsync(default)).Count > 0, "the alert is written");
        var alert = Assert.Single(await alerts.TodayAsync(default));
        Assert.Equal("store-writes", alert.Kind);
        Assert.Contains("database or disk is full (13)", alert.Detail, StringComparison.Ordinal);
    }
}
