using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Functions.Queueing;
using Notifications.Packages;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Campaigns;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Functions;

/// <summary>A step of a campaign that comes again as a new item: whether it was given out before is known of it.</summary>
public sealed class RepeatedStepTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public async Task P5_A_step_that_comes_as_a_new_item_says_that_it_was_given_out_before(int deliveries, bool again)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var store = new MemoryStore(clock);
        using var host = new AzureHost(queue: store);
        await DraftAsync(host, "00000000000fa017");
        var step = new CampaignWork(CampaignStep.End, "00000000000fa017", At: TimeProvider.System.GetUtcNow()); // Waits for the cancel.
        var body = host.Get<SealedWorkQueue>().Seal(JsonSerializer.SerializeToUtf8Bytes(step, CoreJson.Default.CampaignWork));
        await host.Get<QueuePump>().RunAsync(Queues.Campaigns, body, AzureHost.Binding((long)deliveries), default);
        clock.Advance(TimeSpan.FromMinutes(1));
        var item = Assert.Single(await host.Get<IWorkQueue>().ReceiveAsync(Queues.Campaigns, 2, TimeSpan.FromMinutes(1)));
        Assert.Equal(step with { Again = again }, JsonSerializer.Deserialize(item.Body.Span, CoreJson.Default.CampaignWork));
    }

    [Fact]
    public async Task P5_A_batch_in_which_what_a_dead_worker_left_was_looked_for_comes_back_as_for_the_first_time()
    {
        const string Id = "00000000000fa018", Batch = "A000000";
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var store = new MemoryStore(clock);
        using var host = new AzureHost(queue: store);
        await DraftAsync(host, Id);
        var (key, now) = (Samples.Id.Address, TimeProvider.System.GetUtcNow());
        var record = new MessageRecord
        {
            Topic = TopicKey.Newsletter,
            Channel = Channel.Email, Status = MessageStatus.Sending, Reason = Reason.Allowed, Campaign = Id, Batch = Batch,
            Claim = new Claim("attempt", "another", now), Timeline = [new(now, MessageRecord.Claimed)],
        };
        var suffix = host.Get<MessageIds>().Derive(key, CampaignBatches.Seed(Id)).Suffix;
        await host.Get<ITableStore>().CommitAsync(
            Tables.Addresses, key.Value, [RowChange.Put(Rows.Message(suffix), record, CoreJson.Default.MessageRecord)]);
        await host.Get<ITableStore>().CommitAsync(
            Tables.Campaigns, Id,
            [
                RowChange.Insert(Rows.Batch(Batch), new BatchRow { Size = 1 }, CoreJson.Default.BatchRow),
                RowChange.Insert(Rows.Members(Batch), BatchMembers.Write([key])),
            ]);
        var step = new CampaignWork(CampaignStep.Batch, Id, Part: Batch) { Again = true };
        var body = host.Get<SealedWorkQueue>().Seal(JsonSerializer.SerializeToUtf8Bytes(step, CoreJson.Default.CampaignWork));
        await host.Get<QueuePump>().RunAsync(Queues.Campaigns, body, AzureHost.Binding(2L), default);
        clock.Advance(TimeSpan.FromMinutes(10)); // The other worker may still be at it.
        var item = Assert.Single(await host.Get<IWorkQueue>().ReceiveAsync(Queues.Campaigns, 2, TimeSpan.FromMinutes(1)));
        Assert.Equal(step with { Again = false }, JsonSerializer.Deserialize(item.Body.Span, CoreJson.Default.CampaignWork));
    }

    [Fact]
    public async Task P5_R69_A_step_that_begins_anew_after_the_store_was_away_is_no_first_delivery()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var store = new MemoryStore(clock);
        using var host = new AzureHost(tables: new AwayTables(), queue: store);
        var bucket = new CampaignWork(CampaignStep.Bucket, "00000000000fa017", Part: "A");
        var announce = new PackageWork(PackageStep.Announce, "LX123456785CN");
        foreach (var (queue, body) in ((string, byte[])[])[
            (Queues.Campaigns, JsonSerializer.SerializeToUtf8Bytes(bucket, CoreJson.Default.CampaignWork)),
            (Queues.Packages, JsonSerializer.SerializeToUtf8Bytes(announce, CoreJson.Default.PackageWork)),
        ])
        {
            await host.Get<QueuePump>().RunAsync(queue, host.Get<SealedWorkQueue>().Seal(body), AzureHost.Binding(5L), default);
            clock.Advance(TimeSpan.FromMinutes(1));
            var item = Assert.Single(await host.Get<IWorkQueue>().ReceiveAsync(queue, 2, TimeSpan.FromMinutes(1)));
            if (queue == Queues.Campaigns)
                Assert.Equal(bucket with { Again = true }, JsonSerializer.Deserialize(item.Body.Span, CoreJson.Default.CampaignWork));
            else Assert.Equal(announce with { Again = true }, JsonSerializer.Deserialize(item.Body.Span, CoreJson.Default.PackageWork));
        }
    }

    private static async Task DraftAsync(AzureHost host, string id) =>
        await host.Get<CampaignDesk>().CreateAsync(Drafts.Newsletter("Spring"), id, "service:test", default);
}
