namespace Notifications.Security;

/// <summary>
/// A setting with what others must carry: a secret of at least 16 characters or, so that it can be changed without a gap, two of them with
/// white space between: the one in use, and the one that some still carry.
/// </summary>
public static class SharedSecret
{
    /// <summary>What the setting must be, as it is told where it cannot be used.</summary>
    public const string Rule = "a secret of at least 16 characters without a space, or the new one, a space and the one before";

    /// <summary>Each secret of the setting, the one in use first; none where it is not set.</summary>
    public static string[] Each(string? setting) => setting?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>Whether the setting can be used; one that is not set can.</summary>
    public static bool IsValid(string? setting) =>
        setting is null || (Each(setting) is { Length: 1 or 2 } secrets && Array.TrueForAll(secrets, s => s.Length >= 16));
}
