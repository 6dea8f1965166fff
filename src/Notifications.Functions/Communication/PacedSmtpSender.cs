using Notifications.Sending;
using Notifications.Smtp;

namespace Notifications.Functions.Communication;

/// <summary>
/// Mail over SMTP, begun at the pace that was set. A "later" of the server slows nothing down: as a rule it is about one mailbox.
/// </summary>
internal sealed class PacedSmtpSender(SmtpSender server, AdaptiveQuota quota) : IEmailSender, IDisposable
{
    /// <inheritdoc/>
    public bool Deduplicates => server.Deduplicates;

    /// <inheritdoc/>
    public int AtOnce => Math.Min(server.AtOnce, quota.AtOnce);

    /// <inheritdoc/>
    public int PerMinute => quota.PerMinute;

    /// <inheritdoc/>
    public ValueTask<HandOff?> ReadyAsync(CancellationToken cancel) => quota.ReadyAsync(cancel);

    /// <inheritdoc/>
    public ValueTask<HandOff> SendAsync(OutgoingEmail email, CancellationToken cancel) => server.SendAsync(email, cancel);

    /// <inheritdoc/>
    public void Dispose() => server.Dispose();
}
