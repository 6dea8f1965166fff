using System.Globalization;
using System.Text;

namespace Notifications.Addresses;

/// <summary>
/// A number as people write it: digits of any script, and what stands between them. A letter is none of it: passed over, or taken for a key
/// of the dial, it would make the text another's number.
/// </summary>
public static class PhoneText
{
    // More than E.164 has, for the 00 before a country and the zero of its trunk behind that.
    private const int MostDigits = 20;

    // Beside blanks and whatever Unicode calls a dash; the last two are a minus sign and the long vowel that stands for a dash in Japanese.
    private const string Between = "()[]./（）［］．／−ー";

    // What turns a line round: it shows another number than it holds.
    private const char RightToLeftOverride = '\u202E';

    private const string Uri = "tel:";

    /// <summary>
    /// The plus sign and the digits of a text, 00 before its country as the plus that it stands for; null where the text has anything that
    /// no number has, or begins as none of another country's does.
    /// </summary>
    internal static string? Read(string text)
    {
        Span<char> dialled = stackalloc char[MostDigits + 1];
        var (length, plus) = (0, false);
        foreach (var rune in Bare(text).EnumerateRunes())
        {
            if (IsBetween(rune)) continue;
            if (IsPlus(rune) && length == 0) plus = true;
            else if (Rune.IsDigit(rune) && length < MostDigits) dialled[++length] = (char)('0' + (int)Rune.GetNumericValue(rune));
            else return null;
        }

        dialled[0] = '+';
        var number = dialled[..(length + 1)];
        // As it is dialled in most countries; no national number begins so.
        return plus ? new(number) : number is ['+', '0', '0', .. var rest] ? string.Concat("+", rest) : null;
    }

    /// <summary>The first letter that stands among the digits of a text; null where it has none, or no digits.</summary>
    public static string? LetterOf(string text)
    {
        string? letter = null;
        var digits = false;
        foreach (var rune in Bare(text).EnumerateRunes())
        {
            digits |= Rune.IsDigit(rune);
            if (letter is null && Rune.IsLetter(rune) && !IsBetween(rune)) letter = rune.ToString();
        }

        return digits ? letter : null;
    }

    /// <summary>Whether a text begins as numbers do.</summary>
    public static bool Begins(string text)
    {
        foreach (var rune in Bare(text).EnumerateRunes())
            if (!IsBetween(rune)) return IsPlus(rune) || Rune.IsDigit(rune);
        return false;
    }

    private static ReadOnlySpan<char> Bare(string text)
    {
        var bare = text.AsSpan().Trim();
        return bare.StartsWith(Uri, StringComparison.OrdinalIgnoreCase) ? bare[Uri.Length..] : bare;
    }

    private static bool IsPlus(Rune rune) => rune.Value is '+' or '＋';

    // Marks of direction and of no width come along where a number is copied out of a text.
    private static bool IsBetween(Rune rune) =>
        Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.SpaceSeparator or UnicodeCategory.DashPunctuation => true,
            UnicodeCategory.Format => rune.Value != RightToLeftOverride,
            _ => rune.Value == '\t' || (rune.IsBmp && Between.Contains((char)rune.Value)),
        };
}
