using System.Collections.Frozen;
using System.Globalization;
using Notifications.Sending;

namespace Notifications.Sms;

/// <summary>
/// What we answer (<c>replies.json</c>, 16 languages), in the language that <see cref="ReplyLanguage"/> chooses.
/// </summary>
public sealed class SmsReplies(SmsOptions options, SenderOptions sender)
{
    private static readonly FrozenDictionary<string, FrozenDictionary<string, string>> Texts = Load();

    /// <summary>The languages there are.</summary>
    public static IEnumerable<string> Languages => Texts.Keys;

    internal static bool Has(string language) => Texts.ContainsKey(language);

    /// <summary>A reply in one of <see cref="Languages"/>, with its holes filled.</summary>
    public string Write(string key, string language, string? choices = null, string? topic = null) =>
        Fill(Texts[language], key, choices, topic);

    /// <summary>The programme, its frequency, fees and contact: what the first text of a recurring programme must say (R53).</summary>
    public string Introduction(string? locale) => Write("introduction", ReplyLanguage.Of(locale));

    private string Fill(FrozenDictionary<string, string> texts, string key, string? choices, string? topic)
    {
        var frequency = options.MessagesPerMonth == 0
            ? texts["varies"]
            : texts["frequency"].Replace(
                "{count}", options.MessagesPerMonth.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        return texts[key]
            .Replace("{brand}", sender.Name, StringComparison.Ordinal)
            .Replace("{programme}", options.ProgrammeName ?? texts["programme"], StringComparison.Ordinal)
            // A name that was configured is written as it was, wherever it stands.
            .Replace("{Programme}", options.ProgrammeName ?? Capital(texts["programme"]), StringComparison.Ordinal)
            .Replace("{contact}", sender.Contact, StringComparison.Ordinal)
            .Replace("{frequency}", frequency, StringComparison.Ordinal)
            // Where a sentence begins with it.
            .Replace("{Frequency}", Capital(frequency), StringComparison.Ordinal)
            .Replace("{choices}", choices, StringComparison.Ordinal)
            .Replace("{topic}", topic, StringComparison.Ordinal);
    }

    private static string Capital(string words) => char.ToUpperInvariant(words[0]) + words[1..];

    private static FrozenDictionary<string, FrozenDictionary<string, string>> Load()
    {
        using var file = SmsData.Open("replies");
        return file.RootElement.EnumerateObject().ToFrozenDictionary(
            l => l.Name,
            l => l.Value.EnumerateObject().ToFrozenDictionary(t => t.Name, t => t.Value.GetString()!, StringComparer.Ordinal),
            StringComparer.Ordinal);
    }
}
