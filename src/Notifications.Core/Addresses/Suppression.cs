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

/// <summary>An operator's own block that stands beneath another.</summary>
/// <param name="Since">Since when it stands.</param>
/// <param name="Note">A remark for people, or null.</param>
public sealed record ManualBlock(DateTimeOffset Since, string? Note);

/// <summary>An address-wide block.</summary>
/// <param name="Reason">Why it is blocked.</param>
/// <param name="Since">Since when it is blocked.</param>
/// <param name="Note">A remark for people, or null.</param>
/// <param name="Beneath">An operator has blocked the address as well, which stands on when this is lifted; null where nobody has.</param>
/// <param name="Kept">It is such a one, and the other was lifted: it is itself lifted only by name, for the same may be said twice.</param>
public sealed record Suppression(
    SuppressionReason Reason, DateTimeOffset Since, string? Note = null, ManualBlock? Beneath = null, bool Kept = false)
{
    /// <summary>The operator's own block, by itself or beneath another; null where there is none.</summary>
    [JsonIgnore]
    public ManualBlock? Manual => Reason == SuppressionReason.Manual ? new(Since, Note) : Beneath;
}
