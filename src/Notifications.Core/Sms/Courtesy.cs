namespace Notifications.Sms;

/// <summary>
/// What people write beside a keyword and that changes nothing of it, in any of the languages, for people write STOP beside their own.
/// </summary>
internal sealed class Courtesy
{
    private const int LongestPhrase = 4;
    private readonly Dictionary<string, SmsReading> _words = new(StringComparer.Ordinal);

    // Of languages without spaces, the longest first.
    private readonly (string Text, string? Language)[] _runs;

    private Courtesy(params string[] kinds)
    {
        var runs = new Dictionary<string, SmsReading>(StringComparer.Ordinal);
        foreach (var (language, spaced, entry) in kinds.SelectMany(SmsData.Keywords))
            SmsKeyword.Add(spaced ? _words : runs, spaced ? SmsText.Key(entry) : entry, SmsIntent.None, language);
        _runs = [.. runs.OrderByDescending(r => r.Key.Length).Select(r => (r.Key, r.Value.Language))];
    }

    /// <summary>Greetings, please, thanks, now (<c>polite</c> in <c>keywords.json</c>).</summary>
    public static Courtesy Polite { get; } = new("polite");

    /// <summary>The same, and what people are told to do with a keyword: reply, send (<c>told</c>).</summary>
    public static Courtesy Told { get; } = new("polite", "told");

    /// <summary>
    /// The words and signs of a text without those of courtesy, and the language of the first of these that is of one alone. What it asks
    /// stays a question.
    /// </summary>
    public (string Bare, string? Language) Without(string text)
    {
        var pieces = SmsText.Pieces(text).FindAll(p => p != SmsText.ClauseEnd);
        var (left, language) = (new List<string>(), (string?)null);
        while (pieces.Count > 0)
        {
            var polite = pieces.Take(LongestPhrase).TakeWhile(SmsText.IsWord).Count();
            for (; polite > 0 && !_words.ContainsKey(SmsText.Key(string.Concat(pieces.Take(polite)))); polite--) { }
            if (polite == 0) left.Add(Trim(pieces[0], ref language));
            else language ??= _words[SmsText.Key(string.Concat(pieces.Take(polite)))].Language;
            pieces.RemoveRange(0, Math.Max(polite, 1));
        }

        return (string.Join(' ', left.Where(p => p.Length > 0)), language);
    }

    // The longest first each time, until nothing goes: 請回覆STOP has two before it.
    private string Trim(string piece, ref string? language)
    {
        for (var at = 0; at < _runs.Length; at++)
        {
            var (run, its) = _runs[at];
            var left = piece.StartsWith(run, StringComparison.Ordinal) ? piece[run.Length..] : piece;
            if (left.EndsWith(run, StringComparison.Ordinal)) left = left[..^run.Length];
            if (left.Length == piece.Length) continue;
            (piece, at) = (left, -1);
            language ??= its;
        }

        return piece;
    }
}
