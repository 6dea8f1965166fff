using System.Globalization;
using System.Text;

namespace Notifications.Sms;

/// <summary>
/// Brings a text to the form that word lists are compared in (R40): compatibility forms folded (full-width letters, ligatures), case folded
/// without a culture, so a server in Turkey reads the same words as one in Texas.
/// </summary>
internal static class SmsText
{
    /// <summary>The end of a clause among words.</summary>
    public const string ClauseEnd = ".";

    /// <summary>A question mark among words.</summary>
    public const string Question = "?";

    /// <summary>Longer texts are read to here: none that a phone sends, in ten parts of 153 characters at most, reaches it.</summary>
    public const int MaxRead = 4_000;

    /// <summary>The beginning of a text, as far as it is read; no character is cut in two.</summary>
    public static string Cut(string text) => FreeText.Cut(text, MaxRead);

    /// <summary>
    /// Letters and digits only, upper case: <c>"Stop!"</c>, <c>ＳＴＯＰ</c> and <c>s t o p</c> are one. A text of signs alone keeps them, so
    /// that a stop sign speaks.
    /// </summary>
    public static string Word(string text)
    {
        var letters = new StringBuilder(text.Length);
        var signs = new StringBuilder();
        foreach (var rune in Compatible(text).EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune)) letters.Append(Upper(rune));
            else if (Rune.GetUnicodeCategory(rune) == UnicodeCategory.OtherSymbol
                && !signs.ToString().Contains(rune.ToString(), StringComparison.Ordinal))
            {
                signs.Append(rune.ToString());
            }
        }

        return letters.Length > 0 ? letters.ToString() : signs.ToString();
    }

    /// <summary>The same without accents.</summary>
    public static string Key(string text) => Fold(Word(text));

    /// <summary>
    /// Without accents: é and e, İ, ı and i, أ and ا are one. Only for languages whose list says so; in Japanese a mark makes another word.
    /// </summary>
    public static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var c in text.Normalize(NormalizationForm.FormD))
        {
            if (CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark) continue;
            folded.Append(
                c switch
                {
                    'ı' => 'i',
                    'İ' => 'I',
                    'ł' => 'l',
                    'Ł' => 'L',
                    'ø' => 'o',
                    'Ø' => 'O',
                    'ى' => 'ي',
                    'ئ' => 'ء',
                    'ـ' => '\0',
                    _ => c,
                });
        }

        return folded.ToString().Normalize(NormalizationForm.FormC).Replace("\0", "", StringComparison.Ordinal);
    }

    /// <summary>
    /// Words for phrase patterns: lower case, unaccented, with <c>.</c> where a clause ends and around the whole, and <c>?</c> for a
    /// question. Apostrophes do not split a word and hyphens do: don't is dont, opt-out is opt out.
    /// </summary>
    public static string[] Words(string text)
    {
        var words = new List<string> { ClauseEnd };
        foreach (var piece in Pieces(text).Append(ClauseEnd))
        {
            var word = IsWord(piece) ? Fold(piece).ToUpperInvariant().ToLowerInvariant() : piece;
            if (IsWord(word) || word == Question || (word == ClauseEnd && words[^1] != ClauseEnd)) words.Add(word);
        }

        return [.. words];
    }

    /// <summary>Whether one of the pieces is a word.</summary>
    public static bool IsWord(string piece) => piece.Length > 0 && Rune.IsLetterOrDigit(Rune.GetRuneAt(piece, 0));

    /// <summary>A text's words as they were written, its signs, and its marks for the end of a clause and for a question.</summary>
    public static List<string> Pieces(string text)
    {
        var pieces = new List<string>();
        var word = new StringBuilder();
        foreach (var rune in Compatible(text).EnumerateRunes())
        {
            var mark = Rune.GetUnicodeCategory(rune) == UnicodeCategory.NonSpacingMark;
            if (Rune.IsLetterOrDigit(rune) || (mark && word.Length > 0)) word.Append(rune.ToString());
            if (Rune.IsLetterOrDigit(rune) || mark || rune.Value is '\'' or '’' or '‘' or '`' or 'ʼ') continue;
            Close();
            if (rune.Value is '?' or '؟') pieces.Add(Question);
            else if (rune.Value is '.' or ',' or '!' or ';' or ':' or '\n' or '،' or '。' or '、') pieces.Add(ClauseEnd);
            else if (Rune.GetUnicodeCategory(rune) == UnicodeCategory.OtherSymbol) pieces.Add(rune.ToString());
        }

        Close();
        return pieces;

        void Close()
        {
            if (word.Length > 0) pieces.Add(word.ToString());
            word.Clear();
        }
    }

    /// <summary>Letters and digits one by one, for languages written without spaces.</summary>
    public static string[] Run(string text) =>
        [.. Compatible(text).EnumerateRunes().Where(Rune.IsLetterOrDigit).Select(r => r.ToString())];

    // Half a surrogate pair would make Normalize throw: it becomes the replacement character first.
    private static string Compatible(string text)
    {
        text = Cut(text);
        var whole = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) whole.Append(rune.ToString());
        return whole.ToString().Normalize(NormalizationForm.FormKC);
    }

    private static string Upper(Rune rune) => rune.Value == 'ı' ? "I" : Rune.ToUpperInvariant(rune).ToString();
}
