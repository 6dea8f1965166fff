using Notifications.Addresses;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Events;

/// <summary>What a mail server reports by mail of one that it could not deliver (RFC 3464), from its bytes to the record.</summary>
public sealed class BouncedMailTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");
    private readonly CoreProduct _product = new();

    [Theory]
    [InlineData("5.1.1", "smtp; 550 5.1.1 <ana@example.com>: no such user", "message/rfc822", MessageStatus.Bounced, true, 0, null)]
    [InlineData("5.0.0", "smtp; 550-5.1.10 recipient not found", "text/rfc822-headers", MessageStatus.Bounced, true, 0, null)]
    [InlineData("5.2.2", "smtp; 552 5.2.2 mailbox full", "message/rfc822", MessageStatus.Bounced, false, 1, null)]
    [InlineData("4.4.7", "smtp; 451 expired", "text/rfc822-headers", MessageStatus.Failed, false, 1, null)]
    [InlineData("5.0.0", "smtp; 550 No such user here", "message/rfc822", MessageStatus.Failed, false, 1, null)]
    [InlineData("5.7.26", "smtp; 550 unauthenticated", "message/rfc822", MessageStatus.Failed, false, 0, "email-authentication")]
    public async Task R20_R18_A_bounce_that_encloses_our_mail_suppresses_counts_or_alerts_as_a_report_of_it_would(
        string status, string diagnostic, string enclosed, MessageStatus expected, bool suppressed, int softDays, string? alert)
    {
        var (record, header) = await _product.SentNewsletterAsync(Ana);
        var bounce = Bounce("failed", status, diagnostic, enclosed, header);
        await _product.ReceiveAsync(bounce, "m1");
        _product.Time.Advance(TimeSpan.FromDays(1));
        await _product.ReceiveAsync(bounce, "m1"); // Delivered again it is the same.

        var ana = await _product.StateAsync(Ana);
        SuppressionReason? reason = suppressed ? SuppressionReason.Bounce : null;
        Assert.Equal((reason, softDays), (ana.Suppression?.Reason, ana.SoftBounceDays.Length));
        var message = (await _product.RecordAsync(record))!;
        Assert.Equal(expected, message.Status);
        Assert.Single(message.Timeline, e => e.Event.StartsWith(MessageRecord.ReportPrefix, StringComparison.Ordinal));
        Assert.DoesNotContain(message.Timeline, e => e.Detail?.Contains("ana", StringComparison.Ordinal) == true); // P7
        Assert.Equal(alert is null ? [] : [alert], (await _product.Alerts.TodayAsync(default)).Select(a => a.Kind).Distinct());
        Assert.Empty(await _product.ReviewsAsync());
    }

    [Theory]
    [InlineData("delayed", "4.4.1")]
    [InlineData("delivered", "2.0.0")]
    [InlineData("relayed", "2.0.0")]
    public async Task R20_A_mail_that_says_that_ours_is_delayed_or_delivered_changes_nothing(string action, string status)
    {
        var (record, header) = await _product.SentNewsletterAsync(Ana);
        var before = await _product.StateAsync(Ana);
        await _product.ReceiveAsync(Bounce(action, status, "smtp; 550 5.1.1 no such user", "message/rfc822", header), "m1");
        Assert.Equivalent(before, await _product.StateAsync(Ana));
        Assert.Equal(MessageStatus.Sent, (await _product.RecordAsync(record))!.Status);
        Assert.Empty(await _product.ReviewsAsync());
    }

    [Fact]
    public async Task R20_A_bounce_of_one_whom_an_alias_named_beside_others_that_got_the_mail_changes_nothing()
    {
        var (_, header) = await _product.SentNewsletterAsync(Ana);
        await _product.ReceiveAsync(
            Bounce(
                "failed", "5.1.1", "smtp; 550 5.1.1 no", "message/rfc822", header,
                "\nFinal-Recipient: rfc822; b@example.net\nAction: relayed\n"),
            "m1");
        Assert.Null((await _product.StateAsync(Ana)).Suppression);
    }

    [Theory]
    [InlineData("Final-Recipient: rfc822; forward@example.net")]
    [InlineData("Final-Recipient: rfc822; not an address")]
    [InlineData("X-Recipient: none")]
    public async Task R20_A_bounce_of_another_recipient_as_of_a_forward_suppresses_nobody_and_is_put_before_a_person(string recipient)
    {
        var (record, header) = await _product.SentNewsletterAsync(Ana);
        await _product.ReceiveAsync(
            Bounce("failed", "5.1.1", "smtp; 550 5.1.1 no such user", "message/rfc822", header).Replace(
                "Final-Recipient: rfc822; ana@example.com", recipient, StringComparison.Ordinal),
            "m1");
        var ana = await _product.StateAsync(Ana);
        Assert.Equal((null, 0, false), (ana.Suppression, ana.SoftBounceDays.Length, ana.ReviewPending));
        Assert.Equal(MessageStatus.Sent, (await _product.RecordAsync(record))!.Status);
        var item = Assert.Single(await _product.ReviewsAsync());
        Assert.Equal((null, null), (item.AddressKey, item.From));
    }

    [Theory]
    [InlineData("RFC822;Ana@Example.com")]
    [InlineData("rfc822; <ana@example.com>")]
    public async Task R20_The_recipient_of_a_bounce_may_be_spelled_otherwise(string recipient)
    {
        var (_, header) = await _product.SentNewsletterAsync(Ana);
        await _product.ReceiveAsync(
            Bounce("failed", "5.1.1", "smtp; 550 5.1.1 no such user", "message/rfc822", header).Replace(
                "rfc822; ana@example.com", recipient, StringComparison.Ordinal),
            "m1");
        Assert.Equal(SuppressionReason.Bounce, (await _product.StateAsync(Ana)).Suppression?.Reason);
    }

    [Fact]
    public async Task R20_A_bounce_that_names_nobody_or_whose_token_is_forged_is_put_before_a_person_and_does_nothing_to_anybody()
    {
        var (_, header) = await _product.SentNewsletterAsync(Ana);
        var forged = header.Replace("/u/", "/u/x", StringComparison.Ordinal)[..90];
        await _product.ReceiveAsync(Bounce("failed", "5.1.1", "smtp; 550 5.1.1 no", "message/rfc822", forged), "m1");
        await _product.ReceiveAsync(Bounce("failed", "5.1.1", "smtp; 550 5.1.1 no", "message/rfc822", null), "m2");
        Assert.Equal(2, (await _product.ReviewsAsync()).Count);
        // Its sender is no person of ours.
        Assert.All(await _product.ReviewsAsync(), i => Assert.Equal((null, null), (i.AddressKey, i.From)));
        Assert.All(await _product.ReviewsAsync(), i => Assert.StartsWith("Bounce: Undelivered", i.Text, StringComparison.Ordinal));
        var ana = await _product.StateAsync(Ana);
        Assert.Equal((null, false), (ana.Suppression, ana.ReviewPending));
    }

    [Fact]
    public async Task R20_A_bounce_of_a_question_of_ours_which_has_no_subscription_yet_is_nobodys_work()
    {
        await _product.ReceiveAsync(
            Bounce("failed", "5.1.1", "smtp; 550 5.1.1 no", "message/rfc822", null).Replace(
                "X-Nothing: 1", "Auto-Submitted: auto-generated", StringComparison.Ordinal),
            "m1");
        Assert.Empty(await _product.ReviewsAsync());
    }

    // As RFC 3464, appendix E has it; the header is folded where a mailer would.
    private static string Bounce(
        string action, string status, string diagnostic, string enclosed, string? listUnsubscribe, string others = "") => $"""
        From: Mail Delivery Subsystem <MAILER-DAEMON@mx.example.com>
        Return-Path: <>
        To: <news@mail.example.com>
        Subject: Undelivered Mail Returned to Sender
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status;
          boundary="RAA14128.773615765/mx.example.com"

        --RAA14128.773615765/mx.example.com
        Content-Type: text/plain; charset="US-ASCII"

        I'm sorry to have to inform you that your message could not be delivered.

        --RAA14128.773615765/mx.example.com
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example.com
        Arrival-Date: Mon, 30 Nov 2026 09:00:00 +0000

        Final-Recipient: rfc822; ana@example.com
        Action: {action}
        Status: {status}
        Diagnostic-Code: {diagnostic}
        {others}
        --RAA14128.773615765/mx.example.com
        Content-Type: {enclosed}

        From: <news@mail.example.com>
        To: <ana@example.com>
        Subject: Our news
        {(listUnsubscribe is null ? "X-Nothing: 1" : "List-Unsubscribe: " + listUnsubscribe.Replace(", ", ",\n ", StringComparison.Ordinal))}
        MIME-Version: 1.0
        Content-Type: text/plain

        Hello
        --RAA14128.773615765/mx.example.com--

        """;
}
