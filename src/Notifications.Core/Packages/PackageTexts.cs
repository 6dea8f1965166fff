using System.Collections.Frozen;
using System.Globalization;
using Notifications.Templates;

namespace Notifications.Packages;

/// <summary>
/// The words of package messages in one language, from the file <c>texts.json</c>; and the marks of that language, for whatever is written
/// in it.
/// </summary>
public sealed class PackageTexts
{
    /// <summary>How many stages a parcel has.</summary>
    internal const int StageCount = 4;

    private static readonly FrozenDictionary<string, PackageTexts> ByLanguage = Embedded.Texts("Packages").ToFrozenDictionary(
        texts => texts.Key, texts => new PackageTexts(texts.Key, texts.Value), StringComparer.OrdinalIgnoreCase);

    private readonly List<object>[] _stages;

    private PackageTexts(string language, IReadOnlyDictionary<string, string> words)
    {
        Language = language;
        Words = words;
        Named = words.ToFrozenDictionary(w => w.Key.Replace('.', '_'), object? (w) => w.Value, StringComparer.Ordinal);
        Filled = [.. words.Where(w => w.Value.Contains('{', StringComparison.Ordinal)).Select(w => w.Key.Replace('.', '_'))];

        _stages = [.. Enumerable.Range(0, (StageCount + 1) * 2).Select(way => StagesOf(way / 2, way % 2 == 1))];

        Culture = Gregorian.Of(CultureInfo.GetCultureInfo(language));
    }

    /// <summary>The language tag, for <c>lang</c>.</summary>
    public string Language { get; }

    /// <summary>For <c>dir</c>.</summary>
    public string Direction => Culture.TextInfo.IsRightToLeft ? "rtl" : "ltr";

    /// <summary>Formats dates.</summary>
    public CultureInfo Culture { get; }

    /// <summary>What stands between the parts of a list, with the space after it where the language has one.</summary>
    public string Comma => Words["mark.comma"];

    /// <summary>
    /// What stands between a name and what is said of it, likewise; in French a space at which no line ends goes before it.
    /// </summary>
    public string Colon => Words["mark.colon"];

    /// <summary>What ends a sentence that another one follows.</summary>
    public string Stop => Words["mark.stop"];

    /// <summary>
    /// What stands after a mark before more words: a space, or nothing in Chinese and Japanese, whose marks are as wide as that.
    /// </summary>
    public string Gap => Stop.EndsWith(' ') ? " " : "";

    /// <summary>A day with its year, as in "1 December 2026".</summary>
    public string Date(DateTimeOffset at) => at.ToString(Words["mark.date"], Culture);

    /// <summary>A day and a time of it.</summary>
    public string Moment(string day, string time) => Words["mark.moment"]
        .Replace("{day}", day, StringComparison.Ordinal)
        .Replace("{time}", time, StringComparison.Ordinal);

    /// <summary>Every text by its key.</summary>
    public IReadOnlyDictionary<string, string> Words { get; }

    /// <summary>Every text by its key as templates can name it.</summary>
    internal FrozenDictionary<string, object?> Named { get; }

    /// <summary>The keys of those that have something to fill in.</summary>
    internal string[] Filled { get; }

    /// <summary>The stages for the progress bar, up to the one reached, made once for each way they can stand.</summary>
    internal List<object> Stages(int reached, bool problem) => _stages[(reached * 2) + (problem ? 1 : 0)];

    /// <summary>Every language there is.</summary>
    public static IEnumerable<string> Languages => ByLanguage.Keys;

    /// <summary>A text by its key.</summary>
    public string this[string key] => Words[key];

    /// <summary>
    /// The best language for a tag: itself, its script, its parents, else English. Chinese of Taiwan, Hong Kong and Macau is written in
    /// traditional characters.
    /// </summary>
    public static PackageTexts For(string? tag)
    {
        if (tag is null) return ByLanguage["en"];
        var lookup = ByLanguage.GetAlternateLookup<ReadOnlySpan<char>>();
        if (tag.StartsWith("zh", StringComparison.OrdinalIgnoreCase) && (tag.Length == 2 || tag[2] is '-' or '_'))
        {
            string[] traditional = ["hant", "tw", "hk", "mo"];
            var parts = tag.Split('-', '_');
            var simplified = parts.Contains("hans", StringComparer.OrdinalIgnoreCase);
            return ByLanguage[
                !simplified && parts.Any(p => traditional.Contains(p, StringComparer.OrdinalIgnoreCase)) ? "zh-Hant" : "zh-Hans"];
        }

        var rest = tag.AsSpan();
        while (true)
        {
            if (lookup.TryGetValue(rest, out var found)) return found;
            var cut = rest.LastIndexOfAny('-', '_');
            if (cut <= 0) return ByLanguage["en"];
            rest = rest[..cut];
        }
    }

    private List<object> StagesOf(int reached, bool problem) =>
        Enumerable.Range(1, StageCount).Select(object (i) => new Dictionary<string, object?>
        {
            ["label"] = this[$"stage.{i}"],
            ["state"] = i > reached ? "ahead" : i == reached && problem ? "problem" : i == reached ? "now" : "done",
        }).ToList();
}
