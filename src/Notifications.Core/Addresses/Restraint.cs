namespace Notifications.Addresses;

/// <summary>
/// What holds marketing back at an address beside its stops, and goes along where its person moves to another (R33). Neither gives or takes
/// a permission.
/// </summary>
/// <param name="PausedUntil">Until when the person wants a break, or null.</param>
/// <param name="Reviews">What the person wrote and nobody has read yet, by the ids of the review.</param>
public sealed record Restraint(DateTimeOffset? PausedUntil, string[] Reviews)
{
    /// <summary>What holds marketing back at an address now; null where nothing does.</summary>
    public static Restraint? Of(AddressState? state) =>
        state is null or { PausedUntil: null, Reviews: [] } ? null : new(state.PausedUntil, state.Reviews);

    /// <summary>Both together: the longer break, and what is unread of either. The first itself where the other adds nothing.</summary>
    public static Restraint? Both(Restraint? one, Restraint? other)
    {
        if (one is null || other is null) return one ?? other;
        var both = new Restraint(
            other.PausedUntil > one.PausedUntil || one.PausedUntil is null ? other.PausedUntil : one.PausedUntil,
            [.. one.Reviews.Union(other.Reviews)]);
        return both.PausedUntil == one.PausedUntil && both.Reviews.Length == one.Reviews.Length ? one : both;
    }

    /// <summary>The same where one thing that the person wrote has been read; null where nothing is left.</summary>
    public Restraint? Without(string item)
    {
        var left = this with { Reviews = Array.FindAll(Reviews, r => r != item) };
        return left is { PausedUntil: null, Reviews: [] } ? null : left;
    }
}
