namespace Notifications.Packages;

/// <summary>Filters made of several words: of the named ones, and of statuses.</summary>
public static class WatchFilters
{
    private const int Named = 2;

    /// <summary>The filter that lets one status pass, whatever its sub-status.</summary>
    public static WatchFilter Of(ParcelStatus status) => (WatchFilter)(1 << ((int)status + Named));

    /// <summary>The filter that a word names: all, delivery, problems, or a status in any writing; null where it names none.</summary>
    public static WatchFilter? Read(string? word) =>
        EnumWord.Read<WatchFilter>(word)
            ?? (StatusTable.Default.TryRead(word, out var status, out var sub) && sub is null ? Of(status) : null);

    /// <summary>The filter that lets pass what one of several does.</summary>
    public static WatchFilter Join(IReadOnlyList<WatchFilter> filters) =>
        filters.Contains(WatchFilter.All) ? WatchFilter.All : filters.Aggregate(static (all, one) => all | one);

    /// <summary>Its words, of which it has one at least.</summary>
    public static IReadOnlyList<string> Words(this WatchFilter filter) =>
        Enum.IsDefined(filter)
            ? [EnumWord.Of(filter)]
            :
            [
                .. Enum.GetValues<WatchFilter>().Where(named => filter.Has(named)).Select(EnumWord.Of),
                .. Enum.GetValues<ParcelStatus>().Where(status => filter.Has(Of(status))).Select(status => status.ToString()),
            ];

    /// <summary>Whether a filter lets nothing pass that a wider one does not.</summary>
    public static bool IsWithin(this WatchFilter filter, WatchFilter wider) =>
        wider == WatchFilter.All
            || (filter != WatchFilter.All && StatusTable.Default.Rules.All(rule => !rule.Passes(filter) || rule.Passes(wider)));

    /// <summary>Whether a filter that is not <see cref="WatchFilter.All"/> has the words of another.</summary>
    public static bool Has(this WatchFilter filter, WatchFilter words) => (filter & words) != 0;
}
