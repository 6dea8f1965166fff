namespace Notifications.Access;

/// <summary>What an API key may do (DESIGN section 7).</summary>
public static class Scope
{
    /// <summary>Queue and read messages, packages.</summary>
    public const string Send = "send";

    /// <summary>Consents, preferences, contacts, suppressions, imports.</summary>
    public const string Contacts = "contacts";

    /// <summary>Campaigns and templates.</summary>
    public const string Campaigns = "campaigns";

    /// <summary>Ledgers and rights requests.</summary>
    public const string Privacy = "privacy";

    /// <summary>Keys, audit, review, dead letters.</summary>
    public const string Admin = "admin";

    /// <summary>Every scope.</summary>
    public static readonly string[] All = [Send, Contacts, Campaigns, Privacy, Admin];
}
