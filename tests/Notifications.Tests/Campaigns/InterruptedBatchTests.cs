using System.Text.Json;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Campaigns;

/// <summary>
/// A worker died while it handed a message off, and the campaign was cancelled: the message ends as unknown, and not as skipped for ever
/// while its record says sending.
/// </summary>
public sealed class InterruptedBatchTests
{
    private CampaignWorld? _world;
    private Func<Task>? _afterLoad;

    [Fact]
    public async Task P9_What_was_being_handed_off_is_settled_when_the_campaign_is_cancelled_as_the_batch_comes_back()
    {
        var (campaign, batch) = await InterruptAsync(exclusive: true);
        _afterLoad = async () => Assert.True((await _world!.Desk.CancelAsync(campaign, null, "service:test", default)).Done);
        Assert.Equal(WorkResult.Done, (await DoAsync(campaign, batch, deliveries: 2)).Result);
        await SettledAsync(campaign);
    }

    [Fact]
    public async Task P9_It_is_settled_after_its_time_also_where_a_host_brings_the_batch_as_a_new_item()
    {
        var (campaign, batch) = await InterruptAsync(exclusive: false);
        var cancelled = _world!.Desk.CancelAsync(campaign, null, "service:test", default).AsTask();
        _world.Clock.Advance(CampaignGate.Lease); // Of the other processes.
        Assert.True((await cancelled).Done);
        var wait = await DoAsync(campaign, batch, deliveries: 2);
        Assert.Equal(WorkResult.Later, wait.Result); // Another process may still be at it.
        _world.Clock.Advance(wait.Delay);
        Assert.Equal(WorkResult.Done, (await DoAsync(campaign, batch, deliveries: 1)).Result);
        await SettledAsync(campaign);
    }

    /// <summary>A campaign to one person, whose message another process has claimed.</summary>
    private async Task<(string Campaign, string Batch)> InterruptAsync(bool exclusive)
    {
        _world = new CampaignWorld(between: store => (new AfterLoad(store, this), store), exclusive: exclusive);
        await _world.SubscribeAsync(0, 1);
        var campaign = (await _world.LaunchAsync()).Id;
        var key = _world.Ring.KeyOf(CampaignWorld.Person(0));
        var selection = await _world.Get<CampaignSelection>().SelectAsync(campaign, key.Value[..1], redelivered: false, default);
        Assert.Equal(WorkResult.Done, selection.Result);
        var batch = Rows.BatchName(key.Value[..1], 0);
        var now = _world.Clock.GetUtcNow();
        var record = new MessageRecord
        {
            Topic = "newsletter",
            Channel = Channel.Email, Status = MessageStatus.Sending, Reason = Reason.Allowed, Campaign = campaign, Batch = batch,
            Claim = new Claim("attempt", "another", now), Timeline = [new(now, MessageRecord.Claimed)],
        };
        var id = _world.Get<MessageIds>().Derive(key, CampaignBatches.Seed(campaign));
        await _world.Get<ITableStore>().CommitAsync(
            Tables.Addresses, key.Value, [RowChange.Put(Rows.Message(id.Suffix), record, CoreJson.Default.MessageRecord)]);
        return (campaign, batch);
    }

    private ValueTask<WorkOutcome> DoAsync(string campaign, string batch, int deliveries) =>
        _world!.Get<Work>().DoAsync(
            Queues.Campaigns,
            JsonSerializer.SerializeToUtf8Bytes(new CampaignWork(CampaignStep.Batch, campaign, Part: batch), CoreJson.Default.CampaignWork),
            deliveries, default);

    private async Task SettledAsync(string campaign)
    {
        var stats = await _world!.StatsAsync(campaign);
        Assert.Equal((CampaignStatus.Cancelled, 1, 1), (stats.Status, stats.Selected, stats.Unknown));
        Assert.Equal(MessageStatus.Unknown, (await _world.RecordAsync(campaign, CampaignWorld.Person(0)))!.Status);
        Assert.Empty(_world.Provider.Emails);
    }

    /// <summary>Something happens once, right after a campaign was read.</summary>
    private sealed class AfterLoad(ITableStore store, InterruptedBatchTests test) : PassingStore(store)
    {
        public override async ValueTask<Row?> GetAsync(string table, string partition, string row, CancellationToken cancel = default)
        {
            var found = await Inner.GetAsync(table, partition, row, cancel);
            if (table == Tables.Campaigns && row == Rows.Campaign && test._afterLoad is { } hook)
            {
                test._afterLoad = null;
                await hook();
            }

            return found;
        }
    }
}
