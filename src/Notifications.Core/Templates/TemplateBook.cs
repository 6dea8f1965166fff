using System.Collections.Concurrent;
using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Storage;

namespace Notifications.Templates;

/// <summary>What became of a save.</summary>
public enum TemplateSave
{
    /// <summary>Stored as a new version.</summary>
    Saved,

    /// <summary>The language is there already, or is not, or somebody else has saved it since it was read.</summary>
    Stale,

    /// <summary>Other languages of the set are for another topic.</summary>
    OtherTopic,

    /// <summary>The set has 50 languages.</summary>
    TooManyLanguages,

    /// <summary>Source and compiled form do not fit in a row.</summary>
    TooLarge,
}

/// <summary>
/// Stored template sets and all their versions. Reads are cached: the newest version of a set for five seconds, a pinned version for as
/// long as the process runs, both already parsed, and judged by the settings as they are now: a topic may have become marketing, and a
/// number one-way, since the set was saved.
/// </summary>
public sealed class TemplateBook(
    ITableStore tables, TopicCatalog topics, SmsOptions sms, SenderOptions sender, TimeProvider time)
{
    /// <summary>The longest a process may go on with a set after another one saved it.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The most that a version may have, source and compiled form together, in bytes as they are stored: a letter that is not Latin has 2
    /// or 3, and what lies beyond U+FFFF, emoji for the most part, 12.
    /// </summary>
    public const int LargestRow = 500 * 1024;

    private const int MostLanguages = 50;
    private const int MostCached = 1000;
    private const int MaxTries = 20;
    private readonly ConcurrentDictionary<(string Name, Channel Channel), Cached> _newest = new();
    private readonly ConcurrentDictionary<(string Name, Channel Channel), TemplateSet> _pinned = new();

    /// <summary>
    /// A stored set by name, <c>spring</c> or <c>spring@7</c>; null when there is none, which includes the built-in names.
    /// </summary>
    public async ValueTask<TemplateSet?> FindAsync(string? nameOrPinned, Channel channel, CancellationToken cancel)
    {
        if (nameOrPinned is null || TemplateName.IsBuiltIn(nameOrPinned)) return null;
        if (_pinned.TryGetValue((nameOrPinned, channel), out var pinned)) return pinned;
        if (!TemplateName.TryParse(nameOrPinned, out var name, out var version)) return null;
        if (version == 0) return await NewestAsync(name, channel, cancel);
        if (await VersionAsync(name, channel, version, cancel) is not { Head.Languages.Length: > 0 } row) return null;
        var set = await LoadAsync(row.Head, cancel);
        if (_pinned.Count >= MostCached) _pinned.Clear();
        return _pinned.GetOrAdd((nameOrPinned, channel), set);
    }

    /// <summary>
    /// The name with the version that it stands for now, so that later edits change nothing; a pinned or built-in name is given back as it
    /// is, and null where there is no such template.
    /// </summary>
    public async ValueTask<string?> PinAsync(string name, Channel channel, CancellationToken cancel)
    {
        if (TemplateName.IsBuiltIn(name)) return name;
        if (!TemplateName.TryParse(name, out var plain, out var version)) return null;
        // Past the cache: whoever has just corrected the set, perhaps at another process, means what it is now.
        if (version == 0)
            return await HeadAsync(plain, channel, cancel) is { Languages.Length: > 0 } head
                ? TemplateName.Pinned(head.Name, head.Version)
                : null;
        return await FindAsync(name, channel, cancel) is { } set ? TemplateName.Pinned(set.Name, set.Version) : null;
    }

    /// <summary>The set as it stands, past the cache; null when nothing was ever saved under the name.</summary>
    public async ValueTask<TemplateHead?> HeadAsync(string name, Channel channel, CancellationToken cancel) =>
        (await ReadHeadAsync(name, channel, cancel)).Head;

    /// <summary>What a version left.</summary>
    public ValueTask<TemplateVersion?> VersionAsync(string name, Channel channel, int version, CancellationToken cancel) =>
        tables.ReadAsync(
            Tables.Templates, Rows.TemplatePartition, Rows.TemplateVersion(name, channel, version), CoreJson.Default.TemplateVersion,
            cancel);

    /// <summary>
    /// Versions of a set before a number, newest first, and the number before which the next ones are; null where these are the last.
    /// </summary>
    public async ValueTask<(IReadOnlyList<TemplateVersion> Versions, int? Next)> VersionsAsync(
        string name, Channel channel, int before, int limit, CancellationToken cancel)
    {
        var found = new List<TemplateVersion>();
        for (var number = Math.Min(before - 1, (await HeadAsync(name, channel, cancel))?.Version ?? 0); number > 0; number--)
        {
            if (await PassedOver.ShownAsync(Tables.Templates, () => VersionAsync(name, channel, number, cancel)) is { } version)
                found.Add(version);
            if (found.Count == limit || PassedOver.Current is { IsFull: true }) return (found, number > 1 ? number : null);
        }

        return (found, null);
    }

    /// <summary>Sets in the order of name and channel.</summary>
    /// <param name="after">The row of the set before, from <see cref="Rows.TemplateHead"/>; or null.</param>
    public async ValueTask<IReadOnlyList<TemplateHead>> ListAsync(string? after, int limit, CancellationToken cancel)
    {
        var rows = await tables.ListAsync(
            Tables.Templates, Rows.TemplatePartition, RowRange.Prefix(Rows.TemplateHeadPrefix, after), limit, cancel);
        return [.. rows.Select(r => r.Read(CoreJson.Default.TemplateHead))];
    }

    /// <summary>Saves one language as the set's next version.</summary>
    /// <param name="seen">The version of this language that the author saw: 0 for a new one. Another one means that somebody else saved
    /// meanwhile.</param>
    /// <param name="told">Is told first, of each try, how the set is to stand.</param>
    public async ValueTask<(TemplateSave Result, TemplateHead? Head)> SaveAsync(
        TemplateSource source, CompiledTemplate compiled, int seen, string by, CancellationToken cancel,
        Func<TemplateHead, ValueTask>? told = null) =>
        await ChangeAsync(source.Name, source.Channel, source.Locale, source, compiled, seen, by, told, cancel);

    /// <summary>Takes a language out of the set; its versions stay for whoever names them.</summary>
    public async ValueTask<(TemplateSave Result, TemplateHead? Head)> RemoveAsync(
        string name, Channel channel, string locale, int seen, string by, CancellationToken cancel,
        Func<TemplateHead, ValueTask>? told = null) =>
        await ChangeAsync(name, channel, locale, null, null, seen, by, told, cancel);

    private async ValueTask<(TemplateSave, TemplateHead?)> ChangeAsync(
        string name,
        Channel channel, string locale, TemplateSource? source, CompiledTemplate? compiled, int seen, string by,
        Func<TemplateHead, ValueTask>? told, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            var (head, etag) = await ReadHeadAsync(name, channel, cancel);
            var known = head?.Find(locale);
            if ((known?.Version ?? 0) != seen || (source is null && known is null)) return (TemplateSave.Stale, head);
            var others = head?.Languages.Where(l => l != known).ToArray() ?? [];
            if (source is not null && others.Length > 0 && head!.Topic != source.Topic) return (TemplateSave.OtherTopic, head);
            if (others.Length >= MostLanguages) return (TemplateSave.TooManyLanguages, head);

            var now = time.UtcNowMs();
            var version = (head?.Version ?? 0) + 1;
            TemplateLanguage[] languages = source is null
                ? others
                : [.. Ordered(head, known, new TemplateLanguage(locale, version, source.Subject, now, by))];
            var next = new TemplateHead(name, channel, source?.Topic ?? head!.Topic, version, languages);
            var row = JsonSerializer.SerializeToUtf8Bytes(
                new TemplateVersion(next, locale, now, by, source, compiled), CoreJson.Unescaped.TemplateVersion);
            if (row.Length > LargestRow) return (TemplateSave.TooLarge, head);
            if (told is not null) await told(next);
            var commit = await tables.CommitAsync(Tables.Templates, Rows.TemplatePartition,
            [
                RowChange.Write(Rows.TemplateHead(name, channel), next, CoreJson.Default.TemplateHead, etag),
                RowChange.Insert(Rows.TemplateVersion(name, channel, version), row),
            ], cancel);
            // Somebody was faster, or a lost answer hid that this very write took effect: its version tells.
            if (!commit.Committed
                && !(await tables.GetAsync(Tables.Templates, Rows.TemplatePartition, Rows.TemplateVersion(name, channel, version), cancel)
                    is { } stands && stands.Value.Span.SequenceEqual(row)))
            {
                continue;
            }

            _newest.TryRemove((name, channel), out _);
            return (TemplateSave.Saved, next);
        }

        throw StorageUnavailableException.Contended("A template set");
    }

    // A language that is saved again keeps its place: the first one stays the default.
    private static IEnumerable<TemplateLanguage> Ordered(TemplateHead? head, TemplateLanguage? known, TemplateLanguage saved) =>
        known is null ? [.. head?.Languages ?? [], saved] : head!.Languages.Select(l => l == known ? saved : l);

    private async ValueTask<TemplateSet?> NewestAsync(string name, Channel channel, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        if (_newest.TryGetValue((name, channel), out var cached) && now < cached.Until) return cached.Set;
        var (head, _) = await ReadHeadAsync(name, channel, cancel);
        var set = head is not { Languages.Length: > 0 }
            ? null
            : cached?.Set?.Version == head.Version ? cached.Set : await LoadAsync(head, cancel);
        if (_newest.Count >= MostCached) _newest.Clear();
        // Whoever asks at the same moment goes on with the same set, and what has been judged of it.
        return _newest.AddOrUpdate(
            (name, channel), new Cached(set, now + Freshness),
            (_, there) => new Cached(there.Set is { } other && other.Version == set?.Version ? other : set, now + Freshness)).Set;
    }

    private async ValueTask<TemplateSet> LoadAsync(TemplateHead head, CancellationToken cancel)
    {
        var languages = new List<StoredTemplate>(head.Languages.Length);
        foreach (var language in head.Languages)
        {
            var version = await VersionAsync(head.Name, head.Channel, language.Version, cancel);
            if (version is not { Source: { } source, Compiled: { } compiled })
                throw new StorageUnavailableException($"Version {language.Version} of the template {head.Name} is not readable.");
            languages.Add(new StoredTemplate(source, compiled, ProblemOf));
        }

        return new TemplateSet(head.Name, head.Channel, head.Topic, head.Version, languages);
    }

    // Once for each language that is sent, never for a message.
    private string? ProblemOf(TemplateSource source) =>
        TemplateLint.Check(source, topics.Of(source.Topic), sms.CanAnswer(sender), words: false) is { Ok: false } linted
            && linted.Findings.First(f => f.Severity == FindingSeverity.Error) is var fault
            ? $"The template {source.Name} ({source.Locale}) does not meet the rules that hold now: {fault.Message} {fault.Remedy} Then save it."
            : null;

    private ValueTask<(TemplateHead? Head, string? ETag)> ReadHeadAsync(string name, Channel channel, CancellationToken cancel) =>
        tables.LoadAsync(
            Tables.Templates, Rows.TemplatePartition, Rows.TemplateHead(name, channel), CoreJson.Default.TemplateHead, cancel);

    private sealed record Cached(TemplateSet? Set, DateTimeOffset Until);
}
