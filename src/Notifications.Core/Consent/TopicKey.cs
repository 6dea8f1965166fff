namespace Notifications.Consent;

/// <summary>The name of a topic: 1 to 32 lower-case letters, digits and single hyphens.</summary>
public static class TopicKey
{
    /// <summary>Package events, transactional.</summary>
    public const string PackageUpdates = "package-updates";

    /// <summary>Service promotions, marketing.</summary>
    public const string Promotions = "promotions";

    /// <summary>The newsletter, marketing.</summary>
    public const string Newsletter = "newsletter";

    /// <summary>Whether a text can name a topic.</summary>
    public static bool IsValid(string? text)
    {
        if (text is null || text.Length is 0 or > 32 || text[0] == '-' || text[^1] == '-' || text.Contains("--", StringComparison.Ordinal))
            return false;
        foreach (var c in text)
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-') return false;
        return true;
    }
}
