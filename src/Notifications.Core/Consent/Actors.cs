namespace Notifications.Consent;

/// <summary>Who acted, where that is neither a key nor an operator. What an entry counts as can depend on it.</summary>
public static class Actors
{
    /// <summary>The person, on a page, by a link or by a text from the phone.</summary>
    public const string Person = "person";

    /// <summary>A provider, in a report.</summary>
    public const string Provider = "provider";

    private static readonly string[] OurNames = ["campaigns", "other-form", "retention", "settings"];

    /// <summary>Whether a program's name is one under which the product itself acts, and which no key may have.</summary>
    public static bool IsOurs(string name) => Array.IndexOf(OurNames, name) >= 0;
}
