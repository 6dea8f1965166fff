using Notifications.Storage;

namespace Notifications.Web.Http;

/// <summary>
/// An answer that lists rows. One that no key of the ring opens hides none of the others: it is passed over and named, so that nobody takes
/// what is left for all. A page ends at the twentieth of them, and its <c>next</c> goes on behind it.
/// </summary>
internal abstract record Listed
{
    /// <summary>
    /// The rows, as <c>table/partition/row</c>, that no key of the ring opens, at most 20: something that would stand here may be missing.
    /// Null where there are none.
    /// </summary>
    public IReadOnlyList<string>? Unreadable { get; } = PassedOver.Current is { Rows: > 0 } passed ? passed.Names : null;

    /// <summary>How many such rows there are, where they are more than those that are named.</summary>
    public int? UnreadableRows { get; } = PassedOver.Current is { Rows: > PassedOver.MostNamed and var rows } ? rows : null;
}
