using System.Text.Json.Serialization;

namespace Notifications.Campaigns;

/// <summary>Where a campaign stands; the moves are drawn in docs/state-machines.md.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CampaignStatus>))]
public enum CampaignStatus
{
    /// <summary>Being written; nothing is sent.</summary>
    [JsonStringEnumMemberName("draft")] Draft = 0,

    /// <summary>Launches by itself at its time.</summary>
    [JsonStringEnumMemberName("scheduled")] Scheduled = 1,

    /// <summary>Launched: recipients are selected, and messages go out.</summary>
    [JsonStringEnumMemberName("running")] Running = 2,

    /// <summary>Nothing goes out until it is resumed.</summary>
    [JsonStringEnumMemberName("paused")] Paused = 3,

    /// <summary>Nothing is left to be sent.</summary>
    [JsonStringEnumMemberName("completed")] Completed = 4,

    /// <summary>Nothing goes out any more.</summary>
    [JsonStringEnumMemberName("cancelled")] Cancelled = 5,
}
