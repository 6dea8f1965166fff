using Notifications.Addresses;

namespace Notifications.Unsubscribe;

/// <summary>What a link may be used for. A token of one purpose is refused at another (R60).</summary>
public enum LinkPurpose
{
    /// <summary><c>/u/</c>: stop.</summary>
    Unsubscribe = 1,

    /// <summary><c>/p/</c>: see and change preferences.</summary>
    Preferences = 2,

    /// <summary><c>/c/</c>: confirm an opt-in.</summary>
    Confirm = 3,
}

/// <summary>
/// What a link says: whose address (by key), of which channel, about which topic or package, and from which message. Everything needed to
/// act is in it (R3), and nothing that names a person (P7).
/// </summary>
public sealed record LinkToken(LinkPurpose Purpose, AddressKey Address, Channel Channel)
{
    /// <summary>The topic's key, or null.</summary>
    public string? Topic { get; init; }

    /// <summary>The tracking number, or null; the topic is then package updates.</summary>
    public string? TrackingNumber { get; init; }

    /// <summary>The suffix of the message that carried the link, or null.</summary>
    public string? Message { get; init; }
}
