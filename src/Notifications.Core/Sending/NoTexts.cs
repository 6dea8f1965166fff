namespace Notifications.Sending;

/// <summary>
/// Stands for the way out for texts where there is none, as beside SMTP: what cannot leave is not said to be sent.
/// </summary>
public sealed class NoTexts : ISmsSender
{
    /// <inheritdoc/>
    public bool Deduplicates => true;

    /// <inheritdoc/>
    public ValueTask<HandOff> SendAsync(OutgoingSms sms, CancellationToken cancel) =>
        ValueTask.FromResult(HandOff.Rejected("This host has no way out for texts."));
}
