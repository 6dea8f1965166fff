using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;

namespace Notifications.Tests.Sms;

/// <summary>What one word by text is an answer to, where more than one thing was asked, and that the reply says it.</summary>
public sealed class WhichQuestionTests
{
    private const string Ana = "+14155552671";
    private static readonly Address Phone = PackagesWorld.Phone(Ana);

    [Fact]
    public async Task R30_A_YES_answers_the_newest_question_alone_and_the_reply_names_it_and_the_one_still_open()
    {
        var world = new PackagesWorld();
        await FollowAsync(world, WatchOptions.PublicForm);
        Later(world);
        await SignUpAsync(world, TopicKey.Promotions, TopicKey.Newsletter);
        await TextAsync(world, "YES");
        var state = await StateAsync(world);
        Assert.Equal(
            (SubscriptionStatus.Subscribed, SubscriptionStatus.Subscribed, WatchStatus.Pending),
            (state.StatusOf(TopicKey.Promotions), state.StatusOf(TopicKey.Newsletter), await WatchedAsync(world)));
        var reply = world.Outbox.Texts[^1].Text;
        Assert.Contains("confirmed, you get by text: Promotions, Newsletter. Message frequency varies.", reply, StringComparison.Ordinal);
        Assert.EndsWith($"Also asked for: Package {PackagesWorld.Number}. Reply YES again to get it.", reply, StringComparison.Ordinal);

        await TextAsync(world, "YES");
        Assert.Equal(WatchStatus.Active, await WatchedAsync(world));
        Assert.Contains($"you get by text: Package {PackagesWorld.Number}.", world.Outbox.Texts[^1].Text, StringComparison.Ordinal);
        Assert.DoesNotContain("YES", world.Outbox.Texts[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R21_R30_Where_nothing_is_sent_at_all_the_reply_names_no_further_question()
    {
        var world = new PackagesWorld();
        await FollowAsync(world, WatchOptions.PublicForm);
        Later(world);
        await SignUpAsync(world, TopicKey.Promotions, TopicKey.Newsletter);
        await world.Book.ChangeAsync(
            world.Ring.KeyOf(Phone), null, (s, now) => new Change(s with { RestrictedSince = now }, []), null, default);
        await TextAsync(world, "YES");
        var reply = world.Outbox.Texts[^1].Text;
        Assert.Contains("Nothing is sent to this number at present.", reply, StringComparison.Ordinal);
        Assert.DoesNotContain("Also asked for", reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R30_A_YES_to_a_package_subscribes_nothing_that_somebody_chose_before_or_that_no_message_asked_about()
    {
        var world = new PackagesWorld();
        await SignUpAsync(world, TopicKey.Newsletter);
        Later(world);
        await SignUpAsync(world, TopicKey.Promotions); // Within the window of one confirmation (R63): no message names it.
        Later(world);
        await FollowAsync(world, WatchOptions.PublicForm);
        await TextAsync(world, "YES");
        Assert.Equal(WatchStatus.Active, await WatchedAsync(world));
        Assert.Equal(
            (SubscriptionStatus.Pending, SubscriptionStatus.Pending),
            ((await StateAsync(world)).StatusOf(TopicKey.Newsletter), (await StateAsync(world)).StatusOf(TopicKey.Promotions)));
        await TextAsync(world, "YES");
        await TextAsync(world, "YES");
        Assert.Equal(
            (SubscriptionStatus.Subscribed, SubscriptionStatus.Pending),
            ((await StateAsync(world)).StatusOf(TopicKey.Newsletter), (await StateAsync(world)).StatusOf(TopicKey.Promotions)));
    }

    [Fact]
    public async Task R45_Followed_packages_are_among_what_can_be_kept_after_STOP_and_begin_again_alone()
    {
        var world = new PackagesWorld(o => o.Sms.StopScope = StopScope.Clarification);
        foreach (var topic in (string[])[TopicKey.Promotions, TopicKey.Newsletter])
            await world.Get<ConsentDesk>().OptInAsync(
                Phone, world.Get<TopicCatalog>().Find(topic)!, new LedgerDraft(LedgerAction.OptIn, topic, "test", "person"),
                confirmed: true, null, default);
        await FollowAsync(world, "app");
        await TextAsync(world, "STOP");
        Assert.Contains("1 Package updates, 2 Promotions, 3 Newsletter.", world.Outbox.Texts[^1].Text, StringComparison.Ordinal);
        await TextAsync(world, "1");
        Assert.Contains("only: Package updates", world.Outbox.Texts[^1].Text, StringComparison.Ordinal);
        var state = await StateAsync(world);
        Assert.Equal(
            (null, SubscriptionStatus.Unsubscribed, SubscriptionStatus.Unsubscribed),
            (state.Stopped, state.StatusOf(TopicKey.Promotions), state.StatusOf(TopicKey.Newsletter)));
        var told = LedgerFold.At(
            await world.Book.LedgerAsync(world.Ring.KeyOf(Phone), default), state, world.Get<TopicCatalog>(), DateTimeOffset.MaxValue)!;
        Assert.Equal((null, SubscriptionStatus.Unsubscribed), (told.Stopped, told.StatusOf(TopicKey.Promotions)));

        var before = world.Outbox.Texts.Count;
        await world.HappensAsync("e1", ParcelStatus.Delivered);
        await world.PumpAsync();
        Assert.Contains(PackagesWorld.Number, Assert.Single(world.Outbox.Texts[before..]).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R45_A_package_that_was_silent_before_STOP_is_not_among_what_can_be_kept()
    {
        var world = new PackagesWorld(o => o.Sms.StopScope = StopScope.Clarification);
        await FollowAsync(world, "app");
        Later(world);
        await world.Get<ConsentDesk>().OptOutAsync(
            Phone, new LedgerDraft(LedgerAction.OptOut, TopicKey.PackageUpdates, "page", "person"), default);
        foreach (var topic in (string[])[TopicKey.Promotions, TopicKey.Newsletter])
            await world.Get<ConsentDesk>().OptInAsync(
                Phone, world.Get<TopicCatalog>().Find(topic)!, new LedgerDraft(LedgerAction.OptIn, topic, "test", "person"),
                confirmed: true, null, default);
        await TextAsync(world, "STOP");
        Assert.Contains("1 Promotions, 2 Newsletter.", world.Outbox.Texts[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R50_A_sender_that_cannot_be_answered_asks_about_a_package_by_a_link()
    {
        foreach (var locale in PackageTexts.Languages)
        {
            var world = new PackagesWorld(o => o.Sms.TwoWay = false);
            await world.Watches.WatchAsync(
                new WatchRequest(PackagesWorld.Parse(PackagesWorld.Number), Phone, WatchOptions.PublicForm, "service:test")
                {
                    Locale = locale,
                },
                default);
            await world.PumpAsync();
            var text = Assert.Single(world.Outbox.Texts).Text;
            var words = System.Text.RegularExpressions.Regex.Replace(text, @"https?://\S+", ""); // A token may spell anything.
            Assert.DoesNotContain("YES", words, StringComparison.Ordinal);
            Assert.DoesNotContain("STOP", words, StringComparison.Ordinal);
            Assert.DoesNotContain("{", text, StringComparison.Ordinal);
            Assert.Contains("/c/", text, StringComparison.Ordinal);
            Assert.Contains("/u/", text, StringComparison.Ordinal);
        }
    }

    private static void Later(PackagesWorld world) => world.Clock.Advance(TimeSpan.FromMinutes(1));

    private static async Task TextAsync(PackagesWorld world, string message)
    {
        Later(world);
        await world.Get<InboundEvents>().HandleAsync(
            CoreProduct.Text($"{message} {world.Clock.GetUtcNow():O}", Ana, message, world.Clock.GetUtcNow()), default);
        await world.PumpAsync();
    }

    private static async Task SignUpAsync(PackagesWorld world, params string[] topics)
    {
        await world.Get<ConsentDesk>().OptInAsync(
            Phone, [.. topics.Select(t => (world.Get<TopicCatalog>().Find(t)!, new LedgerDraft(LedgerAction.OptIn, t, "form", "person")))],
            confirmed: false, null, default);
        await world.PumpAsync();
    }

    private static async Task FollowAsync(PackagesWorld world, string source)
    {
        await world.Watches.WatchAsync(new WatchRequest(PackagesWorld.Parse(PackagesWorld.Number), Phone, source, "service:test"), default);
        await world.PumpAsync();
    }

    private static async Task<AddressState> StateAsync(PackagesWorld world) =>
        (await world.Book.LoadAsync(world.Ring.KeyOf(Phone), default)).State!;

    private static async Task<WatchStatus> WatchedAsync(PackagesWorld world) =>
        Assert.Single(await world.Watches.OfAsync(world.Ring.KeyOf(Phone), default)).Watch.Status;
}
