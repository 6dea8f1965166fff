using System.Text.Json.Serialization;

namespace Notifications.Addresses;

/// <summary>One topic of one address. The channel is the address's own.</summary>
/// <param name="Topic">The topic's key.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Since">When it came to stand there.</param>
/// <param name="Source">Who or what said so, in the words of the ledger entry.</param>
/// <param name="PolicyVersion">The policy version the last opt-in was given under, or null.</param>
/// <param name="ConfirmationAt">When the pending opt-in's confirmation was last asked for: one per window, however many sign-ups
/// (R63).</param>
/// <param name="ConfirmationSeq">The ledger entry whose confirmation was asked for then; it names the confirmation message.</param>
/// <param name="IntroducedBy">The suffix of the message that carries, or carried, the programme's terms (R53), behind an exclamation mark
/// where it was reported not to have arrived; null while none has. A new consent begins anew.</param>
/// <param name="Before">What a stop of this topic ended, a consent or packages that were followed without one, so that undoing the stop
/// restores exactly that; null where it ended neither, and in every other status.</param>
/// <param name="Waiting"> An opt-in that waits for its confirmation while what is said here still holds: until then a stop stays a stop,
/// and a consent a consent (P6). Null while none waits, and where nothing had been said before: then the status is pending. </param>
/// <param name="AlsoStops"> The topics that the address which an opt-in that waits was moved from had stopped: confirming it stops them
/// here too (R33). Null where it came from no other address, or none waits. </param>
/// <param name="AskedBefore">When the same confirmation had been asked for before <paramref name="ConfirmationAt"/>, oldest first; null
/// where it was not.</param>
/// <param name="AlsoHolds"> What held marketing back at the address which an opt-in that waits was moved from: confirming it holds
/// marketing back here too (R33). Null where nothing did, or none waits. </param>
/// <param name="Replaced">The opt-in that had waited before the one that does now took its place; null where none had.</param>
public sealed record Subscription(
    string Topic,
    SubscriptionStatus Status,
    DateTimeOffset Since,
    string Source,
    string? PolicyVersion = null,
    DateTimeOffset? ConfirmationAt = null,
    long ConfirmationSeq = 0,
    string? IntroducedBy = null,
    StoppedConsent? Before = null,
    WaitingOptIn? Waiting = null,
    string[]? AlsoStops = null,
    DateTimeOffset[]? AskedBefore = null,
    Restraint? AlsoHolds = null,
    WaitingOptIn? Replaced = null)
{
    /// <summary>Whether an opt-in waits for its confirmation.</summary>
    [JsonIgnore]
    public bool Waits => Status == SubscriptionStatus.Pending || Waiting is not null;

    /// <summary>Since when the consent holds, or held that a stop of this topic ended; null where neither is known.</summary>
    [JsonIgnore]
    public DateTimeOffset? HeldSince => Status == SubscriptionStatus.Subscribed ? Since : Before?.Since;

    /// <summary>The opt-in that waits, or null.</summary>
    [JsonIgnore]
    public WaitingOptIn? Unconfirmed =>
        Waiting ?? (Status == SubscriptionStatus.Pending ? new WaitingOptIn(Since, Source, PolicyVersion) : null);

    /// <summary>
    /// When what waits was last asked for, or asked about: it expires some days after that, so that no question is dead when it comes
    /// (R28). Null where nothing waits.
    /// </summary>
    [JsonIgnore]
    public DateTimeOffset? WaitsSince
    {
        get
        {
            var asked = ConfirmationAt ?? (AskedBefore is [.., var last] ? last : null);
            return Unconfirmed is { } waits ? asked > waits.Since ? asked : waits.Since : null;
        }
    }

    /// <summary>The same with another opt-in in the place of the one that waits; the questions about it stay as they were asked.</summary>
    public Subscription WaitsAs(WaitingOptIn optIn) =>
        Waiting is null
            ? this with { Since = optIn.Since, Source = optIn.Source, PolicyVersion = optIn.PolicyVersion, Replaced = Unconfirmed }
            : this with { Waiting = optIn, Replaced = Unconfirmed };

    /// <summary>
    /// The opt-in that an answer of a moment is to, null being now: the one that waited then, for nobody says yes to what comes after
    /// (R26). Null where that is not known any more.
    /// </summary>
    public WaitingOptIn? WaitedAt(DateTimeOffset? said) =>
        !(Unconfirmed?.Since > said) ? Unconfirmed : Replaced?.Since > said ? null : Replaced;

    /// <summary>The same with its confirmation asked for, perhaps once more.</summary>
    public Subscription Ask(DateTimeOffset now, long seq) =>
        this with { ConfirmationAt = now, ConfirmationSeq = seq, AskedBefore = AskedBefore.Then(ConfirmationAt) };

    /// <summary>
    /// The same where it is still to be asked about; the questions of before can still be answered by a text that was on its way.
    /// </summary>
    public Subscription Unasked() =>
        this with { ConfirmationAt = null, ConfirmationSeq = 0, AskedBefore = AskedBefore.Then(ConfirmationAt) };

    /// <summary>When the newest question about it was asked that had gone out by a moment; null where none had.</summary>
    public DateTimeOffset? AskedBy(DateTimeOffset moment) => AskTimes.By(moment, AskedBefore, ConfirmationAt);

    /// <summary>
    /// The same where a message that was to carry the programme's terms did not go out (R53); this very object where it was not that
    /// message.
    /// </summary>
    public Subscription WithoutIntroduction(string message) =>
        IntroducedBy == message
            ? this with { IntroducedBy = null }
            : Before?.IntroducedBy == message ? this with { Before = Before with { IntroducedBy = null } } : this;

    /// <summary>
    /// The same where the message that carried the programme's terms is reported not to have arrived, and the next is to carry them (R53),
    /// or to have arrived after all; this very object where it was not that message.
    /// </summary>
    public Subscription WithIntroduction(string message, bool arrived)
    {
        var (told, now) = arrived ? ("!" + message, message) : (message, "!" + message);
        return IntroducedBy == told
            ? this with { IntroducedBy = now }
            : Before?.IntroducedBy == told ? this with { Before = Before with { IntroducedBy = now } } : this;
    }

    /// <summary>
    /// What is left where the opt-in that waits is taken back or never confirmed: what held meanwhile. Null where nothing did.
    /// </summary>
    public Subscription? WithoutWaiting() =>
        Status == SubscriptionStatus.Pending
            ? null
            : this with
            {
                Waiting = null,
                ConfirmationAt = null,
                ConfirmationSeq = 0,
                AlsoStops = null,
                AlsoHolds = null,
                AskedBefore = null,
                Replaced = null,
            };
}

/// <summary>An opt-in as it was given, not yet confirmed.</summary>
/// <param name="Since">When it was given.</param>
/// <param name="Source">Who or what said so, in the words of the ledger entry.</param>
/// <param name="PolicyVersion">The policy version it was given under, or null.</param>
public sealed record WaitingOptIn(DateTimeOffset Since, string Source, string? PolicyVersion);

/// <summary>A topic as it stood when it was stopped.</summary>
/// <param name="Since">When it had come to stand there.</param>
/// <param name="Source">Who or what said so, in the words of the ledger entry.</param>
/// <param name="PolicyVersion">The policy version the last opt-in was given under, or null.</param>
/// <param name="IntroducedBy">The suffix of the message that carried the programme's terms (R53); null while none has.</param>
/// <param name="Status">
/// Where it stood. Subscribed; or, where packages were followed beside it, none (since the last of them was) or the stop that stood before
/// they were.
/// </param>
public sealed record StoppedConsent(
    DateTimeOffset Since, string Source, string? PolicyVersion, string? IntroducedBy,
    SubscriptionStatus Status = SubscriptionStatus.Subscribed);
