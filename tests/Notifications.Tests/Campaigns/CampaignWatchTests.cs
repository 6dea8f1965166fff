using System.Text.Json;
using Notifications.Campaigns;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Tests.Campaigns;

/// <summary>What is left behind when items of the queue are lost or given up, and who picks it up again.</summary>
public sealed class CampaignWatchTests
{
    private readonly CampaignWorld _world = new();

    private CampaignWatch Watch => _world.Get<CampaignWatch>();

    [Fact]
    public async Task P5_A_running_campaign_that_lost_all_its_items_stands_still_until_the_watch_comes_by_and_then_reaches_everyone_once()
    {
        await _world.SubscribeAsync(0, 60);
        var campaign = await _world.LaunchAsync(d => d with { Throttle = new CampaignThrottle(3600) });
        await _world.PassAsync(TimeSpan.FromSeconds(15));
        await LoseAsync();
        var sent = _world.Provider.Emails.Count;
        Assert.InRange(sent, 5, 55);
        await Watch.RunAsync(default); // Looked at a moment ago: it is left alone.
        await _world.PassAsync(TimeSpan.FromMinutes(3), TimeSpan.FromSeconds(30));
        Assert.Equal(sent, _world.Provider.Emails.Count);
        await Watch.RunAsync(default);
        Assert.Equal(60, (await _world.CompleteAsync(campaign.Id)).Sent);
        Assert.Equal((60, 60), (_world.Provider.Emails.Count, _world.Provider.Emails.DistinctBy(e => e.To).Count()));
    }

    [Fact]
    public async Task P5_A_scheduled_campaign_that_lost_its_item_is_launched_late_and_not_never()
    {
        await _world.SubscribeAsync(0, 3);
        var draft = await _world.DraftAsync();
        Assert.True(
            (await _world.Desk.ScheduleAsync(
                draft.Id, new CampaignSchedule(new DateTime(2026, 11, 24, 9, 0, 0), "Etc/UTC"), null, "service:test", default)).Done);
        _world.Clock.Advance(TimeSpan.FromHours(1));
        await LoseAsync();
        await Watch.RunAsync(default);
        await _world.PumpAsync();
        Assert.Equal(CampaignStatus.Scheduled, (await _world.StatsAsync(draft.Id)).Status); // Its item may only be late.
        _world.Clock.Advance(TimeSpan.FromMinutes(2));
        await Watch.RunAsync(default);
        Assert.Equal(3, (await _world.CompleteAsync(draft.Id)).Sent);
    }

    [Fact]
    public async Task A_report_whose_recount_was_lost_is_counted_by_the_watch()
    {
        await _world.SubscribeAsync(0, 5);
        var campaign = await _world.LaunchAsync();
        await _world.CompleteAsync(campaign.Id);
        await _world.ReportAsync(campaign.Id, CampaignWorld.Person(2), "Bounced");
        _world.Clock.Advance(TimeSpan.FromSeconds(30));
        await LoseAsync();
        await _world.PassAsync(TimeSpan.FromMinutes(3), TimeSpan.FromSeconds(30));
        Assert.Equal(0, (await _world.StatsAsync(campaign.Id)).Bounced);
        await Watch.RunAsync(default);
        await _world.PumpAsync();
        var stats = await _world.StatsAsync(campaign.Id);
        Assert.Equal((1, 5), (stats.Bounced, stats.Sent));
    }

    [Fact]
    public async Task P9_A_report_whose_recount_was_lost_when_nobody_watches_any_more_is_counted_with_the_next_of_its_batch()
    {
        await _world.SubscribeAsync(0, 5);
        var campaign = await _world.LaunchAsync();
        await _world.CompleteAsync(campaign.Id);
        _world.Clock.Advance(TimeSpan.FromDays(8));
        await Watch.RunAsync(default); // For the last time.
        await _world.ReportAsync(campaign.Id, CampaignWorld.Person(2), "Bounced");
        _world.Clock.Advance(TimeSpan.FromSeconds(30));
        await LoseAsync();
        await Watch.RunAsync(default);
        await _world.PassAsync(TimeSpan.FromMinutes(3), TimeSpan.FromSeconds(30));
        Assert.Equal(0, (await _world.StatsAsync(campaign.Id)).Bounced);
        await _world.ReportAsync(campaign.Id, CampaignWorld.Person(2), "FilteredSpam");
        await _world.PassAsync(TimeSpan.FromSeconds(15));
        Assert.Equal(1, (await _world.StatsAsync(campaign.Id)).Bounced);
    }

