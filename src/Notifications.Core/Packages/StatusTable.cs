namespace Notifications.Packages;

/// <summary>What one status means to the people who follow a package.</summary>
/// <param name="Status">The status.</param>
/// <param name="Sub">The sub-status the rule is for; null for all that have no rule of their own.</param>
/// <param name="Announce">Whether reaching it is worth a message.</param>
/// <param name="Stage">1 information received, 2 in transit, 3 at the door, 4 delivered; 0 where the parcel stays at the stage it
/// had.</param>
/// <param name="Delivery">Told to those who only want to hear of the delivery.</param>
/// <param name="Problem">Told to those who only want to hear of problems.</param>
/// <param name="Final">After it only problems are news: late scans of a delivered parcel are not.</param>
/// <param name="RepeatHours">After so many hours the same status is news again (a second try to deliver); 0 never.</param>
public sealed record StatusRule(
    ParcelStatus Status, string? Sub = null, bool Announce = false, int Stage = 0, bool Delivery = false, bool Problem = false,
    bool Final = false, int RepeatHours = 0)
{
    /// <summary>The name of the state as far as people are told about it.</summary>
    public string Key => Sub ?? Status.ToString();

    /// <summary>Whether a follower with this filter hears of it.</summary>
    public bool Passes(WatchFilter filter) =>
        filter == WatchFilter.All
            || (Delivery && filter.Has(WatchFilter.Delivery))
            || (Problem && filter.Has(WatchFilter.Problems))
            || filter.Has(WatchFilters.Of(Status));
}

/// <summary>The file <c>statuses.json</c>: which changes are news, and the words other systems use for them.</summary>
public sealed record StatusTable(IReadOnlyList<StatusRule> Rules, IReadOnlyDictionary<string, string> Aliases)
{
    /// <summary>The table that comes with the product.</summary>
    public static StatusTable Default { get; } = Embedded.Read("Packages.statuses.json", CoreJson.Default.StatusTable);

    /// <summary>The rule of a sub-status, or of its status.</summary>
    public StatusRule Find(ParcelStatus status, string? sub)
    {
        StatusRule? general = null;
        foreach (var rule in Rules)
        {
            if (rule.Status != status) continue;
            if (rule.Sub is null) general = rule;
            else if (rule.Sub == sub) return rule;
        }

        return general ?? new StatusRule(status);
    }

    /// <summary>Reads a status or sub-status in any spelling of case, spaces and hyphens, or one of the other systems' words.</summary>
    public bool TryRead(string? text, out ParcelStatus status, out string? sub)
    {
        status = default;
        sub = null;
        if (text is null || text.Length > 60) return false;
        var name = Bare(text);
        foreach (var known in Enum.GetValues<ParcelStatus>())
        {
            if (name != Bare(known.ToString())) continue;
            status = known;
            return true;
        }

        if (Aliases.TryGetValue(name, out var meant)) text = meant;
        var split = text.Split('_', 2);
        if (EnumWord.Read<ParcelStatus>(split[0]) is not { } of) return false;
        status = of;
        if (split.Length == 1) return true;
        sub = status + "_" + split[1];
        foreach (var rule in Rules)
            if (string.Equals(rule.Sub, sub, StringComparison.OrdinalIgnoreCase)) sub = rule.Sub;
        return true;
    }

    private static string Bare(string text) => string.Concat(text.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
}
