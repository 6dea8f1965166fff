using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Notifications.Storage;

namespace Notifications.Audit;

/// <summary>One administrative act (R68). Subjects are keyed hashes and ids, never an address.</summary>
/// <param name="Seq">Its place in the audit: 1, 2, 3 and so on.</param>
/// <param name="At">When it was done, UTC.</param>
/// <param name="Actor">Who did it: service:NAME (a key), agent:NAME or product:NAME (the product by itself).</param>
/// <param name="Action">What was done, such as key.create.</param>
/// <param name="Subject">What it was done to: an id or a keyed hash, never an address.</param>
/// <param name="Before">How that was before, or null.</param>
/// <param name="After">How it was afterwards, or null.</param>
/// <param name="Previous">The hash of the entry before, 64 zeros at the first.</param>
/// <param name="Hash">SHA-256 in hex over this entry and the hash of the one before.</param>
public sealed record AuditEntry(
    long Seq, DateTimeOffset At, string Actor, string Action, string Subject, string? Before, string? After, string Previous, string Hash);

/// <summary>The newest entry.</summary>
/// <param name="Seq">Its place, 0 where there is none.</param>
/// <param name="Hash">Its hash, SHA-256 in hex; 64 zeros where there is none.</param>
public sealed record AuditHead(long Seq, string Hash);

/// <summary>Records administrative acts, each under the hash of the one before: an edit, a gap or a cut end shows.</summary>
public sealed class AuditLog(ITableStore tables, TimeProvider time)
{
    private const string Partition = "audit";
    private const string Head = "head";
    private const string Prefix = "entry:";

    // Of acts at the same moment one is written in each round, so it is more than a host takes requests at once (1,024).
    private const int MaxTries = 2000;

    // So often refused, it looks whether others were faster or the audit was changed past the product.
    private const int TriesBetweenLooks = 20;

    // No request that announced an act is at it longer.
    private static readonly TimeSpan AtOnce = TimeSpan.FromMinutes(5);

    // After this long a request answers with what it has verified: Azure ends it after 230 seconds.
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(20);

    private static readonly AuditHead Empty = new(0, new string('0', 64));

    /// <summary>Records an act; durable when it returns.</summary>
    public ValueTask WriteAsync(string actor, string action, string subject, string? before, string? after, CancellationToken cancel) =>
        WriteAsync(actor, action, subject, before, after, null, cancel);

    /// <summary>
    /// Records an act that is done to a subject once, before it is done: of several who are at it at the same moment the first is its
    /// actor, and the others write nothing. An entry of some minutes ago is of a request that ended before it did it: then there is a new
    /// one.
    /// </summary>
    public ValueTask WriteOnceAsync(
        string actor, string action, string subject, string? before, string? after, CancellationToken cancel) =>
        WriteAsync(actor, action, subject, before, after, $"once:{action}:{subject}", cancel);

    private async ValueTask WriteAsync(
        string actor, string action, string subject, string? before, string? after, string? once, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            var (newest, etag) = await tables.LoadAsync(Tables.Audit, Partition, Head, CoreJson.Default.AuditHead, cancel);
            var said = once is null ? null : await tables.GetAsync(Tables.Audit, Partition, once, cancel);
            var now = time.UtcNowMs();
            if (said?.Read(CoreJson.Default.AuditEntry) is { } known && now - known.At < AtOnce) return;
            var head = newest ?? Empty;
            var entry = new AuditEntry(head.Seq + 1, now, actor, action, subject, before, after, head.Hash, "");
            entry = entry with { Hash = HashOf(entry) };
            var rows = new List<RowChange>
            {
                RowChange.Write(Head, new AuditHead(entry.Seq, entry.Hash), CoreJson.Default.AuditHead, etag),
                RowChange.Insert(Key(entry.Seq), entry, CoreJson.Unescaped.AuditEntry),
            };
            if (once is not null) rows.Add(RowChange.Write(once, entry, CoreJson.Default.AuditEntry, said?.ETag));
            if ((await tables.CommitAsync(Tables.Audit, Partition, rows, cancel)).Committed) return;
            if (attempt % TriesBetweenLooks == TriesBetweenLooks - 1 && !await EndsAtAsync(head, cancel))
                await GoOnAsync(head.Seq, etag, cancel);
        }

