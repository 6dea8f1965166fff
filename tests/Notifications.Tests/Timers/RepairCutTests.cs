using Microsoft.Extensions.Logging.Abstractions;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Audiences;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;

namespace Notifications.Tests.Timers;

/// <summary>
/// The nightly repairs, ended again and again before they are through, as happens where there is more than an hour's work.
/// </summary>
public sealed class RepairCutTests
{
    private readonly PackagesWorld _world = new();

    private ITableStore Store => _world.Get<ITableStore>();

    [Fact]
    public async Task Watches_end_and_packages_are_forgotten_however_often_the_repair_is_cut_off()
    {
        for (var i = 0; i < 25; i++)
        {
            var number = Number(i);
            await _world.WatchAsync($"person{i}@example.com", number);
            await _world.HappensAsync($"e{i}", ParcelStatus.Delivered, number: number);
        }

        await _world.PumpAsync();
        _world.Clock.Advance(TimeSpan.FromDays(15));
        var cut = await CutStore.ToTheEndAsync(Store, scans: 3, async store => await Repair(store).RunAsync(default));
        Assert.True(cut > 2);
        Assert.Empty(await Store.ScanAsync(Tables.Packages, null, 1000));
        for (var i = 0; i < 25; i++)
            Assert.Null((await _world.Book.LoadAsync(_world.KeyOf($"person{i}@example.com"), default)).State!.Value);
        Assert.Empty(await Store.ScanAsync(Tables.Keys, null, 1000)); // Through: the next one begins anew.

        await _world.WatchAsync("late@example.com", Number(0));
        _world.Clock.Advance(TimeSpan.FromDays(91));
        Assert.Equal(1, (await Repair(Store).RunAsync(default)).Ended);
    }

    [Fact]
    public async Task A_package_that_somebody_follows_is_kept_though_a_run_was_cut_off_among_its_followers()
    {
        for (var i = 0; i < 23; i++) await _world.WatchAsync($"person{i}@example.com");
        await _world.HappensAsync("e1", ParcelStatus.Delivered);
        await _world.PumpAsync();
        _world.Clock.Advance(TimeSpan.FromDays(15));
        await _world.WatchAsync("zoe@example.com");
        await CutStore.ToTheEndAsync(Store, scans: 12, async store => await Repair(store).RunAsync(default));
        var rows = await Store.RangeAsync(Tables.Packages, PackagesWorld.Number, RowRange.All, 100);
        Assert.Contains(rows, r => r.Key == Rows.Package);
        Assert.Single(rows, r => r.Key.StartsWith(Rows.WatcherPrefix, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_two_watches_that_end_at_once_the_last_takes_the_address_with_it()
    {
        await _world.WatchAsync("ana@example.com", Number(1));
        await _world.WatchAsync("ana@example.com", Number(2));
        _world.Clock.Advance(TimeSpan.FromDays(91));
        var report = await _world.Repair.RunAsync(default);
        Assert.Equal((2, 1), (report.Ended, report.Purged));
    }

    [Fact]
    public async Task The_audience_says_what_the_records_say_however_often_the_repair_is_cut_off()
    {
        for (var i = 0; i < 25; i++) await _world.SubscribeAsync(CoreProduct.Email($"person{i}@example.com"), TopicKey.Newsletter);
        await Poll.UntilAsync(() => Task.FromResult(_world.Get<AudienceIndex>().IsIdle), "the background is done");
        var expected = await AudienceLines.RecordsAsync(_world);
        var rows = await Store.ScanAsync(Tables.Audience, null, 1000);
        Assert.Equal(25, rows.Count);
        for (var i = 0; i < rows.Count; i += 2)
            await Store.CommitAsync(Tables.Audience, rows[i].Partition, [RowChange.Delete(rows[i].Row.Key)]);
        await Store.CommitAsync(Tables.Addresses, _world.KeyOf("person3@example.com").Value, [RowChange.Delete(Rows.State)]);
        expected = string.Join(
            '\n', expected.Split('\n').Where(l => !l.Contains(_world.KeyOf("person3@example.com").Value, StringComparison.Ordinal)));
        var cut = await CutStore.ToTheEndAsync(
            Store, scans: 3,
            async store =>
                await new AudienceRepair(
                    _world.Get<AudienceIndex>(), _world.Get<StaticLists>(), _world.Book, store, NullLogger<AudienceRepair>.Instance)
                {
                    Page = 5,
                }.RunAsync(default));
        Assert.True(cut > 2);
        Assert.Equal(expected, await AudienceLines.IndexAsync(_world));
        Assert.Empty(await Store.ScanAsync(Tables.Keys, null, 1000));
    }

    [Fact]
    public async Task R20_The_list_of_the_blocked_says_what_the_records_say_however_often_the_repair_is_cut_off()
    {
        var suppressions = _world.Get<Suppressions>();
        for (var i = 0; i < 25; i++)
            await suppressions.AddAsync(
                CoreProduct.Email($"person{i}@example.com"), SuppressionReason.Bounce, null,
                new LedgerDraft(LedgerAction.Suppress, "*", "test", "service:test"), default);
        var rows = await Store.ScanAsync(Tables.Suppressions, null, 1000);
        Assert.Equal(25, rows.Count);
        for (var i = 0; i < rows.Count; i += 2)
            await Store.CommitAsync(Tables.Suppressions, rows[i].Partition, [RowChange.Delete(rows[i].Row.Key)]);
        var cut = await CutStore.ToTheEndAsync(
            Store, scans: 3, async store => await new SuppressionRepair(store, _world.Book, suppressions) { Page = 5 }.RunAsync(default));
        Assert.True(cut > 2);
        Assert.Equal(rows.Select(r => r.Row.Key), (await Store.ScanAsync(Tables.Suppressions, null, 1000)).Select(r => r.Row.Key));
        Assert.Empty(await Store.ScanAsync(Tables.Keys, null, 1000));
    }

    private static string Number(int i) => $"ZZ{100000 + i}TEST";

    private WatchRepair Repair(ITableStore store) =>
        new(
            _world.Book, store, _world.Watches, _world.Tracker, _world.Get<WatchOptions>(), _world.Get<SendingOptions>(), _world.Clock,
            NullLogger<WatchRepair>.Instance) { Page = 5 };
}
