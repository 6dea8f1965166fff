using System.Globalization;
using Notifications.Addresses;
using Notifications.Templates;
using Notifications.Web.Http;

namespace Notifications.Web.Templates;

/// <summary>A template's id: <c>name:channel:locale</c>, for example <c>spring:email:pt-BR</c>.</summary>
internal sealed record TemplateId(string Name, Channel Channel, string Locale)
{
    public static TemplateId? Parse(string? text)
    {
        if (text?.Split(':') is not [var name, var channel, var locale]
            || !TemplateName.IsValid(name)
            || ChannelNames.Parse(channel) is not { } known)
        {
            return null;
        }

        var errors = new FieldErrors();
        return Inputs.Locale(errors, locale) is { } tag && !errors.Any ? new TemplateId(name, known, Canonical(tag)) : null;
    }

    /// <summary>What is wrong where <see cref="SetOf"/> finds none.</summary>
    public const string NoSet = "must be a template's name, or the id of one for this channel, such as spring:email:en";

    /// <summary>
    /// The set that a campaign or a message for some channels names: by its name, which is given back as it is, or by the id of one of its
    /// languages; null where that is none, or is of another channel.
    /// </summary>
    public static string? SetOf(string template, params IEnumerable<Channel> channels) =>
        !template.Contains(':', StringComparison.Ordinal) ? template
        : Parse(template) is { } id && channels.All(c => c == id.Channel) ? id.Name
        : null;

    /// <summary>
    /// A language tag as it is written (RFC 5646 section 2.1.1): language small, script with a capital, region in capitals.
    /// </summary>
    public static string Canonical(string tag)
    {
        var subtags = tag.Split('-');
        for (var i = 0; i < subtags.Length; i++)
        {
            var small = subtags[i].ToLowerInvariant();
            var follows = i > 0 && subtags[i - 1].Length > 1;
            subtags[i] = follows && small.Length == 2
                ? small.ToUpperInvariant()
                : follows && small.Length == 4 && char.IsAsciiLetter(small[0])
                    ? CultureInfo.InvariantCulture.TextInfo.ToTitleCase(small)
                    : small;
        }

        return string.Join('-', subtags);
    }

    public override string ToString() => $"{Name}:{Channel.Name()}:{Locale}";
}
