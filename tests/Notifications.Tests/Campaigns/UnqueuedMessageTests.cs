using System.Text.Json;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Campaigns;

/// <summary>
/// A worker died after it had written that a message waits, or that a bucket is selected or a message given up, and before it put on a
/// queue what follows from it.
/// </summary>
public sealed class UnqueuedMessageTests
{
    [Theory]
    [InlineData(MessageStatus.Queued, Reason.ProviderUnavailable)]
    [InlineData(MessageStatus.Deferred, Reason.QuietHours)]
    public async Task P5_P9_It_goes_out_after_the_resume_where_the_campaign_was_paused_as_its_batch_came_back(
        MessageStatus status, Reason reason)
    {
        var (world, campaign, batch) = await InterruptAsync(status, reason);
        Assert.True((await world.Desk.PauseAsync(campaign, null, "service:test", default)).Done);
        Assert.Equal(WorkResult.Done, (await DoAsync(world, Step(CampaignStep.Batch, campaign, batch), deliveries: 2)).Result);
        Assert.Equal(Reason.CampaignPaused, (await world.RecordAsync(campaign, CampaignWorld.Person(0)))!.Reason);
        Assert.True((await world.Desk.ResumeAsync(campaign, "service:test", default)).Done);
        Assert.Equal(1, (await world.CompleteAsync(campaign)).Sent);
        Assert.Single(world.Provider.Emails);
    }

    [Theory]
    [InlineData(false, 0)] // A first delivery takes it for one that has an item of its own.
    [InlineData(true, 1)]
    public async Task P5_It_goes_out_also_where_its_batch_comes_back_as_a_new_item_after_it_was_counted(bool again, int sent)
    {
        var (world, campaign, batch) = await InterruptAsync(MessageStatus.Queued, Reason.ProviderUnavailable);
        await world.Get<CampaignBatches>().RecountAsync(campaign, batch, default);
        var step = Step(CampaignStep.Batch, campaign, batch);
        await DoAsync(world, again ? Work.Again(Queues.Campaigns, step) : step, deliveries: 1);
        Assert.Equal(sent, world.Provider.Emails.Count);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task P5_R69_A_bucket_that_was_selected_to_its_end_has_its_batches_queued_by_the_item_that_takes_the_place_of_the_first(
        bool again, int queued)
    {
        var (world, campaign, _) = await InterruptAsync(null, default);
        var step = Step(CampaignStep.Bucket, campaign, world.Ring.KeyOf(CampaignWorld.Person(0)).Value[..1]);
        await DoAsync(world, again ? Work.Again(Queues.Campaigns, step) : step, deliveries: 1);
        Assert.Equal(queued, await world.Store.CountAsync(Queues.Campaigns));
    }

    [Fact]
    public async Task P5_A_given_up_step_that_is_put_back_from_the_dead_letters_is_no_first_delivery()
    {
        var world = new CampaignWorld();
        await world.Get<DeadLetters>().KeepAsync(Queues.Campaigns, Step(CampaignStep.Batch, "00000000000fa017", "A0"), 5, default);
        Assert.Equal((1, 0), await world.Get<DeadLetters>().ReplayAllAsync(Queues.Campaigns, default));
        var item = Assert.Single(await world.Get<IWorkQueue>().ReceiveAsync(Queues.Campaigns, 2, TimeSpan.FromMinutes(1)));
        Assert.True(JsonSerializer.Deserialize(item.Body.Span, CoreJson.Default.CampaignWork)!.Again);
    }

    [Fact]
    public async Task P5_A_message_given_up_in_a_batch_has_its_letter_also_where_the_queue_was_away_for_that()
    {
        var failed = false;
        var world = new CampaignWorld(
            o => o.Sending.MaxAttempts = 1,
            store => (store, new HookedQueue(store, queue =>
            {
                if (failed || queue != Queues.Poison(Queues.Send)) return;
                failed = true;
                throw new CrashException();
            })));
        await world.SubscribeAsync(0, 1);
        var away = true;
        world.Provider.Answer = _ => ValueTask.FromResult(
            away ? HandOff.Unavailable("away", TimeSpan.FromMinutes(1)) : HandOff.Accepted(null));
        var campaign = (await world.LaunchAsync()).Id;
        await world.PassAsync(TimeSpan.FromMinutes(3), TimeSpan.FromSeconds(30));
        Assert.True(failed);
        Assert.Equal(1, (await world.StatsAsync(campaign)).Failed);
        Assert.Single(await world.Get<DeadLetters>().ListAsync(Queues.Send, null, 10, default));
        away = false;
        Assert.Equal((1, 0), await world.Get<DeadLetters>().ReplayAllAsync(Queues.Send, default));
        await world.PassAsync(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(30));
        Assert.Equal(1, (await world.StatsAsync(campaign)).Sent);
    }

    /// <summary>
    /// A campaign to one person in one batch, with nothing of it on the queues; and the record of the message, where it has a status.
    /// </summary>
    private static async Task<(CampaignWorld World, string Campaign, string Batch)> InterruptAsync(MessageStatus? status, Reason reason)
    {
        var world = new CampaignWorld();
        await world.SubscribeAsync(0, 1);
        var campaign = (await world.LaunchAsync()).Id;
        var key = world.Ring.KeyOf(CampaignWorld.Person(0));
        await world.Get<CampaignSelection>().SelectAsync(campaign, key.Value[..1], redelivered: false, default);
        world.Clock.Advance(TimeSpan.FromSeconds(5));
        while (await world.Store.ReceiveAsync(Queues.Campaigns, 32, TimeSpan.FromMinutes(2)) is { Count: > 0 } items)
            foreach (var item in items) await world.Store.CompleteAsync(item);
        var batch = Rows.BatchName(key.Value[..1], 0);
        if (status is not { } stands) return (world, campaign, batch);
        var record = new MessageRecord
        {
            Topic = "newsletter",
            Channel = Channel.Email, Status = stands, Reason = reason, Campaign = campaign, Batch = batch,
            Timeline = [new(world.Clock.GetUtcNow(), MessageRecord.Claimed), new(world.Clock.GetUtcNow(), MessageRecord.Unavailable)],
        };
        var id = world.Get<MessageIds>().Derive(key, CampaignBatches.Seed(campaign));
        await world.Get<ITableStore>().CommitAsync(
            Tables.Addresses, key.Value, [RowChange.Put(Rows.Message(id.Suffix), record, CoreJson.Default.MessageRecord)]);
        return (world, campaign, batch);
    }

    private static byte[] Step(CampaignStep step, string campaign, string part) =>
        JsonSerializer.SerializeToUtf8Bytes(new CampaignWork(step, campaign, Part: part), CoreJson.Default.CampaignWork);

    private static ValueTask<WorkOutcome> DoAsync(CampaignWorld world, ReadOnlyMemory<byte> step, int deliveries) =>
        world.Get<Work>().DoAsync(Queues.Campaigns, step, deliveries, default);
}
