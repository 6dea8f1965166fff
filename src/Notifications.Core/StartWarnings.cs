using Notifications.Sending;

namespace Notifications;

/// <summary>What can be used and is probably not meant: every host says it at its start.</summary>
public static class StartWarnings
{
    /// <summary>
    /// One sentence for each, with the remedy. <paramref name="proxiesIgnored"/>: the host was told of proxies, and does not go by it.
    /// </summary>
    public static IEnumerable<string> Of(NotificationsOptions settings, bool proxiesIgnored = false)
    {
        if (proxiesIgnored)
            yield return "Notifications__TrustedProxies does nothing on Azure, and is to be removed. Where Front Door stands before the app, set Notifications__FrontDoorId to its profile's id; any other proxy there is not seen through.";
        if (settings.Sender.PostalAddress == new SenderOptions().PostalAddress)
            yield return "The postal address is a placeholder, and marketing mail must carry a real one: set Notifications__Sender__PostalAddress.";
        if (settings.Sender.Contact == new SenderOptions().Contact)
            yield return "Where people reach a human is a placeholder, and answers to HELP and pages name it: set Notifications__Sender__Contact.";
        if (settings.Sending.NamedPolicyVersion is null)
            yield return "Consents given on the pages carry the policy version 1, as nobody has named another: set Notifications__Sending__PolicyVersion to the one that is published.";
        if (settings.Sending.Hold)
            yield return "Nothing is sent: Notifications__Sending__Hold holds every hand-off. Messages wait until it is false.";
    }
}
