using CsCheck;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;
using Notifications.Tests.Sending;
using Notifications.Unsubscribe;
using static Notifications.Tests.Consent.Given;

namespace Notifications.Tests.Consent;

/// <summary>
/// An opt-in that nobody has confirmed yet: anybody can give it in another's name, so what was said before holds until it is (P6, R28).
/// </summary>
public sealed class WaitingOptInTests
{
    /// <summary>What may have been said of one topic before.</summary>
    private static readonly Func<AddressState, DateTimeOffset, Change>[] Acts =
    [
        (s, now) => Transitions.OptIn(s, Newsletter, Draft(LedgerAction.OptIn), true, now),
        (s, now) => Transitions.SoftOptIn(s, Newsletter, Draft(LedgerAction.OptIn) with { Source = SoftOptIn.SourceOf("checkout") }, now),
        (s, now) => Transitions.OptOut(s, Draft(LedgerAction.OptOut), now),
        (s, _) => Transitions.Restore(s, TopicKey.Newsletter, Draft(LedgerAction.Resume)),
        (s, now) => Transitions.StopAll(s, Draft(LedgerAction.StopAll), now),
        (s, now) => Transitions.StopByText(s, Draft(LedgerAction.StopAll), now),
        (s, _) => Transitions.Resume(s, Draft(LedgerAction.Resume)),
    ];

    [Fact]
    public void P6_Never_confirmed_it_leaves_every_stop_and_every_consent_as_it_was() => Gen.Int[0, Acts.Length - 1].Array[0, 8].Sample(
        acts =>
        {
            var (before, time) = (Blank, Now);
            foreach (var act in acts) before = Acts[act](before, time = time.AddMinutes(1)).State;
            var asked = Transitions.OptIn(before, Newsletter, Draft(LedgerAction.OptIn, "v2"), false, time.AddMinutes(1)).State;
            if (before.Subscriptions.Length > 0) Assert.Equal(before.StatusOf(TopicKey.Newsletter), asked.StatusOf(TopicKey.Newsletter));
            Assert.True(asked.Find(TopicKey.Newsletter)!.Waits);
            Assert.Equal(
                SubscriptionStatus.Subscribed,
                Transitions.Confirm(
                    asked, TopicKey.Newsletter, Draft(LedgerAction.Confirm), time.AddMinutes(2)).State.StatusOf(TopicKey.Newsletter));

            var expired = Transitions.Expire(asked, TopicKey.Newsletter, Draft(LedgerAction.Expire));
            Assert.Single(expired.Entries);
            Assert.Equal(before.Subscriptions, expired.State.Subscriptions);
            Assert.Equal(before.Stopped, expired.State.Stopped);
            Assert.Empty(Transitions.Expire(expired.State, TopicKey.Newsletter, Draft(LedgerAction.Expire)).Entries);
        },
        iter: 5_000);

    [Fact]
    public void R10_A_stop_takes_it_back_and_counts_from_then()
    {
        var state = Transitions.OptOut(Blank, Draft(LedgerAction.OptOut), Now).State;
        state = Transitions.OptIn(state, Newsletter, Draft(LedgerAction.OptIn), false, Now.AddDays(1)).State;
        var stopped = Transitions.OptOut(state, Draft(LedgerAction.OptOut), Now.AddDays(2));
        Assert.Equal(
            (false, Now.AddDays(2), 1),
            (stopped.State.Find(TopicKey.Newsletter)!.Waits, stopped.State.Find(TopicKey.Newsletter)!.Since, stopped.Entries.Count));
        Assert.Empty(Transitions.Confirm(stopped.State, TopicKey.Newsletter, Draft(LedgerAction.Confirm), Now.AddDays(3)).Entries);

        // An older word that comes in late moves nothing back, and counts from no earlier than what it takes back (P6).
        Assert.Equal(
            Now.AddDays(1),
            Transitions.OptOut(state, Draft(LedgerAction.OptOut), Now.AddDays(-9)).State.Find(TopicKey.Newsletter)!.Since);

        var all = Transitions.StopAll(state, Draft(LedgerAction.StopAll), Now.AddDays(2)).State;
        Assert.Equal(
            (SubscriptionStatus.Unsubscribed, false), (all.Find(TopicKey.Newsletter)!.Status, all.Find(TopicKey.Newsletter)!.Waits));
    }

