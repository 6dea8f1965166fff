using System.Collections.Frozen;
using Notifications.Addresses;

namespace Notifications.Sms;

/// <summary>
/// The language in which a text is answered (R55): the person's stored one; else that of a word which belongs to one language alone,
/// wherever the number is from; else the main language of the number's region; else English. Only a word for help goes before what is
/// stored, where it is of one language: it was said just now. A language tag is cut from the right until it is known: <c>pt-BR</c> is
/// <c>pt</c>; Chinese is told apart by script and region.
/// </summary>
public static class ReplyLanguage
{
    private const string English = "en";

    // Of several official or working languages the one most spoken; a region that is not here has English, or a language that is not ours.
    private static readonly FrozenDictionary<string, string> Main = Regions(
        ("es", "AR BO CL CO CR CU DO EC ES GQ GT HN MX NI PA PE PR PY SV UY VE"),
        ("fr", "BF BJ BL CD CG CI CM DJ FR GA GF GN GP LU MC MF ML MQ NC NE PF PM RE SN TG WF YT"),
        ("de", "AT CH DE LI"),
        ("pt", "AO BR CV GW MZ PT ST"),
        ("it", "IT SM VA"),
        ("nl", "BE NL SR"),
        ("sv", "AX SE"),
        ("pl", "PL"),
        ("ru", "BY KZ RU"),
        ("tr", "TR"),
        ("ar", "AE BH DZ EG EH IQ JO KW LB LY MA MR OM PS QA SA SD SY TD TN YE"),
        ("zh-Hans", "CN"),
        ("zh-Hant", "HK MO TW"),
        ("ko", "KP KR"),
        ("ja", "JP"));

    /// <summary>One of <see cref="SmsReplies.Languages"/>.</summary>
    /// <param name="locale">The stored language tag, or null.</param>
    /// <param name="reading">What the person wrote.</param>
    /// <param name="region">The number's region (<see cref="PhoneNumber.Region"/>), or null.</param>
    public static string Of(string? locale, SmsReading reading, string? region)
    {
        var main = OfRegion(region);
        // Words that both scripts of Chinese have are Chinese all the same; the region says which of the two.
        var word = reading.Language == "zh" && main.StartsWith("zh", StringComparison.Ordinal) ? main : Known(reading.Language);
        return (reading.Intent == SmsIntent.Help ? word : null) ?? Known(locale) ?? word ?? main;
    }

    /// <summary>The language of a locale alone, else English: of what is sent unasked.</summary>
    public static string Of(string? locale) => Known(locale) ?? English;

    /// <summary>
    /// The main language of a number's region, else English. Regions that share a country code (+1, +44) are told apart where the plan
    /// does; else the code's main one stands for them.
    /// </summary>
    internal static string OfRegion(string? region) =>
        region is null ? English : Main.GetValueOrDefault(region[0] == '+' ? PhoneNumber.RegionsOf(region)[0] : region, English);

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
        return SmsReplies.Has(primary) ? primary : null;
    }

    private static FrozenDictionary<string, string> Regions(params (string Language, string Regions)[] table) =>
        table.SelectMany(row => row.Regions.Split(' ').Select(region => (region, row.Language)))
            .ToFrozenDictionary(row => row.region, row => row.Language, StringComparer.Ordinal);
}
