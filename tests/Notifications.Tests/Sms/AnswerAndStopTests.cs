using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sms;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;
using Notifications.Unsubscribe;
using static Notifications.Tests.Sms.Texter;

namespace Notifications.Tests.Sms;

/// <summary>
/// What a YES, a number or a START means beside a STOP, in whatever order they come: an answer counts for a question that no stop has
/// overtaken.
/// </summary>
public sealed class AnswerAndStopTests
{
    [Fact]
    public async Task R39_R65_A_YES_that_comes_after_a_later_STOP_confirms_nothing_and_the_stop_stands()
    {
        var world = new PackagesWorld();
        await world.SignUpAsync(TopicKey.Newsletter);
        await world.FollowAsync();
        var yes = world.Later();
        var stop = world.Later();
        await world.TextAsync("STOP", stop);
        await world.TextAsync("YES", yes);
        var state = await world.StateAsync(Phone);
        Assert.Equal((stop, SubscriptionStatus.Unsubscribed), (state.Stopped?.Since, state.StatusOf(TopicKey.Newsletter)));
        Assert.NotEqual(SubscriptionStatus.Subscribed, state.Find(TopicKey.Newsletter)!.Status);
        Assert.Equal(WatchStatus.Pending, await world.WatchedAsync(Phone));
        Assert.Equal(1, Answers(world)); // That of the STOP.
    }

