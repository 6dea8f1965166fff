using Notifications.Packages;

namespace Notifications.Tests.Packages;

/// <summary>An event of a carrier whose clock is ahead, and what truly happened before it came.</summary>
public sealed class ClampedEventTests
{
    [Fact]
    public async Task M1_What_goes_further_than_an_event_of_a_future_time_is_told_though_it_happened_before_that_came()
    {
        var world = await AheadAsync();
        await world.HappensAsync("e2", ParcelStatus.Delivered, at: world.Clock.GetUtcNow().AddSeconds(-30));
        await world.PumpAsync();
        Assert.Equal(2, world.Outbox.Emails.Count);
        Assert.Equal(PackageEventRow.Announced, await OutcomeAsync(world, "e2"));
    }

    [Fact]
    public async Task M1_After_an_event_of_a_future_time_a_problem_is_told_and_an_older_stage_is_not()
    {
        var world = await AheadAsync();
        await world.HappensAsync("e2", ParcelStatus.InTransit, at: world.Clock.GetUtcNow().AddHours(-3));
        await world.PumpAsync();
        Assert.Equal(PackageEventRow.Stale, await OutcomeAsync(world, "e2"));
        await world.HappensAsync("e3", ParcelStatus.Exception, at: world.Clock.GetUtcNow().AddSeconds(-30));
        await world.PumpAsync();
        Assert.Equal(PackageEventRow.Announced, await OutcomeAsync(world, "e3"));

        // That one's time is known: what happened before it is older, whatever it says.
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        await world.HappensAsync("e4", ParcelStatus.Delivered, at: world.Clock.GetUtcNow().AddMinutes(-1));
        await world.PumpAsync();
        Assert.Equal(PackageEventRow.Stale, await OutcomeAsync(world, "e4"));
        Assert.Equal(2, world.Outbox.Emails.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task M1_What_is_older_than_an_event_of_a_sure_time_takes_no_later_ones_place_though_that_ones_time_was_set(int more)
    {
        var world = new PackagesWorld(o => o.Packages.CollapseWindow = TimeSpan.FromMinutes(1));
        await world.WatchAsync("ana@example.com");
        await world.HappensAsync("e1", ParcelStatus.OutForDelivery, at: world.Clock.GetUtcNow().AddHours(-2));
        await world.PassAsync(TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(1));
        for (var i = 0; i <= more; i++)
            await world.HappensAsync($"ahead{i}", ParcelStatus.Delivered, at: world.Clock.GetUtcNow().AddHours(10));
        await world.PumpAsync();
        world.Clock.Advance(TimeSpan.FromSeconds(5));
        await world.HappensAsync("old", ParcelStatus.Exception, at: world.Clock.GetUtcNow().AddDays(-2));
        await world.PassAsync(TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(1));
        Assert.Equal(PackageEventRow.Stale, await OutcomeAsync(world, "old"));
        Assert.Equal(PackageEventRow.Announced, await OutcomeAsync(world, "ahead0"));
        Assert.Equal(2, world.Outbox.Emails.Count);
    }

    private static async Task<PackagesWorld> AheadAsync()
    {
        var world = new PackagesWorld();
        await world.WatchAsync("ana@example.com");
        await world.HappensAsync("e1", ParcelStatus.OutForDelivery, at: world.Clock.GetUtcNow().AddYears(1));
        await world.PumpAsync();
        Assert.Single(world.Outbox.Emails);
        world.Clock.Advance(TimeSpan.FromSeconds(5));
        return world;
    }

    private static async Task<string> OutcomeAsync(PackagesWorld world, string id) =>
        (await world.OutcomesAsync())[id];
}
