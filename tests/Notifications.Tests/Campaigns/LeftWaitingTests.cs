using Notifications.Campaigns;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Tests.Campaigns;

/// <summary>Messages that were put off while their campaign stood still, and whom nobody would bring back.</summary>
public sealed class LeftWaitingTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task P5_Dead_letters_that_are_replayed_during_a_pause_go_out_after_the_resume(bool others)
    {
        var world = new CampaignWorld(o => o.Sending.MaxAttempts = 1);
        await world.SubscribeAsync(0, others ? 60 : 5);
        var away = true;
        world.Provider.Answer = _ =>
            ValueTask.FromResult(away ? HandOff.Unavailable("away", TimeSpan.FromMinutes(1)) : HandOff.Accepted(null));
        var campaign = (await world.LaunchAsync(d => others ? d with { Throttle = new CampaignThrottle(3600) } : d)).Id;
        await world.PassAsync(others ? TimeSpan.FromSeconds(5) : TimeSpan.Zero);
        var failed = (await world.StatsAsync(campaign)).Failed;
        Assert.InRange(failed, 1, 19);
        Assert.True((await world.Desk.PauseAsync(campaign, null, "service:test", default)).Done);
        Assert.Equal((failed, 0), await world.Get<DeadLetters>().ReplayAllAsync(Queues.Send, default));
        await world.PumpAsync();
        away = false;
        Assert.True((await world.Desk.ResumeAsync(campaign, "service:test", default)).Done);
        await world.CompleteAsync(campaign);
        await world.PassAsync(TimeSpan.FromMinutes(1)); // Where those were all, it was complete before they were counted anew.
        var stats = await world.StatsAsync(campaign);
        Assert.Equal((CampaignStatus.Completed, stats.Selected, 0L), (stats.Status, stats.Sent, stats.Deferred));
    }

    [Fact]
    public async Task P2_P9_What_a_pause_had_put_off_says_that_it_is_skipped_once_the_campaign_is_cancelled()
    {
        var world = new CampaignWorld();
        await world.SubscribeAsync(0, 3);
        world.Provider.Answer = _ => ValueTask.FromResult(HandOff.Throttled(TimeSpan.FromSeconds(10)));
        var campaign = (await world.LaunchAsync()).Id;
        await world.PumpAsync();
        Assert.True((await world.Desk.PauseAsync(campaign, null, "service:test", default)).Done);
        await world.PassAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(Reason.CampaignPaused, (await world.RecordAsync(campaign, CampaignWorld.Person(0)))!.Reason);
        Assert.True((await world.Desk.CancelAsync(campaign, null, "service:test", default)).Done);
        await world.PumpAsync();
        for (var i = 0; i < 3; i++)
        {
            var record = (await world.RecordAsync(campaign, CampaignWorld.Person(i)))!;
            Assert.Equal((MessageStatus.Skipped, Reason.CampaignCancelled), (record.Status, record.Reason));
        }

        Assert.Equal(3, (await world.StatsAsync(campaign)).Skipped["campaign-cancelled"]);
    }

    [Fact]
    public async Task P5_The_step_that_ends_them_waits_for_the_cancel_it_was_queued_before_and_for_none_that_never_came()
    {
        var world = new CampaignWorld();
        await world.SubscribeAsync(0, 1);
        var campaign = (await world.LaunchAsync()).Id;
        var step = new CampaignWork(CampaignStep.End, campaign, At: world.Clock.GetUtcNow());
        Assert.Equal(WorkResult.Later, (await world.Get<CampaignRunner>().DoAsync(step, false, default)).Result);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(WorkOutcome.Done, await world.Get<CampaignRunner>().DoAsync(step, false, default));
    }
}
