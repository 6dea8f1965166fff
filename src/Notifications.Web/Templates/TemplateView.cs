using Notifications.Addresses;
using Notifications.Sms;
using Notifications.Templates;
using Notifications.Web.Http;

namespace Notifications.Web.Templates;

/// <summary>
/// A template, as its author wrote it. <paramref name="Version"/> is the set's version that saved it; <paramref name="Findings"/> only
/// after a save.
/// </summary>
internal sealed record TemplateView(
    string Id,
    string Name, string Topic, Channel Channel, string Locale, string? Subject, string? Html, string? Text, TemplateLayout Layout,
    int Version, int SetVersion, string Pinned, bool Default,
    DateTimeOffset SavedAt, string SavedBy, IReadOnlyList<TemplateFinding>? Findings)
{
    public static TemplateView Of(TemplateVersion stored, TemplateHead head, IReadOnlyList<TemplateFinding>? findings = null)
    {
        var source = stored.Source!;
        return new TemplateView(
            new TemplateId(source.Name, source.Channel, source.Locale).ToString(),
            source.Name, source.Topic, source.Channel, source.Locale, source.Subject, source.Html, source.Text, source.Layout,
            stored.Head.Version,
            head.Version, TemplateName.Pinned(head.Name, stored.Head.Version),
            head.Languages.Length > 0 && head.Languages[0].Locale == source.Locale, stored.SavedAt, stored.By, findings);
    }
}

/// <summary>A template in a list, without its text.</summary>
internal sealed record TemplateLine(
    string Id, string Name, string Topic, Channel Channel, string Locale, string? Subject, int Version, int SetVersion, bool Default,
    DateTimeOffset SavedAt, string SavedBy);

/// <summary>A page of templates in the order of their ids.</summary>
internal sealed record TemplateList(IReadOnlyList<TemplateLine> Templates, string? Next) : Listed;

/// <summary>One version of a set: which language was saved or deleted with it.</summary>
internal sealed record TemplateVersionLine(
    int Version, string Locale, bool Deleted, string? Subject, DateTimeOffset SavedAt, string SavedBy);

/// <summary>A page of versions, newest first.</summary>
internal sealed record TemplateVersionList(IReadOnlyList<TemplateVersionLine> Versions, int? Next) : Listed;

/// <summary>
/// What a text costs. <paramref name="Encoding"/> is gsm-7 or ucs-2; <paramref name="Forcing"/>: the characters that need the latter.
/// </summary>
internal sealed record SmsPreview(string Text, int Segments, string Encoding, IReadOnlyList<string> Forcing);

/// <summary>A rendered template. Nothing is rendered when <paramref name="Findings"/> hold an error.</summary>
internal sealed record PreviewView(
    string? Locale, string? Subject, string? Html, string? DarkHtml, string? Text, SmsPreview? Sms, IReadOnlyList<TemplateFinding> Findings)
{
    public static PreviewView Of(TemplatePreview preview, IReadOnlyList<TemplateFinding> findings) => new(
        preview.Locale, preview.Subject, preview.Html, preview.DarkHtml, preview.Segments is null ? preview.Text : null,
        preview.Segments is { } cost
            ? new SmsPreview(preview.Text, cost.Segments, cost.Encoding == SmsEncoding.Gsm7 ? "gsm-7" : "ucs-2", cost.Forcing)
            : null,
        findings);
}

/// <summary>A template that was refused, in a problem's shape.</summary>
internal sealed record RefusedTemplate(
    string Type, string Title, int Status, string Detail, IReadOnlyList<Http.FieldError>? Errors = null,
    IReadOnlyList<TemplateFinding>? Findings = null);

/// <summary>The ids of the test's messages: GET /v1/messages/{id} tells what became of each.</summary>
internal sealed record TemplateTestAccepted(IReadOnlyList<string> MessageIds);
