using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Sms;

namespace Notifications.Events;

/// <summary>
/// What says that a person opened or clicked something. The record keeps the day only, and is written at most once a day: segments ask for no more. Our own mail is
/// sent with the provider's tracking off, so this comes from elsewhere, or from a resource where somebody switched it on.
/// </summary>
public sealed class EngagementReports(AddressBook book, KeyRing ring, TimeProvider time)
{
    /// <summary>The provider's event: <c>engagementType</c> is <c>view</c> or <c>click</c>. Its documented form names no recipient; without one nothing can be known of anybody, and nothing changes.</summary>
    public const string EmailReport = "Microsoft.Communication.EmailEngagementTrackingReportReceived";

    /// <summary>Our own event, from other trackers: <c>{"recipient", "at"?}</c>.</summary>
    public const string Engagement = "Notifications.Engagement";

    /// <summary>Whether an event is an engagement report.</summary>
    public static bool Reads(string type) => type is EmailReport or Engagement;

    /// <summary>Handles one report. An address nothing is recorded of stays unknown; one that is erased or restricted is left alone (R34, R35).</summary>
    public async ValueTask<WorkOutcome> HandleAsync(InboundEvent happening, CancellationToken cancel)
    {
        var recipient = happening.Data.Text("recipient").Trim();
        if (!Address.TryParse(recipient.StartsWith('+') ? Channel.Sms : Channel.Email, recipient, out var address, out _)) return WorkOutcome.Done;
        var at = happening.Data.Moment("userActionTimeStamp") ?? happening.Data.Moment("at") ?? happening.At;
        var now = time.UtcNowMs();
        var day = new DateTimeOffset((at > now ? now : at).UtcDateTime.Date, TimeSpan.Zero);
        await book.ChangeAsync(ring.KeyOf(address), null, (state, _) =>
            state.EngagedAt >= day || state.RestrictedSince is not null || state.Contact is ContactStatus.Erased or ContactStatus.Restricted || state.Suppression?.Reason == SuppressionReason.Erased
                ? new Change(state, [])
                : new Change(state with { EngagedAt = day }, []), null, cancel);
        return WorkOutcome.Done;
    }
}
