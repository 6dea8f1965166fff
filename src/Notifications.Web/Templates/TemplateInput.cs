using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Templates;
using Notifications.Web.Http;

namespace Notifications.Web.Templates;

/// <summary>A template to save.</summary>
/// <param name="Name">The template's name, 1 to 64 of a-z 0-9 - _, and not that of one that comes with the product.</param>
/// <param name="Topic">The key of the topic that it is for.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Locale">Its language, a language tag (BCP 47) such as en or pt-BR.</param>
/// <param name="Subject">The subject (Liquid), at most 1,000 characters; email only.</param>
/// <param name="Html">The HTML (Liquid), at most 100,000 characters; email only.</param>
/// <param name="Text">The plain text (Liquid), at most 50,000 characters; of an SMS at most 1,600.</param>
/// <param name="Layout">
/// Whether it is put into the standard layout, which adds what the law wants of its topic. Left out, a mail that carries that itself stands
/// as it is (none), and marketing mail that does not is refused; other mail and texts are standard, which adds to a text only what it does
/// not say itself.
/// </param>
internal record TemplateInput(
    string? Name = null, string? Topic = null, string? Channel = null, string? Locale = null, string? Subject = null, string? Html = null,
    string? Text = null, string? Layout = null)
{
    /// <summary>The largest body of a save, in bytes.</summary>
    public const int Limit = 512 * 1024;

    /// <summary>What a name must be.</summary>
    public const string NameIs = "must be of 1 to 64 small letters a-z, digits, - and _, such as spring-news";

    private const int LongestHtml = 100_000; // Gmail cuts a mail off at 102 KiB.
    private const int LongestText = 50_000;
    private const int LongestSms = 1600;

    public TemplateSource? Read(FieldErrors errors, TopicCatalog topics, TemplateId? id, string prefix = "")
    {
        var name = Name ?? id?.Name;
        if (!TemplateName.IsValid(name)) errors.Add(prefix + "name", name is null ? "is required" : NameIs);
        else if (TemplateName.IsBuiltIn(name))
            errors.Add(prefix + "name", "belongs to a template that comes with the product; choose another name");
        else if (id is not null && name != id.Name) errors.Add(prefix + "name", "must be the one of the address");
        var channel = Channel is null ? id?.Channel : ChannelNames.Parse(Channel);
        if (channel is null) errors.Add(prefix + "channel", Channel is null ? "is required" : "must be email or sms");
        else if (id is not null && channel != id.Channel) errors.Add(prefix + "channel", "must be the one of the address");
        var locale = Locale is null && id is null ? null : Inputs.Locale(errors, Locale ?? id!.Locale, prefix + "locale");
        if (Locale is null && id is null) errors.Add(prefix + "locale", "is required");
        if (locale is not null) locale = TemplateId.Canonical(locale);
        if (id is not null && locale is not null && locale != id.Locale) errors.Add(prefix + "locale", "must be the one of the address");
        var topic = topics.Find(Topic);
        if (topic is null) errors.Add(prefix + "topic", Topic is null ? "is required" : $"must be one of {topics.Known}");
        if (Layout is not (null or "standard" or "none")) errors.Add(prefix + "layout", "must be standard or none");
        Fits(errors, prefix + "subject", Subject, 1000);
        Fits(errors, prefix + "html", Html, LongestHtml);
        Fits(errors, prefix + "text", Text, channel == Notifications.Addresses.Channel.Sms ? LongestSms : LongestText);
        if (errors.Any) return null;
        var source = new TemplateSource
        {
            Name = name!,
            Topic = topic!.Key,
            Channel = channel!.Value,
            Locale = locale!,
            Subject = Subject,
            Html = Html,
            Text = Text,
            Layout = Layout == "none" ? TemplateLayout.None : TemplateLayout.Standard,
        };
        return Layout is null ? source with { Layout = TemplateLint.LayoutOf(source, topic) } : source;
    }

    private static void Fits(FieldErrors errors, string field, string? text, int most)
    {
        if (text?.Length > most) errors.Add(field, $"must have at most {most} characters");
        else if (text?.Contains('\0', StringComparison.Ordinal) == true) errors.Add(field, "must not contain control characters");
    }
}

/// <summary>A template to save again. Where it gives name, channel and locale, they must be those of its address.</summary>
internal sealed record TemplateChangeInput() : TemplateInput();

/// <summary>A template to look at without saving it.</summary>
/// <param name="Template">The template.</param>
/// <param name="Email">Render it for this email address; or give <c>phone</c> or <c>contactId</c>, or nothing.</param>
/// <param name="Phone">Render it for this phone number; or give <c>email</c> or <c>contactId</c>, or nothing.</param>
/// <param name="ContactId">Render it for this contact; or give <c>email</c> or <c>phone</c>, or nothing.</param>
/// <param name="Data">What the template reads as <c>data</c>: an object of at most 32 levels.</param>
/// <param name="Locale">The language to render it in; the person's own, or the template's, when left out.</param>
internal sealed record DraftPreviewInput(
    TemplateInput? Template = null, string? Email = null, string? Phone = null, string? ContactId = null, JsonElement? Data = null,
    string? Locale = null);

/// <summary>Whom to render a saved template as; all of it may be left out.</summary>
/// <param name="Email">Render it for this email address; or give <c>phone</c> or <c>contactId</c>, or nothing.</param>
/// <param name="Phone">Render it for this phone number; or give <c>email</c> or <c>contactId</c>, or nothing.</param>
/// <param name="ContactId">Render it for this contact; or give <c>email</c> or <c>phone</c>, or nothing.</param>
/// <param name="Data">What the template reads as <c>data</c>: an object of at most 32 levels.</param>
/// <param name="Locale">The language to render it in; the person's own, or the template's, when left out.</param>
/// <param name="Version">An old version of the set, from 1; the newest when left out.</param>
internal sealed record PreviewInput(
    string? Email = null, string? Phone = null, string? ContactId = null, JsonElement? Data = null, string? Locale = null,
    int? Version = null);

/// <summary>Where to send a test.</summary>
/// <param name="To">1 to 10 email addresses or phone numbers, as the template's channel is.</param>
/// <param name="Data">What the template reads as <c>data</c>: an object of at most 32 levels.</param>
internal sealed record TemplateTestInput(IReadOnlyList<string>? To = null, JsonElement? Data = null);
