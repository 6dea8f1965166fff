using Notifications.Audiences;
using Notifications.Consent;
using Notifications.Counting;
using Notifications.Storage;

namespace Notifications.Addresses;

/// <summary>What a change came to: the state after it, the entries it wrote (none when nothing changed).</summary>
public sealed record ChangeResult(AddressState State, IReadOnlyList<LedgerEntry> Entries)
{
    /// <summary>Whether anything was written to the ledger.</summary>
    public bool Changed => Entries.Count > 0;
}

/// <summary>
/// Reads and changes address records. A change is decided on what was read, and written together with its ledger entries under the ETag of
/// what was read; when somebody was faster it is decided again on the newer record, so two writers never lose each other's word. The
/// audience index follows every commit from here; without an index (null) only the repair brings it up to date.
/// </summary>
public sealed class AddressBook(ITableStore tables, TimeProvider time, AudienceIndex? audience = null, Statistics? statistics = null)
{
    /// <summary>The record and its ETag, or nulls.</summary>
    public ValueTask<(AddressState? State, string? ETag)> LoadAsync(AddressKey key, CancellationToken cancel) =>
        tables.LoadAsync(Tables.Addresses, key.Value, Rows.State, CoreJson.Default.AddressState, cancel);

    /// <summary>
    /// Changes a record. <paramref name="change"/> must be pure: it may be called again. A record that is not there begins as
    /// <paramref name="blank"/>; when that is null too, nothing is changed and the answer is null.
    /// </summary>
    /// <param name="key">Whose record.</param>
    /// <param name="blank">What the record begins as.</param>
    /// <param name="change">The change to decide.</param>
    /// <param name="beside">Further rows of the same partition to write in the same commit when the change writes, or null.</param>
    /// <param name="cancel">Cancels between tries, never in a commit.</param>
    /// <exception cref="StorageUnavailableException">The store is down, or the record changed under every try.</exception>
    public ValueTask<ChangeResult?> ChangeAsync(
        AddressKey key, AddressState? blank, Func<AddressState, DateTimeOffset, Change> change, Func<DateTimeOffset, RowChange>? beside,
        CancellationToken cancel) =>
        ChangeAsync(key, blank, change, beside, null, cancel);

    /// <summary>
    /// The same for many records in a row: where <paramref name="follow"/> is given the index is not told here, and the caller does it for
    /// all at once (<see cref="FollowAsync(IReadOnlyCollection{AudienceChange})"/>).
    /// </summary>
    internal async ValueTask<ChangeResult?> ChangeAsync(
        AddressKey key,
        AddressState? blank, Func<AddressState, DateTimeOffset, Change> change, Func<DateTimeOffset, RowChange>? beside,
        Action<AudienceChange>? follow, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            var (stored, etag) = await LoadAsync(key, cancel);
            var before = stored ?? blank;
            if (before is null) return null;
            var now = time.UtcNowMs();
            var decided = change(before, now);
            if (decided.Entries.Count == 0 && ReferenceEquals(decided.State, before)) return new ChangeResult(before, []);
            if (await TryCommitAsync(key, etag, stored, decided, now, beside is null ? [] : [beside(now)], follow, cancel) is { } done)
                return done;
        }

