using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Privacy;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Tests.Campaigns;

/// <summary>Recipients who are erased while their campaign runs: their records go, and the campaign still adds up and ends.</summary>
public sealed class ErasedRecipientTests
{
    private static readonly Address Gone = CampaignWorld.Person(2);
    private readonly CampaignWorld _world = new();

    [Fact]
    public async Task P9_One_who_is_erased_while_the_message_waits_is_skipped_in_the_account_and_the_campaign_is_completed()
    {
        await _world.SubscribeAsync(0, 5);
        _world.Provider.Answer =
            email => ValueTask.FromResult(email.To == Gone.Value ? HandOff.Throttled(TimeSpan.FromHours(4)) : HandOff.Accepted(null));
        var draft = await _world.DraftAsync();
        await _world.Desk.DryRunAsync(draft.Id, "service:test", default);
        Assert.True((await _world.Desk.LaunchAsync(draft.Id, null, "service:test", default)).Done);
        await _world.PassAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(1, (await _world.StatsAsync(draft.Id)).Deferred);
        await EraseAsync();
        var stats = await _world.CompleteAsync(draft.Id);
        Assert.Equal((4L, 1L), (stats.Sent, stats.Skipped["suppressed-erased"]));
        Assert.Equal(0, stats.Forecast!.Unexplained);
        Assert.Null(await _world.RecordAsync(draft.Id, Gone)); // Counting leaves nothing of the person (R34).
    }

    [Fact]
    public async Task P9_One_who_is_erased_during_the_hand_off_counts_as_what_came_of_it()
    {
        await _world.SubscribeAsync(0, 5);
        _world.Provider.Answer = async email =>
        {
            if (email.To == Gone.Value) await EraseAsync();
            return HandOff.Accepted(null);
        };
        var campaign = await _world.LaunchAsync();
        Assert.Equal(5, (await _world.CompleteAsync(campaign.Id)).Sent);
        Assert.Equal(5, _world.Provider.Emails.Count);
    }

    [Fact]
    public async Task P9_One_who_is_erased_while_a_second_offer_is_counted_as_under_way_is_unknown_in_the_account()
    {
        await _world.SubscribeAsync(2, 1);
        var campaign = "";
        _world.Provider.Answer = async _ =>
        {
            if (_world.Provider.Emails.Count == 1) return HandOff.Throttled(TimeSpan.FromSeconds(10));
            var key = _world.Ring.KeyOf(Gone);
            await _world.Get<CampaignBatches>().RecountAsync(campaign, Rows.BatchName(key.Value[..1], 0), default);
            await EraseAsync();
            return HandOff.Accepted(null);
        };
        campaign = (await _world.LaunchAsync()).Id;
        Assert.Equal(1, (await _world.CompleteAsync(campaign)).Unknown);
        Assert.Equal(2, _world.Provider.Emails.Count);
    }

    private async Task EraseAsync() =>
        await _world.Get<Erasure>().RunAsync([Gone], [_world.Ring.KeyOf(Gone)], null, "test", "service:test", default);
}