    [Fact]
    public void R28_R49_What_was_asked_for_after_a_stop_of_everything_can_be_confirmed_topic_by_topic_and_what_was_asked_for_before_it_not_by_a_bare_yes()
    {
        var state = Transitions.OptIn(
            Blank, Topics.Find(TopicKey.PackageUpdates)!.Unproven(), Draft(LedgerAction.OptIn, topic: TopicKey.PackageUpdates), false,
            Now.AddDays(-1)).State;
        state = Transitions.StopByText(state, Draft(LedgerAction.StopAll), Now).State;
        string[] asked = [TopicKey.Newsletter, TopicKey.Promotions];
        foreach (var topic in asked)
            state = Transitions.OptIn(state, Topics.Find(topic)!, Draft(LedgerAction.OptIn, topic: topic), false, Now.AddDays(1)).State;
        Assert.All(
            asked,
            t => Assert.Equal((SubscriptionStatus.Unsubscribed, SubscriptionStatus.Pending), (state.StatusOf(t), state.ShownStatusOf(t))));
        foreach (var topic in asked)
            state = Transitions.Confirm(state, topic, Draft(LedgerAction.Confirm, topic: topic), Now.AddDays(2)).State;
        Assert.All(asked, t => Assert.Equal(SubscriptionStatus.Subscribed, state.StatusOf(t)));

        // What had been asked before the stop waits on, stopped; a press on its page still says yes to it, a text that names nothing does
        // not.
        Assert.Equal(
            (SubscriptionStatus.Unsubscribed, true), (state.StatusOf(TopicKey.PackageUpdates), state.Find(TopicKey.PackageUpdates)!.Waits));
        Assert.False(state.IsOpen(Now.AddDays(-1), Now.AddDays(3)));
        Assert.True(state.IsOpen(Now.AddDays(1), Now.AddDays(3)));
    }

    [Fact]
    public void R45_P6_What_a_stop_of_everything_held_back_stays_back_when_an_explicit_choice_lifts_it()
    {
        var state = Transitions.StopAll(Blank, Draft(LedgerAction.StopAll), Now).State;
        state = Transitions.OptIn(
            state, Topics.Find(TopicKey.Promotions)!, Draft(LedgerAction.OptIn, topic: TopicKey.Promotions), false, Now.AddDays(1)).State;
        state = Transitions.OptIn(state, Newsletter, Draft(LedgerAction.OptIn), true, Now.AddDays(2)).State;
        Assert.Equal((null, Now), (state.Stopped, state.LiftedStop));

        // Packages are followed without a subscription: those of before the stop are not to speak again. What waits since the stop still
        // can be confirmed, and a stop stands under it.
        Assert.Equal(
            (SubscriptionStatus.Unsubscribed, Now),
            (state.Find(TopicKey.PackageUpdates)!.Status, state.Find(TopicKey.PackageUpdates)!.Since));
        var waits = state.Find(TopicKey.Promotions)!;
        Assert.Equal((SubscriptionStatus.Unsubscribed, Now, Now.AddDays(1)), (waits.Status, waits.Since, waits.Unconfirmed!.Since));
        Assert.Equal(
            SubscriptionStatus.Unsubscribed,
            Transitions.Expire(state, TopicKey.Promotions, Draft(LedgerAction.Expire)).State.StatusOf(TopicKey.Promotions));

        // Taken back as a whole, a stop leaves nothing behind.
        Assert.Null(
            Transitions.Resume(
                Transitions.StopAll(Blank, Draft(LedgerAction.StopAll), Now).State, Draft(LedgerAction.Resume)).State.LiftedStop);
    }

