using System.Text;
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

    /// <summary>A lone "no": to a question it is an answer, to marketing it may be a plea, which a person reads (R41).</summary>
    No,
}

/// <summary>What was read.</summary>
/// <param name="Intent">What the text asks for.</param>
/// <param name="Language">The language whose words said it; null where they belong to none or to several.</param>
/// <param name="Polite">Whether a YES has courtesies beside it: "yes, thank you" below our answer to a STOP takes nothing back.</param>
public readonly record struct SmsReading(SmsIntent Intent, string? Language = null, bool Polite = false);

/// <summary>
/// Reads a text (R39-R41, R55): first as one of the keywords of <c>keywords.json</c>, which must be the whole text, or all of it but words
/// of courtesy, or, where it stops or asks for help, of our own instruction (<see cref="Courtesy"/>), then as a keyword that stops and what
/// is to stop (<see cref="StopPhrase"/>), then as a plea in ordinary words (<see cref="Revocation"/>), and last as any of these mistyped,
/// or on a line of its own; what is nothing else may be a lone "no" (<see cref="Refusal"/>). A keyword that several languages list, or
/// that stands under <c>und</c> since everybody is told to send it, says nothing of the language; one of both scripts of Chinese says
/// <c>zh</c>.
/// </summary>
public static class SmsKeyword
{
    private const string NoLanguage = "und";
    private static readonly Dictionary<string, SmsReading> Exact = new(StringComparer.Ordinal);
    private static readonly Dictionary<string, SmsReading> Folded = new(StringComparer.Ordinal);

    // The words that stop: of four letters and more without a letter's doubling, and of five and more, for a slip in a shorter one makes
    // too many others.
    private static readonly (HashSet<string> Single, string[] Long) Stops = Load();

    /// <summary>The languages of the keyword table, in its order.</summary>
    public static IReadOnlyList<string> Languages { get; } =
        [.. SmsData.Keywords("stop").Select(k => k.Language).Distinct().Where(l => l != NoLanguage)];

    /// <summary>What the text asks for. One that is longer than what is read of it asks at least for a person.</summary>
    public static SmsReading Read(string text)
    {
        var plain = ReadPlain(text);
        if (plain.Intent is not (SmsIntent.None or SmsIntent.Unsure or SmsIntent.No)) return plain;
        if (Disguise.Shortened(text) is { } shortened && ReadPlain(shortened) is { Intent: SmsIntent.Stop } drawn) return drawn;
        return plain.Intent == SmsIntent.Unsure
            || text.Length > SmsText.MaxRead
            || Disguise.Meanings(text).Any(meant => ReadPlain(meant).Intent is SmsIntent.Stop or SmsIntent.Unsure)
            || HasStopLine(text)
            ? new SmsReading(SmsIntent.Unsure)
            : plain;
    }

    private static SmsReading ReadPlain(string text)
    {
        if (text.Length > 200) return Revocation.Read(text);
        if (Find(text) is { Intent: not SmsIntent.None } known) return known;

        // "Thanks, T" is signed, and so is "thanks, JA", but not "ja, thanks".
        var (bare, language) = Courtesy.Polite.Without(text);
        var plain = IsSaid(bare) || (bare.Length == 2 && Begins(text, bare)) ? Find(bare) : default;
        if (plain.Intent == SmsIntent.None) plain = StopPhrase.Read(bare);
        if (plain.Intent == SmsIntent.None && Told(text) is { Intent: not SmsIntent.None } told) (plain, language) = (told, null);

        // Consent is no question.
        var asks = plain.Intent is SmsIntent.Yes or SmsIntent.Start && bare.Contains(SmsText.Question, StringComparison.Ordinal);
        if (plain.Intent != SmsIntent.None && !asks)
            return plain with { Language = plain.Language ?? language, Polite = plain.Intent == SmsIntent.Yes };
        return Revocation.Read(text) is { Intent: not SmsIntent.None } plea ? plea
            : IsMistyped(bare) ? new SmsReading(SmsIntent.Unsure)
            : Refusal.Is(bare) ? new SmsReading(SmsIntent.No)
            : default;
    }

    // Only what lowers permission, or asks for nothing: consent is given in its own words. "To cancel?" is a question.
    private static SmsReading Told(string text)
    {
        var (bare, language) = Courtesy.Told.Without(text);
        if (bare.Length <= 2 || bare.Contains(SmsText.Question, StringComparison.Ordinal)) return default;
        var told = Find(bare);
        if (told.Intent is not (SmsIntent.Stop or SmsIntent.Help)) told = StopPhrase.Read(bare);
        return told.Intent == SmsIntent.None ? default : told with { Language = told.Language ?? language };
    }

