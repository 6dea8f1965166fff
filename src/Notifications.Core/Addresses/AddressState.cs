using System.Text.Json.Serialization;
using Notifications.Consent;

namespace Notifications.Addresses;

/// <summary>Everything a decision needs to know of one address, in one row (DESIGN section 4).</summary>
/// <remarks>
/// Immutable: a change is a new value, committed under the old one's ETag together with the ledger entries that explain it.
/// </remarks>
public sealed record AddressState
{
    /// <summary>The address's channel.</summary>
    public required Channel Channel { get; init; }

    /// <summary>The normalised address; null when only its key is known (an opt-out by token, or an erased person).</summary>
    public string? Value { get; init; }

    /// <summary>One per topic that was ever spoken about.</summary>
    public Subscription[] Subscriptions { get; init; } = [];

    /// <summary>The address-wide block, or null.</summary>
    public Suppression? Suppression { get; init; }

    /// <summary>
    /// "Stop everything on this channel" (STOP, stop all). It stands over the subscriptions and keeps them as they were, so that START
    /// can restore exactly what had been consented to (R49).
    /// </summary>
    public StopAll? Stopped { get; init; }

    /// <summary>
    /// When everything had last been stopped before an explicit choice of the person lifted that (R45): evidence of before then raises
    /// nothing (P6), and a question of before then is closed to a text.
    /// </summary>
    public DateTimeOffset? LiftedStop { get; init; }

    /// <summary>
    /// When a package was last begun to be followed: a stop that is said again after it counts from then, for only what is followed after a
    /// stop speaks.
    /// </summary>
    public DateTimeOffset? FollowedAt { get; init; }

    /// <summary>
    /// When the sign-up form last had the address asked about a package; null where it never had, or the address has confirmed one since.
    /// Its questions about topics and about packages share one window (R63).
    /// </summary>
    public DateTimeOffset? PackageAskedAt { get; init; }

    /// <summary>The contact that owns the address, or null.</summary>
    public string? ContactId { get; init; }

    /// <summary>
    /// That contact's name, as templates read it; null where it has none, or there is no contact. A copy: a send reads this record alone.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>That contact's status. Attaching an address to an active contact does not clear it; enabling does.</summary>
    public ContactStatus Contact { get; init; }

    /// <summary>Since when processing is restricted (R35), or null. Neither disabling nor enabling the account touches it.</summary>
    public DateTimeOffset? RestrictedSince { get; init; }

    /// <summary>
    /// When the person objected to direct marketing (R36), or null. No marketing is sent on the ground of anything older.
    /// </summary>
    public DateTimeOffset? ObjectedAt { get; init; }

    /// <summary>Something this person wrote waits for a human reader; marketing waits with it (R41).</summary>
    public bool ReviewPending { get; init; }

    /// <summary>The open review items behind <see cref="ReviewPending"/>, by id.</summary>
    public string[] Reviews { get; init; } = [];

    /// <summary>
    /// The keys of the addresses that something was moved to while <see cref="Reviews"/> were open: what is decided of those reaches them
    /// too. None in a record of before they were noted.
    /// </summary>
    public string[] MovedTo { get => field ?? []; init; }

    /// <summary>
    /// When the person last took a stop back by text. A STOP that was sent before and arrives after does not undo it (R65).
    /// </summary>
    public DateTimeOffset? ResumedAt { get; init; }

    /// <summary>What the person was asked after STOP, and until when the answer counts (R45).</summary>
    public StopChoice? Choice { get; init; }

    /// <summary>When we last answered this phone, newest last, one hour back at most.</summary>
    public DateTimeOffset[] Replies { get; init; } = [];

    /// <summary>
    /// The days, in days since 1970 UTC, on which messages bounced softly, ascending, no longer than the limit's window (R20).
    /// </summary>
    public int[] SoftBounceDays { get; init; } = [];

    /// <summary>Until when the person wants a break from marketing, or null.</summary>
    public DateTimeOffset? PausedUntil { get; init; }

    /// <summary>BCP 47 language tag, or null.</summary>
    public string? Locale { get; init; }

    /// <summary>IANA time zone, or null where only the candidates of <see cref="Region"/> are known.</summary>
    public string? TimeZone { get; init; }

    /// <summary>ISO 3166 region of a phone number, or what else tells it, or null.</summary>
    public string? Region { get; init; }

    /// <summary>Words the address is marked with, normalised; segments filter by them.</summary>
    public string[] Tags { get; init; } = [];

    /// <summary>When the person was last seen to read or click something; written at most once a day.</summary>
    public DateTimeOffset? EngagedAt { get; init; }

    /// <summary>
    /// How many packages the address follows: its active watches. Only segments look at it, and the audience repair counts it anew.
    /// </summary>
    public int Watching { get; init; }

    /// <summary>When marketing and capped topics were last claimed, newest last, no longer than the widest cap needs.</summary>
    public RecentSend[] Recent { get; init; } = [];

