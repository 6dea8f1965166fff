using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Notifications.Templates;

/// <summary>What an email says.</summary>
internal readonly record struct EmailParts(string Subject, string Html, string Text);

/// <summary>The tokens of an email's two links: all that differs between two people who are told the same in the same language.</summary>
internal readonly record struct LinkPair(string Unsubscribe, string Preferences);

/// <summary>
/// What decides an email's words, links aside. <paramref name="Zone"/> and <paramref name="Name"/>: null where nothing that is rendered
/// asks for them.
/// </summary>
internal readonly record struct MailKind(
    string Topic, string? Template, StoredTemplate? Stored, string? Subject, string? TrackingNumber, string? Locale, string? Zone,
    string? Name = null);

/// <summary>
/// What a batch renders once for all its people. The first two emails of a kind are rendered each by itself; when the second is the first
/// with its own links put in, so are all that follow. Where a template does anything with a link but print it, every email is rendered
/// (<see cref="Fits"/>).
/// </summary>
/// <remarks>Lives as long as its batch, some seconds, so what a template says of the present time stays true.</remarks>
public sealed partial class MailMerge
{
    private readonly ConcurrentDictionary<MailKind, Print> _prints = new();

    /// <summary>
    /// Whether a Liquid source prints the links and does nothing else with them: no filter but the one that keeps links safe, no condition,
    /// no capture.
    /// </summary>
    internal static bool Fits(string? source) => source is null || !Beyond().IsMatch(Printed().Replace(source, ""));

    /// <summary>Whether a Liquid source may ask of a contact more than the language.</summary>
    internal static bool AsksOfContact(string? source) => source is not null && Asking().IsMatch(source);

    /// <summary>The email with somebody's links, when its kind is known to differ in nothing else.</summary>
    internal EmailParts? TryPrint(in MailKind kind, JsonElement? data, in LinkPair links) =>
        _prints.TryGetValue(kind, out var print) && print.Holds && print.Says(data) ? print.With(links) : null;

    /// <summary>Takes an email that was rendered, the first of its kind or the proof of the first, and gives it back.</summary>
    internal EmailParts Add(in MailKind kind, JsonElement? data, in LinkPair links, in EmailParts parts)
    {
        if (!_prints.TryGetValue(kind, out var first)) _prints.TryAdd(kind, new Print(data, links, parts));
        else if (!first.Tried && first.Says(data) && first.Links != links) _prints[kind] = first.Proven(first.With(links) == parts);
        return parts;
    }

    [GeneratedRegex(
        @"\{\{-?\s*(unsubscribeUrl|preferencesUrl)\s*(\|\s*" + Liquid.LinkFilter + @"\s*)?-?\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex Printed();

    [GeneratedRegex("unsubscribeUrl|preferencesUrl|capture", RegexOptions.CultureInvariant)]
    private static partial Regex Beyond();

    [GeneratedRegex(@"(?<![.\w])contact\b(?!\.locale\b)", RegexOptions.CultureInvariant)]
    private static partial Regex Asking();

    private sealed class Print(JsonElement? data, LinkPair links, EmailParts parts)
    {
        private readonly Sheet _subject = new(parts.Subject, links), _html = new(parts.Html, links), _text = new(parts.Text, links);

        public LinkPair Links => links;

        public bool Tried { get; private init; }

        public bool Holds { get; private init; }

        public Print Proven(bool holds) => new(data, links, parts) { Tried = true, Holds = holds };

        public bool Says(JsonElement? other) => data is { } one && other is { } two
            ? JsonMarshal.GetRawUtf8Value(one).SequenceEqual(JsonMarshal.GetRawUtf8Value(two))
            : data.HasValue == other.HasValue;

        public EmailParts With(in LinkPair others) => new(_subject.With(others), _html.With(others), _text.With(others));
    }

    // A text cut at the places where a link's token stands.
    private sealed class Sheet
    {
        private readonly List<(string Text, bool Unsubscribes)> _cuts = [];
        private readonly string _rest;

        public Sheet(string text, LinkPair links)
        {
            var from = 0;
            while (true)
            {
                var (stop, choose) = (
                    text.IndexOf(links.Unsubscribe, from, StringComparison.Ordinal),
                    text.IndexOf(links.Preferences, from, StringComparison.Ordinal));
                if (stop < 0 && choose < 0) break;
                var unsubscribes = stop >= 0 && (choose < 0 || stop < choose);
                var at = unsubscribes ? stop : choose;
                _cuts.Add((text[from..at], unsubscribes));
                from = at + (unsubscribes ? links.Unsubscribe : links.Preferences).Length;
            }

            _rest = text[from..];
        }

        public string With(in LinkPair links)
        {
            if (_cuts.Count == 0) return _rest;
            var length = _rest.Length;
            foreach (var (text, unsubscribes) in _cuts)
                length += text.Length + (unsubscribes ? links.Unsubscribe : links.Preferences).Length;
            return string.Create(length, (this, links), static (span, state) =>
            {
                var (sheet, pair) = state;
                foreach (var (text, unsubscribes) in sheet._cuts)
                {
                    text.CopyTo(span);
                    span = span[text.Length..];
                    var token = unsubscribes ? pair.Unsubscribe : pair.Preferences;
                    token.CopyTo(span);
                    span = span[token.Length..];
                }

                sheet._rest.CopyTo(span);
            });
        }
    }
}