    [Fact]
    public async Task P9_A_batch_that_was_given_up_waits_with_the_dead_letters_its_people_counted_and_a_replay_sends_it()
    {
        await _world.SubscribeAsync(0, 40);
        var campaign = await _world.LaunchAsync();
        var queue = _world.Get<IWorkQueue>();
        string? given = null;
        for (var second = 0; second < 20 && given is null; second++)
        {
            foreach (var item in await queue.ReceiveAsync(Queues.Campaigns, 32, TimeSpan.FromMinutes(2)))
            {
                var work = JsonSerializer.Deserialize(item.Body.Span, CoreJson.Default.CampaignWork)!;
                if (work.Step == CampaignStep.Batch && given is null)
                {
                    given = work.Part;
                    await queue.PoisonAsync(item);
                    continue;
                }

                var outcome = await _world.Get<Work>().DoAsync(Queues.Campaigns, item.Body, 1, default);
                if (outcome.Result == WorkResult.Later) await queue.ReleaseAsync(item, outcome.Delay);
                else await queue.CompleteAsync(item);
            }

            _world.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await _world.PassAsync(TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(30));
        var stats = await _world.StatsAsync(campaign.Id);
        Assert.Equal((CampaignStatus.Running, 40L), (stats.Status, stats.Selected)); // It does not pass for completed.
        Assert.InRange(stats.DeferredBy["queued"], 1, 20);
        var letters = _world.Get<DeadLetters>();
        var (id, _) = Assert.Single(await letters.ListAsync(Queues.Campaigns, null, 10, default));
        Assert.True(await letters.ReplayAsync(Queues.Campaigns, id, default));
        Assert.Equal(40, (await _world.CompleteAsync(campaign.Id)).Sent);
        Assert.Equal((40, 40), (_world.Provider.Emails.Count, _world.Provider.Emails.DistinctBy(e => e.To).Count()));
    }

    [Fact]
    public async Task A_batch_that_was_given_up_is_also_brought_back_by_a_pause_and_a_resume()
    {
        await _world.SubscribeAsync(0, 40);
        var campaign = await _world.LaunchAsync(d => d with { Throttle = new CampaignThrottle(36_000) });
        await _world.PassAsync(TimeSpan.FromSeconds(1));
        await LoseAsync();
        Assert.True((await _world.Desk.PauseAsync(campaign.Id, null, "service:test", default)).Done);
        Assert.True((await _world.Desk.ResumeAsync(campaign.Id, "service:test", default)).Done);
        Assert.Equal(40, (await _world.CompleteAsync(campaign.Id)).Sent);
        Assert.Equal(40, _world.Provider.Emails.DistinctBy(e => e.To).Count());
    }

    [Fact]
    public async Task Campaigns_that_ended_long_ago_are_purged_with_all_their_rows_and_others_stay()
    {
        await _world.SubscribeAsync(0, 5);
        var draft = await _world.DraftAsync();
        await _world.Desk.DryRunAsync(draft.Id, "service:test", default);
        Assert.True((await _world.Desk.LaunchAsync(draft.Id, null, "service:test", default)).Done);
        await _world.CompleteAsync(draft.Id);
        var paused = await _world.LaunchAsync();
        Assert.True((await _world.Desk.PauseAsync(paused.Id, null, "service:test", default)).Done);
        _world.Clock.Advance(TimeSpan.FromDays(_world.Options.Campaigns.KeepDays - 1));
        await Watch.RunAsync(default);
        Assert.NotNull(await _world.Desk.FindAsync(draft.Id, default));
        var young = await _world.DraftAsync();
        _world.Clock.Advance(TimeSpan.FromDays(2));
        await Watch.RunAsync(default);
        Assert.Null(await _world.Desk.FindAsync(draft.Id, default));
        var rows = await _world.Store.ScanAsync(Tables.Campaigns, null, 1000);
        Assert.DoesNotContain(rows, r => r.Partition == draft.Id || r.Row.Key.Contains(draft.Id, StringComparison.Ordinal));
        Assert.NotNull(await _world.Desk.FindAsync(paused.Id, default)); // It has not ended.
        Assert.NotNull(await _world.Desk.FindAsync(young.Id, default));
        Assert.Equal([young.Id, paused.Id], (await _world.Desk.ListAsync(null, null, 10, default)).Campaigns.Select(c => c.Id));
    }

    /// <summary>
    /// Everything on the queue that is due, now or in a moment, is gone, as after a fault of the queue or a crash at a bad moment.
    /// </summary>
    private async Task LoseAsync()
    {
        _world.Clock.Advance(TimeSpan.FromSeconds(5));
        while (await _world.Store.ReceiveAsync(Queues.Campaigns, 32, TimeSpan.FromMinutes(2)) is { Count: > 0 } items)
            foreach (var item in items) await _world.Store.CompleteAsync(item);
    }
}