        throw StorageUnavailableException.Contended("The audit");
    }

    /// <summary>
    /// Entries after a sequence number, oldest first; on a screen (<see cref="PassedOver"/>) without those that no key opens, where the
    /// chain is broken then.
    /// </summary>
    public async ValueTask<IReadOnlyList<AuditEntry>> ListAsync(long after, int limit, CancellationToken cancel)
    {
        var rows = await tables.ListAsync(Tables.Audit, Partition, RowRange.Prefix(Prefix, Key(after)), limit, cancel);
        return [.. rows.Select(r => r.Read(CoreJson.Default.AuditEntry))];
    }

    /// <summary>The newest entry.</summary>
    public async ValueTask<AuditHead> NewestAsync(CancellationToken cancel) =>
        await tables.ReadAsync(Tables.Audit, Partition, Head, CoreJson.Default.AuditHead, cancel) ?? Empty;

    /// <summary>
    /// Entries after a sequence number, oldest first, and whether they hold: each is unchanged and follows the one before it, the first of
    /// them that which stands before the page, and the newest of all is there. It costs what the page does, however long the log is; an
    /// edit further back shows on its own page, and to <see cref="VerifyAsync"/>.
    /// </summary>
    public async ValueTask<(IReadOnlyList<AuditEntry> Entries, bool Verified)> PageAsync(long after, int limit, CancellationToken cancel)
    {
        // The head first: what is written after it was read is not counted against it.
        var head = await NewestAsync(cancel);
        var ends = await EndsAtAsync(head, cancel);
        if (after > head.Seq && ends) return ([], true);
        var start = await UpToAsync(after, cancel);
        var entries = await ListAsync(after, limit, cancel);
        var end = start is null ? null : Follow(start, entries);
        return (
            entries,
            ends && end is not null && (entries.Count == limit || end.Seq >= head.Seq) && (end.Seq != head.Seq || end == head));
    }

    /// <summary>
    /// Whether every entry after a sequence number, 0 for all of them, is there and unchanged up to the newest. It reads them all, or as
    /// many as a turn does: then <c>Next</c> is the last one that it came to, for another call to go on after.
    /// </summary>
    public async ValueTask<(bool Holds, long? Next)> VerifyAsync(CancellationToken cancel, long after = 0)
    {
        var started = time.GetTimestamp();
        var head = await NewestAsync(cancel);
        if (await UpToAsync(after, cancel) is not { } last) return (false, null);
        while (last.Seq < head.Seq)
        {
            if (last.Seq > after && time.GetElapsedTime(started) >= Turn) return (true, last.Seq);
            var entries = await ListAsync(last.Seq, (int)Math.Min(1000, head.Seq - last.Seq), cancel);
            if (entries.Count == 0 || Follow(last, entries) is not { } end) return (false, null);
            last = end;
        }

        return (last == head && await EndsAtAsync(head, cancel), null);
    }

    /// <summary>Whether an entry that was the newest once is still there and unchanged.</summary>
    public async ValueTask<bool> HasAsync(AuditHead once, CancellationToken cancel) => await UpToAsync(once.Seq, cancel) == once;

    /// <summary>
    /// Whether nothing stands behind the newest entry: no head that is missing, or older than its entries, passes for the end.
    /// </summary>
    private async ValueTask<bool> EndsAtAsync(AuditHead head, CancellationToken cancel) =>
        await tables.GetAsync(Tables.Audit, Partition, Key(head.Seq + 1), cancel) is null || await NewestAsync(cancel) != head;

    /// <summary>
    /// The head was taken away or set back: acts go on behind the last entry that is there, or nobody could do anything any more. The next
    /// one follows none, so the chain stays broken at it.
    /// </summary>
    private async ValueTask GoOnAsync(long seq, string? etag, CancellationToken cancel)
    {
        foreach (var key in await tables.KeysAsync(Tables.Audit, Partition, RowRange.Prefix(Prefix, Key(seq)), cancel))
            seq = Math.Max(seq, long.Parse(key.AsSpan(Prefix.Length), CultureInfo.InvariantCulture));
        await tables.CommitAsync(
            Tables.Audit, Partition,
            [RowChange.Write(Head, new AuditHead(seq, Empty.Hash), CoreJson.Default.AuditHead, etag)], cancel);
    }

    /// <summary>What the entry after a sequence number must follow; null where that entry is not there.</summary>
    private async ValueTask<AuditHead?> UpToAsync(long seq, CancellationToken cancel) =>
        seq == 0 ? Empty
        : await PassedOver.ShownAsync(Tables.Audit, () => tables.GetAsync(Tables.Audit, Partition, Key(seq), cancel)) is { } row
            ? new AuditHead(seq, HashOf(row.Read(CoreJson.Default.AuditEntry)))
        : null;

    /// <summary>Where a chain leads that goes on from a place; null where it breaks.</summary>
    private static AuditHead? Follow(AuditHead last, IReadOnlyList<AuditEntry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry.Seq != last.Seq + 1 || entry.Previous != last.Hash || entry.Hash != HashOf(entry)) return null;
            last = new AuditHead(entry.Seq, entry.Hash);
        }

        return last;
    }

    // The entry as JSON without its own hash: source-generated, so the order of members is fixed.
    private static string HashOf(AuditEntry entry) =>
        Convert.ToHexStringLower(
            SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(entry with { Hash = "" }, CoreJson.Default.AuditEntry)));

    private static string Key(long seq) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{seq:D12}");
}
