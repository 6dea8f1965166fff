using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Sending;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Packages;

/// <summary>What names a person goes with the last watch all at once, or stays whole.</summary>
public sealed class WatchPurgeTests
{
    private const string Ana = "ana@example.com";

    [Fact]
    public async Task M10_An_opt_in_in_the_moment_the_last_watch_ends_keeps_every_word_of_the_ledger()
    {
        var (world, store) = await DeliveredAsync();
        var once = true;
        store.BeforeCommit = async changes =>
        {
            if (!once || !changes.Any(c => c.Kind == RowChangeKind.Delete && c.Key.StartsWith(Rows.WatchPrefix, StringComparison.Ordinal)))
                return;
            once = false;
            var draft = new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "page", "person") { Wording = "Send it to me." };
            await world.Get<ConsentDesk>().OptInAsync(
                CoreProduct.Email(Ana), world.Get<TopicCatalog>().Find(TopicKey.Newsletter)!, draft, true, null, default);
        };
        await world.Repair.RunAsync(default);
        Assert.False(once, "The opt-in came in between.");
        var (state, _) = await world.Book.LoadAsync(world.KeyOf(Ana), default);
        Assert.Equal((Ana, SubscriptionStatus.Subscribed), (state!.Value, state.StatusOf(TopicKey.Newsletter)));
        Assert.All(await world.Book.LedgerAsync(world.KeyOf(Ana), default), entry => Assert.NotNull(entry.Detail));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task R49_P6_A_watch_that_is_asked_for_anew_while_the_timer_judges_it_waits_for_its_answer_and_is_not_uncovered(bool anew)
    {
        var (world, store) = PackagesWorld.Hooked();
        await world.WatchAsync(Ana);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await world.Get<Unsubscriber>().StopAsync(
            new LinkToken(LinkPurpose.Unsubscribe, world.KeyOf(Ana), Channel.Email) { Topic = TopicKey.PackageUpdates },
            UnsubscribeScope.Named, "link", default);
        async Task<WatchRecord> AskAsync()
        {
            world.Clock.Advance(TimeSpan.FromMinutes(1));
            await world.WatchAsync(Ana, source: WatchOptions.PublicForm);
            return Assert.Single(await world.Watches.OfAsync(world.KeyOf(Ana), default)).Watch;
        }

        var asked = await AskAsync();
        Assert.Equal((WatchStatus.Pending, true), (asked.Status, asked.CoveredSince is not null));
        world.Clock.Advance(TimeSpan.FromDays(8)); // Its question has had its time.
        store.BeforeRead = async (table, number) =>
        {
            if (table != Tables.Packages || number != PackagesWorld.Number) return;
            store.BeforeRead = null;
            if (anew) asked = await AskAsync();
        };
        await world.Repair.RunAsync(default);
        Assert.Null(store.BeforeRead);
        var watch = Assert.Single(await world.Watches.OfAsync(world.KeyOf(Ana), default)).Watch;
        Assert.Equal(
            anew ? (WatchStatus.Pending, asked.ConfirmationAt) : (WatchStatus.Active, null), (watch.Status, watch.ConfirmationAt));
        Assert.Equal(watch.Since, anew ? asked.Since : asked.CoveredSince);
    }

    [Fact]
    public async Task R34_A_purge_of_a_long_ledger_that_is_cut_off_anywhere_is_finished_by_the_next_run()
    {
        var cuts = 0;
        for (var dies = 1; ; dies++)
        {
            var (world, store) = await DeliveredAsync(entries: 200);
            var left = dies;
            store.AfterCommit = (_, result) => --left == 0 ? throw new CrashException() : result;
            try
            {
                await world.Repair.RunAsync(default);
            }
            catch (CrashException)
            {
                cuts++;
            }

            store.AfterCommit = null;
            await world.Repair.RunAsync(default);
            var (state, _) = await world.Book.LoadAsync(world.KeyOf(Ana), default);
            var ledger = await world.Book.LedgerAsync(world.KeyOf(Ana), default);
            Assert.Null(state!.Value);
            Assert.InRange(ledger.Count, 200, 210);
            Assert.All(ledger, entry => Assert.Null(entry.Detail));
            Assert.True(LedgerChain.Verify(ledger, state.Ledger));
            Assert.Empty(await world.Watches.OfAsync(world.KeyOf(Ana), default));
            if (left > 0) break; // The run came to its end.
        }

        Assert.InRange(cuts, 3, 20);
    }

    private static async Task<(PackagesWorld World, HookedStore Store)> DeliveredAsync(int entries = 0)
    {
        var (world, hooked) = PackagesWorld.Hooked();
        await world.WatchAsync(Ana, with: r => r with { Evidence = """{"ip":"203.0.113.7"}""" });
        for (var i = 0; i < entries; i++)
        {
            DateTimeOffset? until = i % 2 == 0 ? world.Clock.GetUtcNow() : null;
            await world.Book.ChangeAsync(
                world.KeyOf(Ana), null,
                (state, _) =>
                    AddressTransitions.Pause(
                        state, until,
                        new LedgerDraft(
                            until is null ? LedgerAction.Unpause : LedgerAction.Pause, LedgerDraft.AllTopics, "page", "person")),
                null, default);
        }

        await world.HappensAsync("e1", ParcelStatus.Delivered);
        await world.PumpAsync();
        world.Clock.Advance(TimeSpan.FromDays(15));
        return (world, hooked);
    }
}
