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

/// <summary>An operator's own block that stands beneath another: since when, and why.</summary>
public sealed record ManualBlock(DateTimeOffset Since, string? Note);

/// <summary>
/// An address-wide block. <paramref name="Beneath"/>: an operator has blocked the address as well, which stands on when this is lifted.
/// <paramref name="Kept"/>: it is such a one, and the other was lifted; it is itself lifted only by name, for the same may be said twice.
/// </summary>
public sealed record Suppression(
    SuppressionReason Reason, DateTimeOffset Since, string? Note = null, ManualBlock? Beneath = null, bool Kept = false)
{
    /// <summary>The operator's own block, by itself or beneath another; null where there is none.</summary>
    [JsonIgnore]
    public ManualBlock? Manual => Reason == SuppressionReason.Manual ? new(Since, Note) : Beneath;
}
