using System.Text.Json.Serialization;
using Notifications.Addresses;

namespace Notifications.Sending;

/// <summary>What is kept of one message, without its content.</summary>
public sealed record MessageRecord
{
    /// <summary>The topic's key.</summary>
    public required string Topic { get; init; }

    /// <summary>The channel.</summary>
    public required Channel Channel { get; init; }

    /// <summary>What it is for.</summary>
    public MessagePurpose Purpose { get; init; }

    /// <summary>Where it stands.</summary>
    public required MessageStatus Status { get; init; }

    /// <summary>Why it stands there.</summary>
    public Reason Reason { get; init; }

    /// <summary>The decision's receipt; null while nothing was decided.</summary>
    public Receipt? Receipt { get; init; }

    /// <summary>What happened, oldest first.</summary>
    public MessageEvent[] Timeline { get; init; } = [];

    /// <summary>The worker that has claimed it; stays as a trace of the last attempt.</summary>
    public Claim? Claim { get; init; }

    /// <summary>The provider's name for it, or null.</summary>
    public string? ProviderId { get; init; }

    /// <summary>The tracking number it is about, or null.</summary>
    public string? TrackingNumber { get; init; }

    /// <summary>The template's name, or null.</summary>
    public string? Template { get; init; }

    /// <summary>The API client that queued it.</summary>
    public string? Client { get; init; }

    /// <summary>The campaign it is of, or null.</summary>
    public string? Campaign { get; init; }

    /// <summary>The campaign's batch it is counted in, or null.</summary>
    public string? Batch { get; init; }

    /// <summary>
    /// Until when it waits, as far as is known: to the time it was meant for, or to the end of what puts it off. Decided again then at the
    /// latest; null also while its campaign is paused.
    /// </summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The timeline's word for a claim.</summary>
    public const string Claimed = "claimed";

    /// <summary>The timeline's word for a message that was given up and is tried again.</summary>
    public const string Replayed = "replayed";

    /// <summary>The timeline's word for a message that was claimed, but not offered after all.</summary>
    public const string Withheld = "withheld";

    /// <summary>The timeline's word for a provider that wants fewer messages for now.</summary>
    public const string Throttled = "throttled";

    /// <summary>The timeline's word for a provider that certainly did not take the message, and may take it later.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>The timeline's word for a hand-off whose answer was lost, where the message is offered again.</summary>
    public const string AnswerLost = "answer lost";

    /// <summary>The timeline's word for a message that was given up.</summary>
    public const string GivenUp = "given up";

    // A message that is put off every minute for days keeps its beginning and its end, and that an answer was lost.
    private const int MostEvents = 64, FirstEvents = 8, LastEvents = MostEvents - FirstEvents - 1;

    /// <summary>The timeline's word for an opened mail.</summary>
    public const string Opened = "opened";

    /// <summary>The timeline's word for a followed link.</summary>
    public const string Clicked = "clicked";

    /// <summary>When it was offered, once its timeline does not tell any more; null before.</summary>
    public Offers? Offers { get; init; }

    /// <inheritdoc cref="Offers.Told"/>
    [JsonIgnore]
    public DateTimeOffset FirstOfferedAt => (Offers ?? Offers.Of(Timeline)).Told;

    /// <summary>Since when it has been offered: from the first claim, or the first since the last replay, that was not withheld.</summary>
    [JsonIgnore]
    public DateTimeOffset OfferedSince =>
        (Offers ?? Offers.Of(Timeline)) is var offers ? offers.Since ?? offers.ClaimedAt ?? DateTimeOffset.MinValue : default;

    /// <summary>Whether a provider may have it though it waits to be offered again: an answer was lost.</summary>
    [JsonIgnore]
    public bool MayHaveArrived => Array.Exists(Timeline, static e => e.Event == AnswerLost);

    /// <summary>When it was last given up, or null. Where it has not ended, it was replayed since.</summary>
    [JsonIgnore]
    public DateTimeOffset? GivenUpAt => Array.FindLast(Timeline, static e => e.Event == GivenUp)?.At;

    /// <summary>Whether <see cref="MessageReader"/> answers it in place of a record: it does not stand in the store.</summary>
    [JsonIgnore]
    public bool StandsIn { get; init; }

    /// <summary>Whether anything is known of the message; false for what stands in for a record that is not known at all.</summary>
    [JsonIgnore]
    public bool IsKnown => Topic.Length > 0;

    /// <summary>Whether nothing will happen to it any more except reports from the provider.</summary>
    [JsonIgnore]
    public bool IsFinal => Status is not (MessageStatus.Queued or MessageStatus.Deferred or MessageStatus.Sending);

    /// <summary>What is known of a message before its first decision.</summary>
    public static MessageRecord Of(SendRequest request) => new()
    {
        Topic = request.Topic,
        Channel = request.Channel,
        Purpose = request.Purpose,
        Status = MessageStatus.Queued,
        TrackingNumber = request.TrackingNumber,
        Template = request.Template,
        Client = request.Client,
        Campaign = request.Campaign,
        Batch = request.Batch,
        Timeline = [new MessageEvent(request.AcceptedAt, "queued")],
    };

