using Notifications.Consent;

namespace Notifications.Tests.Templates;

/// <summary>A topic of each kind to write templates for.</summary>
internal static class SomeTopics
{
    public static readonly Topic News = new() { Key = TopicKey.Newsletter, Name = "Newsletter" };
    public static readonly Topic Parcels = new()
    {
        Key = TopicKey.PackageUpdates,
        Name = "Package updates",
        Kind = TopicKind.Transactional,
    };
}
