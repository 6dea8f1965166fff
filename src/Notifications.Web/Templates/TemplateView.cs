using System.Text.Json.Serialization;
using Notifications.Addresses;
using Notifications.Sms;
using Notifications.Templates;
using Notifications.Web.Http;

namespace Notifications.Web.Templates;

/// <summary>A template, as its author wrote it.</summary>
/// <param name="Id">The template's id: its name, channel and language, such as spring:email:pt-BR.</param>
/// <param name="Name">The template's name, which all of its languages share.</param>
/// <param name="Topic">The key of the topic that it is for.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Locale">Its language, a language tag (BCP 47).</param>
/// <param name="Subject">The subject (Liquid); null of texts.</param>
/// <param name="Html">The HTML (Liquid), or null.</param>
/// <param name="Text">The plain text (Liquid), or null.</param>
/// <param name="Layout">Whether it is put into the standard layout.</param>
/// <param name="Version">The version of the set of languages with which this one was saved.</param>
/// <param name="SetVersion">The newest version of the set, over all of its languages.</param>
/// <param name="Pinned">The name with this version, such as spring@7: a campaign or a message that names it sends this one.</param>
/// <param name="Default">Whether it is the language for everybody whose own is missing.</param>
/// <param name="SavedAt">When it was saved.</param>
/// <param name="SavedBy">Who saved it.</param>
/// <param name="Findings">What the lint has to say; only after a save.</param>
internal sealed record TemplateView(
    string Id,
    string Name, string Topic, Channel Channel, string Locale,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Subject,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Html,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Text,
    TemplateLayout Layout, int Version, int SetVersion, string Pinned, bool Default,
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
/// <param name="Id">The template's id: its name, channel and language, such as spring:email:pt-BR.</param>
/// <param name="Name">The template's name, which all of its languages share.</param>
/// <param name="Topic">The key of the topic that it is for.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Locale">Its language, a language tag (BCP 47).</param>
/// <param name="Subject">The subject as it was written (Liquid); left out of texts.</param>
/// <param name="Version">The version of the set of languages with which this one was saved.</param>
/// <param name="SetVersion">The newest version of the set, over all of its languages.</param>
/// <param name="Default">Whether it is the language for everybody whose own is missing.</param>
/// <param name="SavedAt">When it was saved.</param>
/// <param name="SavedBy">Who saved it.</param>
internal sealed record TemplateLine(
    string Id, string Name, string Topic, Channel Channel, string Locale, string? Subject, int Version, int SetVersion, bool Default,
    DateTimeOffset SavedAt, string SavedBy);

/// <summary>A page of templates in the order of their ids.</summary>
/// <param name="Templates">The templates.</param>
/// <param name="Next">What <c>after</c> is for the next page; left out on the last one.</param>
internal sealed record TemplateList(IReadOnlyList<TemplateLine> Templates, string? Next) : Listed;

/// <summary>One version of a set: which language was saved or deleted with it.</summary>
/// <param name="Version">The version of the set.</param>
/// <param name="Locale">The language that was saved or deleted with it, a language tag (BCP 47).</param>
/// <param name="Deleted">Whether the language was deleted.</param>
/// <param name="Subject">The subject as it was written (Liquid); left out of texts.</param>
/// <param name="SavedAt">When that was.</param>
/// <param name="SavedBy">Who did it.</param>
internal sealed record TemplateVersionLine(
    int Version, string Locale, bool Deleted, string? Subject, DateTimeOffset SavedAt, string SavedBy);

/// <summary>A page of versions, newest first.</summary>
/// <param name="Versions">The versions.</param>
/// <param name="Next">What <c>after</c> is for the next page; left out on the last one.</param>
internal sealed record TemplateVersionList(IReadOnlyList<TemplateVersionLine> Versions, int? Next) : Listed;

/// <summary>What a text costs.</summary>
/// <param name="Text">The text as it would be sent.</param>
/// <param name="Segments">How many segments it has, each of which is paid for.</param>
/// <param name="Encoding">How its letters are sent.</param>
/// <param name="Forcing">The characters that make it UCS-2, each once.</param>
internal sealed record SmsPreview(string Text, int Segments, string Encoding, IReadOnlyList<string> Forcing);

/// <summary>A rendered template.</summary>
/// <param name="Locale">The language that it was rendered in.</param>
/// <param name="Subject">The subject.</param>
/// <param name="Html">The HTML as it would be sent.</param>
/// <param name="DarkHtml">The HTML as a mail program in dark mode shows it.</param>
/// <param name="Text">The plain text of a mail.</param>
/// <param name="Sms">The text of an SMS, and what it costs.</param>
/// <param name="Findings">What the lint has to say; nothing is rendered where one is an error.</param>
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
/// <param name="Type">What kind of problem it is: a URN that stays the same from version to version, for programs to look at.</param>
/// <param name="Title">The kind of problem, in a sentence.</param>
/// <param name="Status">The answer's HTTP status.</param>
/// <param name="Detail">What is wrong here, in words.</param>
/// <param name="Errors">Each field that is wrong.</param>
/// <param name="Findings">What the lint has to say; at least one is an error.</param>
internal sealed record RefusedTemplate(
    string Type, string Title, int Status, string Detail, IReadOnlyList<Http.FieldError>? Errors = null,
    IReadOnlyList<TemplateFinding>? Findings = null);

/// <summary>What a test has queued.</summary>
/// <param name="MessageIds">The ids of the test's messages: GET /v1/messages/{id} tells what became of each.</param>
internal sealed record TemplateTestAccepted(IReadOnlyList<string> MessageIds);
