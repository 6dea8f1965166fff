using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;
using static Notifications.Tests.Sms.Texter;

namespace Notifications.Tests.Sms;

/// <summary>A YES that was on its way while a newer question went out: it answers the one that was open when it was written.</summary>
public sealed class LateAnswerTests
{
    [Fact]
    public async Task R65_A_YES_that_was_written_before_a_newer_question_confirms_what_it_had_seen_and_nothing_newer()
    {
        var world = new PackagesWorld();
        await SignUpAsync(world, TopicKey.Newsletter);
        var yes = world.Later();
        await AskedAnewAsync(world, TopicKey.Promotions);
        await AskedAnewAsync(world, TopicKey.PackageUpdates); // Two newer questions, each about all that waits.
        await TextAsync(world, "YES", yes);
        var state = await world.StateAsync(Phone);
        Assert.Equal(
            (SubscriptionStatus.Subscribed, SubscriptionStatus.Pending, SubscriptionStatus.Pending),
            (state.StatusOf(TopicKey.Newsletter), state.StatusOf(TopicKey.Promotions), state.StatusOf(TopicKey.PackageUpdates)));

        await TextAsync(world, "YES", world.Later()); // The newest question is open still.
        state = await world.StateAsync(Phone);
        Assert.Equal(
            (SubscriptionStatus.Subscribed, SubscriptionStatus.Subscribed),
            (state.StatusOf(TopicKey.Promotions), state.StatusOf(TopicKey.PackageUpdates)));
        Assert.All(state.Subscriptions, s => Assert.Null(s.AskedBefore));
    }

    [Theory]
    [InlineData(true, "v2")]
    [InlineData(false, "v2")] // Within the window of the first: nobody is asked about it again.
    [InlineData(true, "v1")]
    [InlineData(true, "2026-11")] // Of another scheme: neither is the newer, and the later word waits on.
    public async Task R26_R65_A_YES_that_was_written_before_a_newer_sign_up_proves_the_one_that_it_answers(bool anew, string newer)
    {
        var world = new PackagesWorld();
        var before = world.Clock.GetUtcNow().AddMinutes(-1);
        await SignUpAsync(world, TopicKey.Newsletter, "v1");
        var yes = world.Later();
        if (anew) await AskedAnewAsync(world, TopicKey.Newsletter, newer);
        else
        {
            world.Later();
            await SignUpAsync(world, TopicKey.Newsletter, newer);
        }

        await TextAsync(world, "YES", before); // It answers nothing that was asked by then.
        Assert.Equal(SubscriptionStatus.Pending, (await world.StateAsync(Phone)).StatusOf(TopicKey.Newsletter));
        await TextAsync(world, "YES", yes);
        var held = (await world.StateAsync(Phone)).Find(TopicKey.Newsletter)!;
        Assert.Equal((SubscriptionStatus.Subscribed, "v1"), (held.Status, held.PolicyVersion));
        Assert.Equal(newer == "v1" ? null : newer, held.Unconfirmed?.PolicyVersion);
        await TextAsync(world, "YES", yes.AddSeconds(1)); // Nor does another of then say more.
        Assert.Equal("v1", (await world.StateAsync(Phone)).Find(TopicKey.Newsletter)!.PolicyVersion);

        await TextAsync(world, "YES", world.Later());
        var state = await world.StateAsync(Phone);
        held = state.Find(TopicKey.Newsletter)!;
        Assert.Equal((newer, false, null), (held.PolicyVersion, held.Waits, held.Replaced));
        var ledger = await world.Book.LedgerAsync(world.Ring.KeyOf(Phone), default);
        Assert.Equal(
            newer == "v1" ? ["v1"] : ["v1", newer],
            ledger.Where(e => e.Action == LedgerAction.Confirm).Select(e => e.PolicyVersion));
        var topics = world.Get<TopicCatalog>();
        Assert.Equal(newer, LedgerFold.At(ledger, state, topics, DateTimeOffset.MaxValue)!.Find(TopicKey.Newsletter)!.PolicyVersion);
        var first = ledger.First(e => e.Action == LedgerAction.Confirm).At;
        Assert.Equal("v1", LedgerFold.At(ledger, state, topics, first)!.Find(TopicKey.Newsletter)!.PolicyVersion);
    }

