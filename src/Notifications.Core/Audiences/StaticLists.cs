using System.Security.Cryptography;
using Notifications.Addresses;
using Notifications.Storage;

namespace Notifications.Audiences;

/// <summary>
/// Keeps static lists. They hold address keys only: who is on a list shows from the address's own record, and nothing of a person whose
/// record is gone. No list raises or lowers a permission, and neither does its deletion (P6).
/// </summary>
public sealed class StaticLists(ITableStore tables, TimeProvider time)
{
    private const string Index = "index";
    private const string Size = "size";
    private const string Prefix = "member:";
    private const int MostInCommit = 99; // And the size.

    /// <summary>How many members of a deleted list go before the answer.</summary>
    internal int MostAtOnce { get; init; } = 10_000;

    /// <summary>The list, or null.</summary>
    public async ValueTask<StaticList?> FindAsync(string id, CancellationToken cancel) =>
        (await LoadAsync(id, cancel)).List is { DeletedAt: null } list ? list : null;

    /// <summary>Lists in the order of their ids, after one.</summary>
    public async ValueTask<(IReadOnlyList<StaticList> Lists, string? Next)> ListAsync(string? after, int limit, CancellationToken cancel)
    {
        var rows = await tables.ListAsync(Tables.Lists, Index, RowRange.After(after), limit, cancel);
        return ([.. rows.Select(Read).Where(l => l.DeletedAt is null)], rows.Count < limit ? null : rows[^1].Key);
    }

    /// <summary>
    /// Makes an empty list. <paramref name="before"/> is told of it first. Where <paramref name="id"/> is given and that list is there, it
    /// was made by the same request, and is the answer as it stands.
    /// </summary>
    public async ValueTask<StaticList> CreateAsync(
        string name, CancellationToken cancel, Func<StaticList, ValueTask>? before = null, string? id = null)
    {
        if (id is not null && await FindAsync(id, cancel) is { } made) return made;
        var now = time.UtcNowMs();
        var list = new StaticList(id ?? RandomNumberGenerator.GetHexString(12, lowercase: true), name, now, now);
        if (before is not null) await before(list);
        var written = await tables.CommitAsync(
            Tables.Lists, Index, [RowChange.Insert(list.Id, list, CoreJson.Default.StaticList)], cancel);
        return written.Committed ? list : await FindAsync(list.Id, cancel) ?? list;
    }

    /// <summary>Renames a list; null when it is not there.</summary>
    public ValueTask<StaticList?> RenameAsync(string id, string name, CancellationToken cancel) =>
        ChangeAsync(id, list => list with { Name = name, UpdatedAt = time.UtcNowMs() }, cancel);

    /// <summary>
    /// Deletes a list: it is gone at once, its members follow, the first 10,000 before the answer. False when it is not there. The rest of
    /// a longer one, and what a crash left, is finished by <see cref="SweepAsync"/>.
    /// </summary>
    public async ValueTask<bool> DeleteAsync(string id, CancellationToken cancel)
    {
        if (await ChangeAsync(id, list => list with { DeletedAt = time.UtcNowMs() }, cancel) is null) return false;
        await EmptyAsync(id, MostAtOnce, cancel);
        return true;
    }

    /// <summary>Finishes deletions that were too long for a request, or that a crash interrupted.</summary>
    /// <param name="unread">Is told of what no key opens: it must hold up no other.</param>
    /// <param name="cancel">Ends it between two lists.</param>
    internal async ValueTask SweepAsync(Unread unread, CancellationToken cancel)
    {
        await foreach (var (_, row) in Legible.RangeAsync(tables, Tables.Lists, Index, RowRange.All, 500, unread.AddAsync, cancel))
            if (Read(row) is { DeletedAt: not null } gone) await unread.TryAsync(() => EmptyAsync(gone.Id, long.MaxValue, cancel));
    }

    /// <summary>How many are on the list.</summary>
    public async ValueTask<long> SizeAsync(string id, CancellationToken cancel) => (await LoadSizeAsync(id, cancel)).Members;

    /// <summary>Puts addresses on a list; how many were not on it before. Null when there is no such list.</summary>
    public ValueTask<int?> AddAsync(string id, IReadOnlyCollection<AddressKey> keys, CancellationToken cancel) =>
        WriteAsync(id, keys, add: true, cancel);

