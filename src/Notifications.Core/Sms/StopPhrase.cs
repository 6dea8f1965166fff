using Notifications.Packages;

namespace Notifications.Sms;

/// <summary>
/// A stop word and what is to stop (R41): "STOP UPDATES", "Abo beenden", "Stop AB12SP0001", or another one: "Beenden: STOP". The first word
/// or the last is a keyword that stops, and each of the others is one too, names messages in general (<c>about</c> in
/// <c>keywords.json</c>), stands beside one that does (<c>with</c>), or belongs to a tracking number; in any of the languages, for people
/// write STOP beside their own. Whatever they name, everything stops, and the answer says so. A question is none.
/// </summary>
internal static class StopPhrase
{
    private static readonly Dictionary<string, SmsReading> Stops = Load("stop");
    private static readonly Dictionary<string, SmsReading> About = Load("about");
    private static readonly Dictionary<string, SmsReading> With = Load("with");

    /// <summary>A stop in the language of the first of its words that is of one alone; or nothing.</summary>
    /// <param name="text">A text without courtesies.</param>
    public static SmsReading Read(string text)
    {
        string[] words = [.. SmsText.Words(text).Where(w => w != SmsText.ClauseEnd)];
        if (words.Length < 2) return default;
        var first = IsStop(words[0], out var stop);
        if (!first && !IsStop(words[^1], out stop)) return default;
        var (named, beside, number) = (false, false, "");
        foreach (var word in first ? words.AsSpan(1) : words.AsSpan(..^1))
        {
            if (About.TryGetValue(word, out var about) || IsStop(word, out about))
                (named, stop) = (true, stop with { Language = stop.Language ?? about.Language });
            else if (With.ContainsKey(word)) beside = true;
            else if (word.AsSpan().ContainsAnyInRange('0', '9')) number += word;
            else return default;
        }

        return named || !beside && IsTracking(number) ? stop : default;
    }

    private static bool IsStop(string word, out SmsReading stop) => Stops.TryGetValue(word, out stop) && word.Length > 2;

    // Shorter ones are times, streets and prices; a mistyped one is a stop all the same.
    private static bool IsTracking(string number) =>
        number.Length is >= 8 and <= TrackingNumber.Longest
            && number.All(char.IsAsciiLetterOrDigit)
            && number.Count(char.IsAsciiDigit) >= 4;

    // Of the table's entries those that are one word.
    private static Dictionary<string, SmsReading> Load(string kind)
    {
        var words = new Dictionary<string, SmsReading>(StringComparer.Ordinal);
        foreach (var (language, spaced, entry) in SmsData.Keywords(kind))
            if (spaced && SmsText.Words(entry) is [_, var word, _]) SmsKeyword.Add(words, word, SmsIntent.Stop, language);
        return words;
    }
}
