using Notifications.Packages;

namespace Notifications.Tests.Packages;

/// <summary>An event that a newer one has replaced before anybody was told of it does not say that it was announced.</summary>
public sealed class SupersededEventTests
{
    private readonly PackagesWorld _world = new(o => o.Packages.CollapseWindow = TimeSpan.FromSeconds(30));

    [Fact]
    public async Task M1_Of_a_burst_the_last_event_is_announced_and_each_before_it_superseded()
    {
        await _world.WatchAsync("ana@example.com");
        await HappensAsync(ParcelStatus.InfoReceived);
        Assert.Equal(PackageEventRow.Announced, (await _world.OutcomesAsync())["InfoReceived"]);
        await HappensAsync(ParcelStatus.InTransit);
        await HappensAsync(ParcelStatus.OutForDelivery);
        await _world.PassAsync(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10));
        await HappensAsync(ParcelStatus.Delivered); // What was told is not overtaken any more.
        await _world.PassAsync(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10));
        var outcomes = await _world.OutcomesAsync();
        Assert.Equal(
            [PackageEventRow.Superseded, PackageEventRow.Superseded, PackageEventRow.Announced, PackageEventRow.Announced],
            ((string[])["InfoReceived", "InTransit", "OutForDelivery", "Delivered"]).Select(id => outcomes[id]));
        Assert.Equal(2, _world.Outbox.Emails.Count);
    }

    [Fact]
    public async Task M1_News_that_are_over_before_they_were_told_are_superseded_by_what_is_none()
    {
        await _world.WatchAsync("ana@example.com");
        await HappensAsync(ParcelStatus.InTransit);
        await _world.PassAsync(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10));
        await HappensAsync(ParcelStatus.Exception);
        await HappensAsync(ParcelStatus.InTransit, "again");
        await _world.PassAsync(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10));
        var outcomes = await _world.OutcomesAsync();
        Assert.Equal(
            (PackageEventRow.Announced, PackageEventRow.Superseded, PackageEventRow.NoNews),
            (outcomes["InTransit"], outcomes["Exception"], outcomes["again"]));
        Assert.Single(_world.Outbox.Emails);
    }

    [Fact]
    public async Task P5_An_event_that_comes_twice_while_it_waits_does_not_supersede_itself()
    {
        await _world.WatchAsync("ana@example.com");
        for (var i = 0; i < 2; i++) await HappensAsync(ParcelStatus.InTransit);
        await _world.PassAsync(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10));
        Assert.Equal(PackageEventRow.Announced, Assert.Single(await _world.OutcomesAsync()).Value);
        Assert.Single(_world.Outbox.Emails);
    }

    private async Task HappensAsync(ParcelStatus status, string? id = null)
    {
        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        await _world.HappensAsync(id ?? status.ToString(), status);
        await _world.PumpAsync();
    }
}
