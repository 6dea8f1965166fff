using System.Diagnostics;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Review;
using Notifications.Sending;
using Notifications.Tests.Events;
using Notifications.Tests.Infrastructure;
using Xunit.Abstractions;
using static Notifications.Tests.Sms.Texter;

namespace Notifications.Tests.Sms;

/// <summary>Conversations by text from the inbound event to the answer on the phone.</summary>
public sealed class ConversationTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("STOP"), InlineData("please stop texting me"), InlineData("take me off your list"), InlineData("no mas"), InlineData("退订"), InlineData("🛑")]
    public async Task R39_R41_A_revocation_stops_every_text_and_is_confirmed_once(string text)
    {
        var product = await WithAnaAsync();
        await product.TextAsync(Ana, text);

        Assert.Equal(SubscriptionStatus.Unsubscribed, (await product.StateAsync(Phone)).StatusOf(TopicKey.PackageUpdates));
        Assert.Single(product.Outbox.Texts);
        Assert.Equal(Reason.Unsubscribed, (await product.SendAsync(product.Message(Phone, TopicKey.PackageUpdates)))!.Reason);
        Assert.Single(product.Outbox.Texts);
        Assert.True(LedgerChain.Verify(
            await product.Book.LedgerAsync(product.Ring.KeyOf(Phone), default), (await product.StateAsync(Phone)).Ledger));
    }

    [Fact]
    public async Task R41_An_unclear_text_pauses_marketing_until_a_person_has_read_it()
    {
        var product = await WithAnaAsync();
        await product.TextAsync("14155552671", "Stop by at 5?", "e1");
        await product.TextAsync("14155552671", "Stop by at 5?", "e1");

        Assert.True((await product.StateAsync(Phone)).ReviewPending);
        Assert.Empty(product.Outbox.Texts);
        var promotion = await product.SendAsync(product.Message(Phone, TopicKey.Promotions));
        Assert.Equal((MessageStatus.Deferred, Reason.ReviewPending), (promotion!.Status, promotion.Reason));
        Assert.Equal(MessageStatus.Sent, (await product.SendAsync(product.Message(Phone, TopicKey.PackageUpdates)))!.Status);

        var item = Assert.Single(await product.Reviews.ListAsync(resolved: false, null, 10, default));
        Assert.Equal("Stop by at 5?", item.Text);
        Assert.Equal(ReviewResult.Done, await product.Reviews.ResolveAsync(item.Id, ReviewVerdict.NotARevocation, "agent:kim", default));
        Assert.Equal(ReviewResult.AlreadyResolved, await product.Reviews.ResolveAsync(item.Id, ReviewVerdict.Revoke, "agent:kim", default));
        Assert.Equal(ReviewResult.NotFound, await product.Reviews.ResolveAsync("nothing", ReviewVerdict.Revoke, "agent:kim", default));

        var state = await product.StateAsync(Phone);
        Assert.False(state.ReviewPending);
        Assert.Equal(SubscriptionStatus.Subscribed, state.StatusOf(TopicKey.Promotions));
        var last = (await product.Book.LedgerAsync(product.Ring.KeyOf(Phone), default))[^1];
        Assert.Equal((LedgerAction.Reviewed, "agent:kim"), (last.Action, last.Detail!.Actor));
        Assert.Empty(await product.Reviews.ListAsync(resolved: false, null, 10, default));
        Assert.Equal("agent:kim", Assert.Single(await product.Reviews.ListAsync(resolved: true, null, 10, default)).Actor);

        // A redelivery after the decision neither pauses again nor opens the item again.
        await product.TextAsync("14155552671", "Stop by at 5?", "e1");
        Assert.False((await product.StateAsync(Phone)).ReviewPending);
        Assert.Empty(await product.Reviews.ListAsync(resolved: false, null, 10, default));
    }

    [Fact]
    public async Task R41_The_pause_ends_with_the_last_open_item_and_a_reader_can_revoke()
    {
        var product = await WithAnaAsync();
        await product.TextAsync(Ana, "Stop by at 5?", "e1");
        await product.TextAsync(Ana, "cancel it?", "e2");
        var items = await product.Reviews.ListAsync(resolved: false, null, 10, default);
        Assert.Equal(2, items.Count);
        await product.Reviews.ResolveAsync(items[0].Id, ReviewVerdict.NotARevocation, "agent:kim", default);
        Assert.True((await product.StateAsync(Phone)).ReviewPending);
        await product.Reviews.ResolveAsync(items[1].Id, ReviewVerdict.Revoke, "agent:lee", default);
        var state = await product.StateAsync(Phone);
        Assert.False(state.ReviewPending);
        Assert.NotNull(state.Stopped);
        Assert.Contains(
            await product.Book.LedgerAsync(product.Ring.KeyOf(Phone), default),
            e => e.Action == LedgerAction.StopAll && e.Detail!.Actor == "agent:lee");
    }

    [Fact]
    public async Task R42_A_revocation_heard_by_phone_is_entered_with_the_agent_as_actor()
    {
        var product = await WithAnaAsync();
        await product.Consents.OptOutAsync(
            Phone, new LedgerDraft(LedgerAction.OptOut, TopicKey.Promotions, "phone-call", "agent:kim"), default);
        Assert.Equal(Reason.Unsubscribed, (await product.SendAsync(product.Message(Phone, TopicKey.Promotions)))!.Reason);
        Assert.Equal("agent:kim", (await product.Book.LedgerAsync(product.Ring.KeyOf(Phone), default))[^1].Detail!.Actor);
    }

    [Fact]
    public async Task R43_Stop_blocks_what_is_already_queued_and_its_latency_is_measured()
    {
        var product = await WithAnaAsync();
        var waiting = product.Message(Phone, TopicKey.Promotions);
        await product.Queue.EnqueueAsync(waiting, default);
        var started = Stopwatch.GetTimestamp();
        await product.Inbound.HandleAsync(CoreProduct.Text("e1", Ana, "STOP", product.Now), default);
        var committed = Stopwatch.GetElapsedTime(started);
        await product.PumpAsync();

        Assert.Equal(
            (MessageStatus.Skipped, Reason.Unsubscribed),
            ((await product.RecordAsync(waiting.Id))!.Status, (await product.RecordAsync(waiting.Id))!.Reason));
        Assert.Single(product.Outbox.Texts); // the confirmation
        output.WriteLine(
            $"From event to committed opt-out {committed.TotalMilliseconds:F1} ms; to the skipped send {Stopwatch.GetElapsedTime(started).TotalMilliseconds:F1} ms (store in memory).");
    }

    [Theory]
    [InlineData("START"), InlineData("UNSTOP"), InlineData("YES")]
    public async Task R49_Start_restores_only_what_had_been_consented_to(string word)
    {
        var product = await WithAnaAsync();
        await product.Consents.OptOutAsync(Phone, new LedgerDraft(LedgerAction.OptOut, TopicKey.Promotions, "test", "person"), default);
        await product.TextAsync(Ana, "STOP");
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.TextAsync(Ana, word);
        var state = await product.StateAsync(Phone);
        Assert.Equal(SubscriptionStatus.Subscribed, state.StatusOf(TopicKey.PackageUpdates));
        Assert.Equal(SubscriptionStatus.Unsubscribed, state.StatusOf(TopicKey.Promotions));
        Assert.Equal(SubscriptionStatus.None, state.StatusOf(TopicKey.Newsletter));
        Assert.Equal(2, product.Outbox.Texts.Count);
    }

    [Fact]
    public async Task R49_A_stray_yes_or_start_does_nothing_and_is_not_answered()
    {
        var product = await WithAnaAsync();
        var before = await product.StateAsync(Phone);
        await product.TextAsync(Ana, "YES");
        await product.TextAsync(Ana, "START");
        await product.TextAsync("+14155552672", "yes");
        await product.TextAsync("+14155552672", "start");
        var after = await product.StateAsync(Phone);
        Assert.Equal((before.Stopped, before.Ledger), (after.Stopped, after.Ledger));
        Assert.Empty(product.Outbox.Texts);
        Assert.Null((await product.Book.LoadAsync(product.Ring.KeyOf(CoreProduct.Phone("+14155552672")), default)).State);
    }

    [Fact]
    public async Task R49_Yes_confirms_what_is_pending()
    {
        var product = new CoreProduct();
        await product.Consents.OptInAsync(
            Phone, product.Topics.Find(TopicKey.Newsletter)!, new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person"),
            confirmed: false, null, default);
        await product.PumpAsync();
        Assert.Contains("YES", Assert.Single(product.Outbox.Texts).Text, StringComparison.Ordinal);
        await product.TextAsync(Ana, "sí");
        Assert.Equal(SubscriptionStatus.Subscribed, (await product.StateAsync(Phone)).StatusOf(TopicKey.Newsletter));
        Assert.Contains("confirmado", product.Outbox.Texts.Last().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R50_A_sender_that_cannot_be_answered_names_the_link_in_every_text()
    {
        var product = await WithAnaAsync(o => o.TwoWay = false);
        await product.SendAsync(product.Message(Phone, TopicKey.PackageUpdates));
        await product.SendAsync(product.Message(Phone, TopicKey.Promotions));
        Assert.Equal(2, product.Outbox.Texts.Count);
        foreach (var text in product.Outbox.Texts)
        {
            Assert.Contains("To stop: https://mail.example.com/u/", text.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("Reply", text.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task R51_A_package_text_names_the_sender_and_stop_and_goes_once_per_event()
    {
        var product = await WithAnaAsync();
        var request = product.Message(Phone, TopicKey.PackageUpdates, "out for delivery", "event/7");
        await product.SendAsync(request);
        await product.SendAsync(request);
        Assert.Equal("Parcel Post: out for delivery\nReply STOP to stop.", Assert.Single(product.Outbox.Texts).Text);
    }

    [Fact]
    public async Task R53_The_first_text_of_a_programme_after_consent_carries_its_terms()
    {
        var product = await WithAnaAsync(o => { o.ProgrammeName = "Parcel offers"; o.MessagesPerMonth = 4; });
        product.Outbox.Answer = _ => HandOff.Throttled(TimeSpan.FromSeconds(5));
        var first = product.Message(Phone, TopicKey.Promotions);
        await product.SendAsync(first);
        product.Outbox.Answer = _ => null;
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.PumpAsync();
        var text = Assert.Single(product.Outbox.Texts).Text; // also where it had to be offered twice
        foreach (var part in (string[])[
            "Parcel offers", "up to 4 messages a month", "help@example.com", "Reply STOP", "data rates may apply",
        ])
        {
            Assert.Contains(part, text, StringComparison.Ordinal);
        }

        await product.SendAsync(product.Message(Phone, TopicKey.Promotions));
        Assert.DoesNotContain("data rates", product.Outbox.Texts.Last().Text, StringComparison.Ordinal);
        await product.SendAsync(product.Message(Phone, TopicKey.PackageUpdates));
        Assert.DoesNotContain("data rates", product.Outbox.Texts.Last().Text, StringComparison.Ordinal);

        // A new consent begins anew.
        await product.Consents.OptOutAsync(Phone, new LedgerDraft(LedgerAction.OptOut, TopicKey.Promotions, "test", "person"), default);
        await product.SubscribeAsync(Ana, TopicKey.Promotions);
        await product.SendAsync(product.Message(Phone, TopicKey.Promotions));
        Assert.Contains("data rates", product.Outbox.Texts.Last().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R53_Where_the_first_text_was_refused_the_next_carries_the_terms()
    {
        var product = await WithAnaAsync();
        product.Outbox.Answer = _ => HandOff.Rejected("no");
        await product.SendAsync(product.Message(Phone, TopicKey.Promotions));
        product.Outbox.Answer = _ => null;
        await product.SendAsync(product.Message(Phone, TopicKey.Promotions));
        Assert.Contains("data rates", Assert.Single(product.Outbox.Texts).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("4006")] // Not reachable, which is a bounce.
    [InlineData("5000")]
    public async Task R53_Where_the_first_text_is_reported_not_to_have_arrived_the_next_carries_the_terms(string code)
    {
        var product = await WithAnaAsync();
        var first = product.Message(Phone, TopicKey.Promotions);
        await product.SendAsync(first);
        await product.Inbound.HandleAsync(ProviderReportTests.SmsReport("e1", first, "Failed", code, product.Now), default);
        await product.SendAsync(product.Message(Phone, TopicKey.Promotions));
        Assert.Contains("data rates", product.Outbox.Texts.Last().Text, StringComparison.Ordinal);
        await product.SendAsync(product.Message(Phone, TopicKey.Promotions));
        Assert.DoesNotContain("data rates", product.Outbox.Texts.Last().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Failed", "Delivered")]
    [InlineData("Delivered", "Failed")]
    public async Task R53_R65_Where_the_first_text_arrived_after_all_the_next_does_not_carry_the_terms_again(string one, string other)
    {
        var product = await WithAnaAsync();
        var first = product.Message(Phone, TopicKey.Promotions);
        await product.SendAsync(first);
        foreach (var status in (string[])[one, other])
            await product.Inbound.HandleAsync(
                ProviderReportTests.SmsReport(status, first, status, status == "Failed" ? "5000" : "", product.Now), default);
        Assert.Equal(MessageStatus.Delivered, (await product.RecordAsync(first.Id))!.Status);
        await product.SendAsync(product.Message(Phone, TopicKey.Promotions));
        Assert.DoesNotContain("data rates", product.Outbox.Texts.Last().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R54_Consent_to_package_updates_is_none_to_promotions()
    {
        var product = new CoreProduct();
        await product.SubscribeAsync(Ana, TopicKey.PackageUpdates);
        Assert.Equal(
            (MessageStatus.Skipped, Reason.NoConsent),
            await product.SendAsync(product.Message(Phone, TopicKey.Promotions)) is { } r ? (r.Status, r.Reason) : default);
    }

    [Fact]
    public async Task Two_machines_do_not_talk_for_long()
    {
        var product = await WithAnaAsync(o => { o.RepliesPerHour = 3; o.OwnNumbers = ["+18885550123", "55501"]; });
        for (var i = 0; i < 10; i++) await product.TextAsync(Ana, "HELP");
        Assert.Equal(3, product.Outbox.Texts.Count);
        product.Time.Advance(TimeSpan.FromMinutes(61));
        await product.TextAsync(Ana, "HELP");
        Assert.Equal(4, product.Outbox.Texts.Count);

        // What it asks for is done all the same.
        for (var i = 0; i < 5; i++) await product.TextAsync(Ana, "HELP");
        await product.TextAsync(Ana, "STOP");
        Assert.NotNull((await product.StateAsync(Phone)).Stopped);

        var answered = product.Outbox.Texts.Count;
        foreach (var machine in (string[])["55501", "22000", "18885550123", "+18005550100"]) await product.TextAsync(machine, "STOP");
        Assert.Equal(answered, product.Outbox.Texts.Count);
    }

    [Fact]
    public async Task R41_A_sender_that_is_no_phone_is_kept_for_a_person_and_not_thrown_away()
    {
        var product = new CoreProduct();
        Assert.Equal(
            WorkResult.GiveUp, (await product.Inbound.HandleAsync(CoreProduct.Text("e", "nobody", "STOP", product.Now), default)).Result);
    }

    [Fact]
    public async Task R65_Stop_and_start_in_the_wrong_order_end_as_they_were_said()
    {
        var product = await WithAnaAsync();
        var at = product.Now;
        product.Time.Advance(TimeSpan.FromSeconds(20));
        await product.TextAsync(Ana, "START", "e2", at.AddSeconds(10));
        await product.TextAsync(Ana, "STOP", "e1", at);
        Assert.Null((await product.StateAsync(Phone)).Stopped);
        Assert.Equal(
            [LedgerAction.StopAll, LedgerAction.Resume],
            (await product.Book.LedgerAsync(product.Ring.KeyOf(Phone), default)).Skip(2).Select(e => e.Action));
        await product.TextAsync(Ana, "STOP", "e4", at.AddSeconds(15));
        await product.TextAsync(Ana, "START", "e3", at.AddSeconds(12));
        Assert.NotNull((await product.StateAsync(Phone)).Stopped);
    }
}
