using System.Text.Json.Serialization;
using Notifications.Addresses;
using Notifications.Privacy;
using Notifications.Sending;
using Notifications.Sms;

namespace Notifications.Web.Sending;

/// <summary>What one rule said.</summary>
internal sealed record RuleView(string Rule, Reason Result);

/// <summary>Why a message was, or was not, sent (P2).</summary>
internal sealed record ReceiptView(
    long LedgerSeq, string LedgerHash, string? PolicyVersion, IReadOnlyList<RuleView> Rules, DateTimeOffset At);

/// <summary>
/// What is known of a message. Reason and receipt are null until it was decided; <paramref name="Note"/> says what it means where it has
/// no record.
/// </summary>
internal sealed record MessageView(
    string Id,
    string? Topic,
    Channel? Channel,
    MessageStatus Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] Reason? Reason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ReceiptView? Receipt,
    IReadOnlyList<MessageEvent> Timeline,
    MessagePurpose? Purpose,
    string? TrackingNumber,
    string? Template,
    string? ProviderId,
    DateTimeOffset? DueAt,
    string? Note)
{
    public static MessageView Of(MessageId id, MessageRecord record, PrivacyOptions privacy)
    {
        var known = record.IsKnown;
        var receipt = record.Receipt is { } r
            ? new ReceiptView(
                r.LedgerSeq, r.LedgerHash, r.PolicyVersion, [.. r.Rules().Select(rule => new RuleView(rule.Rule, rule.Result))], r.At)
            : null;
        return new MessageView(
            id.ToString(),
            known ? record.Topic : null,
            known ? record.Channel : null,
            record.Status,
            receipt is null && record.Status == MessageStatus.Queued ? null : record.Reason,
            receipt,
            record.Timeline,
            known ? record.Purpose : null,
            record.TrackingNumber,
            record.Template,
            record.ProviderId,
            record.DueAt,
            record.StandsIn ? Explainer.Words(record, privacy) : null);
    }
}

/// <summary>What a text would cost (R56). <paramref name="Forcing"/> are the characters that make it UCS-2, each once.</summary>
internal sealed record SegmentsView(string Encoding, int Segments, int Units, IReadOnlyList<string>? Forcing);

/// <summary>
/// What would become of a message now. <paramref name="Until"/> is set for a deferral, <paramref name="Sms"/> for a text.
/// </summary>
internal sealed record DecisionView(
    Verdict? Decision, Reason? Reason, DateTimeOffset? Until, IReadOnlyList<RuleView>? Rules, Channel? Channel, SegmentsView? Sms,
    IReadOnlyList<DecisionView>? Decisions)
{
    public static DecisionView Of(Foretold foretold, Channel channel)
    {
        var decision = foretold.Decision;
        var sms = foretold.Segments is { } s
            ? new SegmentsView(
                s.Encoding == SmsEncoding.Gsm7 ? "gsm-7" : "ucs-2", s.Segments, s.Units, s.Forcing.Count > 0 ? s.Forcing : null)
            : null;
        return new DecisionView(
            decision.Verdict, decision.Reason, decision.Until,
            [.. DecisionRules.All.Select((rule, i) => new RuleView(rule.Name, decision.Results[i]))], channel, sms, null);
    }
}
