using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Sending;

namespace Notifications.Tests.Campaigns;

/// <summary>A campaign that is stopped after a message of it was claimed and before it is handed off.</summary>
public sealed class WithheldTests
{
    [Fact]
    public async Task A_last_look_that_fails_lets_go_of_the_campaign_which_can_still_be_paused()
    {
        var world = new CampaignWorld();
        await world.SubscribeAsync(0, 1);
        var campaign = await world.LaunchAsync();
        var broken = new HookedStore(world.Store) { Before = () => throw new InvalidOperationException() };
        var key = world.Ring.KeyOf(CampaignWorld.Person(0));
        var look = new LastLook(
            new AddressBook(broken, world.Clock), key, new AddressState { Channel = Channel.Email }, TopicKey.Newsletter, null, world.Clock,
            world.Clock.GetTimestamp());
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        var mail = new OutgoingEmail(world.Get<MessageIds>().New(key), "news@example.com", "n", "ana@example.com", "s", "h", "t", []);
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await world.Get<HandOffs>().SendAsync(mail, new CampaignTurn(world.Get<CampaignGate>(), campaign.Id), look, default));
        Assert.True(
            (await world.Desk.PauseAsync(campaign.Id, null, "service:test", default).AsTask().WaitAsync(TimeSpan.FromSeconds(20))).Done);
    }

    [Theory]
    [InlineData(false, MessageStatus.Deferred, Reason.CampaignPaused)]
    [InlineData(true, MessageStatus.Skipped, Reason.CampaignCancelled)]
    public async Task P1_P9_The_claimed_message_is_withheld_and_decided_anew_and_a_paused_one_goes_out_once_after_the_resume(
        bool cancelled, MessageStatus status, Reason reason)
    {
        HookedStore hooked = null!;
        var world = new CampaignWorld(o => o.Sending.MarketingCapCount = 1, store => (hooked = new HookedStore(store), store));
        await world.SubscribeAsync(0, 1);
        var campaign = await world.LaunchAsync();
        hooked.BeforeCommit = async changes =>
        {
            if (!changes.Any(c => c.Key == Rows.State) || !changes.Any(c => c.Key.StartsWith(Rows.MessagePrefix, StringComparison.Ordinal)))
                return;
            hooked.BeforeCommit = null;
            Assert.True(
                cancelled
                    ? (await world.Desk.CancelAsync(campaign.Id, null, "service:test", default)).Done
                    : (await world.Desk.PauseAsync(campaign.Id, null, "service:test", default)).Done);
        };
        await world.PumpAsync();
        var record = (await world.RecordAsync(campaign.Id, CampaignWorld.Person(0)))!;
        Assert.Equal((status, reason, 0), (record.Status, record.Reason, world.Provider.Emails.Count));
        Assert.Equal(["queued", "claimed", "withheld", cancelled ? "skipped" : "deferred"], record.Timeline.Select(e => e.Event));
        Assert.Null(record.DueAt); // Nobody knows until when a pause lasts.
        var (state, _) = await world.Get<AddressBook>().LoadAsync(world.Ring.KeyOf(CampaignWorld.Person(0)), default);
        Assert.Empty(state!.Recent); // Meanwhile no cap counts it.
        if (cancelled) return;
        await world.Desk.ResumeAsync(campaign.Id, "service:test", default);
        Assert.Equal(1, (await world.CompleteAsync(campaign.Id)).Sent);
        Assert.Single(world.Provider.Emails);
    }
}
