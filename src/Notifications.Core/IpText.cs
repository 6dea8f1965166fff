using System.Net;

namespace Notifications;

/// <summary>IP addresses as people and logs write them.</summary>
public static class IpText
{
    /// <summary>Whether a text is one; a bare number, which the parser takes for one, is not.</summary>
    public static bool IsValid(string text) =>
        text.Length <= 45 && IPAddress.TryParse(text, out _) && text.AsSpan().ContainsAny('.', ':');
}