        throw StorageUnavailableException.Contended($"The record {key}");
    }

    /// <summary>
    /// Writes one decided change under the ETag it was decided on, with further rows of the same partition; null when somebody was faster
    /// and it must be decided again. For use cases that decide on more rows than the record. <paramref name="stored"/> is what was read
    /// under the ETag, null for nothing.
    /// </summary>
    public ValueTask<ChangeResult?> TryCommitAsync(
        AddressKey key, string? etag, AddressState? stored, Change decided, DateTimeOffset now, IReadOnlyList<RowChange> beside,
        CancellationToken cancel) =>
        TryCommitAsync(key, etag, stored, decided, now, beside, null, cancel);

    private async ValueTask<ChangeResult?> TryCommitAsync(
        AddressKey key,
        string? etag, AddressState? stored, Change decided, DateTimeOffset now, IReadOnlyList<RowChange> beside,
        Action<AudienceChange>? follow, CancellationToken cancel)
    {
        var head = decided.State.Ledger;
        var (after, entries, commit) = await WriteAsync(key, etag, decided, head, now, beside, cancel);
        // The record is as it was read, and an entry stands behind its head: it was set back, or taken away, past the product. A stop is
        // taken all the same, behind the last entry that is there; it follows none, so the ledger stays broken at it (P10).
        if (commit.ConflictAt is > 0 and var at && at <= entries.Length)
            (after, entries, commit) = await WriteAsync(
                key, etag, decided, await LastAsync(key, head.Seq, cancel), now, beside, cancel);
        if (!commit.Committed) return null;
        foreach (var entry in entries) statistics?.Consent(entry.Action, entry.Topic, after.Channel);
        if (follow is null) await FollowAsync(key, stored, after);
        else follow(new AudienceChange(key, stored, after));
        return new ChangeResult(after, entries);
    }

    private async ValueTask<LedgerHead> LastAsync(AddressKey key, long seq, CancellationToken cancel)
    {
        foreach (var row in await tables.KeysAsync(
            Tables.Addresses, key.Value, RowRange.Prefix(Rows.LedgerPrefix, Rows.Ledger(seq)), cancel))
        {
            seq = Math.Max(seq, Rows.LedgerSeq(row));
        }

        return new LedgerHead(seq, LedgerHead.Empty.Hash);
    }

    private async ValueTask<(AddressState After, LedgerEntry[] Entries, CommitResult Commit)> WriteAsync(
        AddressKey key, string? etag, Change decided, LedgerHead head, DateTimeOffset now, IReadOnlyList<RowChange> beside,
        CancellationToken cancel)
    {
        var (after, drafts) = decided;
        var entries = new LedgerEntry[drafts.Count];
        var rows = new List<RowChange>(drafts.Count + beside.Count + 1);
        for (var i = 0; i < entries.Length; i++)
        {
            // Whatever is said of an erased person's address later leaves no words behind (R34).
            var draft = after.IsErased ? drafts[i] with { Wording = null, Evidence = null } : drafts[i];
            entries[i] = LedgerChain.Append(head, draft, now);
            head = new LedgerHead(entries[i].Seq, entries[i].Hash);
            rows.Add(RowChange.Insert(Rows.Ledger(head.Seq), entries[i], CoreJson.Default.LedgerEntry));
        }

        after = after with { Ledger = head };
        rows.Insert(0, RowChange.Write(Rows.State, after, CoreJson.Default.AddressState, etag));
        rows.AddRange(beside);
        return (after, entries, await tables.CommitAsync(Tables.Addresses, key.Value, rows, cancel));
    }

    /// <summary>Lets the audience index follow a record that was written beside this class.</summary>
    internal ValueTask FollowAsync(AddressKey key, AddressState? before, AddressState after) =>
        audience is null ? ValueTask.CompletedTask : audience.FollowAsync(key, before, after);

    /// <inheritdoc cref="AudienceIndex.FollowAsync(IReadOnlyCollection{AudienceChange})"/>
    internal ValueTask FollowAsync(IReadOnlyCollection<AudienceChange> changes) =>
        audience is null ? ValueTask.CompletedTask : audience.FollowAsync(changes);

    /// <summary>
    /// The whole ledger of an address, oldest first. On a screen (<see cref="PassedOver"/>) the entries that no key opens are left out; the
    /// chain does not verify then.
    /// </summary>
    public async ValueTask<IReadOnlyList<LedgerEntry>> LedgerAsync(AddressKey key, CancellationToken cancel)
    {
        var rows = tables.RowsAsync(Tables.Addresses, key.Value, RowRange.Prefix(Rows.LedgerPrefix), cancel);
        return await rows.Select(r => r.Read(CoreJson.Default.LedgerEntry)).ToListAsync(cancel);
    }

    /// <summary>The same for folding, which goes wrong where an entry is missing: one that no key opens ends the reading.</summary>
    public async ValueTask<IReadOnlyList<LedgerEntry>> WholeLedgerAsync(AddressKey key, CancellationToken cancel)
    {
        var rows = tables.AllRowsAsync(Tables.Addresses, key.Value, RowRange.Prefix(Rows.LedgerPrefix), cancel);
        return await rows.Select(r => r.Read(CoreJson.Default.LedgerEntry)).ToListAsync(cancel);
    }
}
