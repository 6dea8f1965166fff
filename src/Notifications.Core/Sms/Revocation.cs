using System.Buffers;
using System.Text.Json;

namespace Notifications.Sms;

/// <summary>
/// Tells from ordinary words whether a person takes consent back (R41). Three steps, the same answer for the same text for ever: phrases of
/// <c>revocation.json</c> that only look like it ("don't stop", "bus stop") are taken out; if a plea is left ("take me off your list"), it
/// is a revocation; if only a word is left that pleas are made of ("spam", or a keyword that stops), or a plea went out with a phrase ("no
/// texts about my parcel"), it is unsure and a person reads it; else it is not.
/// </summary>
/// <remarks>
/// A pattern is words: <c>a|b</c> either, <c>word*</c> any ending, <c>...</c> up to four words between, <c>.</c> the end of a clause.
/// Chinese, Japanese and Korean patterns are runs of characters, <c>...</c> up to six between (<see cref="Phrases"/>).
/// </remarks>
public static class Revocation
{
    // Keywords as short as these are everyday words of one language or another (end, alto, sair, dur): in a longer text they mean that.
    private const int ShortWord = 4, ShortText = 4;

    private static readonly HashSet<string> Runs = ["ja", "ko", "zh"];
    private static readonly Lists Table = Load();

    // Characters that only the one script has: all such in the patterns, and what is common beside them.
    private static readonly SearchValues<char> Traditional = SearchValues.Create(
        "發請傳簡訊閱刪從單號碼訂煩騷擾給錯電話貨對無沒別門間興夠遞覆終銷廣購這個們還為會來說誤關閉麼嗎謝網頁騙聯條讓總擊點開設應該願認識誰現實寫轉題");
    private static readonly SearchValues<char> Simplified = SearchValues.Create(
        "发请传简讯阅删从单号码订烦骚扰给错电话货对无没别门间兴够递复终销广购这个们还为会来说误关闭么吗谢网页骗联条让总击点开设应该愿认识谁现实写转题");

    /// <summary>Stop, unsure or none.</summary>
    public static SmsReading Read(string text)
    {
        var (allWords, allRun) = (SmsText.Words(text), SmsText.Run(text));
        var (words, run) = (Table.NotWords.TakeOut(allWords), Table.NotRun.TakeOut(allRun));
        if (Plea(words, run, out var said)) return new SmsReading(SmsIntent.Stop, said == "zh" ? Chinese(text) : said);
        return Table.HintWords.Find(words) > 0 || Table.HintRun.Find(run) > 0 || Plea(allWords, allRun, out _)
            || (allWords.Count(SmsText.IsWord) <= ShortText && Table.ShortWords.Find(words) > 0)
            ? new SmsReading(SmsIntent.Unsure)
            : default;
    }

    // The language of the longest plea, null where several have it: "basta" is of two, "basta messaggi" of one.
    private static bool Plea(string[] words, string[] run, out string? said)
    {
        (said, var longest) = (null, 0);
        foreach (var (language, pleas) in Table.Revoke)
            if (pleas.Find(Runs.Contains(language) ? run : words) is > 0 and var length && length >= longest)
                (said, longest) = (length == longest ? null : language, length);
        return longest > 0;
    }

    private static string Chinese(string text) =>
        text.AsSpan().ContainsAny(Traditional) ? "zh-Hant" : text.AsSpan().ContainsAny(Simplified) ? "zh-Hans" : "zh";

    private static Lists Load()
    {
        using var file = SmsData.Open("revocation");
        var revoke = new List<(string, Phrases)>();
        List<string> notWords = [], notRun = [], hintWords = [], hintRun = [], shortWords = [];
        foreach (var language in file.RootElement.EnumerateObject())
        {
            var runs = Runs.Contains(language.Name);
            var pleas = Patterns(language, "revoke");
            revoke.Add((language.Name, runs ? Phrases.OfRuns(pleas) : Phrases.OfWords(pleas)));
            (runs ? notRun : notWords).AddRange(Patterns(language, "not"));
            (runs ? hintRun : hintWords).AddRange(Patterns(language, "hint"));
        }

        foreach (var (_, spaced, entry) in SmsData.Keywords("stop"))
        {
            if (!spaced) hintRun.Add(entry);
            else if (SmsText.Words(entry) is [_, { Length: > 2 } word, _]) (word.Length > ShortWord ? hintWords : shortWords).Add(word);
        }

        return new Lists(
            revoke, Phrases.OfWords(notWords), Phrases.OfRuns(notRun), Phrases.OfWords(hintWords), Phrases.OfRuns(hintRun),
            Phrases.OfWords(shortWords));
    }

    private static List<string> Patterns(JsonProperty language, string kind) =>
        [.. language.Value.GetProperty(kind).EnumerateArray().Select(p => p.GetString()!)];

    private sealed record Lists(
        List<(string Language, Phrases Pleas)> Revoke, Phrases NotWords, Phrases NotRun, Phrases HintWords, Phrases HintRun,
        Phrases ShortWords);
}
