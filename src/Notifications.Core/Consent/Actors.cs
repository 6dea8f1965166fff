namespace Notifications.Consent;

/// <summary>Who acted, where that is neither a key nor an operator. What an entry counts as can depend on it.</summary>
public static class Actors
{
    /// <summary>The person, on a page, by a link or by a text from the phone.</summary>
    public const string Person = "person";

    /// <summary>A provider, in a report.</summary>
    public const string Provider = "provider";

    /// <summary>What the product does by itself begins so: <c>product:retention</c>. A key acts as <c>service:NAME</c>, an agent as
    /// <c>agent:NAME</c>, so neither can be taken for it, whatever their names.</summary>
    public const string Itself = "product:";
}
