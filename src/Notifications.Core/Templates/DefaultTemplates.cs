using System.Collections.Concurrent;
using System.Text.Json;
using Fluid;
using Notifications.Consent;

namespace Notifications.Templates;

/// <summary>The templates that come with the product: one set per built-in topic, one for any other topic, one for confirmations.</summary>
public sealed class DefaultTemplates
{
    private readonly ConcurrentDictionary<string, IFluidTemplate?> _parsed = new(StringComparer.Ordinal);

    /// <summary>What the sets print of <c>data</c>; a test reads it out of them.</summary>
    internal static readonly string[] Words = ["subject", "title", "intro", "text"];

    /// <summary>The same of package updates.</summary>
    internal static readonly string[] PackageWords = ["description", "status", "location", "occurredAt"];

    /// <summary>The same of each of <c>data.items</c>.</summary>
    internal static readonly string[] ItemWords = ["title", "text", "url"];

    /// <summary>Names that a message can ask for.</summary>
    public static readonly string[] Names = ["newsletter", "promotions", "package-updates", "message"];

    /// <summary>
    /// The topic that a set is for, and goes out for alone (R24); null for <c>message</c>, which is for any, and for what is none of them.
    /// </summary>
    public static string? TopicOf(string? name) => name != "message" && TemplateName.IsBuiltIn(name) ? name : null;

    /// <summary>The set that a message is made with which names none of the stored ones.</summary>
    public static string SetOf(string? template, string topic) =>
        TemplateName.IsBuiltIn(template) ? template! : TemplateName.IsBuiltIn(topic) ? topic : "message";

    /// <summary>
    /// Which members of <c>data</c> a set cannot print, and what they must be: passed over, a subject that is no text would be that of the
    /// topic, and nobody would know. What a set does not read may be anything.
    /// </summary>
    public static IEnumerable<(string Path, string Problem)> ProblemsOf(string set, JsonElement data)
    {
        const string rule = "must be a text or a number";
        var package = set == TopicKey.PackageUpdates;
        foreach (var name in package ? PackageWords : Words)
            if (data.TryGetProperty(name, out var word) && !Prints(word)) yield return (name, rule);
        if (package || !data.TryGetProperty("items", out var items) || items.ValueKind == JsonValueKind.Null) yield break;
        if (items.ValueKind != JsonValueKind.Array) yield return ("items", "must be a list of objects with title, text and url");
        else
        {
            for (var i = 0; i < items.GetArrayLength(); i++)
            {
                if (items[i].ValueKind != JsonValueKind.Object) yield return ($"items[{i}]", "must be an object with title, text and url");
                else
                    foreach (var name in ItemWords)
                        if (items[i].TryGetProperty(name, out var word) && !Prints(word)) yield return ($"items[{i}].{name}", rule);
            }
        }
    }

    /// <summary>The part of a set, for example <c>newsletter</c> and <c>subject</c>; null when the set has none.</summary>
    public IFluidTemplate? Find(string set, string part) => _parsed.GetOrAdd(set + "." + part, static name => Liquid.Parse(Read(name)));

    /// <summary>The part of a set.</summary>
    /// <exception cref="TemplateException">There is none.</exception>
    public IFluidTemplate Get(string set, string part) =>
        Find(set, part) ?? throw new TemplateException($"There is no such template with a part {part}.");

    /// <summary>The Liquid of a template, for example <c>layout.html</c>.</summary>
    /// <exception cref="TemplateException">There is none.</exception>
    internal static string Source(string name) => Read(name) ?? throw new TemplateException($"There is no template {name}.");

    /// <summary>The Liquid of the layout that stored HTML of a topic stands in: the topic's own, else the common one.</summary>
    internal static string LayoutOf(Topic topic) => Read(topic.Key + ".layout.html") ?? Source("layout.html");

    private static bool Prints(JsonElement word) => word.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.Null;

    private static string? Read(string name)
    {
        using var stream = Embedded.Find($"Templates.Defaults.{name}.liquid");
        if (stream is null) return null;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
