using System.Text.Json.Serialization;
using Notifications.Addresses;

namespace Notifications.Packages;

/// <summary>How an address follows a package, since when.</summary>
/// <remarks>A row that is written only together with the address's record, under its ETag.</remarks>
/// <param name="Status">Where the watch stands.</param>
/// <param name="Since">Since when it stands there.</param>
public sealed record WatchRecord(WatchStatus Status, DateTimeOffset Since)
{
    /// <summary>Which changes the person wants to hear of.</summary>
    public WatchFilter Filter { get; init; }

    /// <summary>Whether changes wait for one message a day.</summary>
    public bool Daily { get; init; }

    /// <summary>
    /// When the person last chose <see cref="Filter"/> and <see cref="Daily"/>: more than that only their word of later date asks for (P6).
    /// Null where it is not known that they did.
    /// </summary>
    public DateTimeOffset? ChosenAt { get; init; }

    /// <summary>BCP 47 language tag for this package's messages, or null.</summary>
    public string? Locale { get; init; }

    /// <summary>The policy version it was last asked for under, or null: a confirmation of it is one under that version (R26).</summary>
    public string? PolicyVersion { get; init; }

    /// <summary>The newest change that was handed off: an older one that comes late is stale.</summary>
    public long Seen { get; init; }

    /// <summary>
    /// Since when it was followed, of a watch that waits because somebody asked for it anew while a stop covered it: taken back, that stop
    /// leaves it followed as before (R49).
    /// </summary>
    public DateTimeOffset? CoveredSince { get; init; }

    /// <summary>Whether the address counts as following it, be it under a stop.</summary>
    [JsonIgnore]
    public bool IsFollowed => Status == WatchStatus.Active || CoveredSince is not null;

    /// <summary>The stop that a waiting watch would take back once it is confirmed; until then the stop stands.</summary>
    public DateTimeOffset? StoppedAt { get; init; }

    /// <summary>
    /// When the confirmation was last asked for (R63); null while it waits, unasked, for the end of the address's window.
    /// </summary>
    public DateTimeOffset? ConfirmationAt { get; init; }

    /// <summary>When it had been asked for before that, oldest first, and no stop has answered it; null where it was not.</summary>
    public DateTimeOffset[]? AskedBefore { get; init; }

    /// <summary>
    /// The topics that the address which a waiting watch was moved from had stopped: confirming it stops them here too (R33). Null where it
    /// came from no other address.
    /// </summary>
    public string[]? AlsoStops { get; init; }

    /// <summary>
    /// The keys of the addresses which a waiting watch was moved from: what holds marketing back there when it is confirmed, holds it back
    /// here too from then on (R33). Null where it came from no other address.
    /// </summary>
    public string[]? MovedFrom { get; init; }

    /// <summary>The request that had waited before the one that does now took its place; null where none had.</summary>
    public ReplacedRequest? Replaced { get; init; }

    /// <summary>This watch with nothing that waits for an answer, nor what an answer would bring along.</summary>
    public WatchRecord Answered() =>
        this with { StoppedAt = null, CoveredSince = null, AskedBefore = null, AlsoStops = null, MovedFrom = null, Replaced = null };

    /// <summary>
    /// Of a watch that waits: as the request was that an answer of a moment is to, null being now. Nobody says yes to what comes after
    /// (R26). Null where that is not known any more.
    /// </summary>
    public WatchRecord? WaitedAt(DateTimeOffset? said)
    {
        if (Replaced is not { } before || !(said < before.Until)) return this;
        return said < before.From
            ? null
            : this with { Filter = before.Filter, Daily = before.Daily, Locale = before.Locale, PolicyVersion = before.PolicyVersion };
    }

    /// <summary>
    /// Of a watch that waits: what of it is replaced by another that takes its place; what had been before, where it says the same.
    /// </summary>
    public ReplacedRequest? ReplacedBy(WatchRecord next, DateTimeOffset now) =>
        (Filter, Daily, Locale, PolicyVersion) == (next.Filter, next.Daily, next.Locale, next.PolicyVersion)
            ? Replaced
            : new(Replaced?.Until ?? DateTimeOffset.MinValue, now, Filter, Daily, Locale, PolicyVersion);

    /// <summary>
    /// Of a watch that waits: when the newest question about it was asked that had gone out by a moment; null where none had.
    /// </summary>
    public DateTimeOffset? AskedBy(DateTimeOffset moment) => AskTimes.By(moment, AskedBefore, ConfirmationAt);

    /// <summary>
    /// Whether it waits for an answer: a stop of the package, of all packages or of everything has answered what was asked for before it,
    /// and only what is asked for after it can be confirmed (P6).
    /// </summary>
    public bool StillWaits(AddressState state) => Status == WatchStatus.Pending && WatchMoves.IsOpen(state, this, SaidAt);

    /// <summary>When the person last said so: for a watch that waits, when its confirmation was last asked for.</summary>
    [JsonIgnore]
    public DateTimeOffset SaidAt => Status == WatchStatus.Pending ? ConfirmationAt ?? Since : Since;
}

/// <summary>
/// A request to follow a package that waited for its confirmation when a newer one took its place: a text that was on its way confirms what
/// it had been asked.
/// </summary>
/// <param name="From">Since when it waited.</param>
/// <param name="Until">When the newer one took its place.</param>
/// <param name="Filter">Which changes the person wanted to hear of.</param>
/// <param name="Daily">Whether changes were to wait for one message a day.</param>
/// <param name="Locale">BCP 47 language tag for the package's messages, or null.</param>
/// <param name="PolicyVersion">The policy version it was asked for under, or null.</param>
public sealed record ReplacedRequest(
    DateTimeOffset From, DateTimeOffset Until, WatchFilter Filter, bool Daily, string? Locale, string? PolicyVersion);
