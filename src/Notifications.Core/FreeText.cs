using System.Diagnostics.CodeAnalysis;

namespace Notifications;

/// <summary>What may stand in a text that people write.</summary>
public static class FreeText
{
    /// <summary>Whether there are control characters in it other than tabs and ends of lines.</summary>
    public static bool HasControls(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
            if (char.IsControl(c) && c is not ('\t' or '\r' or '\n')) return true;
        return false;
    }

    /// <summary>The beginning of it, at most <paramref name="max"/> characters (1 or more); no surrogate pair is cut in two.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Cut(string? text, int max) =>
        text is null || text.Length <= max ? text : text[..(char.IsHighSurrogate(text[max - 1]) ? max - 1 : max)];
}
