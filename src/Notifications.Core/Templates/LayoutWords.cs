using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using Fluid.Values;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;

namespace Notifications.Templates;

/// <summary>
/// What templates read as <c>words</c>: what stands around the messages of one topic in the person's language, from the file
/// <c>texts.json</c>: why they get it and the way out (R16, R23, R25), and what a message without a title of its own is called. Languages
/// and their tags are those of <see cref="PackageTexts"/>.
/// </summary>
internal sealed class LayoutWords(Topic topic, SenderOptions sender)
{
    private static readonly FrozenDictionary<string, FrozenDictionary<string, string>> ByLanguage = Embedded.Texts("Templates");
    private readonly ConcurrentDictionary<PackageTexts, FluidValue> _made = new();

    /// <summary>Every text there is, by language and key.</summary>
    internal static IReadOnlyDictionary<string, FrozenDictionary<string, string>> All => ByLanguage;

    /// <summary>The words in a language, made once: they stand in every message.</summary>
    public FluidValue In(PackageTexts language) => _made.GetOrAdd(language, Make);

    /// <summary>
    /// CSS word-break: Korean is broken between words alone. It is said of the element, for some mailboxes drop a rule for a language.
    /// </summary>
    public static string Breaks(CultureInfo language) => language.TwoLetterISOLanguageName == "ko" ? "keep-all" : "normal";

    private FluidValue Make(PackageTexts shared)
    {
        var texts = ByLanguage[shared.Language];
        var name = ConsentTexts.For(shared.Language).NameOf(topic);
        return FluidValue.Create(new Dictionary<string, object?>
        {
            ["language"] = shared.Language,
            ["direction"] = shared.Direction,
            ["breaks"] = Breaks(shared.Culture),
            ["topic"] = name,
            ["colon"] = shared.Colon.TrimEnd(' '), // At the end of a line; within one the gap follows.
            ["gap"] = shared.Gap,
            ["fullStop"] = shared.Stop.TrimEnd(' '),
            ["why"] = texts["why"].Replace(
                "{topic}", name, StringComparison.Ordinal).Replace("{sender}", sender.Name, StringComparison.Ordinal),
            ["unsubscribe"] = texts["unsubscribe"],
            ["preferences"] = topic.IsMarketing ? texts["stopAll"] : shared["preferences"],
            ["smsStop"] = shared["sms.Stop"],
            ["smsOr"] = texts["smsOr"],
            ["smsLink"] = texts["smsLink"],
            ["news"] = texts["news"],
            ["offer"] = texts["offer"],
            ["packageNews"] = shared["title.News"],
        }, Liquid.Options);
    }
}
