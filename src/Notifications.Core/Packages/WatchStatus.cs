using System.Text.Json.Serialization;

namespace Notifications.Packages;

/// <summary>How one address follows one package.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WatchStatus>))]
public enum WatchStatus
{
    /// <summary>Following.</summary>
    [JsonStringEnumMemberName("active")] Active = 1,

    /// <summary>The person stopped following this package.</summary>
    [JsonStringEnumMemberName("unwatched")] Unwatched = 2,

    /// <summary>Somebody asked to follow it for this address, and the address has not confirmed yet.</summary>
    [JsonStringEnumMemberName("pending")] Pending = 3,
}
