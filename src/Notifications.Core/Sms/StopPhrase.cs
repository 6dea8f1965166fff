using System.Text.Json;

namespace Notifications.Sms;

/// <summary>
/// A stop word and what is to stop (R41): "STOP UPDATES", "baja mensajes", "Stop AB12SP0001". The first word is a keyword that stops, and
/// each of the others names messages in general (<c>about</c> in <c>keywords.json</c>), stands beside one that does (<c>with</c>), or
/// belongs to a tracking number; in any of the languages, for people write STOP beside their own. Whatever they name, everything stops, and
/// the answer says so. A question is none.
/// </summary>
internal static class StopPhrase
{
    private static readonly Dictionary<string, string> Stops = new(StringComparer.Ordinal);
    private static readonly HashSet<string> About = new(StringComparer.Ordinal);
    private static readonly HashSet<string> With = new(StringComparer.Ordinal);

    static StopPhrase()
    {
        using var file = SmsData.Open("keywords");
        foreach (var language in file.RootElement.EnumerateObject().Where(l => l.Value.GetProperty("fold").GetBoolean()))
        {
            foreach (var word in Each(language, "stop")) Stops.TryAdd(word, language.Name);
            About.UnionWith(Each(language, "about"));
            With.UnionWith(Each(language, "with"));
        }
    }

    /// <summary>A stop in the language of its stop word, or nothing.</summary>
    public static SmsReading Read(string text)
    {
        string[] words = [.. SmsText.Words(text).Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(w => w != ".")];
        if (words.Length < 2 || !Stops.TryGetValue(words[0], out var language)) return default;
        var (named, beside, number) = (false, false, "");
        foreach (var word in words.AsSpan(1))
        {
            if (About.Contains(word)) named = true;
            else if (With.Contains(word)) beside = true;
            else if (word.AsSpan().ContainsAnyInRange('0', '9')) number += word;
            else return default;
        }

        return named || !beside && IsTracking(number) ? new SmsReading(SmsIntent.Stop, language) : default;
    }

    // Shorter ones are times, streets and prices; a mistyped one is a stop all the same.
    private static bool IsTracking(string number) =>
        number.Length is >= 8 and <= 40 && number.All(char.IsAsciiLetterOrDigit) && number.Count(char.IsAsciiDigit) >= 4;

    // Of the table's entries those that are one word.
    private static IEnumerable<string> Each(JsonProperty language, string kind) =>
        language.Value.TryGetProperty(kind, out var entries)
            ? entries.EnumerateArray()
                .Select(e => SmsText.Words(e.GetString()!).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(w => w.Length == 3)
                .Select(w => w[1])
            : [];
}
