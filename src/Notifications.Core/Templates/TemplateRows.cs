using Notifications.Addresses;

namespace Notifications.Templates;

/// <summary>One language of a set: the set's version that holds its source.</summary>
public sealed record TemplateLanguage(string Locale, int Version, string? Subject, DateTimeOffset SavedAt, string By);

/// <summary>A set as it stands. One without languages was deleted; its versions stay, for the campaigns that name them.</summary>
/// <param name="Languages">In the order they were first saved; the first one is for everybody whose language is missing.</param>
public sealed record TemplateHead(string Name, Channel Channel, string Topic, int Version, TemplateLanguage[] Languages)
{
    /// <summary>The language with exactly this tag.</summary>
    public TemplateLanguage? Find(string locale) =>
        Array.Find(Languages, l => string.Equals(l.Locale, locale, StringComparison.OrdinalIgnoreCase));
}

/// <summary>What one save left: the set's languages then, and the source that was saved; null where a language was deleted.</summary>
public sealed record TemplateVersion(
    TemplateHead Head, string Locale, DateTimeOffset SavedAt, string By, TemplateSource? Source, CompiledTemplate? Compiled);
