using System.Text.Json.Serialization;

namespace Notifications.Packages;

/// <summary>
/// Which changes of a package somebody wants to hear of; <c>statuses.json</c> says which are which. Beside those that are named here, a
/// filter has a bit for each status that was named itself (<see cref="WatchFilters"/>).
/// </summary>
[JsonConverter(typeof(WatchFilterConverter))]
public enum WatchFilter
{
    /// <summary>Every change worth a message.</summary>
    [JsonStringEnumMemberName("all")] All = 0,

    /// <summary>Delivery only: at the door, at the pick-up point, delivered, not delivered.</summary>
    [JsonStringEnumMemberName("delivery")] Delivery = 1,

    /// <summary>Problems only.</summary>
    [JsonStringEnumMemberName("problems")] Problems = 2,
}