    /// <summary>The newest ledger entry.</summary>
    public LedgerHead Ledger { get; init; } = LedgerHead.Empty;

    /// <summary>Whether processing is restricted (R35): the data are kept, and not used.</summary>
    [JsonIgnore]
    public bool IsRestricted => Contact == ContactStatus.Restricted || RestrictedSince is not null;

    /// <summary>Whether the person was erased: what is left is the block (R34).</summary>
    [JsonIgnore]
    public bool IsErased => Contact == ContactStatus.Erased || Suppression?.Reason == SuppressionReason.Erased;

    /// <summary>The address, or null when only its key is known.</summary>
    [JsonIgnore]
    public Address? Address => Value is null ? null : new Address(Channel, Value);

    /// <summary>
    /// The region that the number tells now. <see cref="Region"/> is of the day on which it was stored, and may be of before the number's
    /// area was in the plan, or of when an area that is in none counted as that of the code's largest country; it stands where only the key
    /// is known.
    /// </summary>
    [JsonIgnore]
    public string? RegionToday => (Address is { } address ? PhoneNumber.RegionOf(address) : null) ?? Region;

    /// <summary>
    /// When everything was last stopped, also where that was lifted since; null where no stop is known. A STOP by text that comes late, and
    /// stands, may have been said before one that was lifted (R65).
    /// </summary>
    [JsonIgnore]
    public DateTimeOffset? LastStop => Stopped?.Since is { } stands && !(LiftedStop > stands) ? stands : LiftedStop;

    /// <summary>The subscription of a topic, or null when nothing was ever said of it.</summary>
    public Subscription? Find(string topic)
    {
        foreach (var subscription in Subscriptions)
            if (subscription.Topic == topic) return subscription;
        return null;
    }

    /// <summary>
    /// The status a send sees: a stop over everything makes every topic unsubscribed. Where it was taken back since, so is what had waited
    /// alone and it took back; of package updates nothing was said then where packages were followed, for those speak again (R49).
    /// </summary>
    public SubscriptionStatus StatusOf(string topic) =>
        Stopped is not null ? SubscriptionStatus.Unsubscribed
        : Find(topic) is not { } said ? SubscriptionStatus.None
        : said.Status != SubscriptionStatus.Pending || StillWaits(said) ? said.Status
        : topic == TopicKey.PackageUpdates && Transitions.Follows(this) ? SubscriptionStatus.None : SubscriptionStatus.Unsubscribed;

    /// <summary>
    /// The same of a topic as it is today: an objection stands over every marketing topic that the person asked for nothing of since (R36).
    /// </summary>
    public SubscriptionStatus StatusOf(Topic topic)
    {
        var status = StatusOf(topic.Key);
        return IsObjected(topic) && status is SubscriptionStatus.None or SubscriptionStatus.Subscribed
            ? SubscriptionStatus.Unsubscribed
            : status;
    }

    /// <summary>Whether the person objected to marketing (R36) and asked for nothing of this topic since.</summary>
    public bool IsObjected(Topic topic) =>
        topic.IsMarketing
            && ObjectedAt is { } at
            && !(Find(topic.Key) is { Status: not SubscriptionStatus.Unsubscribed } asked && asked.Since > at);

    /// <summary>
    /// The status a person is shown: an opt-in that waits for its confirmation shows as pending, unless a consent holds meanwhile, or
    /// everything was stopped since.
    /// </summary>
    public SubscriptionStatus ShownStatusOf(string topic) => Shown(topic, StatusOf(topic));

    /// <summary>The same of a topic as it is today.</summary>
    public SubscriptionStatus ShownStatusOf(Topic topic) => Shown(topic.Key, StatusOf(topic));

    private SubscriptionStatus Shown(string topic, SubscriptionStatus status) =>
        status != SubscriptionStatus.Subscribed && Find(topic) is { } one && StillWaits(one) ? SubscriptionStatus.Pending : status;

    /// <summary>
    /// Whether an opt-in waits that was given after the last stop over everything. A STOP by text leaves in the record what waits, for it
    /// may come late (R65); it is taken back all the same: nobody is asked about it, and only a word of after the stop confirms it (P6).
    /// </summary>
    public bool StillWaits(Subscription one) => one.Unconfirmed is { } waits && !(LastStop >= waits.Since);

    /// <summary>
    /// Whether a question asked at <paramref name="asked"/>, null for none, was open at <paramref name="at"/>: it had been asked by then,
    /// and no stop was said after it (R49, R65).
    /// </summary>
    public bool IsOpen(DateTimeOffset? asked, DateTimeOffset at) => asked <= at && !(LastStop >= asked);

    /// <summary>
    /// When the person last said stop to a topic or to everything, also where a choice has lifted the latter since; null where no stop is
    /// known. What they said before it raises nothing (P6). One repeated within <see cref="Transitions.SameStop"/> counts as the one before.
    /// </summary>
    public DateTimeOffset? StoppedAt(string topic)
    {
        var all = LastStop;
        return Find(topic) is { Status: SubscriptionStatus.Unsubscribed } one && !(all > one.Since) ? one.Since : all;
    }

