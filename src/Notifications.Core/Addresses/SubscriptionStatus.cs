using System.Text.Json.Serialization;

namespace Notifications.Addresses;

/// <summary>
/// Where one subscription stands. The transitions are drawn in docs/state-machines.md and made by <see cref="Consent.Transitions"/> alone.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<SubscriptionStatus>))]
public enum SubscriptionStatus
{
    /// <summary>Nothing was ever said.</summary>
    [JsonStringEnumMemberName("none")] None = 0,

    /// <summary>An opt-in waits for its confirmation (double opt-in).</summary>
    [JsonStringEnumMemberName("pending")] Pending = 1,

    /// <summary>The person agreed.</summary>
    [JsonStringEnumMemberName("subscribed")] Subscribed = 2,

    /// <summary>The person said stop.</summary>
    [JsonStringEnumMemberName("unsubscribed")] Unsubscribed = 3,
}
