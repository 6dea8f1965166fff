using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Notifications.Sms;

/// <summary>
/// Tells from ordinary words whether a person takes consent back (R41). Three steps, the same answer for the same text for ever: phrases of
/// <c>revocation.json</c> that only look like it ("don't stop", "bus stop") are taken out; if a plea is left ("take me off your list"), it
/// is a revocation; if only a word is left that pleas are made of ("stop", "cancel"), or a plea went out with a phrase ("no texts about my
/// parcel"), it is unsure and a person reads it; else it is not.
/// </summary>
/// <remarks>
/// A pattern is words: <c>a|b</c> either, <c>word*</c> any ending, <c>...</c> up to four words between, <c>.</c> the end of a clause.
/// Chinese, Japanese and Korean patterns are runs of characters, <c>...</c> up to six between. Matching is linear in the length of the
/// text, whatever it holds.
/// </remarks>
public static class Revocation
{
    private static readonly HashSet<string> Runs = ["ja", "ko", "zh"];
    private static readonly Lists Table = Load();

    // Characters that only the one script has, among those the patterns hold.
    private static readonly SearchValues<char> Traditional = SearchValues.Create("發請傳簡訊閱刪從單號碼訂煩騷擾給");
    private static readonly SearchValues<char> Simplified = SearchValues.Create("发请传简讯阅删从单号码订烦骚扰给");

    /// <summary>Stop, unsure or none.</summary>
    public static SmsReading Read(string text)
    {
        var (allWords, allRun) = (SmsText.Words(text), SmsText.Run(text));
        var (words, run) = (Table.NotWords.Replace(allWords, " ~ "), Table.NotRun.Replace(allRun, "~"));
        if (Plea(words, run, out var said)) return new SmsReading(SmsIntent.Stop, said == "zh" ? Chinese(text) : said);
        return Table.HintWords.IsMatch(words) || Table.HintRun.IsMatch(run) || Plea(allWords, allRun, out _)
            ? new SmsReading(SmsIntent.Unsure)
            : default;
    }

    // The language of the longest plea, null where several have it: "basta" is of two, "basta messaggi" of one.
    private static bool Plea(string words, string run, out string? said)
    {
        (said, var longest) = (null, 0);
        foreach (var (language, plea) in Table.Revoke)
            if (plea.Match(Runs.Contains(language) ? run : words) is { Success: true } match && match.Length >= longest)
                (said, longest) = (match.Length == longest ? null : language, match.Length);
        return longest > 0;
    }

    private static string Chinese(string text) =>
        text.AsSpan().ContainsAny(Traditional) ? "zh-Hant" : text.AsSpan().ContainsAny(Simplified) ? "zh-Hans" : "zh";

    private static Lists Load()
    {
        using var file = SmsData.Open("revocation");
        var revoke = new List<(string, Regex)>();
        List<string> notWords = [], notRun = [], hintWords = [], hintRun = [];
        foreach (var language in file.RootElement.EnumerateObject())
        {
            var runs = Runs.Contains(language.Name);
            revoke.Add((language.Name, Build(Patterns(language, "revoke", runs))));
            (runs ? notRun : notWords).AddRange(Patterns(language, "not", runs));
            (runs ? hintRun : hintWords).AddRange(Patterns(language, "hint", runs));
        }

        return new Lists(revoke, Build(notWords), Build(notRun), Build(hintWords), Build(hintRun));
    }

    private static List<string> Patterns(JsonProperty language, string kind, bool runs) =>
        language.Value.GetProperty(kind).EnumerateArray().Select(p => runs ? OfRun(p.GetString()!) : OfWords(p.GetString()!)).ToList();

    private static string OfRun(string pattern) => string.Join(".{0,6}", pattern.Split("...").Select(Regex.Escape));

    private static string OfWords(string pattern)
    {
        var built = new StringBuilder();
        foreach (var token in SmsText.Fold(pattern).Split(' '))
        {
            if (token == "...") built.Append("(?: [^ .?~]+ ){0,4}");
            else built.Append(" (?:")
                .AppendJoin('|', token.Split('|').Select(w => Regex.Escape(w).Replace("\\*", "[^ ]*", StringComparison.Ordinal)))
                .Append(") ");
        }

        return built.ToString();
    }

    private static Regex Build(List<string> patterns) => new(string.Join('|', patterns), RegexOptions.NonBacktracking);

    private sealed record Lists(List<(string Language, Regex Plea)> Revoke, Regex NotWords, Regex NotRun, Regex HintWords, Regex HintRun);
}
