using Notifications.Sending;

namespace Notifications;

/// <summary>What can be used and is probably not meant: every host says it at its start.</summary>
public static class StartWarnings
{
    /// <summary>One sentence for each, with the remedy.</summary>
    public static IEnumerable<string> Of(NotificationsOptions settings)
    {
        if (settings.Sender.PostalAddress == new SenderOptions().PostalAddress)
            yield return "The postal address is a placeholder, and marketing mail must carry a real one: set Notifications__Sender__PostalAddress.";
        if (settings.Sending.PolicyVersion is null)
            yield return "Consents given on the pages carry no policy version: set Notifications__Sending__PolicyVersion to the one that is published.";
        if (settings.Sending.Hold)
            yield return "Nothing is sent: Notifications__Sending__Hold holds every hand-off. Messages wait until it is false.";
    }
}
