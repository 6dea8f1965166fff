using Notifications.Packages;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Packages;

public class CrashTests
{
    /// <summary>
    /// The process dies at any storage or queue operation, before or after it took effect, again and again; what is left goes on.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task P5_A_crash_anywhere_in_mid_fan_out_loses_nothing_and_sends_nothing_twice(int seed)
    {
        // Hand-offs are left alone: what a crash there means is the send path's own test. Steps of the fan-out are few, and each is one of
        // its outbox.
        MortalStore? crashing = null;
        var world = new PackagesWorld(between: store =>
        {
            crashing = new MortalStore(store, new Random(seed), place => place == Tables.Addresses ? 0 : place == Tables.Packages ? 20 : 1);
            return (crashing, crashing);
        });
        const int Watchers = 350;
        for (var i = 0; i < Watchers; i++) await world.WatchAsync($"w{i}@example.com");
        ParcelStatus[] day = [ParcelStatus.InfoReceived, ParcelStatus.InTransit, ParcelStatus.OutForDelivery, ParcelStatus.Delivered];
        var crashes = 0;
        foreach (var (i, status) in day.Index())
        {
            world.Clock.Advance(TimeSpan.FromHours(1));
            await world.HappensAsync($"e{i}", status);
            crashing!.Chance = 0.02; // A fan-out takes few operations of its own since it sends in place.
            crashes += await world.PumpAsync(crashesAllowed: int.MaxValue);
            crashing.Chance = 0;
        }

        Assert.True(crashes > 10, $"only {crashes} crashes");
        for (var i = 0; i < Watchers; i++)
        {
            var subjects = world.Outbox.Emails.Where(e => e.To == $"w{i}@example.com").Select(e => e.Subject.Split(':')[0]).ToList();
            Assert.Equal(["Information received", "In transit", "Out for delivery", "Delivered"], subjects);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task P5_A_crash_anywhere_leaves_no_event_announced_that_a_newer_one_has_replaced(int seed)
    {
        MortalStore? crashing = null;
        var world = new PackagesWorld(
            o => o.Packages.CollapseWindow = TimeSpan.FromSeconds(30), store =>
            {
                crashing = new MortalStore(store, new Random(seed), place => place == Tables.Addresses ? 0 : 1);
                return (crashing, crashing);
            });
        await world.WatchAsync("ana@example.com");
        ParcelStatus[] day =
            [
                ParcelStatus.InfoReceived, ParcelStatus.InTransit, ParcelStatus.OutForDelivery, ParcelStatus.DeliveryFailure,
                ParcelStatus.OutForDelivery, ParcelStatus.Delivered,
            ];
        var crashes = 0;
        crashing!.Chance = 0.2;
        foreach (var (i, status) in day.Index())
        {
            // Two within a window, and a pause in which the second is told.
            await PassAsync(i % 2 == 0 ? 6 : 1);
            crashing.Chance = 0;
            await world.HappensAsync($"e{i}", status);
            crashing.Chance = 0.2;
            await PassAsync(0);
        }

        await PassAsync(6);
        Assert.True(crashes > 5, $"only {crashes} crashes");
        var outcomes = await world.OutcomesAsync();
        Assert.Equal(
            day.Select((_, i) => i % 2 == 0 ? PackageEventRow.Superseded : PackageEventRow.Announced),
            day.Select((_, i) => outcomes[$"e{i}"]));
        Assert.Equal(
            ["In transit", "Delivery failed", "Delivered"], world.Outbox.Emails.Select(e => e.Subject.Split(':')[0]));

        async Task PassAsync(int steps)
        {
            for (var step = 0; step <= steps; step++)
            {
                if (step > 0) world.Clock.Advance(TimeSpan.FromSeconds(10));
                crashes += await world.PumpAsync(crashesAllowed: int.MaxValue);
            }
        }
    }
}
