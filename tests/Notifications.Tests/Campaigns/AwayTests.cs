using System.Text.Json;
using Notifications.Campaigns;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Campaigns;

/// <summary>The store is away, or two are at one campaign, at a bad moment.</summary>
public sealed class AwayTests
{
    private InterruptedStore _hooks = null!;

    private CampaignWorld World(bool exclusive = true) =>
        new(between: store => (_hooks = new InterruptedStore(store), store), exclusive: exclusive);

    [Fact]
    public async Task P9_What_a_batch_had_begun_is_waited_for_and_counted_when_the_store_is_away_before_its_next_recipient()
    {
        var world = World();
        await world.SubscribeAsync(0, 130);
        var campaign = (await world.LaunchAsync()).Id;
        var bucket = Enumerable.Range(0, 130)
            .Select(i => world.Ring.KeyOf(CampaignWorld.Person(i)).Value[..1])
            .GroupBy(b => b)
            .First(g => g.Count() > 1).Key;
        Assert.Equal(
            WorkResult.Done, (await world.Get<CampaignSelection>().SelectAsync(campaign, bucket, redelivered: false, default)).Result);
        var (begun, ended) = (
            new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously),
            new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        world.Provider.Answer = async _ =>
        {
            world.Clock.Advance(CampaignGate.Lease * 2); // The gate looks again before the next.
            _hooks.Away = Rows.Campaign;
            begun.TrySetResult();
            await ended.Task;
            return HandOff.Accepted(null);
        };
        var work = JsonSerializer.SerializeToUtf8Bytes(
            new CampaignWork(CampaignStep.Batch, campaign, Part: Rows.BatchName(bucket, 0)), CoreJson.Default.CampaignWork);
        var sending = world.Get<Work>().DoAsync(Queues.Campaigns, work, 1, default).AsTask();
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(30));
        ended.SetResult();
        await Assert.ThrowsAsync<StorageUnavailableException>(() => sending.WaitAsync(TimeSpan.FromSeconds(30)));
        _hooks.Away = null;
        Assert.Equal(1, (await world.StatsAsync(campaign)).Sent); // No recount was needed for it.
        Assert.Single(world.Provider.Emails);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task P5_A_campaign_that_is_launched_while_the_watch_finds_it_a_draft_is_looked_after(bool watchFirst)
    {
        var world = World();
        await world.SubscribeAsync(0, 1);
        var schedule = new CampaignSchedule(new DateTime(2026, 11, 25, 9, 0, 0), "Etc/UTC");
        var draft = await world.DraftAsync();
        Assert.True((await world.Desk.ScheduleAsync(draft.Id, schedule, null, "service:test", default)).Done);
        // A draft that the watch still has on its list.
        Assert.True((await world.Desk.UpdateAsync(draft.Id, draft.Definition, "service:test", default)).Done);
        async Task LaunchAsync() => Assert.True((await world.Desk.LaunchAsync(draft.Id, null, "service:test", default)).Done);
        var watch = world.Get<CampaignWatch>();
        if (watchFirst)
        {
            _hooks.AfterGet = LaunchAsync; // It has read a draft, and is about to strike it off.
            await watch.RunAsync(default);
        }
        else
        {
            // The launch has put it on the list, and is about to move it.
            _hooks.AfterCommit = (Rows.CampaignActive, () => watch.RunAsync(default).AsTask());
            await LaunchAsync();
        }

        Assert.NotNull(await world.Store.GetAsync(Tables.Campaigns, Rows.CampaignActive, draft.Id));
    }

    [Fact]
    public async Task Nobody_waits_for_a_campaign_that_there_is_not_to_stand_still()
    {
        var world = World(exclusive: false);
        // The clock stands still.
        Assert.Equal(
            CampaignRefusal.NotFound,
            (await world.Desk.PauseAsync("0123456789abcdef", null, "service:test", default)
                .AsTask()
                .WaitAsync(TimeSpan.FromSeconds(10))).Refusal);
        Assert.Equal(
            CampaignRefusal.NotFound,
            (await world.Desk.CancelAsync("0123456789abcdef", null, "service:test", default)
                .AsTask()
                .WaitAsync(TimeSpan.FromSeconds(10))).Refusal);
    }
}
