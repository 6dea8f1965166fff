using System.Text;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Packages;

public class WatchLifeTests
{
    private const string Ana = "ana@example.com";

    [Fact]
    public async Task M1_A_watch_ends_days_after_delivery_and_the_address_goes_with_it()
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana, with: r => r with { Evidence = """{"ip":"203.0.113.7"}""" });
        await world.HappensAsync("e1", ParcelStatus.Delivered);
        await world.PumpAsync();
        world.Clock.Advance(TimeSpan.FromDays(13));
        Assert.Equal(0, (await world.Repair.RunAsync(default)).Ended);
        world.Clock.Advance(TimeSpan.FromDays(2));
        var report = await world.Repair.RunAsync(default);
        Assert.Equal((1, 1, 1), (report.Ended, report.Purged, report.Forgotten));
        var (state, _) = await world.Book.LoadAsync(world.KeyOf(Ana), default);
        Assert.Null(state!.Value);
        var ledger = await world.Book.LedgerAsync(world.KeyOf(Ana), default);
        Assert.All(ledger, entry => Assert.Null(entry.Detail));
        Assert.True(LedgerChain.Verify(ledger, state.Ledger));
        Assert.Empty(await world.Store.RangeAsync(Tables.Packages, PackagesWorld.Number, RowRange.All, 10));
    }

    [Fact]
    public async Task A_watch_ends_after_long_silence()
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana);
        world.Clock.Advance(TimeSpan.FromDays(60));
        await world.HappensAsync("e1", ParcelStatus.InTransit);
        await world.PumpAsync();
        world.Clock.Advance(TimeSpan.FromDays(60));
        Assert.Equal(0, (await world.Repair.RunAsync(default)).Ended);
        world.Clock.Advance(TimeSpan.FromDays(31));
        Assert.Equal(1, (await world.Repair.RunAsync(default)).Ended);
    }

    [Fact]
    public async Task R28_An_unconfirmed_watch_is_purged()
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana, source: WatchOptions.PublicForm);
        await world.PumpAsync();
        world.Clock.Advance(TimeSpan.FromDays(8));
        var report = await world.Repair.RunAsync(default);
        Assert.Equal((1, 1), (report.Ended, report.Purged));
        Assert.Null((await world.Book.LoadAsync(world.KeyOf(Ana), default)).State!.Value);
    }

    [Fact]
    public async Task P6_A_stop_stands_again_when_the_watch_asked_for_after_it_was_never_confirmed()
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana);
        await world.Watches.UnwatchAsync(world.KeyOf(Ana), PackagesWorld.Number, "link", "person", null, default);
        await world.WatchAsync(Ana);
        world.Clock.Advance(TimeSpan.FromDays(8));
        Assert.Equal(1, (await world.Repair.RunAsync(default)).Ended);
        Assert.Equal(WatchStatus.Unwatched, Assert.Single(await world.Watches.OfAsync(world.KeyOf(Ana), default)).Watch.Status);
        Assert.Equal(WatchStatus.Pending, (await world.WatchAsync(Ana)).Status);
    }

    [Theory]
    [InlineData("opt-out")]
    [InlineData("suppression")]
    [InlineData("subscription")]
    [InlineData("restriction")]
    [InlineData("watch")]
    public async Task What_else_holds_an_address_keeps_it(string holder)
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana);
        var address = CoreProduct.Email(Ana);
        var desk = world.Get<ConsentDesk>();
        var topics = world.Get<TopicCatalog>();
        if (holder == "opt-out")
            await desk.OptOutAsync(address, new LedgerDraft(LedgerAction.OptOut, TopicKey.Promotions, "page", "person"), default);
        if (holder == "subscription")
            await desk.OptInAsync(
                address, topics.Find(TopicKey.Newsletter)!, new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "page", "person"),
                true, null, default);
        if (holder == "suppression")
            await world.Book.ChangeAsync(
                world.KeyOf(Ana), null,
                (s, now) =>
                    AddressTransitions.Suppress(
                        s, SuppressionReason.Complaint, null, new LedgerDraft(LedgerAction.Suppress, "*", "provider", "provider"), now),
                null, default);
        // R35: not lifted without notice.
        if (holder == "restriction") await world.Get<PrivacyDesk>().OpenByHolderAsync(PrivacyRight.Restriction, address, default);
        await world.HappensAsync("e1", ParcelStatus.Delivered);
        await world.PumpAsync();
        world.Clock.Advance(TimeSpan.FromDays(20));
        if (holder == "watch") await world.WatchAsync(Ana, "JD0002");
        var report = await world.Repair.RunAsync(default);
        Assert.Equal((holder == "restriction" ? 0 : 1, 0), (report.Ended, report.Purged)); // R35: it keeps the package too.
        var (state, _) = await world.Book.LoadAsync(world.KeyOf(Ana), default);
        Assert.Equal(Ana, state!.Value);
        Assert.Equal(holder == "suppression", state.Suppression is not null);
        Assert.Equal(holder == "restriction", state.RestrictedSince is not null);
        Assert.Equal(holder == "opt-out", state.StatusOf(TopicKey.Promotions) == SubscriptionStatus.Unsubscribed);
        Assert.Equal(SubscriptionStatus.None, state.StatusOf(TopicKey.PackageUpdates));
        Assert.All(await world.Book.LedgerAsync(world.KeyOf(Ana), default), entry => Assert.NotNull(entry.Detail));
    }

    [Fact]
    public async Task After_its_end_nothing_of_a_watch_is_carried_into_promotions()
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana);
        await world.HappensAsync("e1", ParcelStatus.Delivered);
        await world.PumpAsync();
        world.Clock.Advance(TimeSpan.FromDays(15));
        await world.Repair.RunAsync(default);
        var (state, _) = await world.Book.LoadAsync(world.KeyOf(Ana), default);
        Assert.Empty(state!.Subscriptions);
    }

    [Fact]
    public async Task The_timer_puts_lost_followers_back_and_takes_orphans_out()
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana);
        await world.WatchAsync("ben@example.com");
        var bens = Rows.Watcher(world.KeyOf("ben@example.com").Value);
        var row = (await world.Store.GetAsync(Tables.Packages, PackagesWorld.Number, bens))!;
        await world.Watches.UnwatchAsync(world.KeyOf("ben@example.com"), PackagesWorld.Number, "api", "person", null, default);
        await world.Store.CommitAsync(
            Tables.Packages, PackagesWorld.Number,
            [RowChange.Put(bens, row.Value), RowChange.Delete(Rows.Watcher(world.KeyOf(Ana).Value))]);
        var report = await world.Repair.RunAsync(default);
        Assert.Equal((1, 1), (report.Indexed, report.Unindexed));
        await world.HappensAsync("e1", ParcelStatus.InTransit);
        await world.PumpAsync();
        Assert.Equal(Ana, Assert.Single(world.Outbox.Emails).To);
    }

    [Fact]
    public async Task M1_The_timer_makes_a_follower_say_what_its_watch_says_once()
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana);
        var anas = Rows.Watcher(world.KeyOf(Ana).Value);
        var old = (await world.Store.GetAsync(Tables.Packages, PackagesWorld.Number, anas))!;
        await world.WatchAsync(Ana, filter: WatchFilter.Problems, with: r => r with { Daily = true });
        // Learned after the watch began.
        await world.Book.ChangeAsync(
            world.KeyOf(Ana), null, (state, _) => new Change(state with { TimeZone = "Asia/Tokyo" }, []), null, default);
        // As a crash before the follower's row was written leaves it.
        await world.Store.CommitAsync(Tables.Packages, PackagesWorld.Number, [RowChange.Put(anas, old.Value)]);

        Assert.Equal(1, (await world.Repair.RunAsync(default)).Indexed);
        var row = (await world.Get<ITableStore>().GetAsync(Tables.Packages, PackagesWorld.Number, anas))!.Read(CoreJson.Default.WatcherRow);
        Assert.Equal((WatchFilter.Problems, true, "Asia/Tokyo"), (row.Filter, row.Daily, row.Zone));
        Assert.Equal(0, (await world.Repair.RunAsync(default)).Indexed);
    }

    [Fact]
    public async Task The_timer_resumes_news_whose_queue_item_was_lost()
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana);
        await world.HappensAsync("e1", ParcelStatus.InTransit);
        var queue = world.Get<IWorkQueue>();
        var work = world.Get<Work>();
        var item = Assert.Single(await queue.ReceiveAsync(Queues.Packages, 32, TimeSpan.FromMinutes(1)));
        await work.DoAsync(Queues.Packages, item.Body, 1, default);
        await queue.CompleteAsync(item);
        foreach (var lost in await queue.ReceiveAsync(Queues.Packages, 32, TimeSpan.FromMinutes(1))) await queue.CompleteAsync(lost);
        world.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, (await world.Repair.RunAsync(default)).Resumed);
        await world.PumpAsync();
        Assert.Single(world.Outbox.Emails);
    }

    [Fact]
    public async Task R66_Raw_storage_shows_no_address_of_a_watcher()
    {
        var world = new PackagesWorld();
        await world.WatchAsync("canary.watcher@example.com");
        await world.HappensAsync("e1", ParcelStatus.InTransit, location: "Canaryville");
        var raw = new List<(string Place, ReadOnlyMemory<byte> Bytes)>();
        foreach (var table in Tables.All)
            foreach (var (partition, row) in await world.Store.ScanAsync(table, null, 1000))
                raw.Add(($"{table}/{partition}/{row.Key}", row.Value));
        foreach (var name in Queues.All)
            foreach (var item in await world.Store.ReceiveAsync(name, 32, TimeSpan.FromMinutes(1))) raw.Add((name, item.Body));
        Assert.True(raw.Count >= 4, "a record, a watch, a follower and an event were expected");
        foreach (var (place, bytes) in raw)
        {
            Assert.DoesNotContain("canary", place, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("canary", Encoding.UTF8.GetString(bytes.Span), StringComparison.OrdinalIgnoreCase);
        }
    }
}
