namespace Notifications.Packages;

/// <summary>One event of one package, as a carrier or a service told it.</summary>
/// <param name="Id">The teller's name for it: the same id twice is one event.</param>
/// <param name="Status">Where the parcel stands by it.</param>
/// <param name="Sub">The sub-status, or null.</param>
/// <param name="Description">The carrier's words, or null.</param>
/// <param name="Location">Where it happened, or null.</param>
/// <param name="OccurredAt">When it happened, with the offset of that place.</param>
/// <param name="Carrier">Who carries it, or null.</param>
/// <param name="ReceivedAt">When it was told to us.</param>
public sealed record PackageEvent(
    string Id, ParcelStatus Status, string? Sub, string? Description, string? Location, DateTimeOffset OccurredAt, string? Carrier,
    DateTimeOffset ReceivedAt)
{
    /// <summary>Its time lay in the future and was set to when it came, so that it does not make everything after it look old.</summary>
    public bool Clamped { get; init; }
}

/// <summary>
/// What an event came to: <c>announced</c>, <c>superseded</c> (by a newer one, before it was told), <c>stale-event</c> (older than what was
/// known) or <c>no-news</c>.
/// </summary>
public sealed record PackageEventRow(PackageEvent Event, string Outcome)
{
    /// <summary>It waits to be told, or was.</summary>
    public const string Announced = "announced";

    /// <summary>It waited to be told, and a newer one came before it was: that one speaks in its place, if it is news.</summary>
    public const string Superseded = "superseded";

    /// <summary>Older than what was known: nobody is told.</summary>
    public const string Stale = "stale-event";

    /// <summary>Nothing people need to hear.</summary>
    public const string NoNews = "no-news";
}

/// <summary>A change that people are told of.</summary>
/// <param name="Event">The event that brought it.</param>
/// <param name="Stage">The stage the parcel has reached, 1 to 4.</param>
/// <param name="Seq">Rises with every change of the package and never repeats, also when the package was forgotten in between: when telling
/// it began, in milliseconds since 1970. 0 while it waits.</param>
/// <param name="At">When telling it began, or may begin.</param>
public sealed record PackageChange(PackageEvent Event, int Stage, long Seq, DateTimeOffset At);

/// <summary>
/// What is known of a package. It is its own outbox: a change waits in <see cref="Next"/>, then is told from <see cref="Current"/>, one at
/// a time, so that a crash anywhere leaves in the row what has still to be done.
/// </summary>
public sealed record PackageRecord
{
    /// <summary>The newest event.</summary>
    public PackageEvent? Last { get; init; }

    /// <summary>
    /// When the newest event happened whose time was not set by us; null where there was none. Where <see cref="Last"/> is clamped, what
    /// is older than this is old in any case.
    /// </summary>
    public DateTimeOffset? SureAt { get; init; }

    /// <summary>The furthest stage reached.</summary>
    public int Stage { get; init; }

    /// <summary>The state people were told last.</summary>
    public string? ToldKey { get; init; }

    /// <summary>When that happened.</summary>
    public DateTimeOffset? ToldAt { get; init; }

    /// <summary>The newest change announced to everyone; see <see cref="PackageChange.Seq"/>.</summary>
    public long Seq { get; init; }

    /// <summary>The newest change announced to those with the delivery filter.</summary>
    public long DeliverySeq { get; init; }

    /// <summary>The newest change announced to those with the problem filter.</summary>
    public long ProblemSeq { get; init; }

    /// <summary>The newest change announced of each status; null where none was since they are kept apart.</summary>
    public IReadOnlyDictionary<ParcelStatus, long>? StatusSeqs { get; init; }

    /// <summary>The change that waits out the collapse window.</summary>
    public PackageChange? Next { get; init; }

    /// <summary>The change that is being told.</summary>
    public PackageChange? Current { get; init; }

    /// <summary>When it was delivered, or null.</summary>
    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>When anything was last heard of it.</summary>
    public DateTimeOffset HeardAt { get; init; }

    /// <summary>The newest change that a follower with this filter was, or is being, told.</summary>
    public long AnnouncedSeq(WatchFilter filter) =>
        filter == WatchFilter.All
            ? Seq
            : (StatusSeqs ?? new Dictionary<ParcelStatus, long>())
                .Where(s => filter.Has(WatchFilters.Of(s.Key)))
                .Select(s => s.Value)
                .Append(filter.Has(WatchFilter.Delivery) ? DeliverySeq : 0)
                .Append(filter.Has(WatchFilter.Problems) ? ProblemSeq : 0)
                .Max();
}
