using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Tests.Campaigns;

/// <summary>The operator's big switch: whichever way a message comes to its hand-off, it waits there.</summary>
public sealed class HoldTests
{
    [Fact]
    public async Task P5_While_every_hand_off_is_held_messages_batches_and_campaigns_wait_and_afterwards_each_goes_out_once()
    {
        var world = new CampaignWorld(o => o.Sending.Hold = true);
        await world.SubscribeAsync(0, 30);
        await world.SubscribeAsync(30, 3, TopicKey.Promotions);
        var campaign = await world.LaunchAsync();
        await world.Get<SendQueue>().EnqueueAsync(Request(world, 30), default);
        // As a package's followers are.
        Assert.Equal(2, await world.Get<BatchSender>().SendAsync([Request(world, 31), Request(world, 32)], redelivered: false, default));
        await world.PassAsync(TimeSpan.FromMinutes(20), TimeSpan.FromSeconds(30));
        Assert.Empty(world.Provider.Emails);
        var stats = await world.StatsAsync(campaign.Id);
        Assert.Equal((CampaignStatus.Running, 30, 30), (stats.Status, (int)stats.Selected, (int)stats.Deferred));
        Assert.Equal(3, await world.Store.CountAsync(Queues.Send)); // Each for itself, and nothing of the campaign.
        foreach (var queue in (string[])[Queues.Send, Queues.Campaigns])
            Assert.Empty(await world.Get<DeadLetters>().ListAsync(queue, null, 10, default));

        world.Options.Sending.Hold = false;
        Assert.Equal(30, (await world.CompleteAsync(campaign.Id)).Sent);
        await world.PassAsync(TimeSpan.FromMinutes(3), TimeSpan.FromSeconds(30)); // Each of the others comes back at a time of its own.
        Assert.Equal((33, 33), (world.Provider.Emails.Count, world.Provider.Emails.DistinctBy(e => e.To).Count()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task P5_What_a_dead_worker_left_of_a_batch_is_still_to_be_looked_for_where_every_hand_off_was_held(bool held)
    {
        var world = new CampaignWorld(o => o.Sending.Hold = held, exclusive: false);
        await world.SubscribeAsync(0, 1);
        var campaign = (await world.LaunchAsync()).Id;
        var key = world.Ring.KeyOf(CampaignWorld.Person(0));
        await world.Get<CampaignSelection>().SelectAsync(campaign, key.Value[..1], redelivered: false, default);
        var now = world.Clock.GetUtcNow();
        var record = new MessageRecord
        {
            Topic = TopicKey.Newsletter,
            Channel = Notifications.Addresses.Channel.Email, Status = MessageStatus.Sending, Reason = Reason.Allowed, Campaign = campaign,
            Claim = new Claim("attempt", "another", now), Timeline = [new(now, MessageRecord.Claimed)],
        };
        var suffix = world.Get<MessageIds>().Derive(key, CampaignBatches.Seed(campaign)).Suffix;
        await world.Get<ITableStore>().CommitAsync(
            Tables.Addresses, key.Value, [RowChange.Put(Rows.Message(suffix), record, CoreJson.Default.MessageRecord)]);
        var outcome = await world.Get<CampaignBatches>().SendAsync(campaign, Rows.BatchName(key.Value[..1], 0), redelivered: true, default);
        Assert.Equal((WorkResult.Later, !held), (outcome.Result, outcome.Recovered));
    }

    private static SendRequest Request(CampaignWorld world, int person)
    {
        var address = CampaignWorld.Person(person);
        return new SendRequest
        {
            Id = world.Get<MessageIds>().New(world.Ring.KeyOf(address)).ToString(),
            Channel = address.Channel,
            To = address.Value,
            Topic = TopicKey.Promotions,
            Content = new MessageContent("News", "Hello", null),
            AcceptedAt = world.Clock.GetUtcNow(),
        };
    }
}
