using MailKit.Net.Smtp;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Functions.Communication;
using Notifications.Sending;
using Notifications.Smtp;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Sending;

/// <summary>A refusal at the hand-off says of the address, or of us, what the same words would say in a provider's report.</summary>
public sealed class RefusalTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");

    [Theory]
    [InlineData(
        SmtpErrorCode.RecipientNotAccepted, 550, "5.1.1 <ana@example.com>: no such user", MessageStatus.Bounced, SuppressionReason.Bounce,
        0, null)]
    [InlineData(SmtpErrorCode.MessageNotAccepted, 550, "5.1.1 no such user", MessageStatus.Bounced, SuppressionReason.Bounce, 0, null)]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 552, "5.2.2 mailbox full", MessageStatus.Bounced, null, 1, null)]
    [InlineData(
        SmtpErrorCode.RecipientNotAccepted, 550,
        "5.2.122 The recipient has exceeded their limit for the number of messages they can receive per hour", MessageStatus.Bounced, null,
        1, null)]
    [InlineData(
        SmtpErrorCode.RecipientNotAccepted, 550, "No such user here", MessageStatus.Bounced, SuppressionReason.Bounce, 0, null)]
    [InlineData(
        SmtpErrorCode.RecipientNotAccepted, 551, "User not local", MessageStatus.Bounced, SuppressionReason.Bounce, 0, null)]
    [InlineData(
        SmtpErrorCode.RecipientNotAccepted, 553, "5.0.0 Unknown user", MessageStatus.Bounced, SuppressionReason.Bounce, 0, null)]
    [InlineData(
        SmtpErrorCode.RecipientNotAccepted, 550, "Requested action not taken: mailbox not found", MessageStatus.Bounced,
        SuppressionReason.Bounce, 0, null)]
    [InlineData(
        SmtpErrorCode.RecipientNotAccepted, 550, "The account that you tried to reach doesn't exist", MessageStatus.Bounced,
        SuppressionReason.Bounce, 0, null)]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 550, "", MessageStatus.Failed, null, 1, null)]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 550, "Rejected", MessageStatus.Failed, null, 1, null)]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 550, "5.0.0 Access refused", MessageStatus.Failed, null, 1, null)]
    [InlineData(
        SmtpErrorCode.RecipientNotAccepted, 550, "Cannot find your reverse hostname, [203.0.113.7]", MessageStatus.Failed, null, 1, null)]
    [InlineData(
        SmtpErrorCode.RecipientNotAccepted, 550, "PTR record of address [203.0.113.7] not found", MessageStatus.Failed, null, 1, null)]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 550, "System error", MessageStatus.Failed, null, 1, null)]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 554, "No such user here", MessageStatus.Failed, null, 1, null)]
    [InlineData(SmtpErrorCode.MessageNotAccepted, 550, "No such user here", MessageStatus.Failed, null, 1, null)]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 550, "5.3.0 No such user here", MessageStatus.Failed, null, 1, null)]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 550, "Rejected for policy reasons", MessageStatus.Failed, null, 1, null)]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 550, "Relaying not allowed", MessageStatus.Failed, null, 1, null)]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 550, "5.0.0 Looks like SPAM", MessageStatus.Failed, null, 1, null)]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 550, "Your address is blocked here", MessageStatus.Failed, null, 1, null)]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 550, "Sender verify failed", MessageStatus.Failed, null, 1, null)]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 550, "Mailbox full, try again later", MessageStatus.Failed, null, 1, null)]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 550, "Fails DMARC", MessageStatus.Failed, null, 0, "email-authentication")]
    [InlineData(
        SmtpErrorCode.RecipientNotAccepted, 550, "5.0.0 No such user (5.7.1)", MessageStatus.Failed, null, 0, "email-refused")]
    [InlineData(
        SmtpErrorCode.MessageNotAccepted, 550,
        "5.7.515 Access denied, sending domain EXAMPLE.COM does not meet the required authentication level", MessageStatus.Failed, null, 0,
        "email-authentication")]
    [InlineData(SmtpErrorCode.MessageNotAccepted, 554, "5.7.1 refused", MessageStatus.Failed, null, 0, "email-refused")]
    public async Task R18_R20_A_refusal_over_SMTP_suppresses_counts_or_alerts_as_a_report_of_it_would(
        SmtpErrorCode at, int code, string words, MessageStatus expected, SuppressionReason? suppressed, int softDays, string? alert)
    {
        var world = await RefusedAsync(SmtpOutcomes.Of(new SmtpCommandException(at, (SmtpStatusCode)code, words), dataBegun: false)!.Value);
        var request = world.Request(Ana, TopicKey.Newsletter);
        Assert.Equal(WorkOutcome.Done, await world.Dispatcher.SendAsync(request, false, default));

        var (state, _) = await world.Book.LoadAsync(world.Ring.KeyOf(Ana), default);
        Assert.Equal((suppressed, softDays), (state!.Suppression?.Reason, state.SoftBounceDays.Length));
        Assert.Equal(
            suppressed is null ? [] : [Ana.Value], (await world.Suppressions.ListAsync(null, 10, default)).Select(s => s.Row.Address!));
        var told = await world.Alerts.TodayAsync(default);
        Assert.Equal(alert is null ? [] : [alert], told.Select(a => a.Kind));
        var record = (await world.RecordAsync(request))!;
        Assert.Equal((expected, Reason.ProviderRejected), (record.Status, record.Reason));
        // P7
        Assert.All(
            told.Select(a => a.Detail).Concat(record.Timeline.Select(e => e.Detail ?? "")),
            words => Assert.DoesNotContain("ana", words, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(SmtpErrorCode.SenderNotAccepted, 550, "5.1.0 Address rejected", "email-refused")]
    [InlineData(SmtpErrorCode.SenderNotAccepted, 553, "5.7.1 Sender address rejected: not owned by user", "email-refused")]
    [InlineData(SmtpErrorCode.UnexpectedStatusCode, 554, "No SMTP service here", "email-refused")]
    [InlineData(SmtpErrorCode.UnexpectedStatusCode, 552, "Daily quota exceeded", "email-refused")]
    [InlineData(SmtpErrorCode.UnexpectedStatusCode, 554, "5.7.26 unauthenticated", "email-authentication")]
    public async Task R18_A_refusal_over_SMTP_before_a_recipient_was_looked_at_is_offered_again_and_at_last_a_dead_letter_to_replay(
        SmtpErrorCode at, int code, string words, string alert)
    {
        var world = await RefusedAsync(SmtpOutcomes.Of(new SmtpCommandException(at, (SmtpStatusCode)code, words), dataBegun: false)!.Value);
        var request = world.Request(Ana, TopicKey.Newsletter);
        Assert.Equal(WorkOutcome.Done, await world.Dispatcher.SendAsync(request, false, default));
        var waits = (await world.RecordAsync(request))!;
        Assert.Equal((MessageStatus.Queued, Reason.ProviderUnavailable), (waits.Status, waits.Reason));
        Assert.Equal(1, await world.Memory.CountAsync(Queues.Send));
        Assert.Empty(await world.Alerts.TodayAsync(default));

        var last = world.Request(Ana, TopicKey.Newsletter) with { Attempt = world.Options.MaxAttempts - 1 };
        Assert.Equal(WorkResult.GiveUp, (await world.Dispatcher.SendAsync(last, false, default)).Result);
        Assert.Equal(MessageStatus.Failed, (await world.RecordAsync(last))!.Status);
        Assert.Equal(alert, Assert.Single(await world.Alerts.TodayAsync(default)).Kind);
        var (state, _) = await world.Book.LoadAsync(world.Ring.KeyOf(Ana), default);
        Assert.Equal((null, 0), (state!.Suppression?.Reason, state.SoftBounceDays.Length));
    }

    [Fact]
    public async Task R20_A_refusal_at_the_hand_off_is_for_good_and_stands_in_the_ledger_once()
    {
        var world = await RefusedAsync(NoSuchUser);
        await world.SubscribeAsync(Ana, TopicKey.Promotions);
        await world.Dispatcher.SendAsync(world.Request(Ana, TopicKey.Newsletter), false, default);
        world.Time.Advance(TimeSpan.FromDays(300));
        var later = world.Request(Ana, TopicKey.Promotions);
        await world.Dispatcher.SendAsync(later, false, default);

        Assert.Equal(
            (MessageStatus.Skipped, Reason.SuppressedBounce),
            ((await world.RecordAsync(later))!.Status, (await world.RecordAsync(later))!.Reason));
        Assert.Equal(1, world.Email.HandOffs);
        var entry = Assert.Single(await world.Book.LedgerAsync(world.Ring.KeyOf(Ana), default), e => e.Action == LedgerAction.Suppress);
        Assert.Equal(("hand-off", "provider"), (entry.Detail!.Source, entry.Detail.Actor));
        Assert.True(LedgerChain.Verify(
            await world.Book.LedgerAsync(world.Ring.KeyOf(Ana), default),
            (await world.StateAsync(Ana)).Ledger));
    }

    [Fact]
    public async Task R20_Whom_the_provider_on_Azure_has_on_its_own_list_is_suppressed_here_for_good()
    {
        var world = await RefusedAsync(EmailOutcomes.Table.Classify(400, "EmailDroppedAllRecipientsSuppressed", null));
        await world.Dispatcher.SendAsync(world.Request(Ana, TopicKey.Newsletter), false, default);
        Assert.Equal(SuppressionReason.Bounce, (await world.StateAsync(Ana)).Suppression?.Reason);
    }

    [Fact]
    public async Task R20_A_message_and_what_its_refusal_does_to_the_address_end_in_one_commit_so_that_neither_is_there_alone()
    {
        var world = await RefusedAsync(NoSuchUser);
        await world.Dispatcher.SendAsync(world.Request(Ana, TopicKey.Newsletter), false, default);
        var last = world.Store.Committed.Last(rows => rows.Any(r => r.Key.StartsWith(Rows.MessagePrefix, StringComparison.Ordinal)));
        Assert.Contains(last, r => r.Key == Rows.State);
        Assert.Contains(last, r => r.Key.StartsWith(Rows.LedgerPrefix, StringComparison.Ordinal));
    }

    [Fact]
    public async Task P1_Whatever_the_person_says_during_the_hand_off_stands_beside_the_suppression()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        world.Email.Answer = _ =>
        {
            Assert.True(world.OptOutAsync(Ana, TopicKey.Newsletter).IsCompletedSuccessfully);
            return NoSuchUser;
        };
        var request = world.Request(Ana, TopicKey.Newsletter);
        var raced = false;
        world.Store.BeforeCommit = async rows =>
        {
            if (raced
                || world.Email.HandOffs == 0
                || !rows.Any(r => r.Key.StartsWith(Rows.LedgerPrefix, StringComparison.Ordinal))
                || !rows.Any(r => r.Key.StartsWith(Rows.MessagePrefix, StringComparison.Ordinal)))
            {
                return;
            }

            raced = true; // Between what was read and what is written of it.
            await world.StopAllAsync(Ana);
        };
        await world.Dispatcher.SendAsync(request, false, default);

        var (state, _) = await world.Book.LoadAsync(world.Ring.KeyOf(Ana), default);
        Assert.True(raced);
        Assert.Equal(
            (SuppressionReason.Bounce, SubscriptionStatus.Unsubscribed),
            (state!.Suppression?.Reason, state.Find(TopicKey.Newsletter)!.Status));
        Assert.NotNull(state.Stopped);
        Assert.Equal(MessageStatus.Bounced, (await world.RecordAsync(request))!.Status);
    }

    [Theory]
    [InlineData("5.1.1 no such user", true)]
    [InlineData("5.7.515 Access denied", false)]
    public async Task P5_A_refusal_whose_list_or_alert_cannot_be_written_is_recorded_all_the_same_and_not_offered_again(
        string words, bool suppresses)
    {
        var world = await RefusedAsync(
            SmtpOutcomes.Of(
                new SmtpCommandException(SmtpErrorCode.RecipientNotAccepted, SmtpStatusCode.MailboxUnavailable, words), false)!.Value);
        var key = world.Ring.KeyOf(Ana).Value;
        world.Store.BeforeCommit =
            rows =>
                rows is [{ Key: var row }] && (row == key || row.EndsWith("-email-authentication", StringComparison.Ordinal))
                    ? throw new StorageUnavailableException("away")
                    : Task.CompletedTask;
        var request = world.Request(Ana, TopicKey.Newsletter);
        Assert.Equal(WorkOutcome.Done, await world.Dispatcher.SendAsync(request, false, default));
        Assert.Equal(
            suppresses ? SuppressionReason.Bounce : null,
            (await world.StateAsync(Ana)).Suppression?.Reason);

        world.Store.BeforeCommit = null;
        Assert.Equal(WorkOutcome.Done, await world.Dispatcher.SendAsync(request, redelivered: true, default));
        Assert.Equal(suppresses ? MessageStatus.Bounced : MessageStatus.Failed, (await world.RecordAsync(request))!.Status);
        Assert.Equal(1, world.Email.HandOffs);
    }

    [Fact]
    public async Task R18_A_mail_that_is_put_off_for_failed_authentication_to_its_last_attempt_alerts_an_operator_and_counts_against_nobody()
    {
        var world = await RefusedAsync(
            SmtpOutcomes.Of(
                new SmtpCommandException(
                    SmtpErrorCode.MessageNotAccepted, SmtpStatusCode.ServiceNotAvailable, "4.7.26 This mail is unauthenticated"),
                false)!.Value);
        var next = world.Request(Ana, TopicKey.Newsletter) with { Attempt = world.Options.MaxAttempts - 1 };
        Assert.Equal(WorkResult.GiveUp, (await world.Dispatcher.SendAsync(next, false, default)).Result);
        Assert.Equal("email-authentication", Assert.Single(await world.Alerts.TodayAsync(default)).Kind);
        Assert.Empty((await world.StateAsync(Ana)).SoftBounceDays);
    }

    private static HandOff NoSuchUser =>
        SmtpOutcomes.Of(
            new SmtpCommandException(SmtpErrorCode.RecipientNotAccepted, SmtpStatusCode.MailboxUnavailable, "5.1.1 no such user"),
            dataBegun: false)!.Value;

    private static async Task<World> RefusedAsync(HandOff answer)
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        world.Email.Answer = _ => answer;
        return world;
    }
}
