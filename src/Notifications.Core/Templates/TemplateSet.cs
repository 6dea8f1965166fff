using System.Text.Encodings.Web;
using Fluid;
using Notifications.Addresses;
using Notifications.Consent;

namespace Notifications.Templates;

/// <summary>A stored set, loaded: every language of one version, parsed once.</summary>
public sealed class TemplateSet(string name, Channel channel, string topic, int version, IReadOnlyList<StoredTemplate> languages)
{
    /// <summary>See <see cref="TemplateName"/>.</summary>
    public string Name => name;

    /// <summary>The channel.</summary>
    public Channel Channel => channel;

    /// <summary>The topic it may be sent for.</summary>
    public string Topic => topic;

    /// <summary>Rises with each save of any language.</summary>
    public int Version => version;

    /// <summary>The languages; the first one is the default.</summary>
    public IReadOnlyList<StoredTemplate> Languages => languages;

    /// <summary>What is wrong with the first of its languages with which something is; null where each may be sent.</summary>
    public string? Problem => languages.FirstOrDefault(l => l.Problem is not null)?.Problem;

    /// <summary>
    /// The language that fits best by lookup (RFC 4647 section 3.4): the tag itself, then ever less of it (zh-Hant-TW, zh-Hant, zh), then
    /// the set's first.
    /// </summary>
    public StoredTemplate For(string? locale)
    {
        for (var tag = locale; !string.IsNullOrEmpty(tag); tag = Shorter(tag))
            foreach (var language in languages)
                if (string.Equals(language.Locale, tag, StringComparison.OrdinalIgnoreCase)) return language;
        return languages[0];
    }

    // A single letter or digit only introduces what follows it, so it goes with it.
    private static string Shorter(string tag)
    {
        var cut = tag.LastIndexOf('-');
        if (cut >= 2 && tag[cut - 2] == '-') cut -= 2;
        return cut <= 0 ? "" : tag[..cut];
    }
}

/// <summary>One language of a set, parsed.</summary>
/// <param name="source">As it was saved.</param>
/// <param name="compiled">What was made of it then.</param>
/// <param name="judge">What is wrong with it under the settings as they are now, or null.</param>
public sealed class StoredTemplate(TemplateSource source, CompiledTemplate compiled, Func<TemplateSource, string?>? judge = null)
{
    private readonly Lazy<string?> _problem = new(() => judge?.Invoke(source));
    private readonly Lazy<IFluidTemplate?> _subject = new(() => Liquid.Parse(compiled.Subject));
    private readonly Lazy<IFluidTemplate?> _html = new(() => Liquid.Parse(compiled.Html));
    private readonly Lazy<IFluidTemplate?> _text = new(() => Liquid.Parse(compiled.Text));

    private readonly Lazy<HashSet<string>> _plain = new(() => TemplateLint.Always(source.Text ?? ""));
    private readonly Lazy<TemplateLint.SmsCarries> _says = new(() => TemplateLint.SmsCarries.Of(source.Text ?? ""));

    private readonly Lazy<bool> _merges = new(
        () => MailMerge.Fits(compiled.Subject) && MailMerge.Fits(compiled.Html) && MailMerge.Fits(compiled.Text));
    private readonly Lazy<bool> _asksOfContact = new(
        () =>
            MailMerge.AsksOfContact(compiled.Subject) || MailMerge.AsksOfContact(compiled.Html) || MailMerge.AsksOfContact(compiled.Text));

    /// <summary>The language.</summary>
    public string Locale => source.Locale;

    /// <summary>
    /// Why it may not be sent under the rules of its topic as they are now (R23, R25, R50, R51), judged when it is first asked for; null
    /// where it may.
    /// </summary>
    public string? Problem => _problem.Value;

    /// <summary>What stands around the body.</summary>
    public TemplateLayout Layout => source.Layout;

    /// <summary>What its text says by itself, of an SMS.</summary>
    internal TemplateLint.SmsCarries Says => _says.Value;

    /// <summary>
    /// Whether the lines of the shared layout stand below its plain part: it has that layout, or lacks there what its topic wants.
    /// </summary>
    internal bool HasPlainFoot(Topic topic) =>
        Layout == TemplateLayout.Standard
            || (source.Text is not null && !Array.TrueForAll(Duty.Of(topic).Duties, d => Array.Exists(d.Variables, _plain.Value.Contains)));

    /// <summary>CSS for the head: media queries.</summary>
    public string Styles => compiled.Styles ?? "";

    /// <summary>See <see cref="MailMerge.Fits"/>.</summary>
    internal bool Merges => _merges.Value;

    /// <summary>See <see cref="MailMerge.AsksOfContact"/>.</summary>
    internal bool AsksOfContact => _asksOfContact.Value;

    /// <summary>The subject, or an empty text.</summary>
    internal string Subject(TemplateContext context) => Render(_subject.Value, context, NullEncoder.Default);

    /// <summary>The HTML; data are encoded.</summary>
    internal string Html(TemplateContext context) => Render(_html.Value, context, HtmlEncoder.Default);

    /// <summary>The plain text, or null when it is to be derived from the HTML.</summary>
    internal string? Text(TemplateContext context) => _text.Value is null ? null : Render(_text.Value, context, NullEncoder.Default);

    private static string Render(IFluidTemplate? template, TemplateContext context, TextEncoder encoder) =>
        template is null ? "" : Liquid.Render(template, context, encoder);
}
