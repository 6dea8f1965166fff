using System.Text.Json.Serialization;

namespace Notifications.Sending;

/// <summary>Where a message stands; the moves are drawn in docs/state-machines.md.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MessageStatus>))]
public enum MessageStatus
{
    /// <summary>Accepted, waits on the queue.</summary>
    [JsonStringEnumMemberName("queued")] Queued = 0,

    /// <summary>Decided "not now"; decided again later.</summary>
    [JsonStringEnumMemberName("deferred")] Deferred = 1,

    /// <summary>Decided "no".</summary>
    [JsonStringEnumMemberName("skipped")] Skipped = 2,

    /// <summary>Claimed; the hand-off is under way.</summary>
    [JsonStringEnumMemberName("sending")] Sending = 3,

    /// <summary>The provider has it.</summary>
    [JsonStringEnumMemberName("sent")] Sent = 4,

    /// <summary>The provider reports delivery.</summary>
    [JsonStringEnumMemberName("delivered")] Delivered = 5,

    /// <summary>The provider reports a bounce, later or at the hand-off.</summary>
    [JsonStringEnumMemberName("bounced")] Bounced = 6,

    /// <summary>Refused for good, or given up.</summary>
    [JsonStringEnumMemberName("failed")] Failed = 7,

    /// <summary>Whether the provider took it cannot be told; it is not sent again.</summary>
    [JsonStringEnumMemberName("unknown")] Unknown = 8,
}

/// <summary>Statuses as texts show them.</summary>
public static class MessageStatusNames
{
    private static readonly string[] Names = [.. Enum.GetNames<MessageStatus>().Select(name => name.ToLowerInvariant())];

    /// <summary>The name in every API, page and metric.</summary>
    public static string Name(this MessageStatus status) => Names[(int)status];
}
