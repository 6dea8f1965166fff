using System.Text.Json;
using Microsoft.Extensions.Logging;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Counting;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Unsubscribe;

namespace Notifications.Events;

/// <summary>
/// Carries a provider's report to the message and the address it is about, in one commit. The same reports in any order and number end in
/// the same state (R65): a line in the timeline is there once, and everything a report does to an address is a step that only goes one way.
/// </summary>
/// <remarks>
/// Finding the message costs one point read and no index. The recipient gives the address key; an email's operation id, or a text's tag,
/// gives the rest of the message id. Only a text without a tag is looked for among the messages of its own partition by the provider's id.
/// </remarks>
public sealed partial class ProviderReports(
    AddressBook book,
    ITableStore tables,
    KeyRing ring,
    MessageIds ids,
    Suppressions suppressions,
    OperatorAlerts alerts,
    CampaignMarks marks,
    SendingOptions options,
    TimeProvider time,
    ILogger<ProviderReports> log,
    Statistics? statistics = null)
{
    /// <summary>The event of an email's report.</summary>
    public const string EmailReport = "Microsoft.Communication.EmailDeliveryReportReceived";

    /// <summary>The event of a text's report.</summary>
    public const string SmsReport = "Microsoft.Communication.SMSDeliveryReportReceived";

    /// <summary>
    /// Our own event for a complaint from elsewhere (a feedback loop): <c>{"recipient", "messageId"?, "at"?}</c>, where the id is ours or
    /// an operation id.
    /// </summary>
    public const string Complaint = "Notifications.Complaint";

    /// <summary>Whether an event is a report.</summary>
    public static bool Reads(string type) => type is EmailReport or SmsReport or Complaint;

    /// <summary>Handles one report.</summary>
    public async ValueTask<WorkOutcome> HandleAsync(InboundEvent happening, CancellationToken cancel)
    {
        var data = happening.Data;
        var sms = happening.Type == SmsReport;
        var status = happening.Type == Complaint ? "Complaint" : data.Text(sms ? "deliveryStatus" : "status");
        var message = sms ? data.Text("deliveryStatusDetails") : data.Text("deliveryStatusDetails", "statusMessage");
        var read = happening.Type == Complaint
            ? EmailReports.Complaint
            : sms ? SmsReports.Read(status, message) : EmailReports.Read(status, message);
        if (read is not { } outcome)
        {
            LogUnread(happening.Type);
            return WorkOutcome.Done;
        }

        var recipient = data.Text(sms ? "to" : "recipient").Trim();
        if (sms && recipient.Length > 0 && recipient[0] != '+') recipient = "+" + recipient;
        if (!Address.TryParse(sms ? Channel.Sms : Address.ChannelOf(recipient), recipient, out var address, out _))
            return WorkOutcome.GiveUp("The report names no recipient.");
        var at = data.Moment(sms ? "receivedTimestamp" : "deliveryAttemptTimeStamp") ?? data.Moment("at") ?? happening.At;
        // A clock that is ahead is held to the event's own time, never to ours, or the same report would be another one each time it comes.
        if (at > happening.At) at = happening.At;

        if (outcome.Effect == ReportEffect.Alert)
        {
            var code = sms ? null : EmailReports.CodeOf(message);
            await alerts.RaiseAsync(
                sms ? "sms-refused" : EmailReports.AlertKind(status, message), sms ? outcome.Why : $"{code ?? status}: {outcome.Why}", code,
                cancel);
        }

        var key = ring.KeyOf(address);
        await ApplyAsync(
            key, ConsentDesk.Blank(address), IdOf(key, data), data.Text("messageId"), happening.Id, outcome, at, cancel, happening.Undated);
        return WorkOutcome.Done;
    }

    /// <summary>
    /// A complaint about the mail that carried a link: the same as <see cref="Complaint"/>, from one who knows the mail alone.
    /// </summary>
    /// <param name="link">The token of the mail's own header.</param>
    /// <param name="by">The id of the event that said so.</param>
    /// <param name="at">When, the same however often it is said.</param>
    /// <param name="cancel">Ends it.</param>
    public ValueTask ComplainAsync(LinkToken link, string by, DateTimeOffset at, CancellationToken cancel) =>
        ApplyAsync(link, EmailReports.Complaint, by, at, cancel);

    /// <summary>A bounce of the mail that carried a link: what the same words would do in a provider's report.</summary>
    /// <param name="link">The token of the mail's own header.</param>
    /// <param name="words">Its status and the server's words (RFC 3464).</param>
    /// <param name="by">The id of the event that said so.</param>
    /// <param name="at">When, the same however often it is said.</param>
    /// <param name="cancel">Ends it.</param>
    public async ValueTask BounceAsync(LinkToken link, string words, string by, DateTimeOffset at, CancellationToken cancel)
    {
        var said = EmailReports.Refused("Failed", words);
        if (said.Outcome.Effect == ReportEffect.Alert)
            await alerts.RaiseAsync(said.AlertKind, $"{said.Code}: {said.Outcome.Why}", said.Code, cancel);
        await ApplyAsync(link, said.Outcome, by, at, cancel);
    }

    private ValueTask ApplyAsync(LinkToken link, ReportOutcome outcome, string by, DateTimeOffset at, CancellationToken cancel)
    {
        MessageId? about = MessageId.TryParse($"{link.Address.Value}.{link.Message}", out var id) ? id : null;
        return ApplyAsync(link.Address, new AddressState { Channel = link.Channel }, about, "", by, outcome, at, cancel);
    }

    // One that comes again changes nothing, and is not counted again. An undated one is the same as any that says the same of the message:
    // its moment is another each time.
    private async ValueTask ApplyAsync(
        AddressKey key, AddressState blank, MessageId? id, string name, string by, ReportOutcome outcome, DateTimeOffset at,
        CancellationToken cancel, bool undated = false)
    {
        var report = new MessageEvent(
            at, MessageRecord.ReportPrefix + outcome.Name, outcome.MayRetry ? outcome.Why + " It may be offered again." : outcome.Why);
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            var (state, etag) = await book.LoadAsync(key, cancel);
            var found = await FindAsync(key, id, name, cancel);
            var now = time.UtcNowMs();
            var rows = new List<RowChange>(1);
            MessageRecord? reported = null;
            if (found is var (row, record))
            {
                var known = undated && Array.Exists(record.Timeline, e => e.Event == report.Event && e.Detail == report.Detail);
                var next = known ? record : record.Report(report, outcome.Status, Reason.ProviderRejected);
                if (!ReferenceEquals(next, record)) rows.Add(RowChange.Replace(row.Key, next, CoreJson.Default.MessageRecord, row.ETag));
                reported = next;
            }

            // Known already: done. A report that went no further than the record cannot be: both are one commit.
            if (found is not null && rows.Count == 0)
            {
                await IndexAsync(key, state, outcome, cancel);
                await CountAsync(found, cancel);
                return;
            }

            var before = state ?? blank;
            var change = ReportEffects.Of(
                before, outcome, ReportEffects.Draft(ConsentSource.ProviderReport, "event", by, outcome), options, before.Heard(at, now),
                now);
            if (reported is not null)
                change = change with
                {
                    State = RememberedSends.Reported(change.State, found!.Value.Row.Key[Rows.MessagePrefix.Length..], reported),
                };
            if (ReferenceEquals(change.State, before) && change.Entries.Count == 0)
            {
                if (rows.Count > 0 && !(await tables.CommitAsync(Tables.Addresses, key.Value, rows, cancel)).Committed) continue;
                await IndexAsync(key, state, outcome, cancel);
                await CountAsync(found, cancel);
                if (rows.Count > 0) Note(before.Channel, outcome);
                return;
            }

            if (await book.TryCommitAsync(key, etag, state, change, now, rows, cancel) is not { } result) continue;
            await IndexAsync(key, result.State, outcome, cancel);
            await CountAsync(found, cancel);
            Note(before.Channel, outcome);
            return;
        }

        throw StorageUnavailableException.Contended($"The record or a message of {key}");
    }

    private void Note(Channel channel, ReportOutcome outcome)
    {
        Telemetry.Reports.Add(1, new("channel", channel.Name()), new("outcome", outcome.Name));
        statistics?.Report(outcome.Name, channel);
    }

    private MessageId? IdOf(AddressKey key, JsonElement data) =>
        MessageId.TryParse(data.Text("tag"), out var tagged) && tagged.Address == key ? tagged
            : MessageId.TryParse(data.Text("messageId"), out var ours) && ours.Address == key ? ours
            : Guid.TryParse(data.Text("messageId"), out var operation) ? ids.Find(key, operation)
            : null;

    private async ValueTask<(Row Row, MessageRecord Record)?> FindAsync(
        AddressKey key, MessageId? id, string name, CancellationToken cancel)
    {
        if (id is { } known)
        {
            var row = await tables.GetAsync(Tables.Addresses, key.Value, Rows.Message(known.Suffix), cancel);
            return row is null ? null : (row, row.Read(CoreJson.Default.MessageRecord));
        }

        if (name.Length == 0) return null;
        await foreach (var row in tables.RowsAsync(Tables.Addresses, key.Value, RowRange.Prefix(Rows.MessagePrefix), cancel))
            if (row.Read(CoreJson.Default.MessageRecord) is var record && record.ProviderId == name) return (row, record);
        return null;
    }

    // Also when the report was known: whoever took it in may have died before this.
    private async ValueTask CountAsync((Row Row, MessageRecord Record)? found, CancellationToken cancel)
    {
        if (found is { Record: { Campaign: { } campaign, Batch: { } batch } }) await marks.TouchAsync(campaign, batch, cancel);
    }

    // The list of the suppressed follows the record, also where a crash came between.
    private async ValueTask IndexAsync(AddressKey key, AddressState? state, ReportOutcome outcome, CancellationToken cancel)
    {
        if (state?.Suppression is not null && ReportEffects.Blocks(outcome.Effect)) await suppressions.IndexAsync(key, state, cancel);
    }

    [LoggerMessage(
        EventId = 141, EventName = "ReportNotFinal", Level = LogLevel.Information,
        Message = "A report of type {Type} has a status that is not final and changes nothing")]
    private partial void LogUnread(string type);
}