    [Fact]
    public async Task R65_A_YES_to_a_package_is_not_lost_where_the_package_was_asked_about_anew_meanwhile()
    {
        var world = new PackagesWorld();
        await FollowAsync(world);
        var yes = world.Later();
        world.Clock.Advance(new SendingOptions().ConfirmationWindow);
        await FollowAsync(world);
        await TextAsync(world, "YES", yes);
        Assert.Equal(WatchStatus.Active, await world.WatchedAsync(Phone));
    }

    [Theory]
    [InlineData("v2")]
    [InlineData("v1")]
    public async Task R26_R65_A_YES_to_a_package_that_was_written_before_a_newer_request_confirms_the_one_that_it_had_seen(string newer)
    {
        var world = new PackagesWorld();
        await FollowAsync(world, r => r with { Filter = WatchFilter.Problems, Daily = true, PolicyVersion = "v1" });
        var yes = world.Later();
        world.Clock.Advance(new SendingOptions().ConfirmationWindow);
        await FollowAsync(world, r => r with { Filter = WatchFilter.All, Daily = false, PolicyVersion = newer });
        await TextAsync(world, "YES", yes);
        var watch = Assert.Single(await world.Watches.OfAsync(world.Ring.KeyOf(Phone), default)).Watch;
        Assert.Equal((WatchStatus.Active, WatchFilter.Problems, true), (watch.Status, watch.Filter, watch.Daily));
        Assert.Equal(("v1", null), (watch.PolicyVersion, watch.Replaced));
        var ledger = await world.Book.LedgerAsync(world.Ring.KeyOf(Phone), default);
        Assert.Equal("v1", Assert.Single(ledger, e => e.Action == LedgerAction.Confirm).PolicyVersion);
    }

    [Fact]
    public async Task R26_R65_A_YES_to_a_request_for_a_package_that_two_newer_ones_have_replaced_confirms_none_of_them()
    {
        var world = new PackagesWorld();
        await FollowAsync(world, r => r with { PolicyVersion = "v1" });
        var yes = world.Later();
        foreach (var version in (string[])["v2", "v3"])
        {
            world.Clock.Advance(new SendingOptions().ConfirmationWindow);
            await FollowAsync(world, r => r with { PolicyVersion = version });
        }

        await TextAsync(world, "YES", yes);
        Assert.Equal(WatchStatus.Pending, await world.WatchedAsync(Phone));
        await TextAsync(world, "YES", world.Later()); // The newest question is open still.
        var watch = Assert.Single(await world.Watches.OfAsync(world.Ring.KeyOf(Phone), default)).Watch;
        Assert.Equal((WatchStatus.Active, "v3"), (watch.Status, watch.PolicyVersion));
    }

    [Fact]
    public async Task R26_R65_A_YES_that_is_answered_confirmed_has_confirmed_the_package_whatever_is_asked_for_in_the_same_moment()
    {
        InterruptedStore? store = null;
        var world = new PackagesWorld(between: memory => (store = new InterruptedStore(memory), memory));
        await FollowAsync(world, r => r with { PolicyVersion = "v1" });
        var yes = world.Later();
        store!.AfterCommit = (world.Ring.KeyOf(Phone).Value, async () =>
        {
            // After the text's own row is written, and before what follows it.
            foreach (var version in (string[])["v2", "v3"])
            {
                world.Clock.Advance(new SendingOptions().ConfirmationWindow);
                await FollowAsync(world, r => r with { PolicyVersion = version });
            }
        });
        await TextAsync(world, "YES", yes);
        var watch = Assert.Single(await world.Watches.OfAsync(world.Ring.KeyOf(Phone), default)).Watch;
        Assert.Equal((WatchStatus.Active, "v1"), (watch.Status, watch.PolicyVersion));
        Assert.Null(store.AfterCommit);
        var followers = await world.Store.RangeAsync(Tables.Packages, PackagesWorld.Number, RowRange.Prefix(Rows.WatcherPrefix), 10);
        Assert.Single(followers);
    }

