using Notifications.Packages;
using Notifications.Storage.Sqlite;

namespace Notifications.Tests.Packages;

public class SqliteFanOutTests
{
    [Fact]
    public async Task Fan_out_page_by_page_and_the_end_of_watches_hold_on_SQLite_too()
    {
        var directory = Directory.CreateTempSubdirectory("packages-");
        try
        {
            SqliteStore? sqlite = null;
            var clock = TimeProvider.System;
            var world = new PackagesWorld(between: _ =>
            {
                sqlite = SqliteStore.Open(directory.FullName, clock);
                return (sqlite, sqlite);
            });
            await using (sqlite!)
            {
                await Task.WhenAll(Enumerable.Range(0, 250).Select(i => world.WatchAsync($"w{i}@example.com").AsTask()));
                await world.HappensAsync("e1", ParcelStatus.InTransit);
                await world.PumpAsync();
                Assert.Equal(250, world.Outbox.Emails.Select(e => e.To).Distinct().Count());
                Assert.Equal(250, world.Outbox.Emails.Count);
                world.Clock.Advance(TimeSpan.FromDays(91));
                var report = await world.Repair.RunAsync(default);
                Assert.Equal((250, 250, 1), (report.Ended, report.Purged, report.Forgotten));
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
