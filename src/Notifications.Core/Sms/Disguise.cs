using System.Text;

namespace Notifications.Sms;

/// <summary>
/// Words as they are meant that are written otherwise (R41): drawn out (stoooop), with digits for letters or between words (st0p,
/// STOP2END), in letters of two scripts (CTOП). No word that people use is written so, and no tracking number looks like one.
/// </summary>
internal static class Disguise
{
    // Letters of Cyrillic and Greek, each above the Latin one that it looks like, or sounds like where it looks like none.
    private const string Others = "АВСЕНІЈКМОРЅТХУПИАΒΕΗΙΚΜΝΟΡΤΧΥΠ", AsLatin = "ABCEHIJKMOPSTXYPIABEHIKMNOPTXYP";
    private const string Latin = "ABCEHKMOPTXY", AsCyrillic = "АВСЕНКМОПТХУ";
    private const string Digits = "01345", AsLetters = "OIEAS";

    /// <summary>The text without what draws its words out, a letter three times or more; null where nothing does.</summary>
    public static string? Shortened(string text) => Each(text, word => Squeeze(word, 3)) is var left && left != Each(text) ? left : null;

    /// <summary>The texts that it may stand for besides; none where nothing in it is disguised.</summary>
    public static IEnumerable<string> Meanings(string text)
    {
        var plain = Each(text, word => Spelt(Squeeze(word, 3)));
        return new[] { Each(plain, word => InOne(word, Others, AsLatin)), Each(plain, word => InOne(word, Latin, AsCyrillic)) }
            .Where(meant => meant != Each(text)).Distinct();
    }

    /// <summary>A word in which a letter that stands <paramref name="least"/> times in a row or more stands once.</summary>
    public static string Squeeze(string word, int least)
    {
        var left = new StringBuilder(word.Length);
        for (var (at, end) = (0, 0); at < word.Length; at = end)
        {
            for (end = at; end < word.Length && word[end] == word[at]; end++) { }
            left.Append(word[at], end - at >= least && !char.IsAsciiDigit(word[at]) ? 1 : end - at);
        }

        return left.ToString();
    }

    private static string Each(string text, Func<string, string>? meant = null) =>
        string.Join(' ', SmsText.Pieces(text).Select(p => !SmsText.IsWord(p) ? p : meant?.Invoke(Upper(p)) ?? Upper(p)));

    private static string Upper(string word) => word.ToUpperInvariant();

    private static string Spelt(string word)
    {
        var digits = word.Count(char.IsAsciiDigit);
        if (digits == 0 || digits > word.Length - digits) return word;
        return string.Concat(word.Select(c => !char.IsAsciiDigit(c) ? c : Digits.IndexOf(c) is >= 0 and var at ? AsLetters[at] : ' '));
    }

    private static string InOne(string word, string these, string those) =>
        word.Any(char.IsAsciiLetter) && word.Any(c => c is >= '\u0370' and <= '\u04FF')
            ? string.Concat(word.Select(c => these.IndexOf(c) is >= 0 and var at ? those[at] : c))
            : word;
}
