using Notifications.Addresses;
using Notifications.Storage;

namespace Notifications.Audiences;

/// <summary>One who is in an audience.</summary>
public readonly record struct AudienceMember(AddressKey Key, AudienceRow Row);

/// <summary>
/// Members in the order of their keys. <paramref name="Next"/> is where the bucket goes on, null at its end; a page may be empty and go on.
/// </summary>
public sealed record AudiencePage(IReadOnlyList<AudienceMember> Members, string? Next);

/// <summary>Walks audiences, bucket by bucket and page by page, holding one page at a time.</summary>
public sealed class AudienceReader(ITableStore tables, StoredSegments segments, StaticLists lists, TimeProvider time)
{
    /// <summary>The most rows a page looks at.</summary>
    public const int MaxPage = 1000;

    private const int AtOnce = 16;

    /// <summary>
    /// The audience with its stored segments written out and its relative moments made absolute, so that a walk of hours selects by one
    /// rule. Lists are not copied.
    /// </summary>
    /// <exception cref="AudienceException">A segment or list is not there.</exception>
    public async ValueTask<Audience> FreezeAsync(Audience audience, CancellationToken cancel)
    {
        var now = time.UtcNowMs();
        var exclude = audience.Exclude;
        await CheckListsAsync(audience, cancel);
        return audience with
        {
            Segment = await FreezeAsync(audience.Segment, now, cancel),
            Exclude = exclude is null ? null : exclude with { Segment = await FreezeAsync(exclude.Segment, now, cancel) },
        };
    }

    /// <summary>
    /// The members of a bucket after a key. Looks at <paramref name="limit"/> rows (1 to 1,000) and gives those that belong, so a page may
    /// hold fewer while more follow. A walk from the same cursor goes over the same keys, as they stand then.
    /// </summary>
    /// <exception cref="AudienceException">A segment or list is not there.</exception>
    public async ValueTask<AudiencePage> PageAsync(Audience audience, char bucket, string? after, int limit, CancellationToken cancel)
    {
        limit = Math.Clamp(limit, 1, MaxPage);
        var now = time.UtcNowMs();
        var only = await ResolveAsync(audience.Segment, cancel);
        var without = await ResolveAsync(audience.Exclude?.Segment, cancel);
        var (members, next) = audience.List is { } list
            ? await OfListAsync(audience, list, bucket, after, limit, cancel)
            : await OfIndexAsync(audience, bucket, after, limit, cancel);
        members.RemoveAll(m => (only is not null && !only.Matches(m.Row, now)) || (without is not null && without.Matches(m.Row, now)));
        if (audience.Exclude?.List is { } excluded && members.Count > 0)
        {
            var excludedKeys = await lists.WithinAsync(excluded, [.. members.Select(m => m.Key.Value)], cancel);
            members.RemoveAll(m => excludedKeys.Contains(m.Key.Value));
        }

        // After the members were read: a list that is being deleted loses its members first.
        await CheckListsAsync(audience, cancel);
        return new AudiencePage(members, next);
    }

    private async ValueTask<(List<AudienceMember> Members, string? Next)> OfIndexAsync(
        Audience audience, char bucket, string? after, int limit, CancellationToken cancel)
    {
        var rows = await tables.RangeAsync(
            Tables.Audience, AudienceBuckets.Partition(audience.Topic, audience.Channel, bucket), RowRange.After(after), limit, cancel);
        var members = new List<AudienceMember>(rows.Count);
        foreach (var row in rows)
            if (AddressKey.TryParse(row.Key, out var key)) members.Add(new AudienceMember(key, AudienceIndex.Read(row)));
        return (members, rows.Count < limit ? null : rows[^1].Key);
    }

    /// <summary>A list is walked by its own members: it is mostly far smaller than the audience.</summary>
    private async ValueTask<(List<AudienceMember> Members, string? Next)> OfListAsync(
        Audience audience, string list, char bucket, string? after, int limit, CancellationToken cancel)
    {
        var keys = await lists.KeysAsync(list, bucket, after, limit, cancel);
        var partition = AudienceBuckets.Partition(audience.Topic, audience.Channel, bucket);
        var members = new List<AudienceMember>(keys.Count);
        foreach (var chunk in keys.Chunk(AtOnce))
        {
            var rows = await Task.WhenAll(chunk.Select(key => tables.GetAsync(Tables.Audience, partition, key.Value, cancel).AsTask()));
            for (var i = 0; i < chunk.Length; i++)
                if (rows[i] is { } row) members.Add(new AudienceMember(chunk[i], AudienceIndex.Read(row)));
        }

        return (members, keys.Count < limit ? null : keys[^1].Value);
    }

    private async ValueTask<Segment?> ResolveAsync(SegmentRef? segment, CancellationToken cancel) => segment switch
    {
        null => null,
        { Inline: { } inline } => inline,
        { Id: { } id } => (await segments.FindAsync(id, cancel))?.Filter ?? throw new AudienceException($"The audience names a segment that is deleted ({id}): choose another."),
        _ => null,
    };

    private async ValueTask<SegmentRef?> FreezeAsync(SegmentRef? segment, DateTimeOffset now, CancellationToken cancel) =>
        await ResolveAsync(segment, cancel) is { } found ? new SegmentRef(found.Frozen(now)) : null;

    private async ValueTask CheckListsAsync(Audience audience, CancellationToken cancel)
    {
        foreach (var list in (string?[])[audience.List, audience.Exclude?.List])
            if (list is not null && await lists.FindAsync(list, cancel) is null)
                throw new AudienceException($"The audience names a list that is deleted ({list}).");
    }
}
