using Microsoft.Extensions.DependencyInjection;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Counting;
using Notifications.Events;
using Notifications.Imports;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Schedule;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Tests.Audiences;
using Notifications.Tests.Campaigns;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;
using Notifications.Tests.Subscribe;
using Notifications.Timers;

namespace Notifications.Tests.Timers;

/// <summary>
/// What a timer meets that no key of the ring opens holds up nothing else; the timer fails at its end, so that somebody looks.
/// </summary>
public sealed class ShutRowTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private readonly PackagesWorld _world = new();

    [Fact]
    public async Task R28_What_is_over_is_purged_behind_records_and_imports_that_no_key_opens()
    {
        var asked = CoreProduct.Email("asked.once@example.com");
        await product.Get<ConsentDesk>().OptInAsync(
            asked, product.Get<TopicCatalog>().Find(TopicKey.Newsletter)!,
            new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person"), confirmed: false, null, default);
        await product.Get<OperatorAlerts>().RaiseAsync("old-news", "Long ago.", null, default);
        foreach (var partition in (string[])["!first", "~last"])
            await product.Store.CommitAsync(Tables.Addresses, partition, [RowChange.Insert(Rows.State, RawStorage.Shut)]);
        var id = ImportDeskId();
        await product.Store.CommitAsync(Tables.Imports, "imports", [RowChange.Insert("00000000000shut", RawStorage.Shut)]);
        await product.Blobs.PutAsync(Containers.Imports, id + "/part-1", RawStorage.Shut); // Its upload was broken off.
        product.Time.Advance(TimeSpan.FromDays(401));

        await Assert.ThrowsAsync<UnreadableRowException>(
            () => product.Get<TimerCatalog>().RunAsync(TimerCatalog.Retention, default).AsTask());
        Assert.Null(await product.StateAsync(asked));
        Assert.Null(await product.Blobs.GetAsync(Containers.Imports, id + "/part-1"));
        Assert.DoesNotContain(
            await product.Store.ScanAsync(Tables.Alerts, null, 100), r => r.Row.Key.Contains("old-news", StringComparison.Ordinal));
        Assert.NotNull(await product.Store.GetAsync(Tables.Imports, "imports", "00000000000shut"));

        string ImportDeskId() => product.Get<ImportDesk>().NewId();
    }

    [Fact]
    public async Task P5_What_is_scheduled_is_moved_though_an_earlier_message_cannot_be_opened()
    {
        var now = _world.Clock.GetUtcNow();
        for (var minutes = 1; minutes <= 4; minutes++)
            await SendSchedule.AddAsync(
                minutes == 2 ? _world.Store : _world.Get<ITableStore>(), "m" + minutes, now.AddMinutes(minutes),
                minutes == 2 ? RawStorage.Shut : "{}"u8.ToArray(), default);
        // Not due: not this run's to look at.
        await SendSchedule.AddAsync(_world.Store, "later", now.AddHours(9), RawStorage.Shut, default);
        var runner = _world.Get<ScheduleRunner>();
        var failed = await Assert.ThrowsAsync<UnreadableRowException>(async () => await runner.RunDueAsync(default));
        Assert.StartsWith("1 times", failed.Message, StringComparison.Ordinal);
        Assert.Equal(3, await _world.Store.CountAsync(Queues.Send));
        Assert.Equal(2, (await _world.Store.ScanAsync(Tables.Schedule, null, 100)).Count);
    }

    [Fact]
    public async Task R40_Watches_end_behind_one_that_cannot_be_opened_and_its_package_keeps_it()
    {
        foreach (var name in (string[])["ana", "bea", "cleo"]) await _world.WatchAsync($"{name}@example.com");
        await _world.HappensAsync("e1", ParcelStatus.Delivered);
        await _world.PumpAsync();
        var shut = _world.KeyOf("bea@example.com").Value;
        await _world.Store.CommitAsync(Tables.Addresses, shut, [RowChange.Put(Rows.Watch(PackagesWorld.Number), RawStorage.Shut)]);
        _world.Clock.Advance(TimeSpan.FromDays(91));
        await Assert.ThrowsAsync<UnreadableRowException>(async () => await _world.Repair.RunAsync(default));
        foreach (var name in (string[])["ana", "cleo"])
            Assert.Empty(await _world.Store.RangeAsync(
                Tables.Addresses, _world.KeyOf($"{name}@example.com").Value, RowRange.Prefix(Rows.WatchPrefix), 10));
        var package = await _world.Store.RangeAsync(Tables.Packages, PackagesWorld.Number, RowRange.All, 100);
        Assert.Contains(package, r => r.Key == Rows.Package);
        Assert.Single(package, r => r.Key == Rows.Watcher(shut));
    }

    [Fact]
    public async Task R40_A_package_is_not_forgotten_while_somebody_follows_it_by_a_row_that_no_key_opens()
    {
        await _world.WatchAsync("ana@example.com");
        await _world.HappensAsync("e1", ParcelStatus.Delivered);
        await _world.PumpAsync();
        _world.Clock.Advance(TimeSpan.FromDays(91));
        await _world.WatchAsync("bea@example.com"); // A late one: it waits for a return, say.
        var follower = Rows.Watcher(_world.KeyOf("bea@example.com").Value);
        await _world.Store.CommitAsync(Tables.Packages, PackagesWorld.Number, [RowChange.Put(follower, RawStorage.Shut)]);
        await Assert.ThrowsAsync<UnreadableRowException>(async () => await _world.Repair.RunAsync(default));
        var package = await _world.Store.RangeAsync(Tables.Packages, PackagesWorld.Number, RowRange.All, 100);
        Assert.Contains(package, r => r.Key == Rows.Package);
        Assert.Equal([follower], package.Select(r => r.Key).Where(k => k.StartsWith(Rows.WatcherPrefix, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task R43_Audiences_and_the_list_of_the_blocked_are_put_right_behind_a_record_that_cannot_be_opened()
    {
        for (var i = 0; i < 6; i++)
            await _world.SubscribeAsync(CoreProduct.Email($"person{i}@example.com"), TopicKey.Newsletter);
        await _world.Get<Suppressions>().AddAsync(
            CoreProduct.Email("person1@example.com"), SuppressionReason.Bounce, null,
            new LedgerDraft(LedgerAction.Suppress, "*", "test", "service:test"), default);
        await Poll.UntilAsync(() => Task.FromResult(_world.Get<AudienceIndex>().IsIdle), "the background is done");
        var expected = await AudienceLines.RecordsAsync(_world);
        foreach (var row in await _world.Store.ScanAsync(Tables.Audience, null, 100))
            await _world.Store.CommitAsync(Tables.Audience, row.Partition, [RowChange.Delete(row.Row.Key)]);
        foreach (var row in await _world.Store.ScanAsync(Tables.Suppressions, null, 100))
            await _world.Store.CommitAsync(Tables.Suppressions, row.Partition, [RowChange.Put(row.Row.Key, RawStorage.Shut)]);
        foreach (var partition in (string[])["!first", "~last"])
            await _world.Store.CommitAsync(Tables.Addresses, partition, [RowChange.Insert(Rows.State, RawStorage.Shut)]);
        await Assert.ThrowsAsync<UnreadableRowException>(async () => await _world.Get<AudienceRepair>().RunAsync(default));
        await Assert.ThrowsAsync<UnreadableRowException>(async () => await _world.Get<SuppressionRepair>().RunAsync(default));
        Assert.Equal(
            _world.KeyOf("person1@example.com"), Assert.Single(await _world.Get<Suppressions>().ListAsync(null, 10, default)).Key);
        foreach (var partition in (string[])["!first", "~last"])
            await _world.Store.CommitAsync(Tables.Addresses, partition, [RowChange.Delete(Rows.State)]);
        Assert.Equal(expected, await AudienceLines.IndexAsync(_world));
    }

    [Fact]
    public async Task M16_Audiences_are_put_right_and_deleted_lists_emptied_though_another_list_cannot_be_opened()
    {
        await _world.SubscribeAsync(CoreProduct.Email("ana@example.com"), TopicKey.Newsletter);
        var expected = await AudienceLines.RecordsAsync(_world);
        var lists = _world.Get<StaticLists>();
        foreach (var id in (string[])["00000000000a", "00000000000b", "00000000000c"])
        {
            await lists.CreateAsync("Spring", default, id: id);
            await lists.AddAsync(id, [_world.KeyOf("ana@example.com")], default);
        }

        var gone = (await lists.FindAsync("00000000000c", default))! with { DeletedAt = _world.Clock.GetUtcNow() };
        await _world.Get<ITableStore>().CommitAsync(
            Tables.Lists, "index", [RowChange.Put(gone.Id, gone, CoreJson.Default.StaticList)]); // Its deletion was broken off.
        await _world.Store.CommitAsync(Tables.Lists, "index", [RowChange.Put("00000000000b", RawStorage.Shut)]);
        foreach (var row in await _world.Store.ScanAsync(Tables.Audience, null, 100))
            await _world.Store.CommitAsync(Tables.Audience, row.Partition, [RowChange.Delete(row.Row.Key)]);
        var failed = await Assert.ThrowsAsync<UnreadableRowException>(async () => await _world.Get<AudienceRepair>().RunAsync(default));
        Assert.StartsWith("1 times", failed.Message, StringComparison.Ordinal);
        Assert.Equal(expected, await AudienceLines.IndexAsync(_world));
        Assert.Empty(await _world.Store.RangeAsync(Tables.Lists, gone.Id, RowRange.All, 10));
        Assert.Equal(1, await lists.SizeAsync("00000000000a", default));
    }

    [Fact]
    public async Task P9_A_campaign_is_looked_after_though_another_cannot_be_opened()
    {
        var world = new CampaignWorld();
        await world.SubscribeAsync(0, 3);
        var draft = await world.DraftAsync();
        Assert.True(
            (await world.Desk.ScheduleAsync(
                draft.Id, new CampaignSchedule(new DateTime(2026, 11, 24, 9, 0, 0), "Etc/UTC"), null, "service:test", default)).Done);
        world.Clock.Advance(TimeSpan.FromHours(2));
        foreach (var item in await world.Store.ReceiveAsync(Queues.Campaigns, 32, TimeSpan.FromMinutes(1)))
            await world.Store.CompleteAsync(item);
        const string Other = "0000000000000000";
        await world.Store.CommitAsync(Tables.Campaigns, Rows.CampaignActive, [RowChange.Put(Other, "{}"u8.ToArray())]);
        await world.Store.CommitAsync(Tables.Campaigns, Other, [RowChange.Put(Rows.Campaign, RawStorage.Shut)]);
        await Assert.ThrowsAsync<UnreadableRowException>(async () => await world.Get<CampaignWatch>().RunAsync(default));
        await world.Store.CommitAsync(Tables.Campaigns, Rows.CampaignActive, [RowChange.Delete(Other)]);
        Assert.Equal(3, (await world.CompleteAsync(draft.Id)).Sent);
    }

    [Theory]
    [InlineData("state", true)]
    [InlineData("ledger", true)]
    [InlineData("watch", false)]
    public async Task P10_A_ledger_that_cannot_be_opened_does_not_verify_and_the_others_are_verified(string what, bool breaks)
    {
        foreach (var name in (string[])["ana", "bea", "cleo"]) await _world.WatchAsync($"{name}@example.com");
        var whole = await _world.Get<LedgerSeals>().VerifyAsync(default);
        Assert.True(whole.Verified);
        var key = _world.KeyOf("bea@example.com").Value;
        var row = what switch
        {
            "state" => Rows.State,
            "ledger" => Rows.Ledger(1),
            _ => Rows.Watch(PackagesWorld.Number),
        };
        await _world.Store.CommitAsync(Tables.Addresses, key, [RowChange.Put(row, RawStorage.Shut)]);
        var report = await _world.Get<LedgerSeals>().VerifyAsync(default);
        Assert.Equal(breaks ? [key] : [], report.Broken);
        Assert.Equal((!breaks, 3), (report.Verified, report.Addresses));
        Assert.Equal(what == "state", report.Root != whole.Root);

        // One address at a time it is the same.
        var (broken, read, from) = (new List<string>(), 0L, (AddressKey?)null);
        while (true)
        {
            var part = await _world.Get<LedgerSeals>().VerifyAsync(default, from, most: 1);
            broken.AddRange(part.Broken);
            read += part.Addresses;
            if (part.Next is null || !AddressKey.TryParse(part.Next, out var next)) break;
            from = next;
        }

        Assert.Equal((breaks ? 1 : 0, 3), (broken.Count, read));
    }

    [Fact]
    public async Task The_numbers_of_the_console_are_there_though_an_hour_of_them_cannot_be_opened()
    {
        var statistics = _world.Get<Statistics>();
        statistics.Report("delivered", Channel.Email);
        await statistics.FlushAsync(default);
        var day = DateOnly.FromDateTime(_world.Clock.GetUtcNow().UtcDateTime);
        await _world.Store.CommitAsync(Tables.Statistics, $"{day:yyyy-MM-dd}", [RowChange.Insert("07:other", RawStorage.Shut)]);
        Assert.Equal(8, Assert.Single(await statistics.ReadAsync(day, day, default)).At.Hour);
        _world.Clock.Advance(TimeSpan.FromDays(405));
        await statistics.CompactAsync(default);
        Assert.Empty(await _world.Store.RangeAsync(Tables.Statistics, $"{day:yyyy-MM-dd}", RowRange.All, 10));
    }
}
