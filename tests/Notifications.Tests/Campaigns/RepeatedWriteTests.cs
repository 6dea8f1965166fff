using Notifications.Campaigns;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Campaigns;

/// <summary>
/// A client library whose answer was lost asks again, and is told that its own write stands in its way. What was refused may therefore have
/// taken effect: nobody else does what was to follow it.
/// </summary>
public sealed class RepeatedWriteTests
{
    [Fact]
    public async Task P5_Batches_whose_selection_was_refused_by_its_own_write_are_sent()
    {
        var world = World(change => change.Key.StartsWith(Rows.Bucket(""), StringComparison.Ordinal));
        await world.SubscribeAsync(0, 40);
        var campaign = await world.LaunchAsync();
        Assert.Equal(40, (await world.CompleteAsync(campaign.Id)).Sent);
    }

    [Fact]
    public async Task P5_Batches_whose_release_was_refused_by_its_own_write_are_sent()
    {
        var world = World(
            change => change.Key.StartsWith(Rows.Batch(""), StringComparison.Ordinal) && change.Kind == RowChangeKind.Replace);
        await world.SubscribeAsync(0, 40);
        var campaign = await world.LaunchAsync(d => d with { Throttle = new CampaignThrottle(36_000) });
        Assert.Equal(40, (await world.CompleteAsync(campaign.Id)).Sent);
    }

    [Fact]
    public async Task P5_A_look_that_was_refused_by_its_own_write_is_followed_by_the_next()
    {
        var world = World(change => change.Key == Rows.Tick);
        await world.SubscribeAsync(0, 40);
        var campaign = await world.LaunchAsync(d => d with { Throttle = new CampaignThrottle(7200) });
        Assert.Equal(40, (await world.CompleteAsync(campaign.Id, TimeSpan.FromMinutes(1))).Sent);
    }

    [Fact]
    public async Task P9_A_report_whose_note_was_refused_by_its_own_write_is_counted_also_after_the_watch_looks_no_more()
    {
        var world = World(change => change.Key.StartsWith(Rows.StalePrefix, StringComparison.Ordinal));
        await world.SubscribeAsync(0, 5);
        var campaign = await world.LaunchAsync();
        await world.CompleteAsync(campaign.Id);
        world.Clock.Advance(TimeSpan.FromDays(8));
        await world.ReportAsync(campaign.Id, CampaignWorld.Person(2), "Bounced");
        await world.PassAsync(TimeSpan.FromSeconds(15));
        Assert.Equal(1, (await world.StatsAsync(campaign.Id)).Bounced);
    }

    [Fact]
    public async Task A_pause_that_was_refused_by_its_own_write_is_answered_as_a_pause()
    {
        var world = World(change => change.Key == Rows.Campaign && change.Kind == RowChangeKind.Replace);
        await world.SubscribeAsync(0, 5);
        var campaign = await world.LaunchAsync();
        var outcome = await world.Desk.PauseAsync(campaign.Id, null, "service:test", default);
        Assert.True(outcome.Done, outcome.Why);
        Assert.Equal(CampaignStatus.Paused, outcome.Campaign!.Status);
        await world.PassAsync(TimeSpan.FromSeconds(10));
        Assert.Empty(world.Provider.Emails);
    }

    [Fact]
    public async Task A_pause_asked_for_again_because_its_answer_was_lost_holds_at_once()
    {
        RepeatingStore? store = null;
        var world = new CampaignWorld(
            between: inner =>
                (store = new RepeatingStore(
                    inner, Tables.Campaigns, change => change.Key == Rows.Campaign && change.Kind == RowChangeKind.Replace),
                    inner));
        await world.SubscribeAsync(0, 5);
        var campaign = await world.LaunchAsync();
        // And known for the time of the lease.
        Assert.Equal(CampaignStatus.Running, await world.Get<CampaignGate>().StatusAsync(campaign.Id, default));
        store!.Loses = true;
        await Assert.ThrowsAsync<StorageUnavailableException>(
            () => world.Desk.PauseAsync(campaign.Id, null, "service:test", default).AsTask());
        Assert.False((await world.Desk.PauseAsync(campaign.Id, null, "service:test", default)).Done); // It stands still already.
        Assert.Equal(CampaignStatus.Paused, await world.Get<CampaignGate>().StatusAsync(campaign.Id, default));
    }

    private static CampaignWorld World(Func<RowChange, bool> repeated) =>
        new(between: store => (new RepeatingStore(store, Tables.Campaigns, repeated), store));
}
