using System.Text.Json;
using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Sms;

namespace Notifications.Templates;

/// <summary>
/// What marketers do with templates: check, save, preview, try out. The API and the console both call it; every act stands in the audit
/// before it is done (R68).
/// </summary>
public sealed class TemplateDesk(
    TemplateBook book, TemplatePreviews previews, TopicCatalog topics, AddressBook addresses, KeyRing ring, MessageIds ids, SendQueue sends,
    AuditLog audit, SmsOptions sms, SenderOptions sender, TimeProvider time)
{
    /// <summary>The most addresses of one test.</summary>
    public const int MostTests = 10;

    /// <summary>A text of more segments than this is warned about.</summary>
    public const int ManySegments = 2;

    private const int MostSets = 1000;

    /// <summary>
    /// Everything that can be said of a source before it is saved: the lint, a trial rendering, the segments of a text, and languages that
    /// other templates of the topic have.
    /// </summary>
    public async ValueTask<LintedTemplate> CheckAsync(TemplateSource source, CancellationToken cancel)
    {
        var topic = topics.Find(source.Topic) ?? throw new ArgumentException("The topic is not known.", nameof(source));
        var linted = TemplateLint.Check(source, topic, sms.CanAnswer(sender));
        if (linted.Compiled is not { } compiled) return linted;
        var findings = new List<TemplateFinding>(linted.Findings);
        try
        {
            var preview = previews.Render(Draft(source, compiled), topic, null, source.Locale, null);
            if (preview.Segments is { Segments: > ManySegments } cost)
                findings.Add(new(
                    "many-segments", FindingSeverity.Warning, "text", 0,
                    $"Without data the text already has {cost.Segments} segments{(cost.Forcing.Count == 0 ? "" : $"; {string.Join(' ', cost.Forcing)} need the wide encoding")}.",
                    "Shorten it; each segment is paid for."));
        }
        catch (TemplateException broken)
        {
            findings.Add(new(
                "cannot-render", FindingSeverity.Error, source.Html is null ? "text" : "html", 0, broken.Message,
                "Correct the template so that it renders without data, within its limits."));
            return new LintedTemplate(null, findings);
        }

        var mine = (await book.HeadAsync(source.Name, source.Channel, cancel))?.Languages.Select(l => l.Locale) ?? [];
        var others = (await book.ListAsync(null, MostSets, cancel))
            .Where(h => h.Topic == source.Topic && h.Channel == source.Channel && h.Name != source.Name)
            .SelectMany(h => h.Languages)
            .Select(l => l.Locale);
        foreach (var missing in others.Except([.. mine, source.Locale], StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal))
            findings.Add(new(
                "missing-locale", FindingSeverity.Warning, "set", 0,
                $"Other templates of this topic are there in {missing}, this one is not.",
                $"Save one for {missing}; until then those people get the first language of the set."));
        return new LintedTemplate(compiled, findings);
    }

    /// <summary>Checks and saves; nothing is stored when there is an error. See <see cref="TemplateBook.SaveAsync"/>.</summary>
    public async ValueTask<(TemplateSave? Result, TemplateHead? Head, LintedTemplate Linted)> SaveAsync(
        TemplateSource source, int seen, string actor, CancellationToken cancel)
    {
        var linted = await CheckAsync(source, cancel);
        if (linted.Compiled is not { } compiled) return (null, null, linted);
        var (result, head) = await book.SaveAsync(
            source, compiled, seen, actor, cancel,
            next =>
                audit.WriteAsync(
                    actor, "template.save", $"{source.Name}:{source.Channel.Name()}:{source.Locale}", seen == 0 ? null : $"version {seen}",
                    $"version {next.Version}", cancel));
        return (result, head, linted);
    }

    /// <summary>Takes one language away. Campaigns that name a version keep it.</summary>
    public async ValueTask<TemplateSave> RemoveAsync(
        string name, Channel channel, string locale, int seen, string actor, CancellationToken cancel) =>
        (await book.RemoveAsync(
            name, channel, locale, seen, actor, cancel,
            next =>
                audit.WriteAsync(
                    actor, "template.delete", $"{name}:{channel.Name()}:{locale}", $"version {seen}", $"version {next.Version}",
                    cancel))).Result;

    /// <summary>Renders one source as a person would get it, or as nobody in particular when <paramref name="address"/> is null.</summary>
    /// <exception cref="TemplateException">The template fails or goes over a limit.</exception>
    public async ValueTask<TemplatePreview> PreviewAsync(
        TemplateSource source, CompiledTemplate compiled, Address? address, string? locale, JsonElement? data, CancellationToken cancel) =>
        await PreviewAsync(Draft(source, compiled), address, locale, data, cancel);

    /// <summary>Renders the language of a stored set that the person would get.</summary>
    /// <exception cref="TemplateException">The template fails or goes over a limit.</exception>
    public async ValueTask<TemplatePreview> PreviewAsync(
        TemplateSet set, Address? address, string? locale, JsonElement? data, CancellationToken cancel)
    {
        var state = address is { } person ? (await addresses.LoadAsync(ring.KeyOf(person), cancel)).State : null;
        return previews.Render(set, topics.Of(set.Topic), state, locale, data);
    }

    /// <summary>
    /// The subject of a mail to nobody in particular. <paramref name="subject"/>: what stands in place of the template's own (Liquid), or
    /// null.
    /// </summary>
    /// <exception cref="TemplateException">The template is unknown, fails or goes over a limit.</exception>
    public async ValueTask<string> SubjectAsync(
        string template, string topic, string? subject, JsonElement? data, CancellationToken cancel) =>
        previews.Subject(
            template, await book.FindAsync(await book.PinAsync(template, Channel.Email, cancel), Channel.Email, cancel), topics.Of(topic),
            subject, data);

    /// <summary>
    /// Sends the set's version as it stands to named addresses, marked as a test. It goes the way of every message and leaves a receipt:
    /// whoever has said stop, is blocked or was erased gets none. Consent is not needed, since an operator names the addresses.
    /// </summary>
    public async ValueTask<IReadOnlyList<string>> TestAsync(
        TemplateSet set, string locale, IReadOnlyList<Address> to, JsonElement? data, string? seed, string actor, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(to.Count, MostTests);
        await audit.WriteAsync(
            actor, "template.test", $"{set.Name}:{set.Channel.Name()}:{locale}", null,
            to.Count == 1 ? "1 address" : $"{to.Count} addresses", cancel);
        var sent = new List<string>(to.Count);
        foreach (var address in to)
        {
            var key = ring.KeyOf(address);
            var id = (seed is null ? ids.New(key) : ids.Derive(key, seed)).ToString();
            await sends.EnqueueAsync(new SendRequest
            {
                Id = id, Channel = set.Channel, To = address.Value, Topic = set.Topic, Purpose = MessagePurpose.Test,
                Template = TemplateName.Pinned(set.Name, set.Version), TrackingNumber = TemplatePreviews.PackageOf(set.Topic),
                Locale = locale, Data = data, Client = actor, AcceptedAt = time.UtcNowMs(),
            }, cancel);
            sent.Add(id);
        }

        return sent;
    }

    private static TemplateSet Draft(TemplateSource source, CompiledTemplate compiled) =>
        new(source.Name, source.Channel, source.Topic, 0, [new StoredTemplate(source, compiled)]);
}
