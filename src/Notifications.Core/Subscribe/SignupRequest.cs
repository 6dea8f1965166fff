using Notifications.Addresses;

namespace Notifications.Subscribe;

/// <summary>What was entered on the sign-up form for one address, as it waits on the queue. Nothing of it is proven.</summary>
public sealed record SignupRequest(Channel Channel, string Address, string Locale, string Evidence)
{
    /// <summary>The type of the event that carries it. It is ours alone: no webhook takes it.</summary>
    public const string EventType = "Notifications.SignedUp";

    /// <summary>The policy version that the form stood under, or null.</summary>
    public string? PolicyVersion { get; init; }

    /// <summary>The topics that were ticked.</summary>
    public SignupTopic[] Topics { get; init; } = [];

    /// <summary>The package to follow, or null.</summary>
    public SignupPackage? Package { get; init; }
}

/// <summary>A topic, and the exact words beside its box.</summary>
public sealed record SignupTopic(string Key, string Wording);

/// <summary>A package, the exact words beside its box, and whether once a day is enough.</summary>
public sealed record SignupPackage(string Number, string Wording, bool Daily);
