using Notifications.Addresses;
using Notifications.Consent;

namespace Notifications.Tests.Consent;

/// <summary>What the tests of transitions begin with.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Now = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    public static readonly TopicCatalog Topics = new();
    public static readonly Topic Newsletter = Topics.Find(TopicKey.Newsletter)!;
    public static readonly AddressState Blank = new() { Channel = Channel.Email, Value = "ana@example.com" };
}
