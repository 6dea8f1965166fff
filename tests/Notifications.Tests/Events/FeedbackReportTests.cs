using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Events;

/// <summary>What a mailbox provider's feedback loop reports by mail (RFC 5965), from its bytes to the record.</summary>
public sealed class FeedbackReportTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");
    private readonly CoreProduct _product = new();

    [Theory]
    [InlineData("message/rfc822", "abuse")]
    [InlineData("text/rfc822-headers", "Abuse")]
    public async Task R19_A_feedback_report_that_encloses_our_mail_is_a_complaint_about_it(string enclosed, string type)
    {
        var (record, header) = await _product.SentNewsletterAsync(Ana);
        var report = Report(type, enclosed, header);
        await _product.ReceiveAsync(report, "m1");
        _product.Time.Advance(TimeSpan.FromHours(1));
        await _product.ReceiveAsync(report, "m1"); // Delivered again it is the same.

        var ana = await _product.StateAsync(Ana);
        Assert.Equal(SuppressionReason.Complaint, ana.Suppression!.Reason);
        Assert.Equal(Reason.SuppressedComplaint, (await _product.SendAsync(_product.Message(Ana, TopicKey.PackageUpdates)))!.Reason);
        Assert.Single((await _product.RecordAsync(record))!.Timeline, e => e.Event == "reported complaint");
        Assert.Equal(Ana.Value, Assert.Single(await _product.Suppressions.ListAsync(null, 10, default)).Row.Address);
        Assert.Empty(await _product.ReviewsAsync());
    }

    [Fact]
    public async Task R19_A_feedback_report_of_an_opt_out_stops_what_the_mail_was_about_and_one_of_no_spam_changes_nothing()
    {
        var (_, header) = await _product.SentNewsletterAsync(Ana);
        await _product.ReceiveAsync(Report("not-spam", "message/rfc822", header), "m1");
        Assert.Equal(SubscriptionStatus.Subscribed, (await _product.StateAsync(Ana)).StatusOf(TopicKey.Newsletter));
        await _product.ReceiveAsync(Report("opt-out", "message/rfc822", header), "m2");
        var ana = await _product.StateAsync(Ana);
        Assert.Equal(
            (SubscriptionStatus.Unsubscribed, SubscriptionStatus.Subscribed, null),
            (ana.StatusOf(TopicKey.Newsletter), ana.StatusOf(TopicKey.PackageUpdates), ana.Suppression));
        Assert.Equal("feedback-loop", (await _product.Book.LedgerAsync(_product.Ring.KeyOf(Ana), default))[^1].Detail!.Source);
        Assert.Empty(await _product.ReviewsAsync());
    }

    [Fact]
    public async Task R19_A_feedback_report_that_names_nobody_is_put_before_a_person_and_not_thrown_away()
    {
        var (_, header) = await _product.SentNewsletterAsync(Ana);
        await _product.ReceiveAsync(Report("abuse", "message/rfc822", header.Replace("/u/", "/u/x", StringComparison.Ordinal)[..90]), "m1");
        await _product.ReceiveAsync(Report("abuse", "message/rfc822", null), "m2");
        Assert.Equal(2, (await _product.ReviewsAsync()).Count);
        // Its sender is no person of ours.
        Assert.All(await _product.ReviewsAsync(), i => Assert.Equal((null, null), (i.AddressKey, i.From)));
        Assert.All(
            await _product.ReviewsAsync(), i => Assert.StartsWith("Feedback report (abuse): complaint", i.Text, StringComparison.Ordinal));
        Assert.Null((await _product.StateAsync(Ana)).Suppression);
    }

    [Theory]
    [InlineData("fraud")]
    [InlineData("")]
    public async Task R41_A_feedback_report_of_another_type_makes_marketing_to_that_person_wait_until_it_is_read(string type)
    {
        var (_, header) = await _product.SentNewsletterAsync(Ana);
        await _product.ReceiveAsync(Report(type, "message/rfc822", header), "m1");
        var item = Assert.Single(await _product.ReviewsAsync());
        var ana = await _product.StateAsync(Ana);
        Assert.Equal((_product.Ring.KeyOf(Ana).Value, true, null), (item.AddressKey, ana.ReviewPending, ana.Suppression));
    }

    // As RFC 5965, appendix B has it; the header is folded where a mailer would.
    private static string Report(string type, string enclosed, string? listUnsubscribe) => $"""
        From: <abusedesk@example.com>
        Return-Path: <>
        To: <unsubscribe@mail.example.com>
        Subject: complaint about message from 192.0.2.1
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=feedback-report;
          boundary="part1_13d.2e68ed54_boundary"

        --part1_13d.2e68ed54_boundary
        Content-Type: text/plain; charset="US-ASCII"
        Content-Transfer-Encoding: 7bit

        This is an email abuse report for an email message received from IP 192.0.2.1.

        --part1_13d.2e68ed54_boundary
        Content-Type: message/feedback-report

        Feedback-Type: {type}
        User-Agent: SomeGenerator/1.0
        Version: 1

        --part1_13d.2e68ed54_boundary
        Content-Type: {enclosed}
        Content-Disposition: inline

        From: <news@mail.example.com>
        To: <redacted@example.com>
        Subject: Our news
        {(listUnsubscribe is null ? "X-Nothing: 1" : "List-Unsubscribe: " + listUnsubscribe.Replace(", ", ",\n ", StringComparison.Ordinal))}
        MIME-Version: 1.0
        Content-Type: text/plain

        Hello
        --part1_13d.2e68ed54_boundary--

        """;
}
