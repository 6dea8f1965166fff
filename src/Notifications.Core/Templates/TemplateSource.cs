using System.Text.Json.Serialization;
using Notifications.Addresses;

namespace Notifications.Templates;

/// <summary>What stands around a template's body.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TemplateLayout>))]
public enum TemplateLayout
{
    /// <summary>
    /// The shared layout, which names the sender and says how to stop (R23, R25); to a text it adds what that does not say itself.
    /// </summary>
    [JsonStringEnumMemberName("standard")] Standard,

    /// <summary>Nothing: the template must carry by itself what the law wants.</summary>
    [JsonStringEnumMemberName("none")] None,
}

/// <summary>
/// A template as its author wrote it: Liquid, in one language. An email has a subject, HTML and perhaps text; an SMS has text only.
/// </summary>
public sealed record TemplateSource
{
    /// <summary>See <see cref="TemplateName"/>.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The topic it is for; every language of a set has the same one, since the rules that it was checked under follow from it.
    /// </summary>
    public required string Topic { get; init; }

    /// <summary>The channel.</summary>
    public required Channel Channel { get; init; }

    /// <summary>BCP 47 language tag.</summary>
    public required string Locale { get; init; }

    /// <summary>Email only: one line.</summary>
    public string? Subject { get; init; }

    /// <summary>Email only.</summary>
    public string? Html { get; init; }

    /// <summary>The text of an SMS, or the plain part of an email; null derives that from the HTML.</summary>
    public string? Text { get; init; }

    /// <summary>
    /// Default: the shared layout, which is what templates mean that were stored without one. Of what comes in without one
    /// <see cref="TemplateLint.LayoutOf"/> decides before it is stored.
    /// </summary>
    public TemplateLayout Layout { get; init; }
}

/// <summary>What is rendered: the source cleaned, with its styles moved inline. Made once, when the source is saved.</summary>
/// <param name="Styles">The style sheet that stays, for the head: media queries. Empty where there is none, and where the template has no
/// layout.</param>
public sealed record CompiledTemplate(string? Subject, string? Styles, string? Html, string? Text);