    /// <summary>Takes addresses off a list; how many were on it. Null when there is no such list.</summary>
    public ValueTask<int?> RemoveAsync(string id, IReadOnlyCollection<AddressKey> keys, CancellationToken cancel) =>
        WriteAsync(id, keys, add: false, cancel);

    /// <summary>Members in the order of their keys, after one.</summary>
    public async ValueTask<IReadOnlyList<AddressKey>> MembersAsync(string id, AddressKey? after, int limit, CancellationToken cancel) =>
        Keys(await tables.ListAsync(
            Tables.Lists, id, RowRange.Prefix(Prefix, after is { } key ? Prefix + key.Value : null), limit, cancel));

    /// <summary>The names of the lists that an address is on.</summary>
    public async ValueTask<IReadOnlyList<string>> OfAsync(AddressKey key, CancellationToken cancel)
    {
        var names = new List<string>();
        foreach (var list in await EveryAsync(cancel))
            if (list.DeletedAt is null && await tables.GetAsync(Tables.Lists, list.Id, Prefix + key.Value, cancel) is not null)
                names.Add(list.Name);
        return names;
    }

    /// <summary>
    /// Takes an address off every list, also off one of which no key opens the list itself, its size or the member: it must hold up no
    /// erasure (R34). Its size stays as it is then.
    /// </summary>
    public async ValueTask ForgetAsync(AddressKey key, CancellationToken cancel)
    {
        foreach (var id in await tables.KeysAsync(Tables.Lists, Index, RowRange.All, cancel))
        {
            try
            {
                await WriteAsync(id, [key], add: false, cancel);
            }
            catch (CryptographicException)
            {
                await tables.CommitAsync(Tables.Lists, id, [RowChange.Delete(Prefix + key.Value)], cancel);
            }
        }
    }

    /// <summary>
    /// Puts a changed address where the old one was, on every list (rectification), also on one of which no key opens the list itself, its
    /// size or a member: it must hold up no change of an address.
    /// </summary>
    public async ValueTask MoveAsync(AddressKey from, AddressKey to, CancellationToken cancel)
    {
        var (gone, come) = (Prefix + from.Value, Prefix + to.Value);
        foreach (var id in await tables.KeysAsync(Tables.Lists, Index, RowRange.All, cancel))
        {
            try
            {
                if (await FindAsync(id, cancel) is null || await tables.GetAsync(Tables.Lists, id, gone, cancel) is null) continue;
                await AddAsync(id, [to], cancel);
                await RemoveAsync(id, [from], cancel);
            }
            catch (CryptographicException)
            {
                // One leaves and one comes: the size stays.
                if (await tables.KeysAsync(Tables.Lists, id, new RowRange(gone, gone + ' '), cancel) is { Count: > 0 })
                    await tables.CommitAsync(
                        Tables.Lists, id, [RowChange.Put(come, "{}"u8.ToArray()), RowChange.Delete(gone)], cancel);
            }
        }
    }

    /// <summary>Members of one bucket, after a key.</summary>
    internal async ValueTask<IReadOnlyList<AddressKey>> KeysAsync(
        string id, char bucket, string? after, int limit, CancellationToken cancel) =>
        Keys(await tables.RangeAsync(
            Tables.Lists, id, RowRange.Prefix(Prefix + bucket, after is null ? null : Prefix + after), limit, cancel));

