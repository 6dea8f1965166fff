using Notifications.Storage;

namespace Notifications.Web.Http;

/// <summary>
/// An answer that lists rows. One that no key of the ring opens hides none of the others: it is passed over and named, so that nobody takes
/// what is left for all.
/// </summary>
internal abstract record Listed
{
    /// <summary>
    /// The rows, as <c>table/partition/row</c>, that no key of the ring opens: something that would stand here may be missing. Null where
    /// there are none.
    /// </summary>
    public IReadOnlyList<string>? Unreadable { get; } = PassedOver.Current is { Rows: > 0 } passed ? passed.Names : null;
}