    [Fact]
    public async Task R49_After_STOP_a_YES_restores_what_had_been_consented_to_and_confirms_nothing_that_was_asked_before()
    {
        var world = new PackagesWorld();
        await world.SubscribeAsync(Phone, TopicKey.PackageUpdates);
        await world.SignUpAsync(TopicKey.Newsletter);
        await world.FollowAsync();
        await world.TextAsync("STOP", world.Later());
        await world.TextAsync("YES", world.Later());
        var state = await world.StateAsync(Phone);
        Assert.Null(state.Stopped);
        Assert.Equal(SubscriptionStatus.Subscribed, state.StatusOf(TopicKey.PackageUpdates));
        Assert.NotEqual(SubscriptionStatus.Subscribed, state.StatusOf(TopicKey.Newsletter));
        Assert.Equal(WatchStatus.Pending, await world.WatchedAsync(Phone));
        Assert.Contains("welcome back", world.Outbox.Texts[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R49_After_STOP_a_YES_of_somebody_who_only_had_a_package_to_confirm_lifts_the_stop_and_begins_nothing()
    {
        var world = new PackagesWorld();
        await world.FollowAsync();
        await world.TextAsync("STOP", world.Later());
        await world.TextAsync("YES", world.Later());
        Assert.Null((await world.StateAsync(Phone)).Stopped);
        Assert.Equal(WatchStatus.Pending, await world.WatchedAsync(Phone));
        Assert.Contains("noted", world.Outbox.Texts[^1].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("START", "welcome back"), InlineData("YES", "welcome back"), InlineData("HELP", null)]
    public async Task P1_R43_An_answer_that_waits_and_says_what_comes_again_does_not_go_out_after_a_later_STOP(string text, string? says)
    {
        const string Number = "+14155552671";
        var product = new CoreProduct();
        await product.SubscribeAsync(Number, TopicKey.PackageUpdates);
        await product.TextAsync(Number, "STOP");
        foreach (var said in new[] { text, "STOP" })
        {
            product.Time.Advance(TimeSpan.FromMinutes(1));
            await product.Inbound.HandleAsync(CoreProduct.Text(said, Number, said, product.Now), default);
        }

        await product.PumpAsync();
        // That of each STOP which stopped something; and HELP is answered, whatever is stopped.
        Assert.Equal(2, product.Outbox.Texts.Count);
        Assert.DoesNotContain(product.Outbox.Texts, t => says is not null && t.Text.Contains(says, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(LedgerDraft.AllTopics, false), InlineData(LedgerDraft.AllTopics, true)]
    [InlineData(TopicKey.PackageUpdates, false), InlineData(PackagesWorld.Number, false)]
    public async Task P6_A_YES_confirms_no_package_that_was_asked_about_before_a_stop_on_a_page(string stopped, bool resumed)
    {
        var world = new PackagesWorld();
        await world.FollowAsync();
        var key = world.Ring.KeyOf(Phone);
        world.Later();
        var link = new LinkToken(LinkPurpose.Unsubscribe, key, Channel.Sms)
        {
            Topic = TopicKey.PackageUpdates,
            TrackingNumber = stopped == PackagesWorld.Number ? stopped : null,
        };
        await world.Get<Unsubscriber>().StopAsync(
            link, stopped == LedgerDraft.AllTopics ? UnsubscribeScope.All : UnsubscribeScope.Named, "page", default);
        if (resumed) await world.TextAsync("START", world.Later());
        await world.TextAsync("YES", world.Later());
        Assert.NotEqual(WatchStatus.Active, await world.WatchedAsync(Phone));
        if (stopped == TopicKey.PackageUpdates)
            Assert.Equal(SubscriptionStatus.Unsubscribed, (await world.StateAsync(Phone)).StatusOf(TopicKey.PackageUpdates));
        Assert.DoesNotContain(world.Outbox.Texts, t => t.Text.Contains("confirmed", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task R49_A_stop_of_everything_that_is_taken_back_on_the_page_gives_a_packages_question_back_and_START_does_not(bool text)
    {
        var world = new PackagesWorld();
        await world.FollowAsync();
        var key = world.Ring.KeyOf(Phone);
        world.Later();
        await world.Get<Unsubscriber>().StopAsync(
            new LinkToken(LinkPurpose.Unsubscribe, key, Channel.Sms), UnsubscribeScope.All, "page", default);
        if (text) await world.TextAsync("START", world.Later());
        else
            await world.Book.ChangeAsync(
                key, null,
                (s, _) => Transitions.Resume(s, new LedgerDraft(LedgerAction.Resume, LedgerDraft.AllTopics, "page", Actors.Person)), null,
                default);
        Assert.Null((await world.StateAsync(Phone)).Stopped);
        await world.TextAsync("YES", world.Later());
        Assert.Equal(text ? WatchStatus.Pending : WatchStatus.Active, await world.WatchedAsync(Phone));
    }

    [Fact]
    public async Task R45_R49_What_is_asked_for_anew_after_STOP_is_asked_about_at_once_and_a_YES_begins_that_alone()
    {
        var world = new PackagesWorld();
        await world.SubscribeAsync(Phone, TopicKey.Promotions);
        await world.SignUpAsync(TopicKey.Newsletter);
        await world.TextAsync("STOP", world.Later());
        world.Later();
        await world.SignUpAsync(TopicKey.Newsletter);
        Assert.Contains("YES", world.Outbox.Texts[^1].Text, StringComparison.Ordinal);
        Assert.Equal(2, world.Outbox.Texts.Count - Answers(world));
        await world.SignUpAsync(TopicKey.Newsletter);
        Assert.Equal(2, world.Outbox.Texts.Count - Answers(world)); // One per window all the same (R63).

        await world.TextAsync("YES", world.Later());
        var state = await world.StateAsync(Phone);
        Assert.Null(state.Stopped);
        Assert.Equal(
            (SubscriptionStatus.Subscribed, SubscriptionStatus.Unsubscribed),
            (state.StatusOf(TopicKey.Newsletter), state.StatusOf(TopicKey.Promotions)));
        Assert.Contains("confirmed", world.Outbox.Texts[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R45_R49_A_YES_to_a_package_asked_about_since_STOP_begins_that_package_alone()
    {
        var world = new PackagesWorld();
        await world.SubscribeAsync(Phone, TopicKey.Promotions);
        await world.FollowAsync();
        await world.FollowAsync("JD0002", "app"); // At once, from a source that is trusted.
        await world.TextAsync("STOP", world.Later());
        world.Later();
        await world.FollowAsync();
        Assert.Equal(2, world.Outbox.Texts.Count - Answers(world));
        await world.TextAsync("YES", world.Later());
        var state = await world.StateAsync(Phone);
        Assert.Null(state.Stopped);
        Assert.Equal(SubscriptionStatus.Unsubscribed, state.StatusOf(TopicKey.Promotions));
        Assert.Equal(WatchStatus.Active, await world.WatchedAsync(Phone));
        Assert.Contains("confirmed", world.Outbox.Texts[^1].Text, StringComparison.Ordinal);

        var before = world.Outbox.Texts.Count;
        world.Later();
        await world.HappensAsync("e1", ParcelStatus.Delivered);
        await world.HappensAsync("e2", ParcelStatus.Delivered, number: "JD0002");
        await world.PumpAsync();
        Assert.Contains(PackagesWorld.Number, Assert.Single(world.Outbox.Texts[before..]).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R45_A_YES_begins_what_was_asked_about_since_STOP_and_nothing_that_was_asked_about_before_it()
    {
        var world = new PackagesWorld();
        await world.FollowAsync();
        await world.TextAsync("STOP", world.Later());
        world.Later();
        await world.SignUpAsync(TopicKey.Newsletter);
        await world.TextAsync("YES", world.Later());
        Assert.Equal(SubscriptionStatus.Subscribed, (await world.StateAsync(Phone)).StatusOf(TopicKey.Newsletter));
        Assert.Equal(WatchStatus.Pending, await world.WatchedAsync(Phone));
    }

    [Fact]
    public async Task R65_A_YES_that_comes_again_after_a_crash_answers_no_question_that_is_newer_and_lifts_no_stop_that_is()
    {
        var world = new PackagesWorld();
        await world.FollowAsync();
        var said = world.Later();
        await world.TextAsync("YES", said);
        await world.TextAsync("STOP", world.Later()); // Between the YES and what follows its commit.
        await world.TextAsync("YES", said);
        var stopped = await world.StateAsync(Phone);
        Assert.NotNull(stopped.Stopped);
        Assert.Empty(await world.Watches.FollowedAsync(world.Ring.KeyOf(Phone), stopped, default));

        var other = new PackagesWorld();
        await other.FollowAsync();
        said = other.Later();
        await other.TextAsync("YES", said);
        Assert.Equal(WatchStatus.Active, await other.WatchedAsync(Phone));
        other.Later();
        await other.Watches.UnwatchAsync(other.Ring.KeyOf(Phone), PackagesWorld.Number, "link", "person", null, default);
        other.Later();
        await other.FollowAsync();
        await other.TextAsync("YES", said);
        Assert.Equal(WatchStatus.Pending, await other.WatchedAsync(Phone));
    }

    [Fact]
    public async Task R49_A_YES_to_a_package_is_done_also_where_no_more_answers_may_go_out()
    {
        var world = new PackagesWorld(o => o.Sms.RepliesPerHour = 1);
        await world.TextAsync("HELP", world.Later());
        await world.FollowAsync();
        await world.TextAsync("YES", world.Later());
        Assert.Equal(WatchStatus.Active, await world.WatchedAsync(Phone));
        Assert.Equal(1, Answers(world));
    }

    [Fact]
    public async Task R45_R65_A_choice_that_comes_after_a_later_STOP_changes_nothing()
    {
        var world = new PackagesWorld(o => o.Sms.StopScope = StopScope.Clarification);
        await world.SubscribeAsync(Phone, TopicKey.PackageUpdates, TopicKey.Promotions);
        await world.TextAsync("STOP", world.Later());
        var chosen = world.Later();
        var stop = world.Later();
        await world.TextAsync("STOP", stop);
        await world.TextAsync("1", chosen);
        Assert.Equal(stop, (await world.StateAsync(Phone)).Stopped?.Since);
        await world.TextAsync("1", world.Later()); // Said after it, it counts.
        Assert.Equal(SubscriptionStatus.Subscribed, (await world.StateAsync(Phone)).StatusOf(TopicKey.PackageUpdates));
    }

    [Theory]
    [InlineData("the carrier answers STOP itself (R47)")]
    [InlineData("it would come too late (R44)")]
    public async Task R45_Where_nothing_was_asked_nothing_can_be_chosen(string because)
    {
        var world = new PackagesWorld(o =>
        {
            o.Sms.StopScope = StopScope.Clarification;
            if (because.Contains("R47", StringComparison.Ordinal)) o.Sms.ProviderAnswersStop = ["+18005550100"];
        });
        await world.SubscribeAsync(Phone, TopicKey.PackageUpdates, TopicKey.Promotions);
        var said = world.Later();
        if (because.Contains("R44", StringComparison.Ordinal)) world.Clock.Advance(TimeSpan.FromMinutes(6));
        await world.TextAsync("STOP", said);
        Assert.Null((await world.StateAsync(Phone)).Choice);
        await world.TextAsync("1", world.Later());
        Assert.NotNull((await world.StateAsync(Phone)).Stopped);
    }

    [Fact]
    public async Task R45_The_question_of_a_former_STOP_is_none_of_a_later_one()
    {
        var world = new PackagesWorld(o => o.Sms.StopScope = StopScope.Clarification);
        await world.SubscribeAsync(Phone, TopicKey.PackageUpdates, TopicKey.Promotions);
        await world.TextAsync("STOP", world.Later());
        world.Later();
        await world.Book.ChangeAsync(
            world.Ring.KeyOf(Phone), null,
            (s, _) => Transitions.Resume(s, new LedgerDraft(LedgerAction.Resume, LedgerDraft.AllTopics, "page", "person")), null, default);
        var said = world.Later();
        world.Clock.Advance(TimeSpan.FromMinutes(6));
        await world.TextAsync("STOP", said); // Too late to be asked about.
        await world.TextAsync("1", world.Later());
        Assert.NotNull((await world.StateAsync(Phone)).Stopped);
    }

    [Fact]
    public async Task R65_A_START_of_somebody_who_only_follows_packages_is_remembered_against_a_STOP_under_way()
    {
        var world = new PackagesWorld();
        await world.FollowAsync(source: "app");
        var stop = world.Later();
        await world.TextAsync("START", world.Later());
        await world.TextAsync("STOP", stop);
        Assert.Null((await world.StateAsync(Phone)).Stopped);
        Assert.Equal(
            [LedgerAction.Watch, LedgerAction.StopAll, LedgerAction.Resume],
            (await world.Book.LedgerAsync(world.Ring.KeyOf(Phone), default)).Select(e => e.Action));
    }

    [Theory]
    [InlineData("START"), InlineData("timer"), InlineData("expiry")]
    public async Task R49_What_a_STOP_covers_is_followed_as_before_after_a_START_also_where_somebody_asked_for_it_meanwhile(string by)
    {
        var world = new PackagesWorld();
        await world.FollowAsync(source: "app");
        var since = (await world.Watches.OfAsync(world.Ring.KeyOf(Phone), default))[0].Watch.Since;
        await world.TextAsync("STOP", world.Later());
        world.Later();
        await world.FollowAsync(); // By a form that proves nothing.
        Assert.Equal(WatchStatus.Pending, await world.WatchedAsync(Phone));
        if (by == "START") await world.TextAsync("START", world.Later());
        else if (by == "expiry") world.Clock.Advance(TimeSpan.FromDays(8));
        else
            await world.Book.ChangeAsync(
                world.Ring.KeyOf(Phone), null,
                (state, now) => Transitions.ResumeByText(state, new LedgerDraft(LedgerAction.Resume, LedgerDraft.AllTopics, "sms", "person"), now),
                null, default);
        if (by != "START") await world.Repair.RunAsync(default);
        var (_, watch) = Assert.Single(await world.Watches.OfAsync(world.Ring.KeyOf(Phone), default));
        Assert.Equal((WatchStatus.Active, since, 1), (watch.Status, watch.Since, (await world.StateAsync(Phone)).Watching));
        Assert.Equal(by == "expiry", (await world.StateAsync(Phone)).Stopped is not null);
    }

    [Fact]
    public async Task P6_What_a_STOP_and_a_START_overtook_stays_overtaken_after_the_last_package()
    {
        var world = new PackagesWorld();
        await world.FollowAsync(source: "app");
        var stop = world.Later();
        await world.TextAsync("STOP", stop);
        await world.TextAsync("START", world.Later());
        world.Clock.Advance(TimeSpan.FromDays(200));
        Assert.Equal(1, (await world.Repair.RunAsync(default)).Purged);
        var state = await world.StateAsync(Phone);
        Assert.Equal((null, stop), (state.Value, state.StoppedAt(TopicKey.Newsletter)));
    }

    private static int Answers(PackagesWorld world) => world.Outbox.Texts.Count(t => !t.Text.Contains("YES", StringComparison.Ordinal));
}
