using Notifications.Addresses;

namespace Notifications.Packages;

/// <summary>
/// A follower as the package sees it: enough to queue a message without reading the address's record. Follows the watch, and is repaired.
/// </summary>
public sealed record WatcherRow(
    Channel Channel, string To, WatchFilter Filter, DateTimeOffset Since, string? Locale = null, bool Daily = false, string? Zone = null);
