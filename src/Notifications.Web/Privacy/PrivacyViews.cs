using Notifications.Privacy;
using Notifications.Web.Http;

namespace Notifications.Web.Privacy;

/// <summary>A right to exercise: of one address, or of a contact with all of its addresses. What is corrected stands beside it.</summary>
/// <param name="Type">The right.</param>
/// <param name="Email">An email address; or give <c>phone</c> or <c>contactId</c>.</param>
/// <param name="Phone">A phone number in international form; or give <c>email</c> or <c>contactId</c>.</param>
/// <param name="ContactId">A contact's id, for all of its addresses; or give <c>email</c> or <c>phone</c>.</param>
/// <param name="Note">A remark for people, at most 1,000 characters.</param>
/// <param name="Agent">
/// The person at the desk who does this, as an id of 1 to 64 letters, digits, dots, underscores and hyphens; the ledger and the audit then
/// name them in place of the API key.
/// </param>
/// <param name="Name">Of a rectification: the right name, at most 200 characters.</param>
/// <param name="Locale">Of a rectification: the right language, a language tag (BCP 47).</param>
/// <param name="TimeZone">Of a rectification: the right time zone, an IANA name.</param>
/// <param name="NewEmail">Of a rectification: the email address that takes the place of <c>email</c>; it is confirmed anew.</param>
/// <param name="NewPhone">Of a rectification: the phone number that takes the place of <c>phone</c>; it is confirmed anew.</param>
/// <param name="ReceivedAt">
/// When the request came, where that was before it is recorded: its month runs from then. Not in the future, and not longer ago than
/// requests are kept.
/// </param>
internal sealed record PrivacyInput(
    string? Type = null, string? Email = null, string? Phone = null, string? ContactId = null, string? Note = null, string? Agent = null,
    string? Name = null, string? Locale = null, string? TimeZone = null, string? NewEmail = null, string? NewPhone = null,
    string? ReceivedAt = null)
{
    /// <summary>
    /// When the request came, where that was before it is recorded: not in the future, and not longer ago than the record of one is kept
    /// (<see cref="PrivacyOptions.RequestDays"/>). One that is found after its day is recorded as it was (GDPR 5(2), 12(3)): it is overdue.
    /// </summary>
    public static DateTimeOffset? Came(FieldErrors errors, string? text, DateTimeOffset now, PrivacyOptions options)
    {
        if (Inputs.Time(errors, "receivedAt", text) is not { } came) return null;
        if (came > now + Clock.Skew) errors.Add("receivedAt", "must not be in the future");
        if (came < now.AddDays(-options.RequestDays))
            errors.Add("receivedAt", $"must be at most {options.RequestDays} days ago, for so long a request is kept");
        return came;
    }
}

/// <summary>What the person is told, or was.</summary>
/// <param name="Notice">
/// The words, 1 to 1,000 characters: of an extension and before a restriction is lifted, those that are sent to the person; of a completed
/// request, what they were told.
/// </param>
/// <param name="Agent">
/// The person at the desk who does this, as an id of 1 to 64 letters, digits, dots, underscores and hyphens; the ledger and the audit then
/// name them in place of the API key.
/// </param>
internal sealed record NoticeInput(string? Notice = null, string? Agent = null);

/// <summary>A request as the API shows it.</summary>
/// <param name="Id">The request's id.</param>
/// <param name="Type">The right.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="OpenedAt">When it came.</param>
/// <param name="DueAt">When it must be answered: one month after it came, three when extended.</param>
/// <param name="Overdue">Whether that day is over and it is not done.</param>
/// <param name="ExtendedAt">When it was extended by two months.</param>
/// <param name="Notice">What the person was told: of the extension, with the answer, or before a restriction was lifted.</param>
/// <param name="Told">The ids of the messages that tell the person so: one for each address that can be written to.</param>
/// <param name="Unreached">How many addresses of the person cannot be written to, and so were not told.</param>
/// <param name="CompletedAt">When it was carried out.</param>
/// <param name="LiftedAt">When a restriction was lifted.</param>
/// <param name="Outcome">What came of it, in words.</param>
/// <param name="Actor">Who recorded it.</param>
/// <param name="Note">A remark for people.</param>
/// <param name="ExportUrl">Where the export can be read; only of access and portability.</param>
internal sealed record PrivacyView(
    string Id,
    PrivacyRight Type, PrivacyStatus Status, DateTimeOffset OpenedAt, DateTimeOffset DueAt, bool Overdue, DateTimeOffset? ExtendedAt,
    string? Notice, IReadOnlyList<string>? Told, int? Unreached,
    DateTimeOffset? CompletedAt, DateTimeOffset? LiftedAt, string? Outcome, string Actor, string? Note, string? ExportUrl)
{
    public static PrivacyView Of(PrivacyRequest request, DateTimeOffset now) => new(
        request.Id,
        request.Type, request.Status, request.OpenedAt, request.DueAt, request.CompletedAt is null && now >= request.OverdueAt,
        request.ExtendedAt, request.Notice, request.Notified?.Messages, request.Notified?.Unreached,
        request.CompletedAt, request.LiftedAt, request.Outcome, request.Actor, request.Note,
        request.Type is PrivacyRight.Access or PrivacyRight.Portability && request.IsAboutSomebody
            ? $"/v1/privacy/requests/{request.Id}/export"
            : null);
}

/// <summary>A page of requests, oldest first.</summary>
/// <param name="Requests">The requests.</param>
/// <param name="Next">What <c>after</c> is for the next page; left out on the last one.</param>
internal sealed record PrivacyList(IReadOnlyList<PrivacyView> Requests, string? Next) : Listed;

/// <summary>What was taken in of a person.</summary>
/// <param name="Addresses">How many addresses were taken in.</param>
internal sealed record PersonImported(int Addresses);
