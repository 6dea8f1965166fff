using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Templates;

namespace Notifications.Tests.Sending;

/// <summary>The send path where it is easily off by one: waits, what a record holds, whom a message goes to.</summary>
public sealed class DispatcherDetailsTests
{
    private static readonly Address Ana = World.Mail("ana@example.com");

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
        var request = world.Request(Ana, TopicKey.Newsletter) with { Client = "shop", TrackingNumber = "RB123456789CN", Content = new MessageContent("s", "t", null) };
        world.Time.Advance(TimeSpan.FromSeconds(2));
        await world.Dispatcher.SendAsync(request, false, default);
        var record = (await world.RecordAsync(request))!;
        Assert.Equal((TopicKey.Newsletter, Channel.Email, MessagePurpose.Notification, "shop", "RB123456789CN"), (record.Topic, record.Channel, record.Purpose, record.Client, record.TrackingNumber));
        Assert.Equal([(accepted, "queued", null), (accepted.AddSeconds(2), "claimed", null), (accepted.AddSeconds(2), "accepted", "provider-1")], record.Timeline.Select(e => (e.At, e.Event, e.Detail)));
        Assert.Equal((MessageStatus.Sent, Reason.Allowed, "provider-1"), (record.Status, record.Reason, record.ProviderId));
        Assert.Equal((state.Ledger.Seq, state.Ledger.Hash, "2026-02-02", accepted.AddSeconds(2)), (record.Receipt!.LedgerSeq, record.Receipt.LedgerHash, record.Receipt.PolicyVersion, record.Receipt.At));
        Assert.Equal(accepted.AddSeconds(2), record.FirstOfferedAt);
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
        await world.Book.ChangeAsync(world.Ring.KeyOf(Ana), null, (s, _) => new Change(s with { Value = null }, [new LedgerDraft(LedgerAction.Rectify, "*", "test", "agent:x")]), null, default);
        var request = world.Request(Ana, TopicKey.Newsletter) with { To = "" };
        await world.Dispatcher.SendAsync(request, false, default);
        Assert.Equal((MessageStatus.Skipped, Reason.SuppressedInvalid), ((await world.RecordAsync(request))!.Status, (await world.RecordAsync(request))!.Reason));
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
            await world.Consents.OptInAsync(Ana, world.Topics.Find(topic)!, new LedgerDraft(LedgerAction.OptIn, topic, "form", "person"), false, null, default);
        _ = await world.TakeQueuedAsync();
        await world.OptOutAsync(Ana, TopicKey.Newsletter);
        var ask = world.Request(Ana, TopicKey.Newsletter) with { AlsoTopics = [TopicKey.Promotions], Purpose = MessagePurpose.Confirmation };
        await world.Dispatcher.SendAsync(ask, false, default);
        Assert.Equal(1, world.Email.HandOffs);
        await world.OptOutAsync(Ana, TopicKey.Promotions);
        var late = world.Request(Ana, TopicKey.Newsletter) with { AlsoTopics = [TopicKey.Promotions], Purpose = MessagePurpose.Confirmation };
        await world.Dispatcher.SendAsync(late, false, default);
        Assert.Equal((1, Reason.Unconfirmed), (world.Email.HandOffs, (await world.RecordAsync(late))!.Reason));
    }

    [Theory]
    [InlineData(1.0, true)]
    [InlineData(1.1, false)]
    public async Task A_message_whose_time_is_within_a_second_goes_out_and_any_other_waits_for_it(double seconds, bool now)
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        await world.Dispatcher.SendAsync(world.Request(Ana, TopicKey.Newsletter) with { SendAt = world.Time.GetUtcNow().AddSeconds(seconds) }, false, default);
        Assert.Equal(now ? 1 : 0, world.Email.HandOffs);
        world.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(now ? 0 : 1, (await world.TakeQueuedAsync()).Count);
    }

    [Fact]
    public async Task R48_An_answer_to_a_text_makes_no_record_of_somebody_nothing_is_known_of()
    {
        var world = new World();
        var phone = World.Phone("+14155552671");
        var reply = world.Request(phone, TopicKey.PackageUpdates) with { Purpose = MessagePurpose.Reply, Content = new MessageContent(null, "Help", null) };
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
        var phone = world.Ring.KeyOf(World.Phone("+14155552671"));
        await world.SubscribeAsync(World.Phone("+14155552671"), TopicKey.PackageUpdates);
        Assert.Equal(Channel.Sms, (await world.Reader.FindAsync(world.Ids.New(phone), default))!.Channel);
        await world.Book.ChangeAsync(key, null, (s, now) => Transitions.Erase(s, new LedgerDraft(LedgerAction.Erase, "*", "api", "agent:x"), now), null, default);
        Assert.Null(await world.Reader.FindAsync(id, default));
    }

    [Fact]
    public async Task P2_A_decision_foretold_is_the_one_that_is_taken_and_a_text_tells_its_cost()
    {
        var world = new World();
        var desk = new DecisionDesk(world.Book, world.Tables, world.Topics, world.Renderer, world.Templates, world.Options, world.Time);
        var phone = World.Phone("+447700900123");
        await world.SubscribeAsync(phone, TopicKey.Promotions);
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var mail = await desk.AskAsync(world.Request(Ana, TopicKey.Newsletter), default);
        Assert.Equal((Verdict.Allow, null), (mail.Decision.Verdict, mail.Segments));
        var text = await desk.AskAsync(world.Request(phone, TopicKey.Promotions) with { Content = new MessageContent(null, new string('x', 400), null) }, default);
        Assert.True(text.Segments!.Segments >= 3);
        Assert.Null((await desk.AskAsync(world.Request(phone, TopicKey.Promotions) with { Template = "no-such" }, default)).Segments);
        Assert.Equal(Reason.Expired, (await desk.AskAsync(world.Request(Ana, TopicKey.Newsletter) with { ExpiresAt = world.Time.GetUtcNow() }, default)).Decision.Reason);
        Assert.Equal(Reason.NoConsent, (await desk.AskAsync(world.Request(Ana, "unheard-of"), default)).Decision.Reason);
        await Assert.ThrowsAsync<ArgumentException>(async () => await desk.AskAsync(world.Request(Ana, TopicKey.Newsletter) with { Id = "made-up" }, default));

        var watch = new LedgerDraft(LedgerAction.Unwatch, TopicKey.PackageUpdates, "link", "person");
        await world.Book.ChangeAsync(world.Ring.KeyOf(Ana), null, (s, _) => new Change(s, [watch]), now => RowChange.Put(Rows.Watch("RB123456789CN"), System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new WatchRecord(WatchStatus.Unwatched, now), CoreJson.Default.WatchRecord)), default);
        await world.SubscribeAsync(Ana, TopicKey.PackageUpdates);
        var about = world.Request(Ana, TopicKey.PackageUpdates) with { TrackingNumber = "RB123456789CN" };
        Assert.Equal(Reason.PackageUnwatched, (await desk.AskAsync(about, default)).Decision.Reason);
        await world.Dispatcher.SendAsync(about, false, default);
        Assert.Equal(Reason.PackageUnwatched, (await world.RecordAsync(about))!.Reason);
        Assert.Equal(Verdict.Allow, (await desk.AskAsync(about with { TrackingNumber = "RB000000000CN" }, default)).Decision.Verdict);
    }
}
