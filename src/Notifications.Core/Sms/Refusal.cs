namespace Notifications.Sms;

/// <summary>
/// A "no" that is the whole text, in any of the languages (<c>no</c> in <c>keywords.json</c>), said once or several times: "no", "nein,
/// nein". What it refuses, only what came before it tells.
/// </summary>
internal static class Refusal
{
    // Without accents: a phone that writes none sends NAO for NÃO.
    private static readonly HashSet<string> Words = [.. SmsData.Keywords("no").Select(k => SmsText.Key(k.Entry))];

    /// <summary>Whether it is one. A sign beside it changes nothing; any other word, or a question, makes it another text.</summary>
    /// <param name="bare">A text without courtesies.</param>
    public static bool Is(string bare)
    {
        var pieces = SmsText.Pieces(bare);
        return !pieces.Contains(SmsText.Question)
            && pieces.Exists(SmsText.IsWord)
            && pieces.TrueForAll(piece => !SmsText.IsWord(piece) || Words.Contains(SmsText.Key(piece)));
    }
}
