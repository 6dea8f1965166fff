using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Packages;

/// <summary>Ways in which a package stops being followed: one rule, whoever comes by it.</summary>
public sealed class StoppedWatchTests
{
    private const string Ana = "ana@example.com";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task R11_The_end_of_a_watch_leaves_the_same_record_by_a_link_and_by_a_service(bool byLink)
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana, filter: WatchFilter.Problems, with: r => r with { Daily = true, Locale = "pt" });
        Assert.Equal(1, (await world.Book.LoadAsync(world.KeyOf(Ana), default)).State!.Watching);
        var link = new LinkToken(LinkPurpose.Unsubscribe, world.KeyOf(Ana), Channel.Email)
        {
            Topic = TopicKey.PackageUpdates,
            TrackingNumber = PackagesWorld.Number,
        };
        if (byLink) await world.Get<Unsubscriber>().StopAsync(link, UnsubscribeScope.Named, "link", default);
        else await world.Watches.UnwatchAsync(world.KeyOf(Ana), PackagesWorld.Number, "app", "service:test", null, default);
        Assert.Equal(0, (await world.Book.LoadAsync(world.KeyOf(Ana), default)).State!.Watching);
        var (_, watch) = Assert.Single(await world.Watches.OfAsync(world.KeyOf(Ana), default));
        Assert.Equal((WatchStatus.Unwatched, WatchFilter.Problems, true, "pt"), (watch.Status, watch.Filter, watch.Daily, watch.Locale));
        Assert.Empty(await world.Store.RangeAsync(Tables.Packages, PackagesWorld.Number, RowRange.Prefix(Rows.WatcherPrefix), 10));
    }

    [Fact]
    public async Task R10_P6_A_stop_of_a_package_that_is_said_again_counts_from_then_without_an_entry_and_at_once_it_is_the_same()
    {
        var world = new PackagesWorld();
        var key = world.KeyOf(Ana);
        await world.WatchAsync(Ana);
        async Task<DateTimeOffset> StopAsync()
        {
            await world.Watches.UnwatchAsync(key, PackagesWorld.Number, "link", "person", null, default);
            return Assert.Single(await world.Watches.OfAsync(key, default)).Watch.Since;
        }

        var first = await StopAsync();
        world.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(first, await StopAsync());
        world.Clock.Advance(TimeSpan.FromHours(1));
        var between = world.Clock.GetUtcNow();
        world.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(world.Clock.GetUtcNow(), await StopAsync());
        Assert.Equal(2, (await world.Book.LedgerAsync(key, default)).Count);
        // A service's evidence of between the two raises nothing.
        Assert.Equal(WatchStatus.Pending, (await world.WatchAsync(Ana, with: r => r with { ActedAt = between })).Status);
    }

    [Fact]
    public async Task R21_A_package_that_is_followed_after_all_were_stopped_is_not_told_to_be_stopped_already_and_one_of_before_is()
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana, "ZZ100001TEST");
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await world.Get<Unsubscriber>().StopAsync(
            new LinkToken(LinkPurpose.Unsubscribe, world.KeyOf(Ana), Channel.Email) { Topic = TopicKey.PackageUpdates },
            UnsubscribeScope.Named, "link", default);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await world.WatchAsync(Ana, "ZZ100002TEST", with: r => r with { Confirmed = true });
        var state = (await world.Book.LoadAsync(world.KeyOf(Ana), default)).State!;
        LinkToken Of(string number) =>
            new(LinkPurpose.Unsubscribe, world.KeyOf(Ana), Channel.Email) { Topic = TopicKey.PackageUpdates, TrackingNumber = number };
        Assert.True(await world.Get<Unsubscriber>().HasStoppedAsync(Of("ZZ100001TEST"), state, default));
        Assert.False(await world.Get<Unsubscriber>().HasStoppedAsync(Of("ZZ100002TEST"), state, default));
    }

    [Fact]
    public async Task R49_A_followed_package_speaks_again_when_stop_everything_is_taken_back_also_where_its_topic_waited_to_be_confirmed()
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await world.Get<ConsentDesk>().OptInAsync(
            CoreProduct.Email(Ana), world.Get<TopicCatalog>().Find(TopicKey.PackageUpdates)!.Unproven(),
            new LedgerDraft(LedgerAction.OptIn, TopicKey.PackageUpdates, "form", "person"), confirmed: false, null, default);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        var key = world.KeyOf(Ana);
        await world.Get<Unsubscriber>().StopAsync(
            new LinkToken(LinkPurpose.Unsubscribe, key, Channel.Email) { Topic = TopicKey.PackageUpdates }, UnsubscribeScope.All, "link",
            default);
        async Task<int> FollowedAsync() =>
            (await world.Watches.FollowedAsync(key, (await world.Book.LoadAsync(key, default)).State!, default)).Count;
        Assert.Equal(0, await FollowedAsync());
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await world.Book.ChangeAsync(
            key, null, (state, _) => Transitions.Resume(state, new(LedgerAction.Resume, LedgerDraft.AllTopics, "link", "person")), null,
            default);
        Assert.Equal(1, await FollowedAsync());
    }

    [Fact]
    public async Task R32_More_packages_than_one_read_gives_are_all_told()
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana, "PKG0000");
        var (tables, key) = (world.Get<ITableStore>(), world.KeyOf(Ana).Value);
        var row = (await tables.GetAsync(Tables.Addresses, key, Rows.Watch("PKG0000")))!.Value;
        foreach (var chunk in Enumerable.Range(1, 1200).Chunk(100))
            await tables.CommitAsync(Tables.Addresses, key, [.. chunk.Select(i => RowChange.Put(Rows.Watch($"PKG{i:D4}"), row))]);
        Assert.Equal(1201, (await world.Watches.OfAsync(world.KeyOf(Ana), default)).DistinctBy(w => w.Number).Count());
        Assert.Equal(1201, await world.Get<DailyChoice>().SetAsync(world.KeyOf(Ana), true, default));
    }
}
