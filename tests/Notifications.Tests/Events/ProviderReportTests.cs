using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Events;

public sealed class ProviderReportTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");
    private static readonly Address Phone = CoreProduct.Phone("+14155552671");

    private static async Task<(CoreProduct Product, SendRequest Sent)> SentAsync(Address to, Action<SendingOptions>? sending = null)
    {
        var product = new CoreProduct(sending: sending);
        await product.SubscribeAsync(to, null, TopicKey.PackageUpdates, TopicKey.Promotions);
        var request = product.Message(to, TopicKey.PackageUpdates);
        Assert.Equal(MessageStatus.Sent, (await product.SendAsync(request))!.Status);
        return (product, request);
    }

    internal static InboundEvent EmailReport(string id, SendRequest sent, string status, string message, DateTimeOffset at) =>
        CoreProduct.Event(id, ProviderReports.EmailReport, at, new
        {
            sender = "parcels@example.com",
            recipient = sent.To.ToUpperInvariant(),
            messageId = MessageId.TryParse(sent.Id, out var mid) ? mid.OperationId.ToString() : "",
            status,
            deliveryStatusDetails = new { statusMessage = message },
            deliveryAttemptTimeStamp = at,
        });

    internal static InboundEvent SmsReport(
        string id, SendRequest sent, string status, string details, DateTimeOffset at, bool tag = true) =>
        CoreProduct.Event(id, ProviderReports.SmsReport, at, new
        {
            MessageId = "Outgoing_" + sent.Id[(AddressKey.Length + 1)..],
            From = "+18005550100",
            To = sent.To.TrimStart('+'),
            DeliveryStatus = status,
            DeliveryStatusDetails = details,
            ReceivedTimestamp = at,
            Tag = tag ? sent.Id : null,
        });

    [Theory]
    [InlineData("Delivered", "", MessageStatus.Delivered, null, null)]
    [InlineData("Expanded", "", MessageStatus.Sent, null, null)]
    [InlineData("Bounced", "550 5.1.1 user unknown", MessageStatus.Bounced, SuppressionReason.Bounce, null)]
    [InlineData("Bounced", "", MessageStatus.Bounced, SuppressionReason.Bounce, null)]
    [InlineData("Suppressed", "", MessageStatus.Bounced, SuppressionReason.Bounce, null)]
    [InlineData("Quarantined", "", MessageStatus.Failed, null, "email-filtered")]
    [InlineData("FilteredSpam", "", MessageStatus.Failed, null, "email-filtered")]
    [InlineData("Bounced", "550 5.2.1 mailbox disabled", MessageStatus.Bounced, SuppressionReason.Bounce, null)]
    [InlineData("Bounced", "550 5.2.122 over its limit for the hour", MessageStatus.Bounced, null, null)]
    [InlineData("Failed", "550 5.4.1 recipient address rejected", MessageStatus.Bounced, SuppressionReason.Bounce, null)]
    [InlineData("Bounced", "554 5.4.14 hop count exceeded", MessageStatus.Bounced, null, null)]
    [InlineData("Failed", "550 5.1.10 recipient not found", MessageStatus.Bounced, SuppressionReason.Bounce, null)]
    [InlineData("Failed", "452 4.2.2 mailbox full", MessageStatus.Failed, null, null)]
    [InlineData("Bounced", "452 4.2.2 mailbox full", MessageStatus.Bounced, null, null)]
    [InlineData("Bounced", "550 5.7.515 Access denied", MessageStatus.Failed, null, "email-authentication")]
    [InlineData("Failed", "", MessageStatus.Failed, null, null)]
    [InlineData("SomethingNew", "", MessageStatus.Sent, null, null)]
    public async Task R20_Every_status_of_an_email_report_has_its_outcome(
        string status, string message, MessageStatus expected, SuppressionReason? suppressed, string? alert)
    {
        var (product, sent) = await SentAsync(Ana);
        await product.Inbound.HandleAsync(EmailReport("e1", sent, status, message, product.Now), default);
        Assert.Equal(expected, (await product.RecordAsync(sent.Id))!.Status);
        Assert.Equal(suppressed, (await product.StateAsync(Ana)).Suppression?.Reason);
        Assert.Equal(alert is null ? [] : [alert], (await product.Alerts.TodayAsync(default)).Select(a => a.Kind));
    }

    [Fact]
    public async Task R19_A_complaint_of_no_known_message_that_comes_again_brings_the_list_of_the_blocked_up_to_its_record()
    {
        var product = new CoreProduct();
        var complaint = CoreProduct.Event("e1", ProviderReports.Complaint, product.Now, new { recipient = Ana.Value });
        await product.Inbound.HandleAsync(complaint, default);
        var key = product.Ring.KeyOf(Ana);
        Assert.Equal(key, Assert.Single(await product.Suppressions.ListAsync(null, 10, default)).Key);

        // The process that took it in died between the two.
        await product.Store.CommitAsync(Tables.Suppressions, key.Value[..1], [RowChange.Delete(key.Value)]);
        await product.Inbound.HandleAsync(complaint, default);
        Assert.Equal(key, Assert.Single(await product.Suppressions.ListAsync(null, 10, default)).Key);
        Assert.Equal(1, (await product.StateAsync(Ana)).Ledger.Seq);
    }

    [Fact]
    public async Task R19_R20_A_mail_address_that_begins_with_a_plus_sign_is_no_phone_number()
    {
        var plus = CoreProduct.Email("+ana@example.com");
        var (product, sent) = await SentAsync(plus);
        var opened = CoreProduct.Event("e1", EngagementReports.Engagement, product.Now, new { recipient = plus.Value, messageId = sent.Id });
        Assert.Equal(WorkOutcome.Done, await product.Inbound.HandleAsync(opened, default));
        Assert.NotNull((await product.StateAsync(plus)).EngagedAt);
        Assert.Equal(
            WorkOutcome.Done, await product.Inbound.HandleAsync(EmailReport("e2", sent, "Bounced", "550 5.1.1", product.Now), default));
        Assert.Equal(SuppressionReason.Bounce, (await product.StateAsync(plus)).Suppression?.Reason);
        var complaint = CoreProduct.Event("e3", ProviderReports.Complaint, product.Now, new { recipient = plus.Value });
        Assert.Equal(WorkOutcome.Done, await product.Inbound.HandleAsync(complaint, default));
        Assert.Equal(SuppressionReason.Complaint, (await product.StateAsync(plus)).Suppression?.Reason);
    }

    [Theory]
    [InlineData("550 5.7.515 Access denied, sending domain EXAMPLE.COM does not meet the required authentication level")]
    [InlineData("550-5.7.26 This mail has been blocked because the sender is unauthenticated")]
    [InlineData("554 rejected due to DMARC policy")]
    public async Task R18_An_authentication_failure_alerts_an_operator_and_suppresses_nobody(string message)
    {
        var (product, sent) = await SentAsync(Ana);
        foreach (var status in (string[])["Bounced", "Failed"])
            await product.Inbound.HandleAsync(EmailReport(status, sent, status, message, product.Now), default);
        Assert.Null((await product.StateAsync(Ana)).Suppression);
        Assert.Empty((await product.StateAsync(Ana)).SoftBounceDays);
        var alert = Assert.Single(await product.Alerts.TodayAsync(default));
        Assert.Equal("email-authentication", alert.Kind);
        Assert.DoesNotContain("ana", alert.Detail, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task R18_Two_failures_of_one_kind_within_an_hour_ring_twice_at_the_time_they_came()
    {
        var (product, sent) = await SentAsync(Ana);
        await product.Inbound.HandleAsync(
            EmailReport("e1", sent, "Failed", "550 5.7.515 Access denied", product.Now.AddHours(-30)), default);
        await product.Inbound.HandleAsync(EmailReport("e2", sent, "Failed", "550 5.7.26 unauthenticated", product.Now), default);
        await product.Inbound.HandleAsync(EmailReport("e3", sent, "Failed", "550 5.7.26 unauthenticated", product.Now), default);
        var rung = await product.Alerts.TodayAsync(default);
        Assert.Equal(2, rung.Count);
        Assert.All(rung, a => Assert.Equal(product.Now, a.At));
    }

    [Fact]
    public async Task R65_A_report_of_a_clock_that_is_ahead_is_the_same_whenever_it_comes_and_is_counted_once()
    {
        var counted = 0;
        using var meters = new System.Diagnostics.Metrics.MeterListener
        {
            InstrumentPublished = (i, l) => { if (i.Name == "notifications.reports") l.EnableMeasurementEvents(i); },
        };
        var context = new AsyncLocal<bool> { Value = true }; // Other tests run beside this one.
        meters.SetMeasurementEventCallback<long>((_, _, _, _) => { if (context.Value) counted++; });
        meters.Start();
        var (product, sent) = await SentAsync(Ana);
        var ahead = EmailReport("e1", sent, "Delivered", "", product.Now.AddMinutes(10));
        await product.Inbound.HandleAsync(ahead, default);
        product.Time.Advance(TimeSpan.FromMinutes(3));
        await product.Inbound.HandleAsync(ahead, default);
        Assert.Single((await product.RecordAsync(sent.Id))!.Timeline, e => e.Event == "reported delivered");
        Assert.Equal(1, counted);
    }

    [Fact]
    public async Task R35_Of_somebody_restricted_nothing_is_written_down_when_they_open_a_mail()
    {
        var (product, sent) = await SentAsync(Ana);
        await product.Book.ChangeAsync(
            product.Ring.KeyOf(Ana), null, (state, _) => new Change(state with { RestrictedSince = product.Now }, []), null, default);
        await product.Inbound.HandleAsync(
            CoreProduct.Event(
                "e1", EngagementReports.Engagement, product.Now,
                new { recipient = Ana.Value, messageId = sent.Id, engagementType = "click" }),
            default);
        Assert.DoesNotContain((await product.RecordAsync(sent.Id))!.Timeline, e => e.Event == MessageRecord.Clicked);
    }

    [Fact]
    public async Task R19_A_complaint_suppresses_everything_and_outweighs_a_bounce()
    {
        var (product, sent) = await SentAsync(Ana);
        await product.Inbound.HandleAsync(EmailReport("e1", sent, "Bounced", "5.1.1", product.Now), default);
        await product.Inbound.HandleAsync(
            CoreProduct.Event("e2", ProviderReports.Complaint, product.Now, new { recipient = "Ana@Example.com", messageId = sent.Id }),
            default);
        Assert.Equal(SuppressionReason.Complaint, (await product.StateAsync(Ana)).Suppression!.Reason);
        Assert.Equal(Reason.SuppressedComplaint, (await product.SendAsync(product.Message(Ana, TopicKey.PackageUpdates)))!.Reason);
        Assert.Contains((await product.RecordAsync(sent.Id))!.Timeline, e => e.Event == "reported complaint");
        Assert.Equal(
            SuppressionReason.Complaint, Assert.Single(await product.Suppressions.ListAsync(null, 10, default)).Row.Suppression.Reason);
    }

    [Fact]
    public async Task R20_A_hard_bounce_is_for_good_also_of_an_address_we_have_no_message_for()
    {
        var product = new CoreProduct();
        var unknown = product.Message(Ana, TopicKey.Newsletter);
        await product.Inbound.HandleAsync(EmailReport("e1", unknown, "Bounced", "5.1.1", product.Now), default);
        await product.SubscribeAsync(Ana, null, TopicKey.Newsletter);
        product.Time.Advance(TimeSpan.FromDays(400));
        Assert.Equal(Reason.SuppressedBounce, (await product.SendAsync(product.Message(Ana, TopicKey.Newsletter)))!.Reason);
    }

    [Fact]
    public async Task R20_Soft_bounces_count_once_a_day_up_to_the_limit_within_the_window()
    {
        var (product, sent) = await SentAsync(Ana, o => { o.SoftBounceLimit = 3; o.SoftBounceDays = 10; });
        async Task<SuppressionReason?> SoftAsync(string id)
        {
            await product.Inbound.HandleAsync(EmailReport(id, sent, "Failed", "4.2.2", product.Now), default);
            return (await product.StateAsync(Ana)).Suppression?.Reason;
        }

        for (var i = 0; i < 9; i++)
        {
            Assert.Null(await SoftAsync("same-day-" + i));
            product.Time.Advance(TimeSpan.FromMinutes(20)); // still the same day
        }

        product.Time.Advance(TimeSpan.FromDays(11)); // the first day leaves the window
        Assert.Null(await SoftAsync("b"));
        product.Time.Advance(TimeSpan.FromDays(1));
        Assert.Null(await SoftAsync("c"));
        product.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(SuppressionReason.Bounce, await SoftAsync("d"));

        await product.Suppressions.RemoveAsync(
            Ana, new LedgerDraft(LedgerAction.Unsuppress, LedgerDraft.AllTopics, "api", "agent:kim"), default);
        Assert.Null(await SoftAsync("d")); // a redelivery after the block was lifted does not count again
        Assert.Empty((await product.StateAsync(Ana)).SoftBounceDays);
    }

    [Theory]
    [InlineData("Delivered", "No error.", MessageStatus.Delivered, null, false)]
    [InlineData("Delivered", "2000", MessageStatus.Delivered, null, false)]
    [InlineData("Failed", "4000", MessageStatus.Failed, null, true)]
    [InlineData("Failed", "4001", MessageStatus.Failed, null, true)]
    [InlineData("Failed", "4002", MessageStatus.Bounced, SuppressionReason.Invalid, false)]
    [InlineData("Failed", "4003", MessageStatus.Bounced, SuppressionReason.Invalid, false)]
    [InlineData("Failed", "4004", MessageStatus.Bounced, SuppressionReason.Bounce, false)]
    [InlineData("Failed", "4005", MessageStatus.Failed, null, true)]
    [InlineData("Failed", "4006: unreachable", MessageStatus.Bounced, null, false)]
    [InlineData("Failed", "4008", MessageStatus.Failed, null, true)]
    [InlineData("Failed", "4009", MessageStatus.Failed, null, true)]
    [InlineData("Failed", "4010", MessageStatus.Failed, null, true)]
    [InlineData("Failed", "5000", MessageStatus.Failed, null, false)]
    [InlineData("Failed", "5001", MessageStatus.Failed, null, false)]
    [InlineData("Failed", "9999", MessageStatus.Failed, null, false)]
    [InlineData("Failed", "", MessageStatus.Failed, null, false)]
    [InlineData("Queued", "", MessageStatus.Sent, null, false)]
    public async Task R20_Every_code_of_a_text_report_has_its_outcome(
        string status, string details, MessageStatus expected, SuppressionReason? suppressed, bool alert)
    {
        foreach (var tag in (bool[])[true, false])
        {
            var (product, sent) = await SentAsync(Phone);
            await product.Inbound.HandleAsync(SmsReport("e1", sent, status, details, product.Now, tag), default);
            Assert.Equal(expected, (await product.RecordAsync(sent.Id))!.Status);
            Assert.Equal(suppressed, (await product.StateAsync(Phone)).Suppression?.Reason);
            Assert.Equal(alert, (await product.Alerts.TodayAsync(default)).Any(a => a.Kind == "sms-refused"));
        }
    }

    [Fact]
    public void Every_known_code_and_status_is_in_a_table_and_none_that_may_have_arrived_may_be_offered_again()
    {
        Assert.Equal(
            [2000, 4000, 4001, 4002, 4003, 4004, 4005, 4006, 4007, 4008, 4009, 4010, 5000, 5001, 5002, 9999], SmsReports.Known.Order());
        Assert.Equal(
            ["bounced", "delivered", "expanded", "failed", "filteredspam", "quarantined", "suppressed"],
            EmailReports.Known.Order(StringComparer.Ordinal));
        Assert.False(SmsReports.Read("Failed", "5002")!.Value.MayRetry);
        Assert.False(SmsReports.Read("Failed", "4007")!.Value.MayRetry);
        Assert.True(SmsReports.Read("Failed", "4006")!.Value.MayRetry);
    }

    [Fact]
    public async Task A_text_refused_as_opted_out_is_a_stop()
    {
        var (product, sent) = await SentAsync(Phone);
        await product.Inbound.HandleAsync(SmsReport("e1", sent, "Failed", "4007", product.Now), default);
        Assert.Equal("provider-report", (await product.StateAsync(Phone)).Stopped!.Source);
        Assert.Equal(Reason.Unsubscribed, (await product.SendAsync(product.Message(Phone, TopicKey.PackageUpdates)))!.Reason);
    }

    [Fact]
    public async Task P5_A_text_without_a_carriers_report_is_never_sent_again()
    {
        var (product, sent) = await SentAsync(Phone);
        await product.Inbound.HandleAsync(SmsReport("e1", sent, "Failed", "5002", product.Now), default);
        Assert.Contains((await product.RecordAsync(sent.Id))!.Timeline, e => e.Event == "reported unknown");
        await product.SendAsync(sent with { Replayed = true });
        Assert.Single(product.Outbox.Texts);
    }

    [Fact]
    public async Task R65_A_report_that_overtakes_its_own_hand_off_stands()
    {
        var product = new CoreProduct();
        await product.SubscribeAsync(Ana, null, TopicKey.PackageUpdates);
        var request = product.Message(Ana, TopicKey.PackageUpdates);
        product.Outbox.Answer = _ =>
        {
            var handled = product.Inbound.HandleAsync(EmailReport("e1", request, "Delivered", "", product.Now), default);
            Assert.True(handled.IsCompletedSuccessfully);
            return HandOff.Accepted("x");
        };
        await product.SendAsync(request);
        var record = await product.RecordAsync(request.Id);
        Assert.Equal(MessageStatus.Delivered, record!.Status);
        Assert.Equal(["queued", "claimed", "reported delivered"], record.Timeline.Select(e => e.Event));
    }

    /// <summary>Providers tell whole seconds, and a mail may be delivered within the one of its hand-off.</summary>
    [Fact]
    public async Task R65_A_report_of_the_second_of_the_hand_off_stands_after_it_and_reports_of_one_second_in_any_order_stand_alike()
    {
        var timelines = new List<string>();
        foreach (var order in (int[][])[[0, 1, 2], [2, 1, 0], [1, 2, 0]])
        {
            var product = new CoreProduct();
            await product.SubscribeAsync(Ana, null, TopicKey.PackageUpdates);
            var sent = product.Message(Ana, TopicKey.PackageUpdates);
            var second = product.Now;
            product.Time.Advance(TimeSpan.FromMilliseconds(430));
            await product.SendAsync(sent);
            product.Time.Advance(TimeSpan.FromMinutes(1));
            InboundEvent[] reports =
                [
                    EmailReport("e1", sent, "Delivered", "", second), EmailReport("e2", sent, "Expanded", "", second.AddMilliseconds(500)),
                    EmailReport("e3", sent, "Expanded", "", second.AddSeconds(1)),
                ];
            foreach (var i in order) await product.Inbound.HandleAsync(reports[i], default);
            var record = await product.RecordAsync(sent.Id);
            Assert.Equal(MessageStatus.Delivered, record!.Status);
            timelines.Add(string.Join(", ", record.Timeline.Select(e => e.Event)));
        }

        Assert.All(
            timelines,
            t => Assert.Equal("queued, claimed, accepted, reported progress, reported delivered, reported progress", t));
    }

    [Fact]
    public async Task R65_A_report_shows_once_in_the_timeline_however_often_it_comes_and_a_bounce_outweighs_a_delivery()
    {
        var (product, sent) = await SentAsync(Ana);
        var delivered = EmailReport("e1", sent, "Delivered", "", product.Now);
        var bounced = EmailReport("e2", sent, "Bounced", "5.1.1", product.Now.AddMilliseconds(-1));
        foreach (var report in (InboundEvent[])[delivered, bounced, delivered, bounced, delivered])
            await product.Inbound.HandleAsync(report, default);
        var record = await product.RecordAsync(sent.Id);
        Assert.Equal(MessageStatus.Bounced, record!.Status);
        Assert.Equal(2, record.Timeline.Count(e => e.Event.StartsWith(MessageRecord.ReportPrefix, StringComparison.Ordinal)));
        Assert.Equal(1, (await product.Book.LedgerAsync(product.Ring.KeyOf(Ana), default)).Count(e => e.Action == LedgerAction.Suppress));
    }

    [Fact]
    public void An_operation_id_leads_back_to_its_message_and_to_no_other()
    {
        var product = new CoreProduct();
        var key = product.Ring.KeyOf(Ana);
        for (var i = 0; i < 100; i++)
        {
            var id = i % 2 == 0 ? product.Ids.New(key) : product.Ids.Derive(key, "seed" + i);
            Assert.Equal(id, product.Ids.Find(key, id.OperationId));
            Assert.Null(product.Ids.Find(product.Ring.KeyOf(Phone), id.OperationId));
        }
    }
}
