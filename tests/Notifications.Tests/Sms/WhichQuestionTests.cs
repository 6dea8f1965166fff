using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sms;
using Notifications.Tests.Packages;
using static Notifications.Tests.Sms.Texter;

namespace Notifications.Tests.Sms;

/// <summary>What one word by text is an answer to, where more than one thing was asked, and that the reply says it.</summary>
public sealed class WhichQuestionTests
{
    [Fact]
    public async Task R30_A_YES_answers_the_newest_question_alone_and_the_reply_names_it_and_the_one_still_open()
    {
        var world = new PackagesWorld();
        await world.FollowAsync();
        world.Later();
        await world.SignUpAsync(TopicKey.Promotions, TopicKey.Newsletter);
        await world.TextAsync("YES", world.Later());
        var state = await world.StateAsync(Phone);
        Assert.Equal(
            (SubscriptionStatus.Subscribed, SubscriptionStatus.Subscribed, WatchStatus.Pending),
            (state.StatusOf(TopicKey.Promotions), state.StatusOf(TopicKey.Newsletter), await world.WatchedAsync(Phone)));
        var reply = world.Outbox.Texts[^1].Text;
        Assert.Contains("confirmed, you get by text: Promotions, Newsletter. Message frequency varies.", reply, StringComparison.Ordinal);
        Assert.EndsWith($"Also asked for: Package {PackagesWorld.Number}. Reply YES again to get it.", reply, StringComparison.Ordinal);

        await world.TextAsync("YES", world.Later());
        Assert.Equal(WatchStatus.Active, await world.WatchedAsync(Phone));
        Assert.Contains($"you get by text: Package {PackagesWorld.Number}.", world.Outbox.Texts[^1].Text, StringComparison.Ordinal);
        Assert.DoesNotContain("YES", world.Outbox.Texts[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R21_R30_Where_nothing_is_sent_at_all_the_reply_names_no_further_question()
    {
        var world = new PackagesWorld();
        await world.FollowAsync();
        world.Later();
        await world.SignUpAsync(TopicKey.Promotions, TopicKey.Newsletter);
        await world.Book.ChangeAsync(
            world.Ring.KeyOf(Phone), null, (s, now) => new Change(s with { RestrictedSince = now }, []), null, default);
        await world.TextAsync("YES", world.Later());
        var reply = world.Outbox.Texts[^1].Text;
        Assert.Contains("Nothing is sent to this number at present.", reply, StringComparison.Ordinal);
        Assert.DoesNotContain("Also asked for", reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R30_A_YES_to_a_package_subscribes_nothing_that_somebody_chose_before_or_that_no_message_asked_about()
    {
        var world = new PackagesWorld();
        await world.SignUpAsync(TopicKey.Newsletter);
        world.Later();
        await world.SignUpAsync(TopicKey.Promotions); // Within the window of one confirmation (R63): no message names it.
        world.Later();
        await world.FollowAsync();
        await world.TextAsync("YES", world.Later());
        Assert.Equal(WatchStatus.Active, await world.WatchedAsync(Phone));
        Assert.Equal(
            (SubscriptionStatus.Pending, SubscriptionStatus.Pending),
            ((await world.StateAsync(Phone)).StatusOf(TopicKey.Newsletter), (await world.StateAsync(Phone)).StatusOf(TopicKey.Promotions)));
        await world.TextAsync("YES", world.Later());
        await world.TextAsync("YES", world.Later());
        Assert.Equal(
            (SubscriptionStatus.Subscribed, SubscriptionStatus.Pending),
            ((await world.StateAsync(Phone)).StatusOf(TopicKey.Newsletter), (await world.StateAsync(Phone)).StatusOf(TopicKey.Promotions)));
    }

    [Fact]
    public async Task R45_Followed_packages_are_among_what_can_be_kept_after_STOP_and_begin_again_alone()
    {
        var world = new PackagesWorld(o => o.Sms.StopScope = StopScope.Clarification);
        await world.SubscribeAsync(Phone, TopicKey.Promotions, TopicKey.Newsletter);
        await world.FollowAsync(source: "app");
        await world.TextAsync("STOP", world.Later());
        Assert.Contains("1 Package updates, 2 Promotions, 3 Newsletter.", world.Outbox.Texts[^1].Text, StringComparison.Ordinal);
        await world.TextAsync("1", world.Later());
        Assert.Contains("only: Package updates", world.Outbox.Texts[^1].Text, StringComparison.Ordinal);
        var state = await world.StateAsync(Phone);
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
        await world.FollowAsync(source: "app");
        world.Later();
        await world.Get<ConsentDesk>().OptOutAsync(
            Phone, new LedgerDraft(LedgerAction.OptOut, TopicKey.PackageUpdates, "page", "person"), default);
        await world.SubscribeAsync(Phone, TopicKey.Promotions, TopicKey.Newsletter);
        await world.TextAsync("STOP", world.Later());
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
}
