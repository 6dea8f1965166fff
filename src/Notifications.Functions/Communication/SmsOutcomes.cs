using Notifications.Events;
using static Notifications.Sending.HandOffResult;

namespace Notifications.Functions.Communication;

/// <summary>
/// What Communication Services answer to a text: to the request, and to each recipient in it with the same statuses. Of a recipient a 400
/// is the number's fault, of the request it is ours. Wrong set-up is <see cref="Unavailable"/>: the message waits, an operator is told, and
/// it is replayed when it is put right (R18). Repetitions carry the message's own id, so what may have been taken is offered again. What
/// becomes of the text afterwards (4000 to 5002, among them 4007: opted out) comes as an event.
/// </summary>
internal static class SmsOutcomes
{
    /// <summary>Stands for the provider's code where the status is the recipient's own.</summary>
    public const string Recipient = "recipient";

    public static readonly OutcomeTable Table = new(
        TimeSpan.FromSeconds(10),
        new(200, null, Accepted, false, "Taken."),
        new(202, null, Accepted, false, "Taken."),
        new(400, Recipient, Rejected, false, "The number is not valid."),
        new(400, null, Unavailable, true, "The provider does not accept the request, for a reason not known here: probably ours.",
            SmsReports.Ours),
        new(401, null, Unavailable, true,
            "Not signed in, or not allowed to send from this number: check the app's role and the number, then replay.", SmsReports.Ours),
        new(403, null, Unavailable, true, "Forbidden: check the app's role and the number's programme, then replay.", SmsReports.Ours),
        new(404, null, Unavailable, true, "No such resource or sender number: check the endpoint and the number, then replay.",
            SmsReports.Ours),
        new(408, null, Unknown, true, "The provider stopped waiting."),
        new(409, null, Unknown, true, "The first request with this id is still being worked on."),
        new(412, null, Unknown, true, "The provider does not accept the repetition; the first request may have been taken."),
        new(429, null, Throttled, true, "Above the number's rate."),
        new(4, null, Rejected, false, "The provider does not accept the request."),
        new(503, null, Unavailable, true, "The provider is not there; it takes nothing."),
        new(5, null, Unknown, true, "The provider failed; it may have taken the text."));
}