    /// <summary>The same of a topic as it is today: to marketing an objection said stop too (R36).</summary>
    public DateTimeOffset? StoppedAt(Topic topic) =>
        StoppedAt(topic.Key) is var stopped && topic.IsMarketing && ObjectedAt is { } objected && !(stopped > objected)
            ? objected
            : stopped;

    /// <summary>
    /// When the newest question was asked that the address has not answered, be it by a stop over everything; null where it was asked
    /// nothing (R63).
    /// </summary>
    public DateTimeOffset? AskedAt()
    {
        var newest = PackageAskedAt;
        foreach (var one in Subscriptions)
            if (StillWaits(one) && one.ConfirmationAt is { } asked && !(newest > asked)) newest = asked;
        return Stopped?.Since >= newest ? null : newest;
    }

    /// <summary>
    /// From when a package counts as followed that is followed now: after the last stop, which lies ahead where the clock was set back.
    /// </summary>
    public DateTimeOffset FollowedFrom(DateTimeOffset now) =>
        StoppedAt(TopicKey.PackageUpdates) is { } stopped && stopped > now ? stopped.AddMilliseconds(1) : now;

    /// <summary>This state with a package followed at a moment; one that lies ahead is not forgotten for it.</summary>
    public AddressState Followed(DateTimeOffset at) => this with { FollowedAt = FollowedAt > at ? FollowedAt : at };

    /// <summary>
    /// When the phone's owner said something, as their carrier says (<paramref name="at"/>): not in the future, and not before a START
    /// that it came after, which lies there where our clock was set back.
    /// </summary>
    public DateTimeOffset Heard(DateTimeOffset at, DateTimeOffset now) =>
        at <= now ? at : ResumedAt is { } resumed && resumed > now ? (at < resumed ? at : resumed) : now;

    /// <summary>This state with one subscription put in its place.</summary>
    public AddressState With(Subscription subscription)
    {
        for (var i = 0; i < Subscriptions.Length; i++)
        {
            if (Subscriptions[i].Topic != subscription.Topic) continue;
            var copy = (Subscription[])Subscriptions.Clone();
            copy[i] = subscription;
            return this with { Subscriptions = copy };
        }

        return this with { Subscriptions = [.. Subscriptions, subscription] };
    }
}

/// <summary>A stop of everything on the channel.</summary>
/// <param name="Since">Since when it counts.</param>
/// <param name="Source">By whose word.</param>
/// <param name="Said">
/// When that was last said, where the stop counts from later, after what was followed before the clock was set back; else null.
/// </param>
/// <param name="Left">Says that a change of address set it; null where the person did.</param>
public sealed record StopAll(DateTimeOffset Since, string Source, DateTimeOffset? Said = null, Departure? Left = null)
{
    /// <summary>When it was last said: what the person said after that is the newer word.</summary>
    [JsonIgnore]
    public DateTimeOffset SaidAt => Said ?? Since;

    /// <summary>Whether it is somebody's word: not where a change of address set it, and nobody has said stop there since.</summary>
    [JsonIgnore]
    public bool IsSaid => Left is null || SaidAt > Left.At;

    /// <summary>The same, said again; neither moment goes back.</summary>
    public StopAll Again(DateTimeOffset since, DateTimeOffset said)
    {
        var (counts, last) = (since > Since ? since : Since, said > SaidAt ? said : SaidAt);
        return this with { Since = counts, Said = last < counts ? last : null };
    }
}

/// <summary>What a person was asked after STOP.</summary>
/// <param name="Until">Until when a topic can be chosen.</param>
/// <param name="Topics">The keys of the topics offered, in the order of their numbers.</param>
/// <param name="Twice">Whether it was asked again, after an answer that was none of them; a third time it is not.</param>
public sealed record StopChoice(DateTimeOffset Until, string[] Topics, bool Twice = false);

/// <summary>One claimed send, for frequency caps.</summary>
/// <param name="Topic">The topic's key.</param>
/// <param name="At">When it was claimed.</param>
/// <param name="Message">
/// The message's suffix: offering the same message again is not a further send. Null in a record of before it was noted.
/// </param>
/// <param name="Transactional">Whether it counts for its topic's cap alone and not for the cap over all marketing.</param>
public readonly record struct RecentSend(string Topic, DateTimeOffset At, string? Message = null, bool Transactional = false);

/// <summary>The newest entry of an address's consent ledger.</summary>
/// <param name="Seq">Its sequence, 0 when there is none.</param>
/// <param name="Hash">Its hash, SHA-256 in hex.</param>
public sealed record LedgerHead(long Seq, string Hash)
{
    /// <summary>No entry yet; the first entry's previous hash is 64 zeros.</summary>
    public static LedgerHead Empty { get; } = new(0, new string('0', 64));
}
