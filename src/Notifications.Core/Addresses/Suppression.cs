using System.Text.Json.Serialization;

namespace Notifications.Addresses;

/// <summary>Why an address gets nothing at all, whatever it subscribed to.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SuppressionReason>))]
public enum SuppressionReason
{
    /// <summary>Its mailbox or phone refused for good.</summary>
    [JsonStringEnumMemberName("bounce")] Bounce = 1,

    /// <summary>Its owner reported a message as spam.</summary>
    [JsonStringEnumMemberName("complaint")] Complaint = 2,

    /// <summary>An operator put it there.</summary>
    [JsonStringEnumMemberName("manual")] Manual = 3,

    /// <summary>Its owner was erased; the keyed hash stays so that no import adds it again.</summary>
    [JsonStringEnumMemberName("erased")] Erased = 4,

    /// <summary>It cannot receive: no such domain, a landline.</summary>
    [JsonStringEnumMemberName("invalid")] Invalid = 5,
}

/// <summary>An address-wide block.</summary>
/// <param name="Reason">Why it is blocked.</param>
/// <param name="Since">Since when it is blocked.</param>
/// <param name="Note">A remark for people, or null.</param>
public sealed record Suppression(SuppressionReason Reason, DateTimeOffset Since, string? Note = null);
