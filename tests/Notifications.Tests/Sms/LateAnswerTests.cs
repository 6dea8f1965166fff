using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;

namespace Notifications.Tests.Sms;

/// <summary>A YES that was on its way while a newer question went out: it answers the one that was open when it was written.</summary>
public sealed class LateAnswerTests
{
    private const string Ana = "+14155552671";
    private static readonly Address Phone = PackagesWorld.Phone(Ana);

    [Fact]
    public async Task R65_A_YES_that_was_written_before_a_newer_question_confirms_what_it_had_seen_and_nothing_newer()
    {
        var world = new PackagesWorld();
        await SignUpAsync(world, TopicKey.Newsletter);
        var yes = Later(world);
        await AskedAnewAsync(world, TopicKey.Promotions);
        await AskedAnewAsync(world, TopicKey.PackageUpdates); // Two newer questions, each about all that waits.
        await TextAsync(world, "YES", yes);
        var state = await StateAsync(world);
        Assert.Equal(
            (SubscriptionStatus.Subscribed, SubscriptionStatus.Pending, SubscriptionStatus.Pending),
            (state.StatusOf(TopicKey.Newsletter), state.StatusOf(TopicKey.Promotions), state.StatusOf(TopicKey.PackageUpdates)));

        await TextAsync(world, "YES", Later(world)); // The newest question is open still.
        state = await StateAsync(world);
        Assert.Equal(
            (SubscriptionStatus.Subscribed, SubscriptionStatus.Subscribed),
            (state.StatusOf(TopicKey.Promotions), state.StatusOf(TopicKey.PackageUpdates)));
        Assert.All(state.Subscriptions, s => Assert.Null(s.AskedBefore));
    }

    [Fact]
    public async Task R65_A_YES_to_a_package_is_not_lost_where_the_package_was_asked_about_anew_meanwhile()
    {
        var world = new PackagesWorld();
        await FollowAsync(world);
        var yes = Later(world);
        world.Clock.Advance(new SendingOptions().ConfirmationWindow);
        await FollowAsync(world);
        await TextAsync(world, "YES", yes);
        Assert.Equal(WatchStatus.Active, await WatchedAsync(world));
    }

    [Fact]
    public async Task R49_A_YES_of_before_a_stop_confirms_nothing_also_where_the_same_was_asked_about_again_after_it()
    {
        var world = new PackagesWorld();
        await SignUpAsync(world, TopicKey.Newsletter);
        await FollowAsync(world);
        var yes = Later(world);
        await TextAsync(world, "STOP", Later(world));
        await AskedAnewAsync(world, TopicKey.Newsletter);
        await FollowAsync(world);
        await TextAsync(world, "YES", yes);
        Assert.NotEqual(SubscriptionStatus.Subscribed, (await StateAsync(world)).StatusOf(TopicKey.Newsletter));
        Assert.Equal(WatchStatus.Pending, await WatchedAsync(world));
    }

    [Fact]
    public async Task R49_A_YES_of_before_a_stop_confirms_nothing_also_where_START_took_the_stop_back_and_the_same_was_asked_again()
    {
        var world = new PackagesWorld();
        await SignUpAsync(world, TopicKey.Newsletter);
        await FollowAsync(world);
        var yes = Later(world);
        await TextAsync(world, "STOP", Later(world));
        await TextAsync(world, "START", Later(world));
        await AskedAnewAsync(world, TopicKey.Newsletter);
        await FollowAsync(world);
        await TextAsync(world, "YES", yes);
        Assert.Equal(SubscriptionStatus.Pending, (await StateAsync(world)).ShownStatusOf(TopicKey.Newsletter));
        Assert.Equal(WatchStatus.Pending, await WatchedAsync(world));
    }

    [Fact]
    public async Task R65_A_YES_that_a_START_overtakes_counts_where_nobody_had_said_STOP()
    {
        var world = new PackagesWorld();
        await SignUpAsync(world, TopicKey.Newsletter);
        var (yes, start) = (Later(world), Later(world));
        await TextAsync(world, "START", start);
        await TextAsync(world, "YES", yes);
        Assert.Equal(SubscriptionStatus.Subscribed, (await StateAsync(world)).StatusOf(TopicKey.Newsletter));
    }

    [Fact]
    public async Task R49_A_YES_of_before_package_updates_were_stopped_does_not_begin_a_package_that_was_asked_about_again_after_it()
    {
        var world = new PackagesWorld();
        await FollowAsync(world);
        var yes = Later(world);
        Later(world);
        await world.Get<ConsentDesk>().OptOutAsync(
            Phone, new LedgerDraft(LedgerAction.OptOut, TopicKey.PackageUpdates, "page", "person"), default);
        Later(world);
        await FollowAsync(world);
        await TextAsync(world, "YES", yes);
        Assert.Equal(WatchStatus.Pending, await WatchedAsync(world));
    }

    private static DateTimeOffset Later(PackagesWorld world)
    {
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        return world.Clock.GetUtcNow();
    }

    private static async Task TextAsync(PackagesWorld world, string message, DateTimeOffset said)
    {
        Later(world);
        await world.Get<InboundEvents>().HandleAsync(CoreProduct.Text($"{message} {said:O}", Ana, message, said), default);
        await world.PumpAsync();
    }

    private static async Task AskedAnewAsync(PackagesWorld world, string topic)
    {
        world.Clock.Advance(new SendingOptions().ConfirmationWindow);
        await SignUpAsync(world, topic);
    }

    private static async Task SignUpAsync(PackagesWorld world, string topic)
    {
        await world.Get<ConsentDesk>().OptInAsync(
            Phone, world.Get<TopicCatalog>().Find(topic)!.Unproven(), new LedgerDraft(LedgerAction.OptIn, topic, "form", "person"),
            confirmed: false, null, default);
        await world.PumpAsync();
    }

    private static async Task FollowAsync(PackagesWorld world)
    {
        await world.Watches.WatchAsync(
            new WatchRequest(PackagesWorld.Parse(PackagesWorld.Number), Phone, WatchOptions.PublicForm, "service:test"), default);
        await world.PumpAsync();
    }

    private static async Task<AddressState> StateAsync(PackagesWorld world) =>
        (await world.Book.LoadAsync(world.Ring.KeyOf(Phone), default)).State!;

    private static async Task<WatchStatus> WatchedAsync(PackagesWorld world) =>
        Assert.Single(await world.Watches.OfAsync(world.Ring.KeyOf(Phone), default)).Watch.Status;
}
