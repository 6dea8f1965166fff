using System.Text.Json;
using System.Text.RegularExpressions;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Unsubscribe;

namespace Notifications.Templates;

/// <summary>
/// A template as a person would get it. <paramref name="DarkHtml"/>: as clients in dark colours show it; null where the template has no
/// dark colours, and for SMS.
/// </summary>
public sealed record TemplatePreview(string Locale, string? Subject, string? Html, string? DarkHtml, string Text, SmsSegments? Segments);

/// <summary>
/// Renders previews. Their links look real and do nothing: they are signed with keys made for this process alone and name an address that
/// nobody has, so a marketer who tries them stops nobody's mail.
/// </summary>
public sealed partial class TemplatePreviews
{
    private const string ExamplePackage = "RB123456785CN";
    private readonly Renderer _renderer;
    private readonly MessageIds _ids;
    private readonly KeyRing _ring = KeyRing.Parse(KeyRing.NewJson(), "preview");

    /// <summary>Previews with the product's own sender and layout.</summary>
    public TemplatePreviews(DefaultTemplates templates, LinkOptions links, SenderOptions sender, TopicCatalog topics, SmsOptions sms)
    {
        _ids = new MessageIds(_ring);
        _renderer = new Renderer(templates, new Links(links, new LinkTokens(_ring)), sender, topics, sms);
    }

    /// <summary>Renders a set for a person, or for nobody in particular.</summary>
    /// <exception cref="TemplateException">The template fails or goes over a limit.</exception>
    public TemplatePreview Render(TemplateSet set, Topic topic, AddressState? state, string? locale, JsonElement? data)
    {
        var (id, request) = ToNobody(set.Channel, set.Name, topic, data);
        request = request with { Locale = locale };
        var chosen = set.For(locale ?? state?.Locale).Locale;
        if (set.Channel == Channel.Sms)
        {
            var text = _renderer.Sms(request, id, topic, state, set).Text;
            return new TemplatePreview(chosen, null, null, null, text, SmsSegments.Count(text));
        }

        var mail = _renderer.Email(request, id, topic, state, set);
        var dark = DarkOnly().Replace(mail.Html, "(min-width: 0)");
        return new TemplatePreview(chosen, mail.Subject, mail.Html, dark == mail.Html ? null : dark, mail.Text, null);
    }

    /// <summary>
    /// The subject of a mail to nobody in particular. <paramref name="subject"/>: what stands in place of the template's own (Liquid), or
    /// null.
    /// </summary>
    /// <exception cref="TemplateException">The template is unknown, fails or goes over a limit.</exception>
    public string Subject(string template, TemplateSet? set, Topic topic, string? subject, JsonElement? data)
    {
        var (id, request) = ToNobody(Channel.Email, template, topic, data);
        return _renderer.Email(request with { Subject = subject }, id, topic, null, set).Subject;
    }

    private (MessageId Id, SendRequest Request) ToNobody(Channel channel, string template, Topic topic, JsonElement? data)
    {
        var nobody =
            Address.TryParse(channel, channel == Channel.Email ? "preview@example.com" : "+12025550123", out var address, out _)
                ? address
                : throw new InvalidOperationException("The example address is not one.");
        var id = _ids.New(_ring.KeyOf(nobody));
        return (id, new SendRequest
        {
            Id = id.ToString(),
            Channel = channel,
            To = nobody.Value,
            Topic = topic.Key,
            Template = template,
            Data = data,
            TrackingNumber = PackageOf(topic.Key),
        });
    }

    /// <summary>What stands for a package in a preview and in a test; null where the topic is about none.</summary>
    internal static string? PackageOf(string topic) => topic == TopicKey.PackageUpdates ? ExamplePackage : null;

    /// <summary>A mail as clients in light colours show it, whatever colours the machine has that it is looked at on.</summary>
    public static string Light(string html) => DarkOnly().Replace(html, "(max-width: 0)");

    [GeneratedRegex(@"\(\s*prefers-color-scheme\s*:\s*dark\s*\)", RegexOptions.IgnoreCase)]
    private static partial Regex DarkOnly();
}
