using System.Text.Json;

namespace Notifications.Sms;

/// <summary>What a text from a person asks for.</summary>
public enum SmsIntent
{
    /// <summary>Nothing we know.</summary>
    None,

    /// <summary>Stop everything.</summary>
    Stop,

    /// <summary>Take the stop back.</summary>
    Start,

    /// <summary>Agree to what is pending, or take the stop back.</summary>
    Yes,

    /// <summary>Say who we are.</summary>
    Help,

    /// <summary>It may be a plea to stop: a person reads it (R41).</summary>
    Unsure,
}

/// <summary>What was read, and the language whose words said it; null where they belong to none.</summary>
public readonly record struct SmsReading(SmsIntent Intent, string? Language = null);

/// <summary>
/// Reads a text (R39-R41, R55): first as one of the keywords of <c>keywords.json</c>, which must be the whole text, then as a keyword that
/// stops and what is to stop (<see cref="StopPhrase"/>), then as a plea in ordinary words (<see cref="Revocation"/>). The keyword of the
/// language listed first wins where languages share one.
/// </summary>
public static class SmsKeyword
{
    private static readonly Dictionary<string, SmsReading> Exact = new(StringComparer.Ordinal);
    private static readonly Dictionary<string, SmsReading> Folded = new(StringComparer.Ordinal);

    /// <summary>The languages of the keyword table, in its order.</summary>
    public static IReadOnlyList<string> Languages { get; } = Load();

    /// <summary>What the text asks for.</summary>
    public static SmsReading Read(string text)
    {
        if (text.Length <= 200)
        {
            var word = SmsText.Word(text);
            if (Exact.TryGetValue(word, out var known) || Folded.TryGetValue(SmsText.Fold(word), out known)) return known;
            if (StopPhrase.Read(text) is { Intent: SmsIntent.Stop } stop) return stop;
        }

        return Revocation.Read(text);
    }

    private static List<string> Load()
    {
        var languages = new List<string>();
        using var file = SmsData.Open("keywords");
        foreach (var language in file.RootElement.EnumerateObject())
        {
            languages.Add(language.Name);
            Add(language, "stop", SmsIntent.Stop);
            Add(language, "start", SmsIntent.Start);
            Add(language, "help", SmsIntent.Help);
            Add(language, "yes", SmsIntent.Yes);
        }

        return languages;
    }

    private static void Add(JsonProperty language, string kind, SmsIntent intent)
    {
        var fold = language.Value.GetProperty("fold").GetBoolean();
        foreach (var entry in language.Value.GetProperty(kind).EnumerateArray())
        {
            var word = SmsText.Word(entry.GetString()!);
            Exact.TryAdd(word, new SmsReading(intent, language.Name));
            if (fold) Folded.TryAdd(SmsText.Fold(word), new SmsReading(intent, language.Name));
        }
    }
}

/// <summary>The word lists and replies that are part of this assembly.</summary>
internal static class SmsData
{
    public static JsonDocument Open(string name)
    {
        using var stream = typeof(SmsData).Assembly.GetManifestResourceStream($"Notifications.Sms.{name}.json")!;
        return JsonDocument.Parse(stream);
    }
}
