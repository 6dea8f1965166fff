using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Tests.Faults;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Consent;

/// <summary>A clock that was an hour ahead and is set right, or is set back wrongly: what was said before lies ahead.</summary>
public sealed class ClockSetBackTests
{
    private const string Ana = "ana@example.com", Phone = "+14155552671";
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly DateTimeOffset Now = new(2026, 6, 3, 10, 5, 0, TimeSpan.Zero);
    private static readonly TopicCatalog Topics = new();

    [Theory]
    [InlineData(UnsubscribeScope.Named)]
    [InlineData(UnsubscribeScope.All)]
    public async Task P1_M4_A_stop_silences_the_packages_that_were_followed_in_the_hour_ahead_and_what_is_followed_after_it_speaks(
        UnsubscribeScope scope)
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana);
        world.Clock.AdjustTime(world.Clock.GetUtcNow() - Hour);
        await world.WatchAsync(Ana, "LX123456799CN");
        await world.Get<Unsubscriber>().StopAsync(
            new LinkToken(LinkPurpose.Unsubscribe, world.KeyOf(Ana), Channel.Email) { Topic = TopicKey.PackageUpdates }, scope, "link", default);
        if (scope == UnsubscribeScope.All)
            await world.Get<ConsentDesk>().OptInAsync(
                CoreProduct.Email(Ana), Topics.Find(TopicKey.Newsletter)!,
                new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person"), confirmed: true, null, default);
        await world.HappensAsync("e1", ParcelStatus.InTransit);
        await world.PumpAsync();
        var record = (await world.MessageAsync(Ana, "e1"))!;
        Assert.Equal((MessageStatus.Skipped, Reason.Unsubscribed), (record.Status, record.Reason));

        world.Clock.Advance(Hour + TimeSpan.FromMinutes(1));
        await world.WatchAsync(Ana, with: r => r with { Confirmed = true });
        await world.HappensAsync("e2", ParcelStatus.OutForDelivery);
        await world.PumpAsync();
        Assert.Equal(MessageStatus.Sent, (await world.MessageAsync(Ana, "e2"))!.Status);
    }

    [Fact]
    public async Task P6_A_stop_of_one_package_is_overruled_by_no_evidence_older_than_the_following_that_it_stopped()
    {
        var world = new PackagesWorld();
        var said = world.Clock.GetUtcNow();
        await world.WatchAsync(Ana, with: r => r with { Told = true, ActedAt = said });
        world.Clock.AdjustTime(said - Hour);
        await world.Get<Unsubscriber>().StopAsync(
            new LinkToken(LinkPurpose.Unsubscribe, world.KeyOf(Ana), Channel.Email)
            {
                Topic = TopicKey.PackageUpdates, TrackingNumber = PackagesWorld.Number,
            },
            UnsubscribeScope.Named, "link", default);
        world.Clock.Advance(Hour + TimeSpan.FromMinutes(1));
        await world.WatchAsync(Ana, with: r => r with { Told = true, ActedAt = said });
        Assert.NotEqual(WatchStatus.Active, await world.WatchedAsync(CoreProduct.Email(Ana)));
    }

    [Fact]
    public async Task M1_P2_Who_follows_since_before_the_clock_was_set_back_is_told_what_happens_now()
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana);
        world.Clock.AdjustTime(world.Clock.GetUtcNow() - Hour);
        await world.HappensAsync("e1", ParcelStatus.InTransit);
        await world.PumpAsync();
        Assert.Equal(MessageStatus.Sent, (await world.MessageAsync(Ana, "e1"))!.Status);
    }

    [Fact]
    public void M1_A_package_that_is_confirmed_after_a_stop_that_lies_ahead_counts_from_after_it()
    {
        var state = new AddressState { Channel = Channel.Email, FollowedAt = Now + Hour };
        state = Transitions.OptOut(state, Draft(LedgerAction.OptOut, TopicKey.PackageUpdates), Now).State;
        var stopped = state.Find(TopicKey.PackageUpdates)!.Since;
        Assert.True(stopped > Now + Hour);
        Assert.True(state.FollowedFrom(Now) > stopped);
        Assert.Equal(stopped + Hour, state.FollowedFrom(stopped + Hour));
        var followed = Transitions.Follow(state, Draft(LedgerAction.Confirm, TopicKey.PackageUpdates), Now).State;
        Assert.Equal(state.FollowedFrom(Now), followed.FollowedAt);
        Assert.Equal(Now + Hour, state.Followed(Now).FollowedAt);
        // An ordinary stop counts from when it is said.
        var plain = Transitions.OptOut(
            state with { Subscriptions = [], FollowedAt = Now - Hour }, Draft(LedgerAction.OptOut, TopicKey.PackageUpdates), Now);
        Assert.Equal(Now, plain.State.Find(TopicKey.PackageUpdates)!.Since);
    }

    [Fact]
    public async Task P1_R65_A_STOP_by_text_silences_the_packages_that_were_followed_in_the_hour_ahead_also_once_a_choice_has_lifted_it()
    {
        var world = new PackagesWorld();
        var phone = CoreProduct.Phone(Phone);
        await world.Watches.WatchAsync(new WatchRequest(PackagesWorld.Parse(PackagesWorld.Number), phone, "app", "service:test"), default);
        world.Clock.AdjustTime(world.Clock.GetUtcNow() - Hour);
        await world.HappensAsync("e1", ParcelStatus.InTransit);
        await world.PumpAsync();
        Assert.Single(world.Outbox.Texts);

        await world.Get<SmsConversation>().HandleAsync(CoreProduct.Text("s1", Phone, "STOP", world.Clock.GetUtcNow()), default);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await world.Get<ConsentDesk>().OptInAsync(
            phone, Topics.Find(TopicKey.Newsletter)!, new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person"),
            confirmed: true, null, default);
        await world.PumpAsync();
        var texts = world.Outbox.Texts.Count;
        await world.HappensAsync("e2", ParcelStatus.OutForDelivery);
        await world.PumpAsync();
        Assert.Equal(texts, world.Outbox.Texts.Count);

        // One that comes late still stops nothing that was followed after it was said.
        var followed = new AddressState { Channel = Channel.Sms, FollowedAt = Now };
        var late = Transitions.StopByText(
            followed, Draft(LedgerAction.StopAll, LedgerDraft.AllTopics), Now.AddMinutes(-1), Now.AddMinutes(1));
        Assert.Equal(Now.AddMinutes(-1), late.State.Stopped!.Since);
    }

    [Theory]
    [InlineData("START")]
    [InlineData("3")]
    public async Task P6_R49_R45_What_the_person_texts_after_such_a_STOP_is_the_newer_word_and_takes_it_back(string word)
    {
        var world = new PackagesWorld(o => o.Sms.StopScope = StopScope.Clarification);
        var phone = CoreProduct.Phone(Phone);
        foreach (var topic in (string[])[TopicKey.Promotions, TopicKey.Newsletter])
            await world.Get<ConsentDesk>().OptInAsync(
                phone, Topics.Find(topic)!, new LedgerDraft(LedgerAction.OptIn, topic, "form", "person"), confirmed: true, null, default);
        await world.Watches.WatchAsync(new WatchRequest(PackagesWorld.Parse(PackagesWorld.Number), phone, "app", "service:test"), default);
        world.Clock.AdjustTime(world.Clock.GetUtcNow() - Hour);
        async Task<AddressState> SayAsync(string text)
        {
            world.Clock.Advance(TimeSpan.FromMinutes(1));
            await world.Get<SmsConversation>().HandleAsync(CoreProduct.Text(text, Phone, text, world.Clock.GetUtcNow()), default);
            await world.PumpAsync();
            return (await world.StateAsync(phone));
        }

        var stopped = (await SayAsync("STOP")).Stopped!;
        Assert.True(stopped.Since > world.Clock.GetUtcNow());
        Assert.Equal(world.Clock.GetUtcNow(), stopped.SaidAt);
        var state = await SayAsync(word);
        Assert.Equal((null, SubscriptionStatus.Subscribed), (state.Stopped, state.StatusOf(TopicKey.Newsletter)));
        await world.HappensAsync("e1", ParcelStatus.InTransit);
        var texts = world.Outbox.Texts.Count;
        await world.PumpAsync();
        Assert.Equal(word == "START" ? 1 : 0, world.Outbox.Texts.Count - texts); // The digit chose the newsletter alone.
    }

    [Fact]
    public void M4_R65_A_START_of_before_such_a_stop_was_said_again_takes_nothing_back_however_late_it_comes()
    {
        var (stop, start) = (Draft(LedgerAction.StopAll, LedgerDraft.AllTopics), Draft(LedgerAction.Resume, LedgerDraft.AllTopics));
        var followed = new AddressState { Channel = Channel.Sms, FollowedAt = Now + Hour };
        foreach (var say in (Func<AddressState, DateTimeOffset, Change>[])[
            (s, at) => Transitions.StopByText(s, stop, at, at), (s, at) => Transitions.StopAll(s, stop, at),
        ])
        {
            var once = say(followed, Now).State;
            Assert.Null(Transitions.ResumeByText(once, start, Now.AddMinutes(2)).State.Stopped);
            var again = say(once, Now.AddMinutes(5));
            Assert.Empty(again.Entries);
            Assert.Equal((once.Stopped!.Since, Now.AddMinutes(5)), (again.State.Stopped!.Since, again.State.Stopped.SaidAt));
            Assert.NotNull(Transitions.ResumeByText(again.State, start, Now.AddMinutes(2)).State.Stopped);
            // Once the moment it counts from has passed it is a stop like any other.
            var later = say(again.State, Now + 2 * Hour).State.Stopped!;
            Assert.Equal((Now + 2 * Hour, null), (later.Since, later.Said));
        }
    }

    [Fact]
    public void R36_An_objection_stops_what_was_agreed_to_in_the_hour_ahead_and_not_what_was_asked_for_since()
    {
        var blank = new AddressState { Channel = Channel.Email, Value = Ana };
        var newsletter = Topics.Find(TopicKey.Newsletter)!;
        var draft = Draft(LedgerAction.OptIn, TopicKey.Newsletter);
        var ahead = Transitions.OptIn(blank, newsletter, draft, confirmed: true, Now + Hour).State;
        var objected = Objection.Say(ahead, Topics, Now, "person", Now).State;
        Assert.True(objected.IsObjected(newsletter));
        Assert.Equal(SubscriptionStatus.Unsubscribed, objected.StatusOf(newsletter));
        // Said an hour ago and only written now: what was agreed to in between stands.
        var since = Transitions.OptIn(blank, newsletter, draft, confirmed: true, Now).State;
        Assert.Equal(SubscriptionStatus.Subscribed, Objection.Say(since, Topics, Now - Hour, "person", Now).State.StatusOf(newsletter));
    }

    [Theory]
    [InlineData("topic")]
    [InlineData("all")]
    [InlineData("all, lifted")]
    [InlineData("text")]
    [InlineData("objection")]
    [InlineData("waiting")]
    public void P6_A_stop_that_is_said_while_the_clock_is_behind_is_overruled_by_no_evidence_older_than_what_it_stopped(string by)
    {
        var newsletter = Topics.Find(TopicKey.Newsletter)!;
        var (stop, behind) = (Draft(LedgerAction.StopAll, LedgerDraft.AllTopics), Now - 6 * Hour);
        var agreed = Transitions.OptIn(
            new AddressState { Channel = Channel.Email, Value = Ana }, newsletter, Draft(LedgerAction.OptIn, TopicKey.Newsletter),
            confirmed: by != "waiting", Now).State;
        var stopped = by switch
        {
            "all" => Transitions.StopAll(agreed, stop, behind).State,
            "all, lifted" => Transitions.Follow(
                Transitions.StopAll(agreed, stop, behind).State, Draft(LedgerAction.Confirm, TopicKey.PackageUpdates), behind).State,
            "text" => Transitions.StopByText(agreed, stop, behind, behind).State,
            "objection" => Objection.Say(agreed, Topics, behind, "person", behind).State,
            _ => Transitions.OptOut(agreed, Draft(LedgerAction.OptOut, TopicKey.Newsletter), behind).State,
        };
        Assert.Equal(SubscriptionStatus.Unsubscribed, stopped.StatusOf(newsletter));
        var evidence = Draft(LedgerAction.OptIn, TopicKey.Newsletter) with { SaidAt = Now - 2 * Hour };
        Assert.True(evidence.IsOvertaken(stopped, newsletter));
        Assert.False((evidence with { SaidAt = Now + Hour }).IsOvertaken(stopped, newsletter));
    }

    [Fact]
    public async Task P6_R26_Who_signs_up_again_after_such_a_stop_is_asked_and_their_yes_holds()
    {
        var world = new Sending.World();
        var ana = CoreProduct.Email(Ana);
        await world.SubscribeAsync(ana, TopicKey.Newsletter);
        world.Time.AdjustTime(world.Time.GetUtcNow() - Hour);
        await world.OptOutAsync(ana, TopicKey.Newsletter);
        world.Time.Advance(TimeSpan.FromMinutes(1));
        var topic = world.Topics.Find(TopicKey.Newsletter)!;
        Assert.True(topic.DoubleOptIn);
        await world.Consents.OptInAsync(
            ana, topic, new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person") { PolicyVersion = "2026-01-01" },
            confirmed: false, null, default);
        var question = Assert.Single(await world.TakeQueuedAsync());
        await world.Dispatcher.SendAsync(question, false, default);
        Assert.Equal(MessageStatus.Sent, (await world.RecordAsync(question))!.Status);
        var asked = (await world.Book.LoadAsync(world.Ring.KeyOf(ana), default)).State!;
        var confirmed = Transitions.Confirm(
            asked, TopicKey.Newsletter, Draft(LedgerAction.Confirm, TopicKey.Newsletter), world.Time.GetUtcNow()).State;
        Assert.Equal(SubscriptionStatus.Subscribed, confirmed.StatusOf(topic));
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task P1_P6_R43_What_was_asked_in_the_hour_ahead_is_answered_by_a_STOP_that_was_said_when_the_clock_was_right(bool again)
    {
        var product = new CoreProduct();
        var phone = CoreProduct.Phone(Phone);
        var newsletter = product.Topics.Find(TopicKey.Newsletter)!;
        await product.Consents.OptInAsync(
            phone, newsletter, new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person"), confirmed: false, null, default);
        if (again)
        {
            product.Time.Advance(2 * Hour);
            await product.Get<ConsentQuestions>().AskAgainAsync(product.Ring.KeyOf(phone), default);
        }

        product.Time.AdjustTime(product.Now - (again ? 3 * Hour : Hour));
        await product.TextAsync(Phone, "STOP");
        var texts = product.Outbox.Texts.Count;
        var state = await product.StateAsync(phone);
        Assert.Equal(SubscriptionStatus.Unsubscribed, state.ShownStatusOf(newsletter));
        product.Time.Advance(4 * Hour);
        await product.PumpAsync(); // The queue, too, goes by the clock.
        Assert.Equal(texts, product.Outbox.Texts.Count);
        var (result, _) = await product.Consents.ConfirmAsync(
            product.Ring.KeyOf(phone), TopicKey.Newsletter,
            new LedgerDraft(LedgerAction.Confirm, TopicKey.Newsletter, "crm", "service:crm") { Told = true }, default);
        Assert.Equal(ConsentResult.Overtaken, result);
    }

    [Fact]
    public async Task R39_R65_A_STOP_after_a_START_stops_though_our_clock_was_set_back_in_between()
    {
        var product = new CoreProduct();
        await product.SubscribeAsync(Phone, TopicKey.Promotions);
        await product.TextAsync(Phone, "STOP");
        product.Time.Advance(TimeSpan.FromMinutes(1));
        var start = product.Time.GetUtcNow();
        await product.TextAsync(Phone, "START", at: start);
        product.Time.AdjustTime(start - Hour);
        await product.TextAsync(Phone, "STOP", at: start.AddMinutes(1));
        var state = await product.StateAsync(CoreProduct.Phone(Phone));
        Assert.NotNull(state.Stopped);
        Assert.Equal(SubscriptionStatus.Unsubscribed, state.StatusOf(TopicKey.Promotions));
        await product.TextAsync(Phone, "STOP", at: start.AddMinutes(-1)); // One of before the START, come late, changes nothing.
        await product.TextAsync(Phone, "START", at: start.AddMinutes(2));
        Assert.Null((await product.StateAsync(CoreProduct.Phone(Phone))).Stopped);
    }

    [Fact]
    public async Task R39_R65_A_carriers_opt_out_after_a_START_stops_though_our_clock_was_set_back_in_between()
    {
        var product = new CoreProduct();
        await product.SubscribeAsync(Phone, TopicKey.Promotions);
        var sent = product.Message(CoreProduct.Phone(Phone), TopicKey.Promotions);
        await product.SendAsync(sent);
        await product.TextAsync(Phone, "STOP");
        product.Time.Advance(TimeSpan.FromMinutes(1));
        var start = product.Time.GetUtcNow();
        await product.TextAsync(Phone, "START", at: start);
        product.Time.AdjustTime(start - Hour);
        foreach (var (minutes, stops) in ((int, bool)[])[(-1, false), (1, true)]) // One of before the START, come late, changes nothing.
        {
            await product.Inbound.HandleAsync(
                Events.ProviderReportTests.SmsReport("e" + minutes, sent, "Failed", "4007", start.AddMinutes(minutes)), default);
            Assert.Equal(stops, (await product.StateAsync(CoreProduct.Phone(Phone))).Stopped is not null);
        }
    }

    [Fact]
    public async Task P9_R19_Batches_are_counted_anew_as_before()
    {
        var clock = new JumpingClock(Now);
        var store = new MemoryStore(clock);
        var marks = new CampaignMarks(store, new CampaignQueue(store, clock), new CampaignOptions(), clock);
        for (var counted = 1; counted <= 3; counted++)
        {
            await marks.TouchAsync("c1", "A0", default);
            await marks.TouchAsync("c1", "A0", default);
            Assert.Equal(counted, await store.CountAsync(Queues.Campaigns));
            await store.CommitAsync(Tables.Campaigns, "c1", [RowChange.Delete(Rows.Stale("A0"))]);
            clock.Advance(TimeSpan.FromSeconds(10));
            clock.Jump(-Hour);
        }
    }

    [Fact]
    public async Task P9_A_batch_whose_recount_was_lost_is_counted_by_the_watch_though_its_note_lies_ahead()
    {
        var world = new Campaigns.CampaignWorld();
        await world.SubscribeAsync(0, 3);
        var campaign = (await world.LaunchAsync()).Id;
        await world.CompleteAsync(campaign);
        await world.ReportAsync(campaign, Campaigns.CampaignWorld.Person(2), "Bounced");
        world.Clock.Advance(TimeSpan.FromSeconds(30));
        while (await world.Store.ReceiveAsync(Queues.Campaigns, 32, TimeSpan.FromMinutes(2)) is { Count: > 0 } items)
            foreach (var item in items) await world.Store.CompleteAsync(item);
        world.Clock.AdjustTime(world.Clock.GetUtcNow() - Hour);
        await world.Get<CampaignWatch>().RunAsync(default);
        await world.PumpAsync();
        Assert.Equal(1, (await world.StatsAsync(campaign)).Bounced);
    }

    private static LedgerDraft Draft(LedgerAction action, string topic) => new(action, topic, "link", "person");
}
