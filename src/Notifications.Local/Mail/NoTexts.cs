using Notifications.Sending;

namespace Notifications.Local.Mail;

/// <summary>
/// Stands for the way out for texts on a host that sends real mail: it has none, and what cannot leave is not said to be sent.
/// </summary>
internal sealed class NoTexts : ISmsSender
{
    public bool Deduplicates => true;

    public ValueTask<HandOff> SendAsync(OutgoingSms sms, CancellationToken cancel) =>
        ValueTask.FromResult(HandOff.Rejected("This host has no way out for texts."));
}
