using System.Collections.Frozen;
using System.Globalization;
using Notifications.Sending;

namespace Notifications.Sms;

/// <summary>
/// What we answer, in the person's language (<c>replies.json</c>, 16 languages): the stored locale first, else the language of the words
/// that were used, else English; to a word for help that is not English its own language first (R55). A language tag is cut from the right
/// until it is known: <c>pt-BR</c> is <c>pt</c>; Chinese is told apart by script and region.
/// </summary>
public sealed class SmsReplies(SmsOptions options, SenderOptions sender)
{
    private static readonly FrozenDictionary<string, FrozenDictionary<string, string>> Texts = Load();

    /// <summary>The languages there are.</summary>
    public static IEnumerable<string> Languages => Texts.Keys;

    /// <summary>A reply, with its holes filled.</summary>
    public string Write(string key, string? locale, string? language, string? choices = null, string? topic = null) =>
        Fill(Texts[Choose(locale, language)], key, choices, topic);

    /// <summary>The programme, its frequency, fees and contact: what the first text of a recurring programme must say (R53).</summary>
    public string Introduction(string? locale) => Write("introduction", locale, null);

    /// <summary>The reply language for a locale, or for the language of a keyword.</summary>
    public static string Choose(string? locale, string? language) => Known(locale) ?? Known(language) ?? "en";

    private static string? Known(string? tag)
    {
        if (tag is null) return null;
        if (tag.StartsWith("zh", StringComparison.OrdinalIgnoreCase))
            return tag.Contains("Hant", StringComparison.OrdinalIgnoreCase)
                || tag.EndsWith("TW", StringComparison.OrdinalIgnoreCase)
                || tag.EndsWith("HK", StringComparison.OrdinalIgnoreCase)
                || tag.EndsWith("MO", StringComparison.OrdinalIgnoreCase)
                ? "zh-Hant"
                : "zh-Hans";
        var primary = tag.Split('-', '_')[0].ToLowerInvariant();
        return Texts.ContainsKey(primary) ? primary : null;
    }

    private string Fill(FrozenDictionary<string, string> texts, string key, string? choices, string? topic)
    {
        var frequency = options.MessagesPerMonth == 0
            ? texts["varies"]
            : texts["frequency"].Replace(
                "{count}", options.MessagesPerMonth.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        return texts[key]
            .Replace("{brand}", sender.Name, StringComparison.Ordinal)
            .Replace("{programme}", options.ProgrammeName ?? texts["programme"], StringComparison.Ordinal)
            .Replace("{contact}", sender.Contact, StringComparison.Ordinal)
            .Replace("{frequency}", frequency, StringComparison.Ordinal)
            // Where a sentence begins with it.
            .Replace("{Frequency}", char.ToUpperInvariant(frequency[0]) + frequency[1..], StringComparison.Ordinal)
            .Replace("{choices}", choices, StringComparison.Ordinal)
            .Replace("{topic}", topic, StringComparison.Ordinal);
    }

    private static FrozenDictionary<string, FrozenDictionary<string, string>> Load()
    {
        using var file = SmsData.Open("replies");
        return file.RootElement.EnumerateObject().ToFrozenDictionary(
            l => l.Name,
            l => l.Value.EnumerateObject().ToFrozenDictionary(t => t.Name, t => t.Value.GetString()!, StringComparer.Ordinal),
            StringComparer.Ordinal);
    }
}
