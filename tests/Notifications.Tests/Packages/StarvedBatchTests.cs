using System.Text.Json;
using Notifications.Packages;
using Notifications.Storage;

namespace Notifications.Tests.Packages;

public sealed class StarvedBatchTests
{
    [Fact]
    public async Task A_batch_that_got_no_place_in_time_begins_again_at_its_own_first_follower()
    {
        var world = new PackagesWorld();
        for (var i = 0; i < 5; i++) await world.WatchAsync($"w{i}@example.com");
        var followers = (await world.Store.RangeAsync(Tables.Packages, PackagesWorld.Number, RowRange.Prefix(Rows.WatcherPrefix), 10))
            .Select(row => row.Key)
            .ToList();
        var now = world.Clock.UtcNowMs();
        var change = new PackageChange(new PackageEvent("e1", ParcelStatus.InTransit, null, null, null, now, "China Post", now), 1, 1, now);
        var batch = new PackageWork(PackageStep.Batch, PackagesWorld.Number, Cursor: followers[2])
        {
            Change = change,
            Until = followers[4],
        };

        world.Clock.AutoAdvanceAmount = TimeSpan.FromSeconds(20); // Longer than a batch's turn passes whenever somebody looks at the clock.
        await world.Tracker.DoAsync(batch, false, default);
        world.Clock.AutoAdvanceAmount = TimeSpan.Zero;
        Assert.Empty(world.Outbox.Emails);
        var rest = Assert.Single(await world.Get<IWorkQueue>().ReceiveAsync(Queues.Packages, 10, TimeSpan.FromMinutes(1)));
        Assert.Equal(followers[2], JsonSerializer.Deserialize(rest.Body.Span, CoreJson.Default.PackageWork)!.Cursor);
        await world.Tracker.DoAsync(batch, true, default);
        Assert.Equal(2, world.Outbox.Emails.Count);
    }
}
