using System.Text;
using System.Text.Json;
using CsCheck;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Review;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Web.Webhooks;

namespace Notifications.Tests.Events;

/// <summary>The mail that asks to stop, from its bytes to the record.</summary>
public sealed class InboundMailTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");

    private static async Task<(CoreProduct Product, string Token)> WithAnaAsync()
    {
        var product = new CoreProduct();
        await product.SubscribeAsync(Ana, null, TopicKey.Newsletter, TopicKey.Promotions, TopicKey.PackageUpdates);
        return (product, product.Links.UnsubscribeToken(product.Ring.KeyOf(Ana), Channel.Email, TopicKey.Newsletter, null, null));
    }

    [Theory]
    [InlineData(
        "unsubscribe@mail.example.com",
        "TOKEN"), InlineData(
            "unsubscribe+TOKEN@mail.example.com", "unsubscribe"), InlineData("unsubscribe@mail.example.com", "Unsubscribe: TOKEN please")]
    public async Task R13_A_mail_with_a_token_changes_only_that_subscription_whatever_from_says(string to, string subject)
    {
        var (product, token) = await WithAnaAsync();
        await product.SubscribeAsync(CoreProduct.Email("bob@example.com"), null, TopicKey.Newsletter);
        await product.ReceiveAsync(
            $"From: Bob <bob@example.com>\nTo: {to.Replace("TOKEN", token, StringComparison.Ordinal)}\nSubject: {subject.Replace("TOKEN", token, StringComparison.Ordinal)}\n\nbye\n");

        var ana = await product.StateAsync(Ana);
        Assert.Equal(SubscriptionStatus.Unsubscribed, ana.StatusOf(TopicKey.Newsletter));
        Assert.Equal(SubscriptionStatus.Subscribed, ana.StatusOf(TopicKey.Promotions));
        Assert.Equal(SubscriptionStatus.Subscribed, ana.StatusOf(TopicKey.PackageUpdates));
        Assert.Equal(
            SubscriptionStatus.Subscribed, (await product.StateAsync(CoreProduct.Email("bob@example.com"))).StatusOf(TopicKey.Newsletter));
        Assert.Equal("mailto", (await product.Book.LedgerAsync(product.Ring.KeyOf(Ana), default))[^1].Detail!.Source);
        Assert.Empty(await product.Reviews.ListAsync(resolved: false, null, 10, default));
        Assert.Empty(product.Outbox.Emails);
    }

    [Fact]
    public async Task R13_A_token_that_a_mailer_folded_is_put_together_again()
    {
        var (product, token) = await WithAnaAsync();
        await product.ReceiveAsync(
            $"From: ana@example.com\nTo: unsubscribe@mail.example.com\nSubject: {token[..40]}\n {token[40..]}\n\n\n");
        Assert.Equal(SubscriptionStatus.Unsubscribed, (await product.StateAsync(Ana)).StatusOf(TopicKey.Newsletter));
    }

    [Fact]
    public async Task R13_A_token_that_was_folded_among_other_words_is_put_together_again()
    {
        var (product, token) = await WithAnaAsync();
        await product.ReceiveAsync(
            $"From: ana@example.com\nTo: unsubscribe@mail.example.com\nSubject: Unsubscribe: {token[..20]}\n {token[20..40]}\n {token[40..]} please\n\n\n");
        Assert.Equal(SubscriptionStatus.Unsubscribed, (await product.StateAsync(Ana)).StatusOf(TopicKey.Newsletter));
    }

    [Theory]
    [InlineData("unsubscribe+TOKEN@mail.example.com", "Automatic reply")]
    [InlineData("unsubscribe@mail.example.com", "TOKEN")]
    [InlineData("unsubscribe@mail.example.com", "Unsubscribe: TOKEN")]
    [InlineData("unsubscribe@mail.example.com", "unsubscribe")]
    [InlineData("unsubscribe@mail.example.com", "Please unsubscribe me")]
    public async Task R13_A_machines_mail_that_asks_to_stop_without_a_token_that_can_be_read_is_put_before_a_person(
        string to, string subject)
    {
        var (product, token) = await WithAnaAsync();
        var spoilt = token[..^1] + (token[^1] == 'A' ? 'B' : 'A');
        await product.ReceiveAsync($"From: ana@example.com\nTo: {to}\nAuto-Submitted: auto-generated\nSubject: {subject}\n\n\n"
                .Replace("TOKEN", spoilt, StringComparison.Ordinal));
        Assert.Equal(
            product.Ring.KeyOf(Ana).Value, Assert.Single(await product.Reviews.ListAsync(resolved: false, null, 10, default)).AddressKey);
        Assert.True((await product.StateAsync(Ana)).ReviewPending);
        Assert.Empty(product.Outbox.Emails); // R14
    }

    [Theory]
    [InlineData("Automatic reply: Stop paying too much, our prices end on Sunday")]
    [InlineData("Automatic reply: Your package RB123456785CN has arrived at the pick-up point of the corner shop")]
    [InlineData("Out of office until the end of March")]
    [InlineData("Abwesenheitsnotiz: Urlaub bis Ende Mai")]
    [InlineData("Réponse automatique : absent jusqu'à la fin du mois")]
    [InlineData("自動返信：休暇中です")]
    [InlineData("Undelivered Mail Returned to Sender")]
    [InlineData("Delivery Status Notification (Failure)")]
    [InlineData("Mail delivery failed: returning message to sender 1a2b3c4d-0000ab-3f")]
    public async Task R14_An_ordinary_automatic_reply_or_bounce_makes_no_review(string subject)
    {
        var (product, _) = await WithAnaAsync();
        await product.ReceiveAsync(
            $"From: ana@example.com\nTo: unsubscribe@mail.example.com\nPrecedence: bulk\nSubject: {subject}\n\nback soon\n");
        Assert.Empty(await product.Reviews.ListAsync(resolved: false, null, 10, default));
    }

    [Fact]
    public async Task R13_A_mail_without_a_token_goes_to_a_person_and_changes_nothing()
    {
        var (product, token) = await WithAnaAsync();
        await product.ReceiveAsync(
            $"From: ana@example.com\nTo: unsubscribe@mail.example.com\nSubject: please stop\n\nYou wrote:\n> https://mail.example.com/u/{token}\n");
        Assert.Equal(SubscriptionStatus.Subscribed, (await product.StateAsync(Ana)).StatusOf(TopicKey.Newsletter));
        var item = Assert.Single(await product.Reviews.ListAsync(resolved: false, null, 10, default));
        Assert.StartsWith("please stop", item.Text, StringComparison.Ordinal);
        Assert.Equal(product.Ring.KeyOf(Ana).Value, item.AddressKey);
    }

    [Theory]
    [InlineData(ReviewVerdict.Revoke, SubscriptionStatus.Unsubscribed)]
    [InlineData(ReviewVerdict.NotARevocation, SubscriptionStatus.Subscribed)]
    public async Task R41_A_mail_without_a_token_makes_marketing_wait_until_somebody_has_read_it(
        ReviewVerdict verdict, SubscriptionStatus then)
    {
        var (product, _) = await WithAnaAsync();
        const string mail =
            "From: ana@example.com\nTo: unsubscribe@mail.example.com\nSubject: please stop sending me this newsletter\n\n\n";
        await product.ReceiveAsync(mail);
        await product.ReceiveAsync(mail); // Delivered twice it is one.
        var item = Assert.Single(await product.Reviews.ListAsync(resolved: false, null, 10, default));
        var waits = await product.StateAsync(Ana);
        Assert.Equal([item.Id], waits.Reviews);
        Assert.True(waits.ReviewPending);
        var entry = (await product.Book.LedgerAsync(product.Ring.KeyOf(Ana), default))[^1];
        Assert.Equal((LedgerAction.Review, "mailto", "unproven"), (entry.Action, entry.Detail!.Source, entry.Detail.Actor));

        Assert.Equal(ReviewResult.Done, await product.Reviews.ResolveAsync(item.Id, verdict, "agent:mia", default));
        await product.ReceiveAsync(mail);
        var state = await product.StateAsync(Ana);
        Assert.Equal((false, then), (state.ReviewPending, state.StatusOf(TopicKey.Newsletter)));
    }

    [Fact]
    public async Task R41_Many_mails_in_anothers_name_are_all_read_and_let_the_record_grow_no_further_than_twenty()
    {
        var (product, _) = await WithAnaAsync();
        var before = (await product.Book.LedgerAsync(product.Ring.KeyOf(Ana), default)).Count;
        for (var i = 0; i < 25; i++)
            await product.ReceiveAsync("From: ana@example.com\nTo: unsubscribe@mail.example.com\nSubject: please stop\n\n\n", "m" + i);
        var items = await product.Reviews.ListAsync(resolved: false, null, 100, default);
        var known = (await product.StateAsync(Ana)).Reviews;
        Assert.Equal((25, 20), (items.Count, known.Length));
        Assert.Equal(before + 20, (await product.Book.LedgerAsync(product.Ring.KeyOf(Ana), default)).Count);

        // What was decided of one that the record does not know counts as any other.
        var beyond = items.First(i => !known.Contains(i.Id));
        await product.Reviews.ResolveAsync(beyond.Id, ReviewVerdict.Revoke, "agent:mia", default);
        Assert.Equal(SubscriptionStatus.Unsubscribed, (await product.StateAsync(Ana)).StatusOf(TopicKey.Newsletter));
    }

    [Fact]
    public async Task R13_A_mail_from_an_address_that_nothing_is_known_of_is_read_and_leaves_no_record_of_it()
    {
        var (product, _) = await WithAnaAsync();
        await product.ReceiveAsync("From: eve@example.com\nTo: unsubscribe@mail.example.com\nSubject: please stop\n\n\n");
        Assert.Single(await product.Reviews.ListAsync(resolved: false, null, 10, default));
        Assert.Null((await product.Book.LoadAsync(product.Ring.KeyOf(CoreProduct.Email("eve@example.com")), default)).State);
        Assert.False((await product.StateAsync(Ana)).ReviewPending);
    }

    [Theory]
    [InlineData("Auto-Submitted: auto-replied"), InlineData("Return-Path: <>"), InlineData("Precedence: bulk"), InlineData("Content-Type: multipart/report; boundary=x; report-type=delivery-status")]
    public async Task R14_A_machines_mail_gets_no_reply_and_no_review_and_its_token_still_counts(string header)
    {
        var (product, token) = await WithAnaAsync();
        await product.ReceiveAsync(
            $"From: ana@example.com\nTo: unsubscribe@mail.example.com\n{header}\nSubject: Out of office\n\nback on Monday\n",
            "m1");
        Assert.Empty(await product.Reviews.ListAsync(resolved: false, null, 10, default));
        await product.ReceiveAsync($"From: ana@example.com\nTo: unsubscribe@mail.example.com\n{header}\nSubject: {token}\n\n\n", "m2");
        Assert.Equal(SubscriptionStatus.Unsubscribed, (await product.StateAsync(Ana)).StatusOf(TopicKey.Newsletter));
        Assert.Empty(product.Outbox.Emails);
        Assert.Equal(0, await product.Store.CountAsync(Queues.Send));
    }

    [Fact]
    public async Task R14_Our_own_automatic_mail_says_that_it_is()
    {
        var product = new CoreProduct();
        await product.Consents.OptInAsync(
            Ana, product.Topics.Find(TopicKey.Newsletter)!, new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person"),
            confirmed: false, null, default);
        await product.PumpAsync();
        Assert.Contains(Assert.Single(product.Outbox.Emails).Headers, h => h is { Key: "Auto-Submitted", Value: "auto-generated" });
    }

    [Fact]
    public void R13_Any_bytes_can_be_read_as_a_mail() =>
        Gen.Byte.Array[0, 2000].Sample(bytes => Assert.NotNull(InboundMime.Parse(bytes)), iter: 2000);

    [Fact]
    public async Task R13_A_mail_broken_anywhere_below_its_headers_keeps_its_token()
    {
        var (_, token) = await WithAnaAsync();
        var mime = Encoding.ASCII.GetBytes(
            $"From: a@example.com\r\nTo: unsubscribe@mail.example.com\r\nSubject: {token}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\n\r\n--b\r\nContent-Type: text/plain; charset=x-nothing\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=ZZ=\r\n--b--\r\n");
        var body = Encoding.ASCII.GetString(mime).IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        Gen.Select(Gen.Int[body, mime.Length - 1], Gen.Byte, Gen.Int[body, mime.Length]).Sample((at, value, length) =>
        {
            var broken = mime.ToArray();
            broken[at] = value;
            Assert.Contains(token, InboundMime.Parse(broken.AsSpan(0, length)).Tokens);
        }, iter: 3000);
    }

    [Fact]
    public async Task R13_Any_event_of_a_mail_is_handled_without_a_throw()
    {
        var (product, _) = await WithAnaAsync();
        foreach (var json in (string[])[
            "{}", "null", "[]", "1", "\"x\"", """{"tokens":null}""", """{"tokens":[null]}""", """{"tokens":["x"],"text":null}""",
            """{"tokens":"x"}""", """{"tokens":[],"text":"\ud800"}""", """{"enclosed":null}""", """{"feedback":"abuse","enclosed":[null]}""",
            """{"feedback":"abuse"}""", """{"bounce":"5.1.1"}""", """{"bounce":null,"enclosed":["x"]}""",
        ])
        {
            var outcome = await product.Inbound.HandleAsync(
                new(json, InboundMail.EventType, JsonSerializer.Deserialize<JsonElement>(json), product.Now), default);
            Assert.True(outcome.Result is WorkResult.Done or WorkResult.GiveUp);
        }
    }
}
