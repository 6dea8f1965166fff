using Notifications.Events;
using static Notifications.Sending.HandOffResult;

namespace Notifications.Functions.Communication;

/// <summary>
/// What Communication Services answer to an email. That two requests with one operation id are taken for one is untried here, so whatever
/// may have been taken is <see cref="Unknown"/>: marketing then ends so, and a package update is offered again. Wrong set-up is
/// <see cref="Unavailable"/>: the message waits, and is replayed when it is put right; nobody is suppressed for it (R18).
/// </summary>
internal static class EmailOutcomes
{
    private static readonly Sending.Refusal Ours = EmailReports.Refused("Failed", "", ofRecipient: false);

    public static readonly OutcomeTable Table = new(
        TimeSpan.FromMinutes(1),
        new(202, null, Accepted, false, "Taken."),
        new(400, "EmailDroppedAllRecipientsSuppressed", Rejected, false, "The provider has the address on its own suppression list.",
            EmailReports.Refused("Suppressed", "")),
        new(400, "EmailDropped", Rejected, false, "The provider dropped it."),
        new(400, "InvalidEmailAddress", Rejected, false, "The provider takes the address for none."),
        new(400, "DomainNotLinked", Unavailable, true, "The sender's domain is not linked to the resource: link it, then replay.", Ours),
        new(400, "InvalidSenderUserName", Unavailable, true,
            "The sender's domain has no such sender name: check the From addresses and the domain's stage, then replay.", Ours),
        new(400, "TooManyRequests", Throttled, true, "Above the quota."),
        new(400, null, Unavailable, true, "The provider does not accept the request, for a reason not known here: probably ours.", Ours),
        new(401, null, Unavailable, true, "Not signed in, or denied: check the app's role on the resource, then replay.", Ours),
        new(403, null, Unavailable, true, "Forbidden: check the app's role on the resource, then replay.", Ours),
        new(404, null, Unavailable, true, "No such resource or domain: check the endpoint and the sender's domain, then replay.", Ours),
        new(408, null, Unknown, false, "The provider stopped waiting."),
        new(409, null, Unknown, false, "The operation exists already: an earlier request may have been taken."),
        new(413, null, Rejected, false, "Larger than 10 MB."),
        new(429, null, Throttled, true, "Above the quota."),
        new(4, null, Rejected, false, "The provider does not accept the request."),
        new(503, null, Unavailable, true, "The provider is not there; it takes nothing."),
        new(5, null, Unknown, false, "The provider failed; it may have taken the message."));
}
