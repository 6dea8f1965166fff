namespace Notifications.Sms;

/// <summary>
/// What people write beside a keyword and that changes nothing of it: greetings, please, thanks, now (<c>polite</c> in
/// <c>keywords.json</c>), in any of the languages, for people write STOP beside their own.
/// </summary>
internal static class Courtesy
{
    private const int LongestPhrase = 4;
    private static readonly Dictionary<string, SmsReading> Words = new(StringComparer.Ordinal);

    // Of languages without spaces, the longest first.
    private static readonly (string Text, string? Language)[] Runs = Load();

    /// <summary>
    /// The words and signs of a text without those of courtesy, and the language of the first of these that is of one alone. What it asks
    /// stays a question.
    /// </summary>
    public static (string Bare, string? Language) Without(string text)
    {
        var pieces = SmsText.Pieces(text).FindAll(p => p != SmsText.ClauseEnd);
        var (left, language) = (new List<string>(), (string?)null);
        while (pieces.Count > 0)
        {
            var polite = pieces.Take(LongestPhrase).TakeWhile(SmsText.IsWord).Count();
            for (; polite > 0 && !Words.ContainsKey(SmsText.Key(string.Concat(pieces.Take(polite)))); polite--) { }
            if (polite == 0) left.Add(Trim(pieces[0], ref language));
            else language ??= Words[SmsText.Key(string.Concat(pieces.Take(polite)))].Language;
            pieces.RemoveRange(0, Math.Max(polite, 1));
        }

        return (string.Join(' ', left.Where(p => p.Length > 0)), language);
    }

    private static string Trim(string piece, ref string? language)
    {
        foreach (var (run, its) in Runs)
        {
            var all = piece.Length;
            if (piece.StartsWith(run, StringComparison.Ordinal)) piece = piece[run.Length..];
            if (piece.EndsWith(run, StringComparison.Ordinal)) piece = piece[..^run.Length];
            if (piece.Length < all) language ??= its;
        }

        return piece;
    }

    private static (string Text, string? Language)[] Load()
    {
        var runs = new Dictionary<string, SmsReading>(StringComparer.Ordinal);
        foreach (var (language, spaced, entry) in SmsData.Keywords("polite"))
            SmsKeyword.Add(spaced ? Words : runs, spaced ? SmsText.Key(entry) : entry, SmsIntent.None, language);
        return [.. runs.OrderByDescending(r => r.Key.Length).Select(r => (r.Key, r.Value.Language))];
    }
}
