using System.Text.Json.Serialization;
using Notifications.Addresses;

namespace Notifications.Contacts;

/// <summary>A customer who owns addresses.</summary>
/// <param name="Id">The contact's id.</param>
/// <param name="Status">How the account stands.</param>
/// <param name="Name">The person's name, or null.</param>
/// <param name="Locale">A language tag (BCP 47), which is copied to each address; or null.</param>
/// <param name="TimeZone">An IANA time zone, which is copied to each address; or null.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
/// <param name="RestrictedBy">
/// The privacy request that restricted processing, so that an address that comes later is restricted too (R35); null where none did.
/// </param>
public sealed record ContactProfile(
    string Id, ContactStatus Status, string? Name, string? Locale, string? TimeZone, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt,
    string? RestrictedBy = null)
{
    /// <summary>The status that is shown: processing of an active account may be restricted.</summary>
    [JsonIgnore]
    public ContactStatus ShownStatus => Status == ContactStatus.Active && RestrictedBy is not null ? ContactStatus.Restricted : Status;

    /// <summary>
    /// Tags to mark each address with; null where the contact has never been given any, and its addresses keep their own.
    /// </summary>
    public string[]? Tags { get; init; }

    /// <summary>
    /// When its owner objected to direct marketing (R36), so that it holds at an address that comes later too; null where they did not.
    /// </summary>
    public DateTimeOffset? ObjectedAt { get; init; }
}
