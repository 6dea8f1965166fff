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
    public async ValueTask<StoredSegment?> FindAsync(string id, CancellationToken cancel) =>
        IsId(id) && await tables.GetAsync(Tables.Segments, Partition, id, cancel) is { } row ? JsonSerializer.Deserialize(row.Value.Span, CoreJson.Default.StoredSegment) : null;

    /// <summary>Segments in the order of their ids, after one.</summary>
    public async ValueTask<IReadOnlyList<StoredSegment>> ListAsync(string? after, int limit, CancellationToken cancel)
    {
        var rows = await tables.RangeAsync(Tables.Segments, Partition, new RowRange(after is null ? null : after + ' ', null), limit, cancel);
        return [.. rows.Select(r => JsonSerializer.Deserialize(r.Value.Span, CoreJson.Default.StoredSegment)!)];
    }

    /// <summary>Keeps a new one.</summary>
    public async ValueTask<StoredSegment> CreateAsync(string name, Segment filter, CancellationToken cancel)
    {
        var now = time.UtcNowMs();
        var segment = new StoredSegment(RandomNumberGenerator.GetHexString(12, lowercase: true), name, filter, now, now);
        await tables.CommitAsync(Tables.Segments, Partition, [RowChange.Insert(segment.Id, Bytes(segment))], cancel);
        return segment;
    }

    /// <summary>
    /// Changes one. Nothing before when it is not there, nothing after when somebody else has changed it: <paramref name="seen"/> is the
    /// <see cref="StoredSegment.UpdatedAt"/> that the author saw, or null for whatever it is.
    /// </summary>
    /// <exception cref="StorageUnavailableException">It changed under 20 tries.</exception>
    public async ValueTask<(StoredSegment? Before, StoredSegment? After)> UpdateAsync(string id, string name, Segment filter, CancellationToken cancel, DateTimeOffset? seen = null)
    {
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            if (!IsId(id) || await tables.GetAsync(Tables.Segments, Partition, id, cancel) is not { } row) return default;
            var before = JsonSerializer.Deserialize(row.Value.Span, CoreJson.Default.StoredSegment)!;
            if (seen is not null && seen != before.UpdatedAt) return (before, null);

            // Later than before, however fast they follow each other: it is what tells two states apart.
            var now = time.UtcNowMs();
            var after = before with { Name = name, Filter = filter, UpdatedAt = now > before.UpdatedAt ? now : before.UpdatedAt.AddMilliseconds(1) };
            if ((await tables.CommitAsync(Tables.Segments, Partition, [RowChange.Replace(id, Bytes(after), row.ETag)], cancel)).Committed) return (before, after);
        }

        throw new StorageUnavailableException($"Segment {id} changed under {MaxTries} tries.");
    }

    /// <summary>Forgets one; false when it is not there. An audience that names it selects nobody from then on.</summary>
    public async ValueTask<bool> DeleteAsync(string id, CancellationToken cancel) =>
        IsId(id) && (await tables.CommitAsync(Tables.Segments, Partition, [RowChange.Delete(id)], cancel)).Committed;

    /// <summary>Whether a text can name a stored segment or list: 12 hex characters.</summary>
    public static bool IsId(string? text) => text is { Length: 12 } && text.All(char.IsAsciiHexDigitLower);

    private static byte[] Bytes(StoredSegment segment) => JsonSerializer.SerializeToUtf8Bytes(segment, CoreJson.Default.StoredSegment);
}
