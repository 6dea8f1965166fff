using System.Text.Json.Serialization;

namespace Notifications.Sending;

/// <summary>How one address follows one package.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WatchStatus>))]
public enum WatchStatus
{
    /// <summary>Following.</summary>
    [JsonStringEnumMemberName("active")] Active = 1,

    /// <summary>The person stopped following this package.</summary>
    [JsonStringEnumMemberName("unwatched")] Unwatched = 2,
}

/// <summary>The row that says how an address follows a package.</summary>
public sealed record WatchRecord(WatchStatus Status, DateTimeOffset Since);
