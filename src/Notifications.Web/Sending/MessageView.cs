using System.Text.Json.Serialization;
using Notifications.Addresses;
using Notifications.Privacy;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Web.Http;

namespace Notifications.Web.Sending;

/// <summary>What one rule said.</summary>
/// <param name="Rule">The rule's name.</param>
/// <param name="Result">What it said: allowed, or why not.</param>
internal sealed record RuleView(string Rule, Reason Result);

/// <summary>Why a message was, or was not, sent (P2).</summary>
/// <param name="LedgerSeq">The newest entry of the consent ledger when it was decided; 0 where there was none.</param>
/// <param name="LedgerHash">That entry's hash, 64 zeros where there was none.</param>
/// <param name="PolicyVersion">The version of the privacy policy that the consent was given under; null where none was told.</param>
/// <param name="Rules">Each rule in its order and what it said.</param>
/// <param name="At">When it was decided.</param>
internal sealed record ReceiptView(
    long LedgerSeq, string LedgerHash, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? PolicyVersion,
    IReadOnlyList<RuleView> Rules, DateTimeOffset At);

/// <summary>One line of a message's timeline.</summary>
/// <param name="At">When it happened.</param>
/// <param name="Event">What happened, in a word or two.</param>
/// <param name="Detail">More of it, or null.</param>
internal sealed record TimelineView(
    DateTimeOffset At, string Event, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Detail);

/// <summary>What is known of a message.</summary>
/// <param name="Id">The message's id.</param>
/// <param name="Topic">The topic's key; null where nothing is recorded of it yet, and only the queue knows.</param>
/// <param name="Channel">The channel; null where nothing is recorded of it yet.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Reason">Why it stands there; null until it was decided.</param>
/// <param name="Receipt">Why it was, or was not, sent; null until it was decided.</param>
/// <param name="Timeline">What happened, oldest first; empty where nothing is recorded of it yet.</param>
/// <param name="Purpose">What it is for; left out where nothing is recorded of it.</param>
/// <param name="TrackingNumber">The package that it is about.</param>
/// <param name="Template">The template's name.</param>
/// <param name="ProviderId">The provider's name for it, once the provider has it.</param>
/// <param name="DueAt">Until when it waits, as far as is known.</param>
/// <param name="Note">What the status means, in words, where the message has no record of its own.</param>
internal sealed record MessageView(
    string Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Topic,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] Channel? Channel,
    MessageStatus Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] Reason? Reason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ReceiptView? Receipt,
    IReadOnlyList<TimelineView> Timeline,
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
            [.. record.Timeline.Select(e => new TimelineView(e.At, e.Event, e.Detail))],
            known ? record.Purpose : null,
            record.TrackingNumber,
            record.Template,
            record.ProviderId,
            record.DueAt,
            record.StandsIn ? Explainer.Words(record, privacy) : null);
    }
}

/// <summary>A page of messages, newest first.</summary>
/// <param name="Messages">The messages.</param>
/// <param name="Next">What <c>after</c> is for the next page; left out on the last one.</param>
internal sealed record MessageList(IReadOnlyList<MessageView> Messages, string? Next) : Listed;

/// <summary>What a text would cost.</summary>
/// <param name="Encoding">How its letters are sent.</param>
/// <param name="Segments">How many segments it has, each of which is paid for.</param>
/// <param name="Units">How many units of its encoding it has.</param>
/// <param name="Forcing">The characters that make it UCS-2, each once; left out where none does.</param>
internal sealed record SegmentsView(string Encoding, int Segments, int Units, IReadOnlyList<string>? Forcing);

/// <summary>What would become of a message now.</summary>
/// <param name="Decision">What would be decided; left out where each address has its own.</param>
/// <param name="Reason">Why; left out where each address has its own.</param>
/// <param name="Until">Until when it would be put off; only with defer.</param>
/// <param name="Rules">Each rule in its order and what it says.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Sms">What the text would cost; only of SMS.</param>
/// <param name="Decisions">One decision for each address of a contact that has several.</param>
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
