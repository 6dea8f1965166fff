using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Sending;

/// <summary>The send path where it is easily off by one: waits, what a record holds, whom a message goes to.</summary>
public sealed class DispatcherDetailsTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");
    private static readonly Address Bob = CoreProduct.Email("bob@example.com");

    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 15)]
    [InlineData(2, 45)]
    [InlineData(5, 1215)]
    [InlineData(6, 1800)] // At most half an hour.
    [InlineData(60, 1800)]
    public async Task P5_An_attempt_that_failed_waits_three_times_as_long_as_the_one_before_give_or_take_a_fifth(int attempt, int seconds)
    {
        for (var i = 0; i < 20; i++)
        {
            var world = new World(new SendingOptions { MaxAttempts = 100 });
            await world.SubscribeAsync(Ana, TopicKey.Newsletter);
            (world.Email.Deduplicates, world.Email.Answer) = (true, _ => HandOff.Unknown("lost"));
            await world.Dispatcher.SendAsync(world.Request(Ana, TopicKey.Newsletter) with { Attempt = attempt }, false, default);
            world.Time.Advance(TimeSpan.FromSeconds(seconds * 0.79));
            Assert.Empty(await world.TakeQueuedAsync());
            world.Time.Advance(TimeSpan.FromSeconds(seconds * 0.42));
            Assert.Equal(attempt + 1, Assert.Single(await world.TakeQueuedAsync()).Attempt);
        }
    }

    [Fact]
    public async Task P2_A_record_holds_what_was_asked_for_the_receipt_and_the_way_the_message_went()
    {
        var world = new World();
        var state = await world.SubscribeAsync(Ana, TopicKey.Newsletter, "2026-02-02");
        var accepted = world.Time.GetUtcNow();
        var request = world.Request(
            Ana,
            TopicKey.Newsletter) with { Client = "shop", TrackingNumber = "RB123456789CN", Content = new MessageContent("s", "t", null) };
        world.Time.Advance(TimeSpan.FromSeconds(2));
        await world.Dispatcher.SendAsync(request, false, default);
        var record = (await world.RecordAsync(request))!;
        Assert.Equal(
            (TopicKey.Newsletter, Channel.Email, MessagePurpose.Notification, "shop", "RB123456789CN"),
            (record.Topic, record.Channel, record.Purpose, record.Client, record.TrackingNumber));
        Assert.Equal(
            [(accepted, "queued", null), (accepted.AddSeconds(2), "claimed", null), (accepted.AddSeconds(2), "accepted", "provider-1")],
            record.Timeline.Select(e => (e.At, e.Event, e.Detail)));
        Assert.Equal((MessageStatus.Sent, Reason.Allowed, "provider-1"), (record.Status, record.Reason, record.ProviderId));
        Assert.Equal(
            (state.Ledger.Seq, state.Ledger.Hash, "2026-02-02", accepted.AddSeconds(2)),
            (record.Receipt!.LedgerSeq, record.Receipt.LedgerHash, record.Receipt.PolicyVersion, record.Receipt.At));
        Assert.Equal(accepted.AddSeconds(2), record.FirstOfferedAt);
    }

    [Fact]
    public async Task P2_The_timeline_tells_every_turn_of_a_message_in_its_words()
    {
        var world = new World(new SendingOptions { MaxAttempts = 2, MarketingCapCount = 1 });
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        world.Email.Answer =
            n => n switch
            {
                1 => HandOff.Throttled(TimeSpan.FromMinutes(1), "slow"),
                _ => HandOff.Unavailable("down", TimeSpan.FromMinutes(1)),
            };
        var request = world.Request(Ana, TopicKey.Newsletter);
        await world.Dispatcher.SendAsync(request, false, default);
        Assert.Equal(Reason.Allowed, (await world.RecordAsync(request))!.Reason);
        for (var i = 0; i < 2; i++)
        {
            world.Time.Advance(TimeSpan.FromMinutes(1));
            await world.Dispatcher.SendAsync(Assert.Single(await world.TakeQueuedAsync()), false, default);
            Assert.Equal(Reason.ProviderUnavailable, (await world.RecordAsync(request))!.Reason);
        }

        world.Email.Answer = _ => HandOff.Rejected("550");
        await world.Dispatcher.SendAsync(request with { Replayed = true }, false, default);
        Assert.Equal(
            [
                "queued", "claimed", "throttled slow", "claimed", "unavailable down", "claimed", "given up down", "replayed", "claimed",
                "rejected 550",
            ],
            (await world.RecordAsync(request))!.Timeline.Select(e => $"{e.Event} {e.Detail}".Trim()));

        world.Email.Answer = _ => HandOff.Unknown("lost");
        await world.SubscribeAsync(Bob, TopicKey.Newsletter);
        Assert.Equal("unknown lost", await LastAsync(world.Request(Bob, TopicKey.Newsletter)));
        var deferred = await LastAsync(world.Request(Bob, TopicKey.Newsletter));
        Assert.StartsWith("deferred frequency-cap until ", deferred, StringComparison.Ordinal);
        Assert.Equal("skipped ", await LastAsync(world.Request(Bob, TopicKey.Promotions)));

        async Task<string> LastAsync(SendRequest one)
        {
            await world.Dispatcher.SendAsync(one, false, default);
            return (await world.RecordAsync(one))!.Timeline[^1] is var last ? $"{last.Event} {last.Detail}" : "";
        }
    }

    [Theory]
    [InlineData(true, "cannot tell whether it has the message")]
    [InlineData(false, "may not be sent any more")]
    public async Task P5_An_interrupted_message_says_why_its_outcome_is_not_known(bool consent, string why)
    {
        var world = new World();
        await world.SubscribeAsync(Ana, consent ? TopicKey.Newsletter : TopicKey.PackageUpdates);
        var request = world.Request(Ana, consent ? TopicKey.Newsletter : TopicKey.PackageUpdates);
        world.Store.BeforeCommit = changes => changes.Count == 1 ? throw new StorageUnavailableException() : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await world.Dispatcher.SendAsync(request, false, default));
        world.Store.BeforeCommit = null;
        if (!consent) await world.OptOutAsync(Ana, TopicKey.PackageUpdates);
        await world.Restarted().SendAsync(request, true, default);
        Assert.Contains(why, (await world.RecordAsync(request))!.Timeline[^1].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task P5_While_every_hand_off_is_held_a_message_comes_back_after_a_minute_or_two_and_leaves_no_record()
    {
        var world = new World(new SendingOptions { Hold = true, Jitter = () => 0.5 });
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = world.Request(Ana, TopicKey.Newsletter);
        Assert.Equal(WorkOutcome.Later(TimeSpan.FromSeconds(90)), await world.Dispatcher.SendAsync(request, false, default));
        Assert.Null(await world.RecordAsync(request));
    }

    [Fact]
    public async Task P1_P8_Where_others_change_the_persons_record_before_every_claim_nothing_is_offered_and_the_failure_names_the_message()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = world.Request(Ana, TopicKey.Newsletter);
        CrowdAt(world, Rows.State);
        var failed = await Assert.ThrowsAsync<StorageUnavailableException>(
            async () => await world.Dispatcher.SendAsync(request, false, default));
        Assert.Contains("Message " + request.Id, failed.Message, StringComparison.Ordinal);
        Assert.Equal(0, world.Email.HandOffs);
        world.Store.BeforeCommit = null;
        await world.Dispatcher.SendAsync(request, true, default);
        Assert.Equal((1, MessageStatus.Sent), (world.Email.HandOffs, (await world.RecordAsync(request))!.Status));
    }

    [Fact]
    public async Task P5_What_came_of_a_hand_off_is_not_lost_where_others_change_the_messages_record_before_it_can_be_written_every_time()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = world.Request(Ana, TopicKey.Newsletter);
        Assert.True(MessageId.TryParse(request.Id, out var id));
        CrowdAt(world, Rows.Message(id.Suffix));
        var failed = await Assert.ThrowsAsync<StorageUnavailableException>(
            async () => await world.Dispatcher.SendAsync(request, false, default));
        Assert.Contains("Message " + request.Id, failed.Message, StringComparison.Ordinal);
        world.Store.BeforeCommit = null;
        Assert.Equal(WorkOutcome.Done, await world.Dispatcher.SendAsync(request, true, default));
        Assert.Equal((1, MessageStatus.Sent), (world.Email.HandOffs, (await world.RecordAsync(request))!.Status));
    }

    /// <summary>Somebody else writes one of Ana's rows before each of our commits.</summary>
    private static void CrowdAt(World world, string row) => world.Store.BeforeCommit = async _ =>
    {
        var ana = world.Ring.KeyOf(Ana).Value;
        if (await world.Memory.GetAsync(Tables.Addresses, ana, row) is { } found)
            await world.Memory.CommitAsync(Tables.Addresses, ana, [RowChange.Put(row, found.Value)]);
    };

    [Fact]
    public async Task R63_Of_a_message_only_for_those_who_are_known_nothing_is_written_where_the_address_is_not()
    {
        var world = new World();
        var link = world.Request(Ana, TopicKey.Newsletter) with { Purpose = MessagePurpose.PreferencesLink, OnlyKnown = true };
        Assert.Equal(WorkOutcome.Done, await world.Dispatcher.SendAsync(link, false, default));
        Assert.Empty(await world.Tables.ScanAsync(Tables.Addresses, null, 10));
        Assert.Equal(0, world.Email.HandOffs);
    }

    [Fact]
    public async Task P5_A_report_that_comes_before_our_own_record_of_the_hand_off_is_kept_and_so_is_the_hand_off()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = world.Request(Ana, TopicKey.Newsletter);
        Assert.True(MessageId.TryParse(request.Id, out var id));
        world.Store.BeforeCommit = async changes =>
        {
            if (changes.Count != 1) return;
            world.Store.BeforeCommit = null;
            var row = await world.Memory.GetAsync(Tables.Addresses, id.Address.Value, Rows.Message(id.Suffix));
            var record = row!.Read(CoreJson.Default.MessageRecord).Report(
                new MessageEvent(world.Time.GetUtcNow().AddSeconds(-1), "reported delayed"), null, Reason.Allowed);
            Assert.True(
                (await world.Memory.CommitAsync(
                    Tables.Addresses, id.Address.Value,
                    [RowChange.Replace(Rows.Message(id.Suffix), record, CoreJson.Default.MessageRecord, row.ETag)])).Committed);
        };
        await world.Dispatcher.SendAsync(request, false, default);
        var kept = (await world.RecordAsync(request))!;
        Assert.Equal((MessageStatus.Sent, "accepted"), (kept.Status, kept.Timeline[^1].Event));
        Assert.Contains(kept.Timeline, e => e.Event == "reported delayed");
    }

    [Fact]
    public async Task Where_no_cap_is_set_no_send_is_remembered_and_only_texts_introduce_a_programme()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        await world.Dispatcher.SendAsync(world.Request(Ana, TopicKey.Newsletter), false, default);
        var state = await world.StateAsync(Ana);
        Assert.Empty(state.Recent);
        Assert.Null(state.Find(TopicKey.Newsletter)!.IntroducedBy);
    }

    [Fact]
    public async Task R53_Where_the_first_text_was_given_up_the_next_carries_the_terms()
    {
        var world = new World(new SendingOptions { MaxAttempts = 1 });
        var phone = CoreProduct.Phone("+14155552671");
        await world.SubscribeAsync(phone, TopicKey.Promotions);
        world.Time.Advance(TimeSpan.FromHours(8)); // Day in every zone of the United States.
        world.Sms.Answer = _ => HandOff.Unavailable("down", TimeSpan.FromMinutes(1));
        var first = world.Request(phone, TopicKey.Promotions);
        await world.Dispatcher.SendAsync(first, false, default);
        Assert.Equal(MessageStatus.Failed, (await world.RecordAsync(first))!.Status);
        Assert.Null((await world.StateAsync(phone)).Find(TopicKey.Promotions)!.IntroducedBy);
    }

    [Fact]
    public async Task A_message_to_a_known_key_goes_to_the_address_of_its_record()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        await world.Dispatcher.SendAsync(world.Request(Ana, TopicKey.Newsletter) with { To = "" }, false, default);
        Assert.Equal("ana@example.com", Assert.Single(world.Email.Emails).To);
    }

    [Fact]
    public async Task A_message_to_a_key_whose_address_nobody_knows_goes_to_nobody_and_says_so()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        await world.Book.ChangeAsync(
            world.Ring.KeyOf(Ana), null,
            (s, _) => new Change(s with { Value = null }, [new LedgerDraft(LedgerAction.Rectify, "*", "test", "agent:x")]), null, default);
        var request = world.Request(Ana, TopicKey.Newsletter) with { To = "" };
        await world.Dispatcher.SendAsync(request, false, default);
        Assert.Equal(
            (MessageStatus.Skipped, Reason.SuppressedInvalid),
            ((await world.RecordAsync(request))!.Status, (await world.RecordAsync(request))!.Reason));
        await world.OptOutAsync(Ana, TopicKey.Newsletter);
        var later = world.Request(Ana, TopicKey.Newsletter) with { To = "" };
        await world.Dispatcher.SendAsync(later, false, default);
        Assert.Equal(0, world.Email.HandOffs);
    }

    [Fact]
    public async Task R28_A_confirmation_of_several_topics_is_about_what_still_waits()
    {
        var world = new World();
        foreach (var topic in (string[])[TopicKey.Newsletter, TopicKey.Promotions])
            await world.Consents.OptInAsync(
                Ana, world.Topics.Find(topic)!, new LedgerDraft(LedgerAction.OptIn, topic, "form", "person"), false, null, default);
        _ = await world.TakeQueuedAsync();
        await world.OptOutAsync(Ana, TopicKey.Newsletter);
        var ask = world.Request(
            Ana, TopicKey.Newsletter) with { AlsoTopics = [TopicKey.Promotions], Purpose = MessagePurpose.Confirmation };
        await world.Dispatcher.SendAsync(ask, false, default);
        Assert.Equal(1, world.Email.HandOffs);
        await world.OptOutAsync(Ana, TopicKey.Promotions);
        var late = world.Request(
            Ana, TopicKey.Newsletter) with { AlsoTopics = [TopicKey.Promotions], Purpose = MessagePurpose.Confirmation };
        await world.Dispatcher.SendAsync(late, false, default);
        Assert.Equal((1, Reason.Unconfirmed), (world.Email.HandOffs, (await world.RecordAsync(late))!.Reason));
    }

    [Fact]
    public async Task P9_A_campaigns_message_from_the_queue_has_its_batch_counted_anew_whatever_came_of_it_and_any_other_touches_no_campaign()
    {
        var world = new World();
        var (one, none) = (
            world.Request(Ana, TopicKey.Newsletter) with { Campaign = "gone", Batch = "b1" },
            world.Request(Ana, TopicKey.Newsletter) with { Campaign = "none" });
        foreach (var request in (SendRequest[])[one, none]) await world.Dispatcher.SendAsync(request, false, default);
        Assert.Contains(("campaign", Reason.CampaignCancelled), (await world.RecordAsync(one))!.Receipt!.Rules());
        Assert.NotNull(await world.Tables.GetAsync(Tables.Campaigns, "gone", Rows.Stale("b1")));
        Assert.Empty(await world.Memory.RangeAsync(Tables.Campaigns, "none", default, 10));
    }

    [Fact]
    public async Task A_message_of_a_topic_that_was_taken_out_of_the_settings_is_skipped_and_keeps_its_topic()
    {
        var world = new World();
        var request = world.Request(Ana, "former");
        await world.Dispatcher.SendAsync(request, false, default);
        var record = (await world.RecordAsync(request))!;
        Assert.Equal((MessageStatus.Skipped, Reason.NoConsent, "former"), (record.Status, record.Reason, record.Topic));
    }

    [Fact]
    public async Task A_daily_message_of_a_package_that_nothing_is_known_of_any_more_goes_out()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.PackageUpdates);
        await world.Tables.CommitAsync(
            Tables.Addresses, world.Ring.KeyOf(Ana).Value,
            [
                RowChange.Put(
                    Rows.Watch("RB123456789CN"), new WatchRecord(WatchStatus.Active, world.Time.GetUtcNow()), CoreJson.Default.WatchRecord),
            ]);
        await world.Dispatcher.SendAsync(
            world.Request(
                Ana,
                TopicKey.PackageUpdates) with
                {
                    TrackingNumber = "RB123456789CN",
                    PackageSeq = 7,
                    Daily = true,
                    Content = new MessageContent("s", "t", null),
                },
            false, default);
        Assert.Equal(1, world.Email.HandOffs);
    }

    [Theory]
    [InlineData(1.0, true)]
    [InlineData(1.1, false)]
    public async Task A_message_whose_time_is_within_a_second_goes_out_and_any_other_waits_for_it(double seconds, bool now)
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        await world.Dispatcher.SendAsync(
            world.Request(Ana, TopicKey.Newsletter) with { SendAt = world.Time.GetUtcNow().AddSeconds(seconds) }, false, default);
        Assert.Equal(now ? 1 : 0, world.Email.HandOffs);
        world.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(now ? 0 : 1, (await world.TakeQueuedAsync()).Count);
    }

    [Fact]
    public async Task R48_An_answer_to_a_text_makes_no_record_of_somebody_nothing_is_known_of()
    {
        var world = new World();
        var phone = CoreProduct.Phone("+14155552671");
        var reply = world.Request(
            phone, TopicKey.PackageUpdates) with { Purpose = MessagePurpose.Reply, Content = new MessageContent(null, "Help", null) };
        await world.Dispatcher.SendAsync(reply, false, default);
        Assert.Equal(1, world.Sms.HandOffs);
        Assert.Null((await world.Book.LoadAsync(world.Ring.KeyOf(phone), default)).State);
    }

    [Fact]
    public async Task R34_Of_an_erased_persons_message_that_has_no_record_nothing_is_known()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var key = world.Ring.KeyOf(Ana);
        var id = world.Ids.New(key);
        Assert.Equal(Channel.Email, (await world.Reader.FindAsync(id, default))!.Channel);
        var phone = world.Ring.KeyOf(CoreProduct.Phone("+14155552671"));
        await world.SubscribeAsync(CoreProduct.Phone("+14155552671"), TopicKey.PackageUpdates);
        Assert.Equal(Channel.Sms, (await world.Reader.FindAsync(world.Ids.New(phone), default))!.Channel);
        await world.Book.ChangeAsync(
            key, null, (s, now) => AddressTransitions.Erase(s, new LedgerDraft(LedgerAction.Erase, "*", "api", "agent:x"), now), null,
            default);
        Assert.Null(await world.Reader.FindAsync(id, default));
    }

    [Fact]
    public async Task P2_A_decision_foretold_is_the_one_that_is_taken_and_a_text_tells_its_cost()
    {
        var world = new World();
        var desk = new DecisionDesk(world.Book, world.Tables, world.Topics, world.Renderer, world.Templates, world.Options, world.Time);
        var phone = CoreProduct.Phone("+447700900123");
        await world.SubscribeAsync(phone, TopicKey.Promotions);
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var mail = await desk.AskAsync(world.Request(Ana, TopicKey.Newsletter), default);
        Assert.Equal((Verdict.Allow, null), (mail.Decision.Verdict, mail.Segments));
        var text = await desk.AskAsync(
            world.Request(phone, TopicKey.Promotions) with { Content = new MessageContent(null, new string('x', 400), null) }, default);
        Assert.True(text.Segments!.Segments >= 3);
        Assert.Null((await desk.AskAsync(world.Request(phone, TopicKey.Promotions) with { Template = "no-such" }, default)).Segments);
        Assert.Equal(
            Reason.Expired,
            (await desk.AskAsync(
                world.Request(Ana, TopicKey.Newsletter) with { ExpiresAt = world.Time.GetUtcNow() }, default)).Decision.Reason);
        Assert.Equal(Reason.NoConsent, (await desk.AskAsync(world.Request(Ana, "unheard-of"), default)).Decision.Reason);
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await desk.AskAsync(world.Request(Ana, TopicKey.Newsletter) with { Id = "made-up" }, default));

        var watch = new LedgerDraft(LedgerAction.Unwatch, TopicKey.PackageUpdates, "link", "person");
        await world.Book.ChangeAsync(
            world.Ring.KeyOf(Ana), null, (s, _) => new Change(s, [watch]),
            now => RowChange.Put(Rows.Watch("RB123456789CN"), new WatchRecord(WatchStatus.Unwatched, now), CoreJson.Default.WatchRecord),
            default);
        await world.SubscribeAsync(Ana, TopicKey.PackageUpdates);
        var about = world.Request(Ana, TopicKey.PackageUpdates) with { TrackingNumber = "RB123456789CN" };
        Assert.Equal(Reason.PackageUnwatched, (await desk.AskAsync(about, default)).Decision.Reason);
        await world.Dispatcher.SendAsync(about, false, default);
        Assert.Equal(Reason.PackageUnwatched, (await world.RecordAsync(about))!.Reason);
        world.Options.RequiredPolicyVersion = "2099-01-01";
        Assert.Equal(Verdict.Allow, (await desk.AskAsync(about with { TrackingNumber = "RB000000000CN" }, default)).Decision.Verdict);
    }
}
