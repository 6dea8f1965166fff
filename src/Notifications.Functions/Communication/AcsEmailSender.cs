using Azure;
using Azure.Communication.Email;
using Notifications.Sending;

namespace Notifications.Functions.Communication;

/// <summary>
/// Email through Azure Communication Services. It is handed off, not waited for: what becomes of it comes as an event whose message id is
/// the operation id.
/// </summary>
internal sealed class AcsEmailSender(EmailClient client, AdaptiveQuota quota, TimeProvider time) : IEmailSender
{
    /// <summary>
    /// The operation id names the operation. That the service takes a second request with it for the first is documented in general
    /// (learn.microsoft.com/rest/api/communication/repeatable-requests) and untried here, so nothing relies on it.
    /// </summary>
    public bool Deduplicates => false;

    /// <inheritdoc/>
    public int AtOnce => quota.AtOnce;

    /// <inheritdoc/>
    public int PerMinute => quota.PerMinute;

    /// <inheritdoc/>
    public ValueTask<HandOff?> ReadyAsync(CancellationToken cancel) => quota.ReadyAsync(cancel);

    /// <inheritdoc/>
    public async ValueTask<HandOff> SendAsync(OutgoingEmail email, CancellationToken cancel)
    {
        try
        {
            var operation = await client.SendAsync(WaitUntil.Started, Message(email), email.Id.OperationId, cancel);
            return HandOff.Accepted(operation.Id);
        }
        catch (Exception failure)
            when (!cancel.IsCancellationRequested && Failures.Classify(failure, EmailOutcomes.Table, time) is { } outcome)
        {
            return outcome;
        }
    }

    // The service takes a bare sender address: the display name belongs to the sender's resource. Links are not rewritten and opens not
    // counted behind people's backs.
    private static EmailMessage Message(OutgoingEmail email)
    {
        var content = new EmailContent(email.Subject) { Html = email.Html, PlainText = email.Text };
        var message = new EmailMessage(email.From, new EmailRecipients([new EmailAddress(email.To)]), content)
        {
            UserEngagementTrackingDisabled = true,
        };
        foreach (var (name, value) in email.Headers) message.Headers.Add(name, value);
        return message;
    }
}