    [Fact]
    public void P6_Taking_back_the_stop_of_what_only_waited_brings_no_consent_of_before_back()
    {
        var state = Transitions.OptIn(Blank, Newsletter, Draft(LedgerAction.OptIn), true, Now).State;
        state = Transitions.OptOut(state, Draft(LedgerAction.OptOut), Now.AddDays(1)).State;
        state = Transitions.OptIn(state, Newsletter, Draft(LedgerAction.OptIn), false, Now.AddDays(90)).State; // Anybody's.
        state = Transitions.OptOut(state, Draft(LedgerAction.OptOut), Now.AddDays(91)).State;
        Assert.Empty(Transitions.Restore(state, TopicKey.Newsletter, Draft(LedgerAction.Resume)).Entries);
    }

    [Fact]
    public async Task P1_R54_Stopping_all_packages_stops_those_followed_since_the_last_stop_too()
    {
        var world = new PackagesWorld();
        var mail = "ana@example.com";
        var link = new LinkToken(LinkPurpose.Unsubscribe, world.KeyOf(mail), Channel.Email) { Topic = TopicKey.PackageUpdates };
        foreach (var scope in (UnsubscribeScope[])[UnsubscribeScope.All, UnsubscribeScope.Topic, UnsubscribeScope.All])
        {
            await world.Get<Unsubscriber>().StopAsync(link, scope, "link", default);
            world.Clock.Advance(TimeSpan.FromMinutes(1));
            await world.WatchAsync(mail, source: WatchOptions.PublicForm);
            Assert.NotNull(await world.Watches.ConfirmAsync(world.KeyOf(mail), PackagesWorld.Number, "page", null, default));
            world.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        var stopped = await world.Get<Unsubscriber>().StopAsync(link, UnsubscribeScope.Topic, "link", default);
        Assert.True(stopped.Changed);
        Assert.False((await world.Get<Unsubscriber>().StopAsync(link, UnsubscribeScope.Topic, "link", default)).Changed); // R10
        world.Outbox.Emails.Clear();
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await world.HappensAsync("e1", ParcelStatus.Delivered);
        await world.PumpAsync();
        Assert.Empty(world.Outbox.Emails);

        // And the ledger tells the same of when it stopped.
        var told = LedgerFold.At(await world.Book.LedgerAsync(world.KeyOf(mail), default), stopped.State, Topics, DateTimeOffset.MaxValue)!;
        Assert.Equal(stopped.State.Find(TopicKey.PackageUpdates)!.Since, told.Find(TopicKey.PackageUpdates)!.Since);
    }

    [Fact]
    public async Task R45_A_package_that_was_followed_under_a_stop_of_everything_can_still_be_confirmed()
    {
        var world = new PackagesWorld();
        var (mail, key) = ("ana@example.com", world.KeyOf("ana@example.com"));
        await world.Book.ChangeAsync(
            key, ConsentDesk.Blank(CoreProduct.Email(mail)), (s, now) => Transitions.StopAll(s, Draft(LedgerAction.StopAll), now), null,
            default);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        var asked = await world.WatchAsync(mail, with: r => r with { ActedAt = world.Clock.GetUtcNow() });
        // A service's word lifts no stop of everything.
        Assert.Equal((WatchStatus.Active, Reason.Unsubscribed), (asked.Status, asked.Blocked));
        Assert.Null((await world.Watches.ConfirmAsync(key, PackagesWorld.Number, "page", null, default))!.Value.Blocked);
        await world.HappensAsync("e1", ParcelStatus.Delivered);
        await world.PumpAsync();
        Assert.Single(world.Outbox.Emails);
    }

    [Fact]
    public void R63_R65_Asked_for_again_it_changes_nothing_but_under_a_newer_policy_or_after_a_stop_it_is_a_new_wish()
    {
        var state = Transitions.OptIn(Blank, Newsletter, Draft(LedgerAction.OptIn), false, Now).State;
        Assert.Empty(Transitions.OptIn(state, Newsletter, Draft(LedgerAction.OptIn), false, Now.AddHours(1)).Entries);
        var newer = Transitions.OptIn(state, Newsletter, Draft(LedgerAction.OptIn, "v2"), false, Now.AddHours(1));
        Assert.Equal((1, "v2"), (newer.Entries.Count, newer.State.Find(TopicKey.Newsletter)!.Unconfirmed!.PolicyVersion));
        state = Transitions.StopByText(state, Draft(LedgerAction.StopAll), Now.AddHours(2)).State;
        var again = Transitions.OptIn(state, Newsletter, Draft(LedgerAction.OptIn, "v2"), false, Now.AddHours(3));
        Assert.Equal((1, Now.AddHours(3)), (again.Entries.Count, again.State.Find(TopicKey.Newsletter)!.Unconfirmed!.Since));
    }

    [Fact]
    public void R37_M15_Over_a_soft_opt_in_or_an_older_policy_it_waits_while_what_holds_goes_on_holding()
    {
        var soft = Transitions.SoftOptIn(
            Blank, Newsletter, Draft(LedgerAction.OptIn) with { Source = SoftOptIn.SourceOf("checkout") }, Now).State;
        var older = Transitions.OptIn(Blank, Newsletter, Draft(LedgerAction.OptIn), true, Now).State;
        foreach (var (state, version) in ((AddressState, string)[])[(soft, "v1"), (older, "v2")])
        {
            var asked = Transitions.OptIn(state, Newsletter, Draft(LedgerAction.OptIn, version), false, Now.AddDays(1)).State;
            Assert.Equal(
                (SubscriptionStatus.Subscribed, SubscriptionStatus.Subscribed, true),
                (asked.StatusOf(TopicKey.Newsletter), asked.ShownStatusOf(TopicKey.Newsletter), asked.Find(TopicKey.Newsletter)!.Waits));
            Assert.Equal(state.Find(TopicKey.Newsletter)!.Source, asked.Find(TopicKey.Newsletter)!.Source);
            var confirmed = Transitions.Confirm(
                asked, TopicKey.Newsletter, Draft(LedgerAction.Confirm), Now.AddDays(2)).State.Find(TopicKey.Newsletter)!;
            Assert.Equal(("form", version, false), (confirmed.Source, confirmed.PolicyVersion, confirmed.Waits));
        }

        // Confirmed at once it replaces the soft one too; a soft one never replaces it.
        Assert.Equal(
            "form",
            Transitions.OptIn(soft, Newsletter, Draft(LedgerAction.OptIn), true, Now.AddDays(1)).State.Find(TopicKey.Newsletter)!.Source);
        Assert.Empty(Transitions.OptIn(older, Newsletter, Draft(LedgerAction.OptIn), false, Now.AddDays(1)).Entries);
    }

    [Fact]
    public async Task P6_R54_A_sign_up_in_anothers_name_does_not_start_the_packages_that_were_stopped()
    {
        var world = new PackagesWorld();
        var (mail, ana) = ("ana@example.com", CoreProduct.Email("ana@example.com"));
        await world.WatchAsync(mail);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await world.Get<Unsubscriber>().StopAsync(
            new LinkToken(LinkPurpose.Unsubscribe, world.KeyOf(mail), Channel.Email) { Topic = TopicKey.PackageUpdates },
            UnsubscribeScope.Topic, "link", default);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await world.Get<ConsentDesk>().OptInAsync(
            ana, Topics.Find(TopicKey.PackageUpdates)!.Unproven(),
            Draft(LedgerAction.OptIn, topic: TopicKey.PackageUpdates) with { Source = WatchOptions.PublicForm }, confirmed: false, null,
            default);
        await world.PumpAsync();
        var question = Assert.Single(world.Outbox.Emails);
        await world.HappensAsync("e1", ParcelStatus.Delivered);
        await world.PumpAsync();
        Assert.Same(question, Assert.Single(world.Outbox.Emails));

        // Nor does anything of it remain once its time is over: a service's word of before the stop counts no more than it did.
        world.Clock.Advance(TimeSpan.FromDays(40));
        await world.Get<Retention>().RunAsync(default);
        var state = (await world.Book.LoadAsync(world.KeyOf(mail), default)).State!;
        Assert.Equal(
            (SubscriptionStatus.Unsubscribed, false),
            (state.StatusOf(TopicKey.PackageUpdates), state.Find(TopicKey.PackageUpdates)!.Waits));
        Assert.Equal(
            SubscriptionStatus.Unsubscribed,
            LedgerFold.At(
                await world.Book.LedgerAsync(world.KeyOf(mail), default), state, Topics,
                DateTimeOffset.MaxValue)!.StatusOf(TopicKey.PackageUpdates));
        Assert.Equal(WatchStatus.Pending, (await world.WatchAsync(mail, "LX123456799CN")).Status);
    }

    [Fact]
    public async Task R26_R28_Somebody_who_was_with_us_once_is_not_forgotten_with_an_opt_in_that_nobody_confirmed()
    {
        var world = new World();
        var (store, time) = (world.Store, world.Time);
        var (ana, eve) = (CoreProduct.Email("ana@example.com"), CoreProduct.Email("eve@example.com"));

        // As former versions left it: the stop gave way to the opt-in that waits, and only the ledger knows of it.
        await world.SubscribeAsync(ana, TopicKey.Newsletter);
        await world.Consents.OptOutAsync(ana, Draft(LedgerAction.OptOut), default);
        await world.Book.ChangeAsync(
            world.Ring.KeyOf(ana), null,
            (s, now) =>
                new Change(
                    s with { Subscriptions = [new Subscription(TopicKey.Newsletter, SubscriptionStatus.Pending, now, "form")] },
                    [Draft(LedgerAction.OptIn)]),
            null, default);
        await world.Consents.OptInAsync(eve, Newsletter, Draft(LedgerAction.OptIn), confirmed: false, null, default);
        time.Advance(TimeSpan.FromDays(40));
        await new Retention(store, world.Book, new PrivacyOptions(), new WatchOptions(), new SendingOptions(), time).RunAsync(default);

        Assert.Equal(4, (await world.Book.LedgerAsync(world.Ring.KeyOf(ana), default)).Count);
        Assert.Equal(SubscriptionStatus.None, (await world.StateAsync(ana)).StatusOf(TopicKey.Newsletter));
        Assert.Null((await world.Book.LoadAsync(world.Ring.KeyOf(eve), default)).State);
        Assert.Empty(await world.Book.LedgerAsync(world.Ring.KeyOf(eve), default));
    }

    [Fact]
    public async Task P2_R28_Why_somebody_who_never_confirmed_got_nothing_is_kept_as_long_as_any_receipt_and_then_all_of_it_goes()
    {
        var world = new World();
        var eve = CoreProduct.Email("eve@example.com");
        await world.Consents.OptInAsync(eve, Newsletter, Draft(LedgerAction.OptIn), confirmed: false, null, default);
        var message = world.Request(eve, TopicKey.Newsletter);
        await world.Dispatcher.SendAsync(message, false, default);
        var retention = new Retention(world.Store, world.Book, new PrivacyOptions(), new WatchOptions(), new SendingOptions(), world.Time);
        world.Time.Advance(TimeSpan.FromDays(40));
        await retention.RunAsync(default);
        Assert.Equal(Reason.Unconfirmed, (await world.RecordAsync(message))!.Reason);
        Assert.NotEmpty(await world.Book.LedgerAsync(world.Ring.KeyOf(eve), default));

        world.Time.Advance(TimeSpan.FromDays(400));
        await retention.RunAsync(default);
        await retention.RunAsync(default);
        Assert.Null((await world.Book.LoadAsync(world.Ring.KeyOf(eve), default)).State);
        Assert.Empty(await world.Book.LedgerAsync(world.Ring.KeyOf(eve), default));
    }

    private static LedgerDraft Draft(LedgerAction action, string version = "v1", string topic = TopicKey.Newsletter) =>
        new(action, topic, "form", "person") { PolicyVersion = version };
}
