using System.Collections.Concurrent;
using Fluid;

namespace Notifications.Templates;

/// <summary>The templates that come with the product: one set per built-in topic, one for any other topic, one for confirmations.</summary>
public sealed class DefaultTemplates
{
    private readonly ConcurrentDictionary<string, IFluidTemplate?> _parsed = new(StringComparer.Ordinal);

    /// <summary>Names that a message can ask for.</summary>
    public static readonly string[] Names = ["newsletter", "promotions", "package-updates", "message"];

    /// <summary>
    /// The topic that a set is for, and goes out for alone (R24); null for <c>message</c>, which is for any, and for what is none of them.
    /// </summary>
    public static string? TopicOf(string? name) => name != "message" && TemplateName.IsBuiltIn(name) ? name : null;

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
    internal static string LayoutOf(Consent.Topic topic) => Read(topic.Key + ".layout.html") ?? Source("layout.html");

    private static string? Read(string name)
    {
        using var stream = Embedded.Find($"Templates.Defaults.{name}.liquid");
        if (stream is null) return null;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
