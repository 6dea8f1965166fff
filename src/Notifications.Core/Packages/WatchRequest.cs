using Notifications.Addresses;
using Notifications.Sending;

namespace Notifications.Packages;

/// <summary>Somebody asks that an address hear of a package.</summary>
/// <param name="Number">The package.</param>
/// <param name="Address">The address.</param>
/// <param name="Source">Where it was asked; decides whether the address must confirm (<see cref="WatchOptions.TrustedSources"/>).</param>
/// <param name="Actor">Who asked: <c>person</c>, <c>service:NAME</c>.</param>
public sealed record WatchRequest(TrackingNumber Number, Address Address, string Source, string Actor)
{
    /// <summary>Which changes to tell; null leaves it as it stands, and where nothing stands is every one.</summary>
    public WatchFilter? Filter { get; init; }

    /// <summary>
    /// One message a day in place of one per change; null leaves it as it stands, and where nothing stands is one per change.
    /// </summary>
    public bool? Daily { get; init; }

    /// <summary>BCP 47 language tag, or null.</summary>
    public string? Locale { get; init; }

    /// <summary>The policy version it was asked under, or null.</summary>
    public string? PolicyVersion { get; init; }

    /// <summary>The exact words, or null.</summary>
    public string? Wording { get; init; }

    /// <summary>The evidence as compact JSON, or null.</summary>
    public string? Evidence { get; init; }

    /// <summary>The evidence says that the address was confirmed elsewhere.</summary>
    public bool Confirmed { get; init; }

    /// <summary>
    /// Anybody can ask for it: where the address was asked something within its window and has not answered, this waits unasked until that
    /// ends (R63).
    /// </summary>
    public bool SharesWindow { get; init; }

    /// <summary>
    /// The address must confirm it whatever the source, and while it waits these topics wait with it to be stopped: those that the address
    /// it is moved from had stopped (R33). Null where it is not moved.
    /// </summary>
    public string[]? AlsoStops { get; init; }

    /// <summary>The key of the address it is moved from, or null (<see cref="WatchRecord.MovedFrom"/>).</summary>
    public string? MovedFrom { get; init; }

    /// <summary>When the person acted, by the evidence; a stop of later date stands against it (P6).</summary>
    public DateTimeOffset? ActedAt { get; init; }

    /// <summary>The last moment at which that can have been, where the evidence tells the second without a fraction; else null.</summary>
    public DateTimeOffset? ActedBy { get; init; }

    /// <summary>
    /// When it was asked for, where that is told: against a stop of that moment or later nothing waits (P6). Unlike
    /// <see cref="ActedAt"/> it proves nothing.
    /// </summary>
    public DateTimeOffset? SaidAt { get; init; }

    /// <summary>
    /// A service tells of it, and may tell the same again: over a word of the person it makes more only with <see cref="ActedAt"/> (P6).
    /// </summary>
    public bool Told { get; init; }

    /// <summary>Whether the evidence is of later date than a word of the person; it is where there is no such word.</summary>
    internal bool IsLaterThan(DateTimeOffset? word, DateTimeOffset now) =>
        word is null || (Confirmed && !Told ? !(ActedAt <= word) : IsAfter(word) && ActedAt <= now + Clock.Skew);

    /// <summary>Whether the evidence tells the second of a word of the person, and not which of the two came first.</summary>
    internal bool IsOfTheSecondOf(DateTimeOffset word) => ActedAt < word && ActedBy > word;

    private bool IsAfter(DateTimeOffset? word) => ActedAt > word || (ActedBy > word && ActedAt != word);

    /// <summary>
    /// Which changes are to be told and how often, where <paramref name="watch"/> stands. To more than the person chose only their word of
    /// later date leads, or their confirmation that is still to come (P6).
    /// </summary>
    internal (WatchFilter Filter, bool Daily) Wanted(WatchRecord? watch, bool waits, DateTimeOffset now)
    {
        var (filter, daily) = (Filter ?? watch?.Filter ?? WatchFilter.All, Daily ?? watch?.Daily ?? false);
        if (watch is null || waits || IsLaterThan(watch.ChosenAt, now)) return (filter, daily);
        return (filter.IsWithin(watch.Filter) ? filter : watch.Filter, watch.Daily || daily);
    }

    /// <summary>When the person last chose that, with this request.</summary>
    internal DateTimeOffset? ChosenAt(WatchRecord? watch, bool proven, DateTimeOffset now)
    {
        if (!proven || (Filter is null && Daily is null) || (ActedAt ?? (Confirmed ? now : null)) is not { } said) return watch?.ChosenAt;
        if (ActedBy > said) said = ActedBy.Value; // Told again it is no later word.
        return watch?.ChosenAt > said ? watch.ChosenAt : said < now ? said : now;
    }
}

/// <summary>
/// How a watch stands after a request. <paramref name="Blocked"/>: it stands, and something else keeps the address silent.
/// </summary>
public readonly record struct WatchAnswer(WatchStatus Status, DateTimeOffset Since, WatchFilter Filter, bool Daily, Reason? Blocked = null)
{
    /// <summary>Nothing was written and nobody is asked: as many wait as may (<see cref="WatchOptions.MaxPending"/>).</summary>
    public bool Dropped { get; init; }

    /// <summary>
    /// Nothing was written: the person said stop then, and what a service tells of as confirmed does not say when that was (P6).
    /// </summary>
    public DateTimeOffset? StoppedAt { get; init; }
}
