using Notifications.Campaigns;
using Notifications.Events;
using Notifications.Storage;
using Notifications.Tests.Sending;

namespace Notifications.Tests.Campaigns;

/// <summary>No act without its entry in the audit: where that cannot be written, nothing has happened.</summary>
public sealed class AuditFirstTests : IDisposable
{
    private readonly CampaignWorld _world;
    private HookedStore _store = null!;

    public AuditFirstTests() => _world = new CampaignWorld(between: store => (_store = new HookedStore(store), store));

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task R68_What_the_audit_does_not_take_is_not_done()
    {
        await _world.SubscribeAsync(0, 3);
        await FailsAsync(async () => await _world.DraftAsync());
        Assert.Empty((await _world.Desk.ListAsync(null, null, 10, default)).Campaigns);
        var id = (await _world.DraftAsync()).Id;
        await FailsAsync(async () => await _world.Desk.DryRunAsync(id, "service:test", default));
        Assert.Null((await _world.Desk.FindAsync(id, default))!.Forecast);
        await FailsAsync(async () => await _world.Desk.TestAsync(id, [CampaignWorld.Person(0)], "service:test", default));
        Assert.Equal(0, await _world.Store.CountAsync(Queues.Send));
        var schedule = new CampaignSchedule(new DateTime(2026, 11, 25, 9, 0, 0), "Etc/UTC");
        await RefusedAsync(id, CampaignStatus.Draft, () => _world.Desk.ScheduleAsync(id, schedule, null, "service:test", default));
        Assert.True((await _world.Desk.ScheduleAsync(id, schedule, null, "service:test", default)).Done);
        await RefusedAsync(id, CampaignStatus.Scheduled, () => _world.Desk.LaunchAsync(id, null, "service:test", default));
        Assert.True((await _world.Desk.LaunchAsync(id, null, "service:test", default)).Done);
        var epoch = (await _world.Desk.FindAsync(id, default))!.Epoch;
        foreach (var itself in (Func<ValueTask>[])[
            () => _world.Get<CampaignStops>().HoldAsync(id, epoch, "Too many complain.", default),
            () => _world.Get<CampaignStops>().CompleteAsync(id, epoch, default),
        ])
        {
            await FailsAsync(async () => await itself());
            Assert.Equal(CampaignStatus.Running, (await _world.Desk.FindAsync(id, default))!.Status);
        }

        await RefusedAsync(id, CampaignStatus.Running, () => _world.Desk.PauseAsync(id, null, "service:test", default));
        Assert.True((await _world.Desk.PauseAsync(id, null, "service:test", default)).Done);
        await RefusedAsync(id, CampaignStatus.Paused, () => _world.Desk.ResumeAsync(id, "service:test", default));
        await RefusedAsync(id, CampaignStatus.Paused, () => _world.Desk.CancelAsync(id, null, "service:test", default));
    }

    [Fact]
    public async Task R19_A_campaign_does_nothing_by_itself_that_no_alert_tells_of()
    {
        await _world.SubscribeAsync(0, 3);
        var (scheduled, running) = (await _world.DraftAsync(), await _world.LaunchAsync());
        var schedule = new CampaignSchedule(new DateTime(2026, 11, 25, 9, 0, 0), "Etc/UTC");
        Assert.True((await _world.Desk.ScheduleAsync(scheduled.Id, schedule, null, "service:test", default)).Done);
        var stops = _world.Get<CampaignStops>();
        foreach (var (id, status, moved, act) in (
            (string, CampaignStatus, CampaignStatus, Func<string, int, string, CancellationToken, ValueTask>)[])[
                (running.Id, CampaignStatus.Running, CampaignStatus.Paused, stops.HoldAsync),
                (scheduled.Id, CampaignStatus.Scheduled, CampaignStatus.Draft, stops.UnscheduleAsync),
            ])
        {
            var epoch = (await _world.Desk.FindAsync(id, default))!.Epoch;
            _store.BeforeCommit = changes => changes.Any(c => c.Key.EndsWith("-" + id, StringComparison.Ordinal))
                ? throw new StorageUnavailableException("The alert was not written.")
                : Task.CompletedTask;
            await Assert.ThrowsAsync<StorageUnavailableException>(async () => await act(id, epoch, "Why.", default));
            _store.BeforeCommit = null;
            Assert.Equal(status, (await _world.Desk.FindAsync(id, default))!.Status);
            await act(id, epoch, "Why.", default);
            await act(id, epoch, "Why.", default); // Its epoch is over.
            Assert.Equal(moved, (await _world.Desk.FindAsync(id, default))!.Status);
            Assert.Single(await _world.Get<OperatorAlerts>().TodayAsync(default), a => a.Subject == id);
        }
    }

    [Fact]
    public async Task R19_Where_somebody_moves_a_campaign_first_no_alert_says_that_it_has_paused_itself()
    {
        await _world.SubscribeAsync(0, 3);
        var id = (await _world.LaunchAsync()).Id;
        var raced = false;
        _store.BeforeCommit = async changes =>
        {
            if (raced || !changes.Any(c => c.Key.EndsWith("-" + id, StringComparison.Ordinal))) return;
            raced = true;
            Assert.True((await _world.Desk.CancelAsync(id, null, "service:test", default)).Done);
        };
        await _world.Get<CampaignStops>().HoldAsync(id, (await _world.Desk.FindAsync(id, default))!.Epoch, "Why.", default);
        Assert.Equal((true, CampaignStatus.Cancelled), (raced, (await _world.Desk.FindAsync(id, default))!.Status));
        Assert.Equal(
            $"Campaign {id} pauses itself, unless somebody has moved it meanwhile. Why.",
            Assert.Single(await _world.Get<OperatorAlerts>().TodayAsync(default), a => a.Subject == id).Detail);
    }

    private async Task RefusedAsync(string id, CampaignStatus stays, Func<ValueTask<CampaignOutcome>> act)
    {
        await FailsAsync(async () => await act());
        Assert.Equal(stays, (await _world.Desk.FindAsync(id, default))!.Status);
    }

    private async Task FailsAsync(Func<Task> act)
    {
        _store.BeforeCommit =
            changes =>
                changes.Any(c => c.Key.StartsWith("entry:", StringComparison.Ordinal))
                    ? throw new StorageUnavailableException("The audit does not answer.")
                    : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageUnavailableException>(act);
        _store.BeforeCommit = null;
    }
}
