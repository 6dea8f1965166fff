using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Notifications.Storage;

/// <summary>
/// The partitioned table: the one place where anything durable lives besides queues and blobs. Every answer of
/// <see cref="CommitAsync"/> is durable before it is given; a read after it, by anyone, sees it.
/// </summary>
/// <remarks>
/// Table names are lower-case letters and digits. Keys are 1 to 512 characters without <c>/ \ # ?</c>, control characters and characters
/// beyond U+FFFF, compared ordinally. Anything transient surfaces as <see cref="StorageUnavailableException"/>: the caller must not assume
/// that nothing was written, because an answer can be lost after a commit.
/// </remarks>
public interface ITableStore
{
    /// <summary>One row, or null when there is none.</summary>
    ValueTask<Row?> GetAsync(string table, string partition, string row, CancellationToken cancel = default);

    /// <summary>
    /// Rows of one partition in ordinal key order, from <see cref="RowRange.From"/> inclusive to <see cref="RowRange.To"/>
    /// exclusive, <paramref name="limit"/> (1 to 1,000) at most.
    /// </summary>
    ValueTask<IReadOnlyList<Row>> RangeAsync(string table, string partition, RowRange range, int limit, CancellationToken cancel = default);

    /// <summary>
    /// Writes 1 to 100 changes of different rows of one partition, all or none. A broken precondition is an answer, not an
    /// exception: <see cref="CommitResult.ConflictAt"/> names the first change that did not hold.
    /// </summary>
    /// <exception cref="ArgumentException">More than 100 changes, the same row twice, a row over 512 KiB, over 2 MiB in all, or a key that
    /// is not allowed.</exception>
    ValueTask<CommitResult> CommitAsync(
        string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default);

    /// <summary>
    /// Every row of a table in (partition, row) order after the given position, for maintenance (repair, retention, key
    /// rotation); never on the way of a send.
    /// </summary>
    ValueTask<IReadOnlyList<ScannedRow>> ScanAsync(
        string table, (string Partition, string Row)? after, int limit, CancellationToken cancel = default);
}

/// <summary>A stored row. <paramref name="ETag"/> changes at every write of the row and never repeats.</summary>
public sealed record Row(string Key, ReadOnlyMemory<byte> Value, string ETag)
{
    /// <summary>The value, where it is JSON.</summary>
    /// <exception cref="JsonException">It is none, or not of this type.</exception>
    public T Read<T>(JsonTypeInfo<T> type) => JsonSerializer.Deserialize(Value.Span, type)!;
}

/// <summary>A row with the partition it stands in.</summary>
public sealed record ScannedRow(string Partition, Row Row);

/// <summary>Ordinal key range: <paramref name="From"/> inclusive, <paramref name="To"/> exclusive; null is unbounded.</summary>
public readonly record struct RowRange(string? From, string? To)
{
    /// <summary>Every key of the partition.</summary>
    public static RowRange All => default;

    /// <summary>Every key after <paramref name="after"/>, or every key where that is null: the next page.</summary>
    public static RowRange After(string? after) => new(after is null ? null : after + ' ', null);

    /// <summary>
    /// Every key that begins with <paramref name="prefix"/>, after <paramref name="after"/> when given (a space is the lowest character a
    /// key may hold).
    /// </summary>
    public static RowRange Prefix(string prefix, string? after = null) =>
        new(after is null ? prefix : after + ' ', prefix[..^1] + (char)(prefix[^1] + 1));
}

/// <summary>The answer to a commit: the new ETags in the order of the changes, or the index of the change that did not hold.</summary>
public readonly record struct CommitResult(int ConflictAt, IReadOnlyList<string> ETags)
{
    /// <summary>Whether everything was written. When false, nothing was.</summary>
    public bool Committed => ConflictAt < 0;

    /// <summary>Everything was written.</summary>
    public static CommitResult Success(IReadOnlyList<string> etags) => new(-1, etags);

    /// <summary>The change at <paramref name="index"/> did not hold; nothing was written.</summary>
    public static CommitResult Conflict(int index) => new(index, []);
}
