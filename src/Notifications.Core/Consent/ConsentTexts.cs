using System.Collections.Frozen;
using Notifications.Packages;

namespace Notifications.Consent;

/// <summary>
/// The names of the built-in topics and the words that ask for a confirmation, in one language, from the file <c>texts.json</c>. Languages
/// and their tags are those of <see cref="PackageTexts"/>.
/// </summary>
public sealed class ConsentTexts
{
    private static readonly FrozenDictionary<string, ConsentTexts> ByLanguage = Embedded.Texts("Consent").ToFrozenDictionary(
        texts => texts.Key, texts => new ConsentTexts(PackageTexts.For(texts.Key), texts.Value), StringComparer.Ordinal);

    private static readonly TopicCatalog BuiltIn = new();
    private readonly FrozenDictionary<string, string> _words;

    private ConsentTexts(PackageTexts shared, FrozenDictionary<string, string> words) => (Shared, _words) = (shared, words);

    /// <summary>
    /// What a confirmation says alike for a package: heading, button, what to do when it was somebody else; and the culture.
    /// </summary>
    public PackageTexts Shared { get; }

    /// <summary>A text by its key.</summary>
    public string this[string key] => _words[key];

    /// <summary>Every key, the same in each language.</summary>
    public IEnumerable<string> Keys => _words.Keys;

    /// <summary>The best language for a tag, else English.</summary>
    public static ConsentTexts For(string? tag) => ByLanguage[PackageTexts.For(tag).Language];

    /// <summary>
    /// A topic's name: a built-in one translated, a configured one, or a built-in one under a name of its own, as configured.
    /// </summary>
    public string NameOf(Topic topic) => BuiltIn.Find(topic.Key) is { } known && known.Name == topic.Name ? _words[topic.Key] : topic.Name;

    /// <summary>Names as a list within a sentence.</summary>
    public string Join(IEnumerable<string> names) => string.Join(Shared.Comma, names);
}
