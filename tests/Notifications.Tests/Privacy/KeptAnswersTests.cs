using Microsoft.Extensions.Time.Testing;
using Notifications.Access;
using Notifications.Privacy;
using Notifications.Storage;
using Notifications.Tests.Campaigns;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Sending;
using Notifications.Tests.Storage;
using Notifications.Timers;

namespace Notifications.Tests.Privacy;

[Collection(Azurite.Collection)]
public sealed class KeptAnswersTests(Azurite azurite)
{
    [Fact]
    public async Task R34_The_answer_to_an_idempotency_key_is_kept_for_a_week()
    {
        var world = new World();
        var answers = new KeptAnswers(world.Store, world.Time);
        await KeepAsync(world.Memory, "answered", 202, world.Time);
        await KeepAsync(world.Memory, "abandoned", 0, world.Time);
        world.Time.Advance(TimeSpan.FromDays(1));
        await KeepAsync(world.Memory, "young", 202, world.Time);
        world.Time.Advance(TimeSpan.FromDays(6));
        Assert.Equal(0, await answers.PurgeAsync(default)); // To the week's last moment.

        world.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, await answers.PurgeAsync(default));
        Assert.Equal("young", Assert.Single(await world.Memory.ScanAsync(Tables.Idempotency, null, 10)).Partition);
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task R34_More_answers_than_a_run_has_time_for_are_purged_by_the_runs_after_it_and_none_before_its_week(
        Tests.Storage.Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));
        for (var i = 0; i < 60; i++) await KeepAsync(stores.Tables, $"p{i:000}", 202, time);
        time.Advance(TimeSpan.FromDays(8));
        for (var i = 0; i < 60; i++) await KeepAsync(stores.Tables, $"q{i:000}", 202, time);
        var cut = await CutStore.ToTheEndAsync(
            stores.Tables, scans: 3, async store => await new KeptAnswers(store, time) { Page = 10 }.PurgeAsync(default));
        Assert.True(cut > 2); // None of them began at the beginning: twelve pages in runs of three.
        var kept = await stores.Tables.ScanAsync(Tables.Idempotency, null, 1000);
        Assert.Equal(60, kept.Count);
        Assert.All(kept, r => Assert.StartsWith("q", r.Partition, StringComparison.Ordinal));
        Assert.Empty(await stores.Tables.ScanAsync(Tables.Keys, null, 1000)); // Through: the next one begins anew.
    }

    [Fact]
    public async Task Nothing_else_that_the_clock_does_waits_for_the_answers()
    {
        var product = new CampaignWorld();
        await KeepAsync(product.Get<ITableStore>(), "old", 202, product.Clock);
        product.Clock.Advance(TimeSpan.FromDays(8));
        var timers = product.Get<TimerCatalog>();
        Assert.Equal(TimerCatalog.KeptAnswers, timers.All[^1].Name);
        foreach (var timer in timers.All.SkipLast(1)) await timer.RunAsync(default);
        Assert.Single(await product.Store.ScanAsync(Tables.Idempotency, null, 10));
        await timers.RunAsync(TimerCatalog.KeptAnswers, default);
        Assert.Empty(await product.Store.ScanAsync(Tables.Idempotency, null, 10));
    }

    private static async Task KeepAsync(ITableStore store, string partition, int status, TimeProvider time) =>
        await store.CommitAsync(
            Tables.Idempotency, partition,
            [
                RowChange.Insert(
                    "answer",
                    new IdempotencyRecord("hash", status, status == 0 ? null : "{}"u8.ToArray(), "instance", time.GetUtcNow()),
                    CoreJson.Default.IdempotencyRecord),
            ]);
}
