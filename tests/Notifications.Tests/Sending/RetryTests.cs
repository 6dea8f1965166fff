using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Sending;

/// <summary>What is offered again, how often, and what it remembers of its earlier attempts (P5).</summary>
public sealed class RetryTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");
    private static readonly Address Phone = CoreProduct.Phone("+14155552671");

    [Fact]
    public async Task P5_A_provider_that_wants_fewer_uses_up_no_attempt_however_often_it_says_so()
    {
        var world = new World(new SendingOptions { MaxAttempts = 1 });
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        world.Email.Answer = n => n < 4 ? HandOff.Throttled(TimeSpan.FromMinutes(1)) : HandOff.Accepted("ok");
        var next = world.Request(Ana, TopicKey.Newsletter);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(WorkOutcome.Done, await world.Dispatcher.SendAsync(next, false, default));
            world.Time.Advance(TimeSpan.FromMinutes(1));
            next = Assert.Single(await world.TakeQueuedAsync());
            Assert.Equal(0, next.Attempt);
        }

        await world.Dispatcher.SendAsync(next, false, default);
        Assert.Equal(MessageStatus.Sent, (await world.RecordAsync(next))!.Status);
    }

    [Fact]
    public async Task P5_What_comes_again_asks_for_its_own_record_first_and_needs_nothing_more_when_that_has_an_outcome()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = world.Request(Ana, TopicKey.Newsletter);
        await world.Dispatcher.SendAsync(request, false, default);
        foreach (var again in (SendRequest[])[
            request with { Attempt = 1 }, request with { Recorded = true }, request with { Replayed = true },
        ])
        {
            var before = world.Store.Operations;
            await world.Dispatcher.SendAsync(again, false, default);
            Assert.Equal(1, world.Store.Operations - before);
        }
    }

    [Fact]
    public async Task P5_A_replay_helps_only_what_failed_for_want_of_a_provider_and_only_once()
    {
        var world = new World(new SendingOptions { MaxAttempts = 1 });
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        world.Email.Answer = _ => HandOff.Rejected("550");
        var refused = world.Request(Ana, TopicKey.Newsletter);
        await world.Dispatcher.SendAsync(refused, false, default);
        await world.Dispatcher.SendAsync(refused with { Replayed = true }, false, default);
        Assert.Equal(1, world.Email.HandOffs);

        world.Email.Answer = _ => HandOff.Unavailable("down", TimeSpan.FromMinutes(1));
        var absent = world.Request(Ana, TopicKey.Newsletter);
        await world.Dispatcher.SendAsync(absent, false, default);
        await world.Dispatcher.SendAsync(absent, true, default); // Its queue's next delivery is no replay.
        Assert.Equal(2, world.Email.HandOffs);
        world.Email.Answer = _ => HandOff.Throttled(TimeSpan.FromMinutes(1));
        await world.Dispatcher.SendAsync(absent with { Replayed = true }, false, default);
        world.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(Assert.Single(await world.TakeQueuedAsync()).Replayed);
    }

    [Fact]
    public async Task P5_A_question_that_a_crash_left_open_is_asked_again_even_by_a_provider_that_would_deliver_it_twice()
    {
        var world = new World();
        world.Email.Answer = _ => HandOff.Unknown("lost");
        await world.Consents.OptInAsync(
            Ana, world.Topics.Find(TopicKey.Newsletter)!, new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person"), false,
            null, default);
        var ask = Assert.Single(await world.TakeQueuedAsync());
        Assert.Equal(MessagePurpose.Confirmation, ask.Purpose);
        await world.Dispatcher.SendAsync(ask, false, default);
        Assert.Equal(MessageStatus.Queued, (await world.RecordAsync(ask))!.Status);
        world.Time.Advance(TimeSpan.FromSeconds(6)); // Five seconds, and a fifth at most.
        Assert.Single(await world.TakeQueuedAsync());
    }

    [Fact]
    public async Task R48_An_answer_that_was_throttled_goes_out_later_to_somebody_nothing_is_known_of_and_its_receipt_names_no_ledger()
    {
        var world = new World();
        world.Sms.Answer = n => n == 1 ? HandOff.Throttled(TimeSpan.FromMinutes(1)) : HandOff.Accepted("ok");
        var reply = world.Request(
            Phone, TopicKey.PackageUpdates) with { Purpose = MessagePurpose.Reply, Content = new MessageContent(null, "Help", null) };
        await world.Dispatcher.SendAsync(reply, false, default);
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await world.Dispatcher.SendAsync(Assert.Single(await world.TakeQueuedAsync()), true, default);
        var record = (await world.RecordAsync(reply))!;
        Assert.Equal((MessageStatus.Sent, 2), (record.Status, world.Sms.HandOffs));
        Assert.Equal(
            (0L, LedgerHead.Empty.Hash, null), (record.Receipt!.LedgerSeq, record.Receipt.LedgerHash, record.Receipt.PolicyVersion));
    }

    [Fact]
    public async Task P5_Every_attempt_of_a_text_tells_the_provider_when_the_first_was_made()
    {
        var world = new World();
        await world.SubscribeAsync(Phone, TopicKey.PackageUpdates);
        world.Sms.Answer = _ => HandOff.Throttled(TimeSpan.FromMinutes(1));
        var (next, first) = (world.Request(Phone, TopicKey.PackageUpdates), world.Time.GetUtcNow());
        for (var i = 0; i < 2; i++)
        {
            await world.Dispatcher.SendAsync(next, false, default);
            world.Time.Advance(TimeSpan.FromMinutes(1));
            next = Assert.Single(await world.TakeQueuedAsync());
        }

        Assert.Equal([first, first], world.Sms.Texts.Select(t => t.FirstOfferedAt));
    }

    [Fact]
    public async Task P5_A_message_whose_claim_has_marked_the_change_as_seen_does_not_write_it_again_and_is_not_stale_by_itself()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.PackageUpdates);
        await world.Tables.CommitAsync(
            Tables.Addresses, world.Ring.KeyOf(Ana).Value,
            [
                RowChange.Put(
                    Rows.Watch("RB123456789CN"),
                    System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
                        new WatchRecord(WatchStatus.Active, world.Time.GetUtcNow()), CoreJson.Default.WatchRecord)),
            ]);
        world.Email.Answer = n => n == 1 ? HandOff.Throttled(TimeSpan.FromMinutes(1)) : HandOff.Accepted("ok");
        var request = world.Request(Ana, TopicKey.PackageUpdates) with { TrackingNumber = "RB123456789CN", PackageSeq = 7 };
        await world.Dispatcher.SendAsync(request, false, default);
        Assert.Equal(1, Seen());
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await world.Dispatcher.SendAsync(Assert.Single(await world.TakeQueuedAsync()), false, default);
        Assert.Equal(MessageStatus.Sent, (await world.RecordAsync(request))!.Status);
        Assert.Equal(1, Seen());

        int Seen() => world.Store.Committed.Count(c => c.Any(r => r.Key == Rows.Watch("RB123456789CN"))) - 1; // Without the test's own.
    }
}