    private static bool Begins(string text, string bare) =>
        SmsText.Pieces(text) is [var first, ..] && string.Equals(first, bare, StringComparison.Ordinal);

    // A letter doubled, a slip in a longer word, or other words run together with STOP.
    private static bool IsMistyped(string bare)
    {
        var word = SmsText.Key(bare);
        return Stops.Single.Contains(Disguise.Squeeze(word, 2))
            || Array.Exists(Stops.Long, keyword => IsSlip(keyword, word))
            || (!bare.Contains(' ', StringComparison.Ordinal)
                && (word.StartsWith("STOP", StringComparison.Ordinal) || word.StartsWith("СТОП", StringComparison.Ordinal)));
    }

    // A word that stops is meant where it has a line of its own, whatever is signed below it.
    private static bool HasStopLine(string text) =>
        Array.Exists(SmsText.Cut(text).Split('\n'), line => IsSaid(line.Trim()) && Find(line).Intent == SmsIntent.Stop);

    // Of one letter or two in our alphabet it is a name.
    private static bool IsSaid(string bare) => bare.Length > 2 || !Ascii.IsValid(bare);

    private static SmsReading Find(string text)
    {
        var word = SmsText.Word(text);
        return Exact.TryGetValue(word, out var known) ? known : Folded.GetValueOrDefault(SmsText.Fold(word));
    }

    /// <summary>One letter too many, one too few, another, or two that changed places.</summary>
    private static bool IsSlip(string keyword, string word)
    {
        var same = keyword.AsSpan().CommonPrefixLength(word);
        return (keyword[same..], word[same..]) switch
        {
            ({ Length: > 1 } meant, { Length: > 1 } written) when meant[0] == written[1] && meant[1] == written[0]
                && meant.Length == written.Length => meant[2..] == written[2..],
            ({ Length: > 0 } meant, { Length: > 0 } written) when meant.Length == written.Length => meant[1..] == written[1..],
            var (meant, written) => (written.Length > meant.Length ? written[1..] == meant : meant[1..] == written),
        };
    }

    private static (HashSet<string> Single, string[] Long) Load()
    {
        foreach (var (kind, intent) in (ReadOnlySpan<(string, SmsIntent)>)[
            ("stop", SmsIntent.Stop), ("start", SmsIntent.Start), ("help", SmsIntent.Help), ("yes", SmsIntent.Yes),
        ])
        {
            foreach (var (language, spaced, entry) in SmsData.Keywords(kind))
            {
                var word = SmsText.Word(entry);
                Add(Exact, word, intent, language);
                if (spaced) Add(Folded, SmsText.Fold(word), intent, language);
            }
        }

        string[] stops = [.. Folded.Where(k => k.Value.Intent == SmsIntent.Stop && k.Key.Length >= 4).Select(k => k.Key)];
        return (
            stops.Select(s => Disguise.Squeeze(s, 2)).ToHashSet(StringComparer.Ordinal),
            Array.FindAll(stops, s => s.Length >= 5));
    }

    /// <summary>Adds a word of a language to those of the others.</summary>
    internal static void Add(Dictionary<string, SmsReading> words, string word, SmsIntent intent, string language)
    {
        if (language == NoLanguage) words[word] = new SmsReading(intent);
        else if (!words.TryGetValue(word, out var known)) words[word] = new SmsReading(intent, language);
        else if (known.Intent == intent) words[word] = new SmsReading(intent, Shared(known.Language, language));
    }

    private static string? Shared(string? one, string other) =>
        one == other ? one : one is ['z', 'h', ..] && other is ['z', 'h', ..] ? "zh" : null;
}

/// <summary>The word lists and replies that are part of this assembly.</summary>
internal static class SmsData
{
    public static JsonDocument Open(string name)
    {
        using var stream = typeof(SmsData).Assembly.GetManifestResourceStream($"Notifications.Sms.{name}.json")!;
        return JsonDocument.Parse(stream);
    }

    /// <summary>The entries of a kind in <c>keywords.json</c>, each with its language and whether that is one with spaces.</summary>
    public static IEnumerable<(string Language, bool Spaced, string Entry)> Keywords(string kind)
    {
        using var file = Open("keywords");
        foreach (var language in file.RootElement.EnumerateObject())
        {
            if (!language.Value.TryGetProperty(kind, out var entries)) continue;
            foreach (var entry in entries.EnumerateArray())
                yield return (language.Name, language.Value.GetProperty("fold").GetBoolean(), entry.GetString()!);
        }
    }
}
