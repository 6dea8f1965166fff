using System.Buffers;

namespace Notifications.Contacts;

/// <summary>The names of contacts, which their owner gives them.</summary>
public static class ContactId
{
    private static readonly SearchValues<char> Characters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>Whether a text can be one: 1 to 64 letters, digits, dots, underscores and hyphens.</summary>
    public static bool IsValid(string text) => text.Length is >= 1 and <= 64 && !text.AsSpan().ContainsAnyExcept(Characters);
}
