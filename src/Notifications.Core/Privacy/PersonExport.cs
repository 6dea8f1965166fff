using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Packages;
using Notifications.Review;
using Notifications.Sending;

namespace Notifications.Privacy;

/// <summary>Everything held of a person, in one JSON that another installation can take in (R26, R32).</summary>
/// <param name="Format">Always <c>notifications-person/1</c>, the name of this form.</param>
/// <param name="At">When it was made.</param>
/// <param name="Recipients">Who else receives the data.</param>
/// <param name="Contact">The account, or null.</param>
/// <param name="Addresses">Each address with its preferences, its consents word for word, its messages and its packages.</param>
/// <param name="Requests">
/// The rights that were exercised for these addresses and no others, oldest first; null in a file of an earlier version.
/// </param>
public sealed record PersonExport(
    string Format, DateTimeOffset At, IReadOnlyList<string> Recipients, ContactProfile? Contact, IReadOnlyList<AddressExport> Addresses,
    IReadOnlyList<RequestExport>? Requests = null)
{
    /// <summary>The name of this form.</summary>
    public const string Version1 = "notifications-person/1";
}

/// <summary>One address of a person.</summary>
/// <param name="Address">The address itself.</param>
/// <param name="State">Its preferences and settings.</param>
/// <param name="Ledger">Who said what, when, where, in which words, under which policy, oldest first.</param>
/// <param name="Verified">Whether the ledger's hash chain held when this was made.</param>
/// <param name="Messages">What was sent, and why, or why not.</param>
/// <param name="Watches">The packages it follows or has stopped following.</param>
/// <param name="Written">What was written from it for a person to read; null in a file of an earlier version.</param>
/// <param name="Texts">What its texts came to, and our answers; null in a file of an earlier version.</param>
/// <param name="Lists">The names of the lists it is on; null in a file of an earlier version.</param>
public sealed record AddressExport(
    string Address, AddressState State, IReadOnlyList<LedgerEntry> Ledger, bool Verified, IReadOnlyList<MessageExport> Messages,
    IReadOnlyList<WatchExport> Watches, IReadOnlyList<WrittenExport>? Written = null, IReadOnlyList<TextExport>? Texts = null,
    IReadOnlyList<string>? Lists = null);

/// <summary>One message, by its id within the address.</summary>
/// <param name="Id">The message's id within the address.</param>
/// <param name="Record">What is kept of it.</param>
public sealed record MessageExport(string Id, MessageRecord Record);

/// <summary>One followed package.</summary>
/// <param name="TrackingNumber">The tracking number.</param>
/// <param name="Watch">How it is followed.</param>
public sealed record WatchExport(string TrackingNumber, WatchRecord Watch);

/// <summary>Something that was written to us, and what its reader decided.</summary>
/// <param name="Id">Its id.</param>
/// <param name="At">When it came.</param>
/// <param name="Text">What was written.</param>
/// <param name="Verdict">What its reader decided; null while nobody has.</param>
public sealed record WrittenExport(string Id, DateTimeOffset At, string Text, ReviewVerdict? Verdict);

/// <summary>
/// What one text of the person was read as, and what we answered. Its words are kept only where somebody is to read them.
/// </summary>
/// <param name="At">When it came.</param>
/// <param name="Intent">What it was read as.</param>
/// <param name="Answer">What we answered, or null.</param>
public sealed record TextExport(DateTimeOffset At, string Intent, string? Answer);

/// <summary>One exercised right.</summary>
/// <param name="Id">The request's id.</param>
/// <param name="Type">The right.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="OpenedAt">When it came.</param>
/// <param name="CompletedAt">When it was carried out, or null.</param>
/// <param name="LiftedAt">When a restriction was lifted, or null.</param>
/// <param name="Note">What was remarked when it was recorded, or null.</param>
/// <param name="Notice">What the person was told, or null.</param>
/// <param name="Outcome">What came of it, in words, or null.</param>
public sealed record RequestExport(
    string Id, PrivacyRight Type, PrivacyStatus Status, DateTimeOffset OpenedAt, DateTimeOffset? CompletedAt, DateTimeOffset? LiftedAt,
    string? Note, string? Notice, string? Outcome);
