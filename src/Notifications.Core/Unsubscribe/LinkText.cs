using System.Globalization;
using System.Text;

namespace Notifications.Unsubscribe;

/// <summary>
/// Takes off a link's token what mail programs, phones and people leave around it or in it: a full stop, a bracket, a blank, the break of a
/// line, quoted-printable (RFC 2045 section 6.7). None of that is a character of a token, and whether what is left is one only its MAC says
/// (R12).
/// </summary>
public static class LinkText
{
    // Longer than any token, with a break in each of its lines.
    private const int MostLength = 1_000;

    private static readonly string[] Escapes = ["3D", "20", "0D", "0A"];

    /// <summary>
    /// What may be the token in a text: first what stands together, then all of it up to what ends a link, without the breaks in it. None
    /// where the text is too long to hold one.
    /// </summary>
    public static IEnumerable<string> Bare(string text)
    {
        if (text.Length > MostLength) yield break;
        var begin = 0;
        while (begin < text.Length && !IsToken(text[begin])) begin += Escaped(text, begin);
        var end = begin;
        while (end < text.Length && IsToken(text[end])) end++;
        if (end == begin) yield break;
        yield return text[begin..end];

        var joined = new StringBuilder(text, begin, end - begin, MostLength);
        for (var at = end; at < text.Length && (IsToken(text[at]) || IsBreak(text[at]));)
        {
            if (IsToken(text[at])) joined.Append(text[at++]);
            else at += Escaped(text, at);
        }

        if (joined.Length > end - begin) yield return joined.ToString();
    }

    /// <summary>How many characters what stands here takes: an equals sign may begin an escape.</summary>
    private static int Escaped(string text, int at) =>
        text[at] == '='
            && Array.Exists(Escapes, e => text.AsSpan(at + 1).StartsWith(e, StringComparison.OrdinalIgnoreCase))
            ? 3
            : 1;

    private static bool IsToken(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';

    private static bool IsBreak(char c) =>
        c == '=' || char.IsWhiteSpace(c) || char.IsControl(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format;
}
