using System.Security.Cryptography;
using System.Text.Json;
using Notifications.Storage;

namespace Notifications.Audiences;

/// <summary>Keeps segments. They are read anew at each use, so a change holds for whatever is selected from then on.</summary>
public sealed class StoredSegments(ITableStore tables, TimeProvider time)
{
    private const string Partition = "segments";
    private const int MaxTries = 20;

    /// <summary>The segment, or null.</summary>
    public async ValueTask<StoredSegment?> FindAsync(string id, CancellationToken cancel) => (await LoadAsync(id, cancel)).Segment;

    /// <summary>Segments in the order of their ids, after one.</summary>
    public async ValueTask<IReadOnlyList<StoredSegment>> ListAsync(string? after, int limit, CancellationToken cancel)
    {
        var rows = await tables.ListAsync(Tables.Segments, Partition, RowRange.After(after), limit, cancel);
        return [.. rows.Select(r => r.Read(CoreJson.Default.StoredSegment))];
    }

    /// <summary>
    /// Keeps a new one. <paramref name="before"/> is told of it first. Where <paramref name="id"/> is given and that segment is there, it
    /// was made by the same request, and is the answer as it stands.
    /// </summary>
    public async ValueTask<StoredSegment> CreateAsync(
        string name, Segment filter, CancellationToken cancel, Func<StoredSegment, ValueTask>? before = null, string? id = null)
    {
        if (id is not null && await FindAsync(id, cancel) is { } made) return made;
        var now = time.UtcNowMs();
        var segment = new StoredSegment(id ?? RandomNumberGenerator.GetHexString(12, lowercase: true), name, filter, now, now);
        if (before is not null) await before(segment);
        var written = await tables.CommitAsync(
            Tables.Segments, Partition, [RowChange.Insert(segment.Id, segment, CoreJson.Unescaped.StoredSegment)], cancel);
        return written.Committed ? segment : await FindAsync(segment.Id, cancel) ?? segment;
    }

    /// <summary>
    /// Changes one. Nothing before when it is not there, nothing after when somebody else has changed it: <paramref name="seen"/> is the
    /// <see cref="StoredSegment.UpdatedAt"/> that the author saw, or null for whatever it is. <paramref name="told"/> is told of each try
    /// first.
    /// </summary>
    /// <exception cref="StorageUnavailableException">It changed under every try.</exception>
    public async ValueTask<(StoredSegment? Before, StoredSegment? After)> UpdateAsync(
        string id,
        string name, Segment filter, CancellationToken cancel, DateTimeOffset? seen = null,
        Func<StoredSegment, StoredSegment, ValueTask>? told = null)
    {
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            if (await LoadAsync(id, cancel) is not ({ } before, var etag)) return default;
            if (seen is not null && seen != before.UpdatedAt) return (before, null);

            // Later than before, however fast they follow each other: it is what tells two states apart.
            var now = time.UtcNowMs();
            var after = before with
            {
                Name = name,
                Filter = filter,
                UpdatedAt = now > before.UpdatedAt ? now : before.UpdatedAt.AddMilliseconds(1),
            };
            if (told is not null) await told(before, after);
            var value = JsonSerializer.SerializeToUtf8Bytes(after, CoreJson.Unescaped.StoredSegment);
            var written = await tables.CommitAsync(Tables.Segments, Partition, [RowChange.Replace(id, value, etag!)], cancel);
            // A lost answer can have hidden our own success: its author must not be told that somebody else has changed it.
            if (written.Committed
                || (await tables.GetAsync(Tables.Segments, Partition, id, cancel) is { } stands && stands.Value.Span.SequenceEqual(value)))
            {
                return (before, after);
            }
        }

        throw StorageUnavailableException.Contended($"Segment {id}");
    }

    /// <summary>
    /// Forgets one. Nothing before when it is not there, not done when somebody else has changed it: <paramref name="seen"/> and
    /// <paramref name="told"/> as for a change. A campaign whose audience names it is refused from then on.
    /// </summary>
    public async ValueTask<(StoredSegment? Before, bool Done)> DeleteAsync(
        string id, CancellationToken cancel, DateTimeOffset? seen = null, Func<StoredSegment, ValueTask>? told = null)
    {
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            if (await LoadAsync(id, cancel) is not ({ } before, var etag)) return default;
            if (seen is not null && seen != before.UpdatedAt) return (before, false);
            if (told is not null) await told(before);
            // Gone all the same, as where a lost answer hid that this very write took effect.
            if ((await tables.CommitAsync(Tables.Segments, Partition, [RowChange.Delete(id, etag)], cancel)).Committed
                || await tables.GetAsync(Tables.Segments, Partition, id, cancel) is null)
            {
                return (before, true);
            }
        }

        throw StorageUnavailableException.Contended($"Segment {id}");
    }

    /// <summary>Whether a text can name a stored segment or list: 12 hex characters.</summary>
    public static bool IsId(string? text) => text is { Length: 12 } && text.All(char.IsAsciiHexDigitLower);

    private ValueTask<(StoredSegment? Segment, string? ETag)> LoadAsync(string id, CancellationToken cancel) =>
        IsId(id) ? tables.LoadAsync(Tables.Segments, Partition, id, CoreJson.Default.StoredSegment, cancel) : default;
}
