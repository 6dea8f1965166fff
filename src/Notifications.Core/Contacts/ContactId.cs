using System.Buffers;

namespace Notifications.Contacts;

/// <summary>The names of contacts, which their owner gives them.</summary>
public static class ContactId
{
    private static readonly SearchValues<char> Characters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>What a text must be to be one.</summary>
    public const string Rule = "must have 1 to 64 letters, digits, dots, underscores and hyphens, and not be . or ..";

    /// <summary>
    /// Whether a text can be one. A path that ends with <c>.</c> or <c>..</c> leads elsewhere (RFC 3986 section 5.2.4): nobody could read
    /// or erase what has that name.
    /// </summary>
    public static bool IsValid(string text) => text is not ("." or "..") && MayStand(text);

    /// <summary>
    /// Whether a contact may have it: earlier versions took <c>.</c> and <c>..</c> too, and where an id stands in a body or a form, its
    /// owner can still be found by it.
    /// </summary>
    public static bool MayStand(string text) => text.Length is >= 1 and <= 64 && !text.AsSpan().ContainsAnyExcept(Characters);
}