    /// <summary>This record, moved on, with a line in its timeline.</summary>
    /// <exception cref="InvalidOperationException">The move is not drawn in docs/state-machines.md.</exception>
    public MessageRecord Move(MessageStatus to, Reason reason, DateTimeOffset at, string happening, string? detail = null)
    {
        if (!Allows(Status, to) && !(to == MessageStatus.Unknown && !IsFinal && MayHaveArrived))
            throw new InvalidOperationException($"A message does not go from {Status} to {to}.");
        var line = new MessageEvent(at, happening, detail);
        if (Timeline.Length < MostEvents) return this with { Status = to, Reason = reason, Timeline = [.. Timeline, line] };
        return this with
        {
            Status = to,
            Reason = reason,
            Timeline =
            [
                .. Timeline[..FirstEvents],
                .. Timeline[FirstEvents..^LastEvents].Where(e => e.Event == AnswerLost),
                .. Timeline[^LastEvents..], line,
            ],
            Offers = (Offers ?? Offers.Of(Timeline)).Then(line),
        };
    }

    /// <summary>
    /// Whether this decision to wait says what <paramref name="before"/> says already: for the same reasons, until the same moment, on the
    /// same word of the person.
    /// </summary>
    public bool Repeats(MessageRecord before) =>
        this is { Status: MessageStatus.Deferred, Receipt: { } mine } && before is { Status: MessageStatus.Deferred, Receipt: { } told }
        && before.Reason == Reason
        && before.DueAt == DueAt
        && told.LedgerSeq == mine.LedgerSeq
        && told.Results.AsSpan().SequenceEqual(mine.Results);

    /// <summary>
    /// This record with a provider's report in its timeline, and moved where the report says more than is known. Reports come twice and in
    /// any order: the same set of them gives the same record (R65). A bounce outweighs a delivery (some mailboxes accept and then bounce),
    /// a delivery a failure. <paramref name="reason"/> is why it did not arrive; what arrived was allowed.
    /// </summary>
    public MessageRecord Report(MessageEvent report, MessageStatus? to, Reason reason)
    {
        if (Array.Exists(Timeline, e => e == report)) return this;
        var at = Array.FindIndex(Timeline, e => Follows(e, report));
        if (at < 0) at = Timeline.Length;
        var next = this with { Timeline = [.. Timeline[..at], report, .. Timeline[at..]] };
        return to is { } status && Weight(status) > (!IsFinal && MayHaveArrived ? Weight(MessageStatus.Unknown) : Weight(Status))
            ? next with { Status = status, Reason = status == MessageStatus.Delivered ? Reason.Allowed : reason, DueAt = null }
            : next;
    }

    /// <summary>This record, ended by a refusal, with what the provider thereby reports.</summary>
    public MessageRecord Report(Refusal refusal, DateTimeOffset at) =>
        Report(new MessageEvent(at, ReportPrefix + refusal.Outcome.Name, refusal.Outcome.Why), refusal.Outcome.Status, Reason);

    /// <summary>How the words of what a provider reported begin.</summary>
    public const string ReportPrefix = "reported ";

    /// <summary>
    /// Whether a line stands after a report. Nothing is reported that was not done before: what was done here in the same moment stands
    /// first, and where the provider told whole seconds, what was done here within that second.
    /// </summary>
    private static bool Follows(MessageEvent line, MessageEvent report)
    {
        var told = line.Event is Opened or Clicked || line.Event.StartsWith(ReportPrefix, StringComparison.Ordinal);
        var (there, here) = (told ? Latest(line.At) : line.At.UtcTicks, Latest(report.At));
        return there > here || (there == here && told && Order(line, report) > 0);
    }

    /// <summary>Until when a moment may have been that a provider tells.</summary>
    private static long Latest(DateTimeOffset told) =>
        told.UtcTicks % TimeSpan.TicksPerSecond == 0 ? told.UtcTicks + TimeSpan.TicksPerSecond - 1 : told.UtcTicks;

    private static int Order(MessageEvent left, MessageEvent right) =>
        string.CompareOrdinal(left.Event, right.Event) is var first && first != 0
            ? first
            : string.CompareOrdinal(left.Detail, right.Detail);

    // What was certainly never handed off is not moved by a report; a failure weighs more than a hand-off and less than anything that
    // arrived.
    private static int Weight(MessageStatus status) => status switch
    {
        MessageStatus.Sending or MessageStatus.Sent or MessageStatus.Unknown => 1,
        MessageStatus.Failed => 2,
        MessageStatus.Delivered => 3,
        MessageStatus.Bounced => 4,
        _ => 9,
    };

    private static bool Allows(MessageStatus from, MessageStatus to) => from switch
    {
        MessageStatus.Queued => to is MessageStatus.Deferred or MessageStatus.Skipped or MessageStatus.Sending or MessageStatus.Failed,
        MessageStatus.Deferred => to is MessageStatus.Deferred or MessageStatus.Skipped or MessageStatus.Sending or MessageStatus.Failed,
        MessageStatus.Sending =>
            to is MessageStatus.Queued or MessageStatus.Sending or MessageStatus.Sent or MessageStatus.Failed or MessageStatus.Unknown,
        MessageStatus.Failed => to is MessageStatus.Queued,
        _ => false,
    };
}

/// <summary>One line of a message's timeline.</summary>
/// <param name="At">When it happened.</param>
/// <param name="Event">What happened, in a word or two.</param>
/// <param name="Detail">More of it, or null.</param>
public sealed record MessageEvent(DateTimeOffset At, string Event, string? Detail = null);

/// <summary>Who is handing a message off.</summary>
/// <param name="Attempt">What tells this attempt from others.</param>
/// <param name="Instance">The process that is at it.</param>
/// <param name="At">Since when.</param>
public sealed record Claim(string Attempt, string Instance, DateTimeOffset At);
