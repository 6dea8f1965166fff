namespace Notifications.Addresses;

/// <summary>
/// Words an address is marked with, for segments: lower case, without space around, each once, 1 to 64 characters, at most 50, and none
/// with what parts tags from each other in files.
/// </summary>
public static class Tags
{
    /// <summary>How many tags an address carries at most.</summary>
    public const int Most = 50;

    /// <summary>The longest tag, in characters.</summary>
    public const int Longest = 64;

    /// <summary>What each has to be, in the words of an error.</summary>
    public const string Rule = "of 1 to 64 characters, without commas, semicolons, bars and quotation marks";

    /// <summary>
    /// A tag that somebody gives, in its stored form, or null when it cannot be one. It must come out of an export as it went in, so
    /// nothing that parts tags may stand in it.
    /// </summary>
    public static string? Given(string text) => text.AsSpan().ContainsAny(",;|\"") ? null : Normalise(text);

    /// <summary>One tag in its stored form, or null when it cannot be one.</summary>
    public static string? Normalise(string text)
    {
        var tag = text.Trim().ToLowerInvariant();
        return tag.Length is 0 or > Longest || tag.Any(char.IsControl) ? null : tag;
    }

    /// <summary>Tags that somebody gives, in their stored form and order; null when one cannot be one or there are too many.</summary>
    public static string[]? Normalise(IEnumerable<string> texts)
    {
        var tags = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            if (Given(text) is not { } tag) return null;
            tags.Add(tag);
            if (tags.Count > Most) return null;
        }

        return [.. tags];
    }
}
