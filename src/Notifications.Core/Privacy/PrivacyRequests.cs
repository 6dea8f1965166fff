using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using Notifications.Addresses;
using Notifications.Storage;

namespace Notifications.Privacy;

/// <summary>
/// Keeps the requests. Each is changed under the ETag of what was read, and whoever was slower decides again: so no step loses what another
/// one wrote, or writes an erased person's address down again (R34). Those that are open have a mark beside them, so that nobody has to
/// read the closed ones to find them.
/// </summary>
public sealed class PrivacyRequests(ITableStore tables, PrivacyOptions options, TimeProvider time)
{
    private const string Partition = "requests", OpenPrefix = "open:", Behind = ":"; // Ids are digits first, so they come before it.
    private const int Page = 500;

    /// <summary>Records a new request.</summary>
    public async ValueTask AddAsync(PrivacyRequest request, CancellationToken cancel)
    {
        var row = RowChange.Put(request.Id, request, CoreJson.Default.PrivacyRequest);
        await tables.CommitAsync(Tables.Requests, Partition, request.IsOpen ? [row, Mark(request.Id)] : [row], cancel);
    }

    /// <summary>One request, or null.</summary>
    public ValueTask<PrivacyRequest?> FindAsync(string id, CancellationToken cancel) =>
        tables.ReadAsync(Tables.Requests, Partition, id, CoreJson.Default.PrivacyRequest, cancel);

    /// <summary>Requests, oldest first, after an id.</summary>
    public async ValueTask<IReadOnlyList<PrivacyRequest>> ListAsync(string? after, int limit, CancellationToken cancel) =>
        [
            .. (await tables.ListAsync(
                Tables.Requests, Partition, new RowRange(after is null ? null : after + ' ', Behind), limit, cancel)).Select(Read),
        ];

    /// <summary>
    /// Those of them that are about somebody. All are read for it: there are never so many that this would matter.
    /// </summary>
    public async ValueTask<IReadOnlyList<PrivacyRequest>> ListAsync(
        string? after, int limit, Func<PrivacyRequest, bool> isAbout, CancellationToken cancel)
    {
        var found = new List<PrivacyRequest>();
        while (found.Count < limit && await ListAsync(after, Page, cancel) is [.., var last] page)
        {
            found.AddRange(page.Where(isAbout));
            after = last.Id;
        }

        return [.. found.Take(limit)];
    }

    /// <summary>
    /// Every request, oldest first. One that no key opens, or that is none, is passed over, and <paramref name="unreadable"/> told.
    /// </summary>
    public async IAsyncEnumerable<PrivacyRequest> AllAsync(Action unreadable, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var (_, row) in Legible.RangeAsync(
            tables, Tables.Requests, Partition, new RowRange(null, Behind), Page, cancel, (_, _) => unreadable()))
        {
            if (TryRead(row) is { } request) yield return request;
            else unreadable();
        }
    }

    /// <summary>The open ones (<see cref="PrivacyRequest.IsOpen"/>), oldest first.</summary>
    public async IAsyncEnumerable<PrivacyRequest> OpenAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var id in await OpenIdsAsync(cancel))
            if (await FindAsync(id, cancel) is { IsOpen: true } request) yield return request;
    }

    /// <summary>The ids of the open ones, oldest first, those that no key opens among them.</summary>
    internal async ValueTask<IEnumerable<string>> OpenIdsAsync(CancellationToken cancel) =>
        (await tables.KeysAsync(
            Tables.Requests, Partition, RowRange.Prefix(OpenPrefix), cancel)).Select(static mark => mark[OpenPrefix.Length..]);

    /// <summary>
    /// Changes a request as it stands now. Null where there is none, or where <paramref name="change"/>, which may be asked again, says
    /// null: then nothing is written.
    /// </summary>
    public async ValueTask<PrivacyRequest?> ChangeAsync(string id, Func<PrivacyRequest, PrivacyRequest?> change, CancellationToken cancel)
    {
        var written = default(RowChange);
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            if (await tables.GetAsync(Tables.Requests, Partition, id, cancel) is not { } row) return null;
            // Its answer may have been lost, and repeated it then stands in its own way.
            if (attempt > 0 && row.Value.Span.SequenceEqual(written.Value.Span)) return Read(row);
            if (change(Read(row)) is not { } next) return null;
            written = RowChange.Replace(id, next, CoreJson.Default.PrivacyRequest, row.ETag);
            var rows = new List<RowChange> { written };
            if (next.IsOpen) rows.Add(Mark(id));
            else if (await tables.GetAsync(Tables.Requests, Partition, OpenPrefix + id, cancel) is not null)
                rows.Add(RowChange.Delete(OpenPrefix + id));
            if ((await tables.CommitAsync(Tables.Requests, Partition, rows, cancel)).Committed) return next;
        }

        throw StorageUnavailableException.Contended($"Request {id}");
    }

    /// <summary>
    /// Writes an address that leaves an account into the restrictions that stand over that account: they go on over it, and lifting them
    /// frees it too (R35). One that no key opens is passed over: the address stays restricted, and may leave.
    /// </summary>
    public async ValueTask HoldAsync(string contactId, Address address, AddressKey key, CancellationToken cancel)
    {
        bool Stands(PrivacyRequest r) => r is { WholeContact: true } && r.ContactId == contactId && r.Restricts(key, contactId);
        foreach (var id in await OpenIdsAsync(cancel))
        {
            try
            {
                await ChangeAsync(id, r => Stands(r) ? r.With(address, key) : null, cancel);
            }
            catch (CryptographicException)
            {
                // The timer says that it cannot be opened.
            }
        }
    }

    /// <summary>Puts a mark where an open request has none, as one that was recorded before there were marks.</summary>
    public async ValueTask MarkAsync(CancellationToken cancel)
    {
        await foreach (var request in AllAsync(static () => { }, cancel))
        {
            if (request.IsOpen && await tables.GetAsync(Tables.Requests, Partition, OpenPrefix + request.Id, cancel) is null)
                await tables.CommitAsync(Tables.Requests, Partition, [Mark(request.Id)], cancel);
        }
    }

    /// <summary>
    /// Forgets the closed ones that came more than <see cref="PrivacyOptions.RequestDays"/> ago; how many. What is open stays, however old.
    /// </summary>
    public ValueTask<int> PurgeAsync(CancellationToken cancel)
    {
        var before = time.GetUtcNow() - TimeSpan.FromDays(options.RequestDays);
        return Purge.RowsAsync(
            tables, Tables.Requests, Partition, new RowRange(null, PrivacyRequest.IdAt(before)),
            static row => TryRead(row) is { IsOpen: false }, cancel);
    }

    private static RowChange Mark(string id) => RowChange.Put(OpenPrefix + id, "{}"u8.ToArray());

    private static PrivacyRequest? TryRead(Row row)
    {
        try
        {
            return Read(row);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static PrivacyRequest Read(Row row) => row.Read(CoreJson.Default.PrivacyRequest);
}
