using Notifications.Privacy;
using Notifications.Web.Http;

namespace Notifications.Web.Privacy;

/// <summary>A right to exercise: of one address, or of a contact with all of its addresses. What is corrected stands beside it.</summary>
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

/// <summary>What the person was told.</summary>
internal sealed record NoticeInput(string? Notice = null, string? Agent = null);

/// <summary>A request as the API shows it. <paramref name="Overdue"/>: the month, or the three, are over and it is not done.</summary>
internal sealed record PrivacyView(
    string Id,
    PrivacyRight Type, PrivacyStatus Status, DateTimeOffset OpenedAt, DateTimeOffset DueAt, bool Overdue, DateTimeOffset? ExtendedAt,
    string? Notice,
    DateTimeOffset? CompletedAt, DateTimeOffset? LiftedAt, string? Outcome, string Actor, string? Note, string? ExportUrl)
{
    public static PrivacyView Of(PrivacyRequest request, DateTimeOffset now) => new(
        request.Id,
        request.Type, request.Status, request.OpenedAt, request.DueAt, request.CompletedAt is null && now >= request.OverdueAt,
        request.ExtendedAt, request.Notice,
        request.CompletedAt, request.LiftedAt, request.Outcome, request.Actor, request.Note,
        request.Type is PrivacyRight.Access or PrivacyRight.Portability && request.IsAboutSomebody
            ? $"/v1/privacy/requests/{request.Id}/export"
            : null);
}

/// <summary>A page of requests, oldest first.</summary>
internal sealed record PrivacyList(IReadOnlyList<PrivacyView> Requests, string? Next) : Listed;

/// <summary>How many addresses were taken in.</summary>
internal sealed record PersonImported(int Addresses);
