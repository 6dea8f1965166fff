using System.Text;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Events;
using Notifications.Privacy;
using Notifications.Review;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Tests.Packages;
using Notifications.Timers;

namespace Notifications.Tests.Privacy;

/// <summary>What acts leave behind: it goes when its time is over, and a deletion that another act meets leaves nothing at all.</summary>
public sealed class LeftBehindTests
{
    [Fact]
    public async Task Decided_reviews_dead_letters_and_alerts_of_before_a_moment_are_forgotten_and_what_is_open_stays()
    {
        var world = new PackagesWorld();
        var (review, letters, alerts, old) = (
            world.Get<ReviewDesk>(), world.Get<DeadLetters>(), world.Get<OperatorAlerts>(), world.Clock.GetUtcNow());
        foreach (var id in new[] { "early", "late", "open" })
            await review.OpenAsync(
                new ReviewItem { Id = review.IdOf(id, old), Channel = Channel.Email, Text = "Stop, please.", At = old }, default);
        await review.ResolveAsync(review.IdOf("early", old), ReviewVerdict.NotARevocation, "agent:mia", default);
        await letters.KeepAsync(Queues.Inbound, Encoding.UTF8.GetBytes("{}"), 5, default);
        await alerts.RaiseAsync("test", "old", "old", default);
        world.Clock.Advance(TimeSpan.FromDays(10));
        await review.ResolveAsync(review.IdOf("late", old), ReviewVerdict.NotARevocation, "agent:mia", default);
        await letters.KeepAsync(Queues.Inbound, Encoding.UTF8.GetBytes("{ }"), 5, default);
        await alerts.RaiseAsync("test", "new", "new", default);
        var before = world.Clock.GetUtcNow().AddDays(-5);
        Assert.Equal(
            (1, 1, 1),
            (await review.PurgeAsync(before, default), await letters.PurgeAsync(before, default),
                await alerts.PurgeAsync(before, default)));
        Assert.Equal(
            (1, 1), ((await review.ListAsync(true, null, 10, default)).Count, (await review.ListAsync(false, null, 10, default)).Count));
        Assert.Single(await letters.ListAsync(Queues.Inbound, null, 10, default));
        Assert.Equal("new", Assert.Single(await alerts.SinceAsync(old, 10, default)).Detail);
    }

    [Fact]
    public async Task The_nightly_timer_forgets_what_is_older_than_a_message_is_kept()
    {
        var world = new PackagesWorld();
        var (review, alerts, old) = (world.Get<ReviewDesk>(), world.Get<OperatorAlerts>(), world.Clock.GetUtcNow());
        var (partition, tables) = (world.KeyOf("ana@example.com").Value, world.Get<ITableStore>());
        async Task HappenAsync(string name)
        {
            var at = world.Clock.GetUtcNow();
            await review.OpenAsync(
                new ReviewItem { Id = review.IdOf(name, at), Channel = Channel.Email, Text = "Stop, please.", At = at }, default);
            await review.ResolveAsync(review.IdOf(name, at), ReviewVerdict.NotARevocation, "agent:mia", default);
            await world.Get<DeadLetters>().KeepAsync(Queues.Inbound, Encoding.UTF8.GetBytes(name), 5, default);
            await alerts.RaiseAsync("test", name, name, default);
            await tables.CommitAsync(
                Tables.Addresses, partition,
                [RowChange.Insert(Rows.Event(name), new InboundText(SmsIntent.Stop, at, null, at, null), CoreJson.Default.InboundText)]);
        }

        await HappenAsync("old");
        world.Clock.Advance(TimeSpan.FromDays(new PrivacyOptions().MessageDays + 1));
        await HappenAsync("new");
        await world.Get<TimerCatalog>().RunAsync(TimerCatalog.Retention, default);
        Assert.Single(await review.ListAsync(true, null, 10, default));
        Assert.Single(await world.Get<DeadLetters>().ListAsync(Queues.Inbound, null, 10, default));
        Assert.Equal("new", Assert.Single(await alerts.SinceAsync(old, 10, default)).Detail);
        Assert.Equal(
            Rows.Event("new"),
            Assert.Single(await tables.RangeAsync(Tables.Addresses, partition, RowRange.Prefix(Rows.EventPrefix), 10)).Key);
    }

    [Fact]
    public async Task A_segment_that_is_deleted_while_it_is_changed_does_not_come_back()
    {
        var (world, store) = PackagesWorld.Hooked();
        var segments = world.Get<StoredSegments>();
        var kept = await segments.CreateAsync("Gold", new TagIn(["gold"]), default);
        store.BeforeCommit = async _ =>
        {
            store.BeforeCommit = null;
            Assert.True((await segments.DeleteAsync(kept.Id, default)).Done);
        };
        Assert.Null((await segments.UpdateAsync(kept.Id, "Silver", new TagIn(["gold"]), default)).After);
        Assert.Null(await segments.FindAsync(kept.Id, default));
    }

    [Fact]
    public async Task An_address_that_is_put_on_a_list_while_that_is_deleted_leaves_nothing()
    {
        var (world, store) = PackagesWorld.Hooked();
        var lists = world.Get<StaticLists>();
        var list = await lists.CreateAsync("Friends", default);
        store.BeforeCommit = async _ =>
        {
            store.BeforeCommit = null;
            Assert.True(await lists.DeleteAsync(list.Id, default));
        };
        Assert.Null(await lists.AddAsync(list.Id, [world.KeyOf("ana@example.com")], default));
        Assert.Empty(await world.Store.ScanAsync(Tables.Lists, null, 10));
    }
}