    /// <summary>Which of these keys, given in order, are on the list.</summary>
    internal async ValueTask<IReadOnlySet<string>> WithinAsync(string id, IReadOnlyList<string> keys, CancellationToken cancel)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var row in tables.RowsAsync(Tables.Lists, id, new RowRange(Prefix + keys[0], Prefix + keys[^1] + ' '), cancel))
            found.Add(row.Key[Prefix.Length..]);
        return found;
    }

    private async ValueTask<int?> WriteAsync(string id, IReadOnlyCollection<AddressKey> keys, bool add, CancellationToken cancel)
    {
        var changed = 0;
        foreach (var chunk in keys.Distinct().Chunk(MostInCommit))
        {
            if (await TryWriteAsync(id, chunk, add, cancel) is not { } done) return null;
            changed += done;
        }

        return changed;
    }

    private async ValueTask<int?> TryWriteAsync(string id, AddressKey[] keys, bool add, CancellationToken cancel)
    {
        var turn = RandomNumberGenerator.GetHexString(12, lowercase: true);
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            if (await FindAsync(id, cancel) is null) return null;
            var (size, etag) = await LoadSizeAsync(id, cancel);
            var stored = await Task.WhenAll(keys.Select(k => tables.GetAsync(Tables.Lists, id, Prefix + k.Value, cancel).AsTask()));
            var rows = new List<RowChange>(keys.Length + 1);
            for (var i = 0; i < keys.Length; i++)
            {
                if (stored[i] is null == add)
                    rows.Add(
                        add
                            ? RowChange.Insert(Prefix + keys[i].Value, "{}"u8.ToArray())
                            : RowChange.Delete(Prefix + keys[i].Value, stored[i]!.ETag));
            }

            if (rows.Count == 0) return 0;
            var count = rows.Count;
            var after = new ListSize(size + (add ? count : -count), turn);
            rows.Add(RowChange.Write(Size, after, CoreJson.Default.ListSize, etag));
            // Somebody was faster; or a lost answer hid that this very write took effect, which nobody else has written anything over.
            if (!(await tables.CommitAsync(Tables.Lists, id, rows, cancel)).Committed
                && await tables.ReadAsync(Tables.Lists, id, Size, CoreJson.Default.ListSize, cancel) != after)
            {
                continue;
            }

            // The size is replaced under its ETag, so only the first to be added can come after the last was taken out of a list that is
            // deleted.
            if (etag is not null || await FindAsync(id, cancel) is not null) return count;
            await EmptyAsync(id, MostAtOnce, cancel);
            return null;
        }

        throw StorageUnavailableException.Contended($"List {id}");
    }

    private async ValueTask EmptyAsync(string id, long most, CancellationToken cancel)
    {
        while (await tables.RangeAsync(Tables.Lists, id, RowRange.All, 100, cancel) is { Count: > 0 } rows)
        {
            if ((most -= rows.Count) < 0) return;
            await tables.CommitAsync(Tables.Lists, id, [.. rows.Select(r => RowChange.Delete(r.Key, r.ETag))], cancel);
        }

        await tables.CommitAsync(Tables.Lists, Index, [RowChange.Delete(id)], cancel);
    }

    private async ValueTask<StaticList?> ChangeAsync(string id, Func<StaticList, StaticList> change, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            if (await LoadAsync(id, cancel) is not ({ DeletedAt: null } list, { } etag)) return null;
            var next = change(list);
            var written = await tables.CommitAsync(
                Tables.Lists, Index, [RowChange.Replace(id, next, CoreJson.Default.StaticList, etag)], cancel);
            // A lost answer can have hidden our own success: what was deleted must not be said never to have been there.
            if (written.Committed || (await LoadAsync(id, cancel)).List == next) return next;
        }

        throw StorageUnavailableException.Contended($"List {id}");
    }

    private ValueTask<(StaticList? List, string? ETag)> LoadAsync(string id, CancellationToken cancel) =>
        StoredSegments.IsId(id) ? tables.LoadAsync(Tables.Lists, Index, id, CoreJson.Default.StaticList, cancel) : default;

    private async ValueTask<(long Members, string? ETag)> LoadSizeAsync(string id, CancellationToken cancel) =>
        await tables.LoadAsync(Tables.Lists, id, Size, CoreJson.Default.ListSize, cancel) is ({ } size, var etag)
            ? (size.Members, etag)
            : default;

    private async ValueTask<IReadOnlyList<StaticList>> EveryAsync(CancellationToken cancel) =>
        await tables.RowsAsync(Tables.Lists, Index, RowRange.All, cancel).Select(Read).ToListAsync(cancel);

    private static List<AddressKey> Keys(IReadOnlyList<Row> rows)
    {
        var keys = new List<AddressKey>(rows.Count);
        foreach (var row in rows)
            if (AddressKey.TryParse(row.Key.AsSpan(Prefix.Length), out var key)) keys.Add(key);
        return keys;
    }

    private static StaticList Read(Row row) => row.Read(CoreJson.Default.StaticList);
}
