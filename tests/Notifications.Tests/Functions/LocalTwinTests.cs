using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Schedule;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Timers;

namespace Notifications.Tests.Functions;

/// <summary>What the Functions app has a trigger for, the local host does as well.</summary>
public sealed class LocalTwinTests : IDisposable
{
    private readonly AzureHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Every_queue_and_its_poison_twin_has_a_pump_in_the_local_host()
    {
        foreach (var name in Queues.All) await _host.Get<IWorkQueue>().EnqueueAsync(name, "nothing that is understood"u8.ToArray());
        using var pump = new Notifications.Local.Pump.QueuePump(
            _host.Get<IWorkQueue>(), _host.Get<Work>(), (_, stopping) => new ValueTask(Task.Delay(10, stopping)),
            _host.Get<SendingOptions>(), NullLogger<Notifications.Local.Pump.QueuePump>.Instance);
        await RunAsync(pump, async () =>
        {
            // Only through its pump to the poison queue, and through that one's pump to the dead letters.
            foreach (var name in Queues.All)
                if ((await _host.Get<DeadLetters>().ListAsync(name, null, 10, default)).Count != 1) return false;
            return true;
        });
    }

    [Fact]
    public async Task Every_timer_runs_in_the_local_host()
    {
        var draft = new LedgerDraft(LedgerAction.Suppress, LedgerDraft.AllTopics, "test", "test");
        Assert.True(Address.TryParse(Channel.Email, "blocked@example.com", out var blocked, out _));
        await _host.Get<Suppressions>().AddAsync(blocked, SuppressionReason.Bounce, null, draft, default);
        var key = _host.Get<KeyRing>().KeyOf(blocked);
        // As a crash before the index was written leaves it.
        await _host.Get<ITableStore>().CommitAsync(Tables.Suppressions, key.Value[..1], [RowChange.Delete(key.Value)]);

        var time = new FakeTimeProvider();
        using var timers = new Notifications.Local.Pump.Timers(
            _host.Get<TimerCatalog>(), time, NullLogger<Notifications.Local.Pump.Timers>.Instance);
        await RunAsync(timers, async () =>
        {
            time.Advance(TimeSpan.FromMinutes(5));
            return (await _host.Get<Suppressions>().ListAsync(null, 10, default)).Count == 1;
        });

        // The pump runs whatever the catalogue lists; what each job does is tested beside it.
        Assert.Equal(
            [
                TimerCatalog.SuppressionRepair, TimerCatalog.WatchRepair, TimerCatalog.AudienceRepair, TimerCatalog.Schedule,
                TimerCatalog.Privacy, TimerCatalog.ErasureSweep, TimerCatalog.Retention, TimerCatalog.Seal, TimerCatalog.Statistics,
                TimerCatalog.CampaignWatch, TimerCatalog.Reseal, TimerCatalog.KeptAnswers,
            ],
            _host.Get<TimerCatalog>().All.Select(t => t.Name));
    }

    [Fact]
    public async Task P5_What_fell_due_while_no_process_ran_goes_out_at_once_after_a_start()
    {
        var store = _host.Get<ITableStore>();
        await SendSchedule.AddAsync(store, "m", _host.Get<TimeProvider>().GetUtcNow().AddHours(-1), "{}"u8.ToArray(), default);
        var time = new FakeTimeProvider();
        var start = time.GetUtcNow();
        using var timers = new Notifications.Local.Pump.Timers(
            _host.Get<TimerCatalog>(), time, NullLogger<Notifications.Local.Pump.Timers>.Instance);
        await RunAsync(timers, async () =>
        {
            if (time.GetUtcNow() - start < TimeSpan.FromSeconds(10)) time.Advance(TimeSpan.FromSeconds(1));
            return (await store.ScanAsync(Tables.Schedule, null, 10, default)).Count == 0;
        });
    }

    private static async Task RunAsync(BackgroundService service, Func<Task<bool>> done)
    {
        await service.StartAsync(default);
        try
        {
            await Poll.UntilAsync(done, "the work is done");
        }
        finally
        {
            await service.StopAsync(default);
        }
    }
}
