namespace Notifications.Sms;

/// <summary>
/// Patterns of words, looked for in a text from its beginning; of those that fit at the same word the first listed counts. Matching is
/// linear in the length of the text, whatever it holds, and nothing has to be compiled for it.
/// </summary>
/// <param name="patterns">Each a row of words, null for a gap.</param>
/// <param name="gap">How many words a gap passes over at most; never the end of a clause.</param>
internal sealed class Phrases(Phrases.Word?[][] patterns, int gap)
{
    private const string Gone = "~";
    // The words that any begins with: most words of a text are none.
    private readonly Word _first = new(
        [.. patterns.SelectMany(p => p[0]!.Whole)], [.. patterns.SelectMany(p => p[0]!.Beginnings).Distinct()]);

    /// <summary>A word as one of several, or by how it begins.</summary>
    internal sealed record Word(HashSet<string> Whole, string[] Beginnings)
    {
        public bool Is(string word) =>
            Whole.Contains(word) || Array.Exists(Beginnings, b => word.StartsWith(b, StringComparison.Ordinal));
    }

    /// <summary>
    /// Patterns of words between spaces: <c>a|b</c> either, <c>word*</c> any ending, <c>...</c> up to four words between.
    /// </summary>
    public static Phrases OfWords(IEnumerable<string> patterns) =>
        new([.. patterns.Select(p => SmsText.Fold(p).Split(' ').Select(w => w == "..." ? null : WordOf(w.Split('|'))).ToArray())], gap: 4);

    /// <summary>Patterns of characters in a row, <c>...</c> up to six between.</summary>
    public static Phrases OfRuns(IEnumerable<string> patterns) =>
        new(
            [
                .. patterns.Select(
                    p => p.Replace("...", Gone, StringComparison.Ordinal).EnumerateRunes()
                        .Select(r => r.ToString() is var one && one == Gone ? null : WordOf([one]))
                        .ToArray()),
            ],
            gap: 6);

    /// <summary>How many characters of the text the first pattern in it fits; 0 where none does.</summary>
    public int Find(string[] text)
    {
        for (var at = 0; at < text.Length; at++)
            if (End(text, at) is var end && end > at) return text[at..end].Sum(w => w.Length);
        return 0;
    }

    /// <summary>The text with a mark in place of each that fits, which no pattern passes over.</summary>
    public string[] TakeOut(string[] text)
    {
        var left = new List<string>(text.Length);
        for (var at = 0; at < text.Length;)
        {
            var end = End(text, at);
            left.Add(end > at ? Gone : text[at]);
            at = Math.Max(end, at + 1);
        }

        return [.. left];
    }

    private int End(string[] text, int at)
    {
        if (!_first.Is(text[at])) return at;
        foreach (var pattern in patterns)
            if (End(text, at, pattern) is var end && end > at) return end;
        return at;
    }

    private int End(string[] text, int at, ReadOnlySpan<Word?> pattern)
    {
        for (; pattern is [{ } word, ..]; pattern = pattern[1..], at++)
            if (at >= text.Length || !word.Is(text[at])) return -1;
        if (pattern.IsEmpty) return at;
        var most = at;
        while (most < text.Length && most - at < gap && text[most] is not (SmsText.ClauseEnd or SmsText.Question or Gone)) most++;
        for (; most >= at; most--)
            if (End(text, most, pattern[1..]) is >= 0 and var end) return end;
        return -1;
    }

    private static Word WordOf(string[] either) =>
        new(
            [.. either.Where(w => w[^1] != '*')],
            [.. either.Where(w => w[^1] == '*').Select(w => w[..^1])]);
}
