using Notifications.Campaigns;
using Notifications.Sending;

namespace Notifications.Tests.Campaigns;

/// <summary>From launch to completion.</summary>
public class EngineTests
{
    [Fact]
    public async Task P9_A_campaign_selects_everyone_once_sends_to_those_who_still_agree_and_completes()
    {
        var world = new CampaignWorld();
        await world.SubscribeAsync(0, 400);
        var campaign = await world.LaunchAsync();
        for (var i = 0; i < 20; i++) await world.OptOutAsync(CampaignWorld.Person(i)); // R15: after the launch, before their turn.
        var stats = await world.CompleteAsync(campaign.Id);
        Assert.Equal((400, 380, 20, 0), (stats.Selected, stats.Sent, stats.Skipped["unsubscribed"], stats.Deferred));
        Assert.Equal(380, world.Provider.Emails.DistinctBy(e => e.To).Count());
        Assert.Equal(380, world.Provider.Emails.Count);
        Assert.DoesNotContain(world.Provider.Emails, e => e.To == "person7@example.com");
        Assert.Equal("newsletter", (await world.Desk.FindAsync(campaign.Id, default))!.PinnedTemplate);
        Assert.Equal(MessageStatus.Skipped, (await world.RecordAsync(campaign.Id, CampaignWorld.Person(3)))!.Status);
        Assert.Equal(campaign.Id, (await world.RecordAsync(campaign.Id, CampaignWorld.Person(30)))!.Campaign);
    }

    [Fact]
    public async Task P1_After_a_pause_has_answered_nothing_is_handed_off_until_it_is_resumed_and_then_each_gets_it_once()
    {
        var world = new CampaignWorld();
        await world.SubscribeAsync(0, 300);
        var campaign = await world.LaunchAsync();
        var sent = 0;
        await world.PumpAsync(async () =>
        {
            if (sent > 0 || world.Provider.Emails.Count < 50) return;
            Assert.True((await world.Desk.PauseAsync(campaign.Id, "a look at the numbers", "service:test", default)).Done);
            sent = world.Provider.Emails.Count;
        });
        await world.PassAsync(TimeSpan.FromSeconds(5));
        Assert.True(sent is > 0 and < 300);
        Assert.Equal(sent, world.Provider.Emails.Count);
        var paused = await world.StatsAsync(campaign.Id);
        Assert.Equal((CampaignStatus.Paused, sent), (paused.Status, (int)paused.Sent));
        Assert.Equal("a look at the numbers", (await world.Desk.FindAsync(campaign.Id, default))!.Hold!.Why);

        Assert.True((await world.Desk.ResumeAsync(campaign.Id, "service:test", default)).Done);
        var stats = await world.CompleteAsync(campaign.Id);
        Assert.Equal((300, 300), (stats.Selected, stats.Sent));
        Assert.Equal(300, world.Provider.Emails.Select(e => e.To).Distinct().Count());
        Assert.Equal(300, world.Provider.Emails.Count);
    }

    [Fact]
    public async Task P1_A_pause_that_comes_between_claim_and_hand_off_withholds_the_message_and_resuming_sends_it()
    {
        var world = new CampaignWorld();
        await world.SubscribeAsync(0, 3);
        var campaign = await world.LaunchAsync();
        Task<CampaignOutcome>? pause = null;
        world.Provider.Answer = async email =>
        {
            // While the first is being handed off, somebody pauses: the answer waits for this one, and no other begins.
            pause ??= world.Desk.PauseAsync(campaign.Id, null, "service:test", default).AsTask();
            await Task.Yield();
            Assert.False(pause.IsCompleted);
            return HandOff.Accepted(null);
        };
        await world.PumpAsync();
        Assert.True((await pause!).Done);
        var before = world.Provider.Emails.Count;
        Assert.True(before < 3);
        await world.PassAsync(TimeSpan.FromSeconds(3));
        Assert.Equal(before, world.Provider.Emails.Count);
        world.Provider.Answer = null;
        await world.Desk.ResumeAsync(campaign.Id, "service:test", default);
        Assert.Equal(3, (await world.CompleteAsync(campaign.Id)).Sent);
        Assert.Equal(3, world.Provider.Emails.Count);
    }

    [Fact]
    public async Task P9_A_cancelled_campaign_counts_everyone_it_did_not_reach_as_skipped()
    {
        var world = new CampaignWorld();
        await world.SubscribeAsync(0, 300);
        var campaign = await world.LaunchAsync();
        var cancelled = false;
        await world.PumpAsync(async () =>
        {
            if (cancelled || world.Provider.Emails.Count < 50) return;
            cancelled = (await world.Desk.CancelAsync(campaign.Id, null, "service:test", default)).Done;
        });
        await world.PassAsync(TimeSpan.FromSeconds(20));
        var stats = await world.StatsAsync(campaign.Id);
        Assert.Equal((CampaignStatus.Cancelled, world.Provider.Emails.Count, 0), (stats.Status, (int)stats.Sent, (int)stats.Deferred));
        Assert.Equal(stats.Selected - stats.Sent, stats.Skipped["campaign-cancelled"]);
        Assert.Equal(CampaignRefusal.WrongStatus, (await world.Desk.ResumeAsync(campaign.Id, "service:test", default)).Refusal);
    }

    [Fact]
    public async Task Over_the_configured_size_a_launch_must_confirm_the_number_and_learns_it_when_it_does_not()
    {
        var world = new CampaignWorld(o => o.Campaigns.ConfirmOver = 10);
        await world.SubscribeAsync(0, 11);
        var campaign = await world.DraftAsync();
        var unconfirmed = await world.Desk.LaunchAsync(campaign.Id, null, "service:test", default);
        Assert.Equal((CampaignRefusal.Unconfirmed, 11L), (unconfirmed.Refusal, unconfirmed.Count));
        Assert.Equal(CampaignRefusal.Unconfirmed, (await world.Desk.LaunchAsync(campaign.Id, 10, "service:test", default)).Refusal);
        Assert.True((await world.Desk.LaunchAsync(campaign.Id, 11, "service:test", default)).Done);
    }
}