    [Fact]
    public async Task R49_A_YES_of_before_a_stop_confirms_nothing_also_where_the_same_was_asked_about_again_after_it()
    {
        var world = new PackagesWorld();
        await SignUpAsync(world, TopicKey.Newsletter);
        await FollowAsync(world);
        var yes = world.Later();
        await TextAsync(world, "STOP", world.Later());
        await AskedAnewAsync(world, TopicKey.Newsletter);
        await FollowAsync(world);
        await TextAsync(world, "YES", yes);
        Assert.NotEqual(SubscriptionStatus.Subscribed, (await world.StateAsync(Phone)).StatusOf(TopicKey.Newsletter));
        Assert.Equal(WatchStatus.Pending, await world.WatchedAsync(Phone));
    }

    [Fact]
    public async Task R49_A_YES_of_before_a_stop_confirms_nothing_also_where_START_took_the_stop_back_and_the_same_was_asked_again()
    {
        var world = new PackagesWorld();
        await SignUpAsync(world, TopicKey.Newsletter);
        await FollowAsync(world);
        var yes = world.Later();
        await TextAsync(world, "STOP", world.Later());
        await TextAsync(world, "START", world.Later());
        await AskedAnewAsync(world, TopicKey.Newsletter);
        await FollowAsync(world);
        await TextAsync(world, "YES", yes);
        Assert.Equal(SubscriptionStatus.Pending, (await world.StateAsync(Phone)).ShownStatusOf(TopicKey.Newsletter));
        Assert.Equal(WatchStatus.Pending, await world.WatchedAsync(Phone));
    }

    [Fact]
    public async Task R65_A_YES_that_a_START_overtakes_counts_where_nobody_had_said_STOP()
    {
        var world = new PackagesWorld();
        await SignUpAsync(world, TopicKey.Newsletter);
        var (yes, start) = (world.Later(), world.Later());
        await TextAsync(world, "START", start);
        await TextAsync(world, "YES", yes);
        Assert.Equal(SubscriptionStatus.Subscribed, (await world.StateAsync(Phone)).StatusOf(TopicKey.Newsletter));
    }

    [Fact]
    public async Task R49_A_YES_of_before_package_updates_were_stopped_does_not_begin_a_package_that_was_asked_about_again_after_it()
    {
        var world = new PackagesWorld();
        await FollowAsync(world);
        var yes = world.Later();
        world.Later();
        await world.Get<ConsentDesk>().OptOutAsync(
            Phone, new LedgerDraft(LedgerAction.OptOut, TopicKey.PackageUpdates, "page", "person"), default);
        world.Later();
        await FollowAsync(world);
        await TextAsync(world, "YES", yes);
        Assert.Equal(WatchStatus.Pending, await world.WatchedAsync(Phone));
    }

    private static async Task TextAsync(PackagesWorld world, string message, DateTimeOffset said)
    {
        world.Later();
        await world.TextAsync(message, said);
    }

    private static async Task AskedAnewAsync(PackagesWorld world, string topic, string? version = null)
    {
        world.Clock.Advance(new SendingOptions().ConfirmationWindow);
        await SignUpAsync(world, topic, version);
    }

    private static async Task SignUpAsync(PackagesWorld world, string topic, string? version = null)
    {
        await world.Get<ConsentDesk>().OptInAsync(
            Phone, world.Get<TopicCatalog>().Find(topic)!.Unproven(),
            new LedgerDraft(LedgerAction.OptIn, topic, "form", "person") { PolicyVersion = version }, confirmed: false, null, default);
        await world.PumpAsync();
    }

    private static async Task FollowAsync(PackagesWorld world, Func<WatchRequest, WatchRequest>? with = null)
    {
        var request = new WatchRequest(PackagesWorld.Parse(PackagesWorld.Number), Phone, WatchOptions.PublicForm, "service:test");
        await world.Watches.WatchAsync(with?.Invoke(request) ?? request, default);
        await world.PumpAsync();
    }
}
