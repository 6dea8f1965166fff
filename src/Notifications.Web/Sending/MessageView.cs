using System.Text.Json.Serialization;
using Notifications.Addresses;
using Notifications.Sending;

namespace Notifications.Web.Sending;

/// <summary>What one rule said.</summary>
internal sealed record RuleView(string Rule, Reason Result);

/// <summary>Why a message was, or was not, sent (P2).</summary>
internal sealed record ReceiptView(long LedgerSeq, string LedgerHash, string? PolicyVersion, IReadOnlyList<RuleView> Rules, DateTimeOffset At);

/// <summary>What is known of a message. Reason and receipt are null until it was decided.</summary>
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
    DateTimeOffset? DueAt)
{
    public static MessageView Of(MessageId id, MessageRecord record)
    {
        var known = record.Topic.Length > 0;
        var receipt = record.Receipt is { } r ? new ReceiptView(r.LedgerSeq, r.LedgerHash, r.PolicyVersion, [.. r.Rules().Select(rule => new RuleView(rule.Rule, rule.Result))], r.At) : null;
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
            record.DueAt);
    }
}

/// <summary>What would become of a message now. <paramref name="Until"/> is set for a deferral.</summary>
internal sealed record DecisionView(Verdict? Decision, Reason? Reason, DateTimeOffset? Until, IReadOnlyList<RuleView>? Rules, Channel? Channel, IReadOnlyList<DecisionView>? Decisions)
{
    public static DecisionView Of(Decision decision, Channel channel) => new(
        decision.Verdict, decision.Reason, decision.Until, [.. DecisionRules.All.Select((rule, i) => new RuleView(rule.Name, decision.Results[i]))], channel, null);
}
