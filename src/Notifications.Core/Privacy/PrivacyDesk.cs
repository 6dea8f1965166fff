using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Security;
using Notifications.Storage;

namespace Notifications.Privacy;

/// <summary>
/// The rights of persons: each is recorded before it is carried out, so that a timer carries on what a crash interrupted, and every step can be done again.
/// </summary>
public sealed class PrivacyDesk(
    ITableStore tables, AddressBook book, ConsentDesk consents, ContactDesk contacts, TopicCatalog topics, KeyRing ring, AddressMove move, Erasure erasure, PersonExports exports, AuditLog audit, TimeProvider time)
{
    private const string Partition = "requests";
    internal const string Source = ConsentSource.PrivacyRequest;

    /// <summary>Who acts where the person does, by a link to an address.</summary>
    private const string Holder = "person";

    /// <summary>The addresses that a request about one address, or about a contact, is about. Null when there is no such contact.</summary>
    public async ValueTask<IReadOnlyList<Address>?> ResolveAsync(Address? address, string? contactId, CancellationToken cancel)
    {
        if (contactId is null) return address is { } one ? [one] : [];
        return await contacts.GetAsync(contactId, cancel) is { } contact ? [.. contact.Addresses.Select(a => a.Address)] : null;
    }

    /// <summary>Records a request and carries it out. The answer is as it stands after that.</summary>
    public async ValueTask<PrivacyRequest> OpenAsync(PrivacyRight right, IReadOnlyList<Address> addresses, string? contactId, string? note, Rectification? change, string actor, CancellationToken cancel)
    {
        // By address, the account is that of the address: its name goes when the last address does.
        var whole = contactId is not null;
        if (!whole && addresses.Count == 1) contactId = (await book.LoadAsync(ring.KeyOf(addresses[0]), cancel)).State?.ContactId;
        return await RecordAsync(right, addresses, contactId, whole, note, change, actor, cancel);
    }

    /// <summary>
    /// What the holder of one address asks for with nothing but a link that was sent there. It proves that address and no other, so access, restriction
    /// and erasure are of that address alone and reach the account itself (its name, what is attached to it later) only where it owns no other address.
    /// An objection is the person's and only lowers: like disabling the account, it reaches every address of the account, and tells nothing of them.
    /// </summary>
    public async ValueTask<PrivacyRequest> OpenByHolderAsync(PrivacyRight right, Address address, CancellationToken cancel)
    {
        var id = (await book.LoadAsync(ring.KeyOf(address), cancel)).State?.ContactId;
        var contact = id is null ? null : await contacts.GetAsync(id, cancel);
        if (contact is not null && right == PrivacyRight.Objection)
            return await RecordAsync(right, [.. contact.Addresses.Select(a => a.Address).Append(address).Distinct()], id, true, null, null, Holder, cancel);
        var alone = contact is { Addresses.Count: <= 1 };
        return await RecordAsync(right, [address], alone || right == PrivacyRight.Erasure ? id : null, alone, null, null, Holder, cancel);
    }

    /// <summary>The restrictions that the holder of an address asked for, and so may lift, all together; none where nothing is restricted, or somebody else did it, alone or as well.</summary>
    public async ValueTask<IReadOnlyList<PrivacyRequest>> HoldersRestrictionsAsync(AddressKey key, CancellationToken cancel)
    {
        if ((await book.LoadAsync(key, cancel)).State is not { RestrictedSince: not null } state) return [];
        var standing = (await RestrictionsAsync(null, cancel)).FindAll(r => r.Restricts(key, state.ContactId));
        return standing.TrueForAll(r => r.Actor == Holder && r.AddressKeys.Contains(key.Value)) ? standing : [];
    }

    private async ValueTask<PrivacyRequest> RecordAsync(PrivacyRight right, IReadOnlyList<Address> addresses, string? contactId, bool whole, string? note, Rectification? change, string actor, CancellationToken cancel)
    {
        var now = time.UtcNowMs();
        var request = new PrivacyRequest
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{now.ToUnixTimeMilliseconds():D15}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}"),
            Type = right,
            Addresses = [.. addresses.Select(a => $"{a.Channel.Name()}:{a.Value}")],
            AddressKeys = [.. addresses.Select(a => ring.KeyOf(a).Value)],
            ContactId = contactId,
            WholeContact = whole,
            OpenedAt = now,
            DueAt = now.AddMonths(1),
            Actor = actor,
            Note = note,
            Change = change,
        };
        await PutAsync(request, cancel);
        await audit.WriteAsync(actor, "privacy.open", request.Id, null, right.ToString(), cancel);
        return await CarryOutAsync(request, cancel);
    }

    /// <summary>One request, or null.</summary>
    public async ValueTask<PrivacyRequest?> FindAsync(string id, CancellationToken cancel) =>
        await tables.GetAsync(Tables.Requests, Partition, id, cancel) is { } row ? Read(row) : null;

    /// <summary>Requests, oldest first, after an id.</summary>
    public async ValueTask<IReadOnlyList<PrivacyRequest>> ListAsync(string? after, int limit, CancellationToken cancel) =>
        [.. (await tables.RangeAsync(Tables.Requests, Partition, new RowRange(after is null ? null : after + ' ', null), limit, cancel)).Select(Read)];

    /// <summary>Extends the clock by two months, once, with what the person was told (R31). Null when it cannot be: it is done, extended before, or overdue.</summary>
    public async ValueTask<PrivacyRequest?> ExtendAsync(PrivacyRequest request, string notice, string actor, CancellationToken cancel)
    {
        var now = time.UtcNowMs();
        if (request.Status == PrivacyStatus.Completed || request.ExtendedAt is not null || now > request.DueAt) return null;
        return await PutAsync(request with { DueAt = request.OpenedAt.AddMonths(3), ExtendedAt = now, Notice = notice }, "privacy.extend", actor, cancel);
    }

    /// <summary>Lifts a restriction, after the person was told (R35): data that another request restricts too stay so until that one is lifted. Null when the request restricts nothing any more.</summary>
    public async ValueTask<PrivacyRequest?> LiftAsync(PrivacyRequest request, string notice, string actor, CancellationToken cancel)
    {
        if (request is not { Type: PrivacyRight.Restriction, Status: PrivacyStatus.Completed, LiftedAt: null }) return null;
        var draft = new LedgerDraft(LedgerAction.Unrestrict, LedgerDraft.AllTopics, Source, actor) { Wording = notice };
        var still = await FreeAsync(request, draft, cancel);
        var lifted = await PutAsync(request with { LiftedAt = time.UtcNowMs(), Notice = notice, Outcome = Ended(still) }, "privacy.lift", actor, cancel);

        // Of two that are lifted at once each has seen the other stand, and one that came meanwhile was not seen: so once more, now that this one stands no longer.
        var after = await FreeAsync(lifted, draft, cancel);
        if (after == still) return lifted;
        lifted = lifted with { Outcome = Ended(after) };
        await PutAsync(lifted, cancel);
        return lifted;
    }

    private static string Ended(bool still) => still ? "This restriction was lifted after notice; another request still restricts the data." : "The restriction was lifted after notice.";

    /// <summary>Frees what this request alone restricts, and restricts what another does. Whether anything of it is restricted after that.</summary>
    private async ValueTask<bool> FreeAsync(PrivacyRequest request, LedgerDraft draft, CancellationToken cancel)
    {
        var addresses = AddressesOf(request);
        var others = await RestrictionsAsync(request, cancel);
        if (request is { WholeContact: true, ContactId: { } id } && await contacts.GetAsync(id, cancel) is { } contact && !others.Exists(o => o.Id == contact.Profile.RestrictedBy))
        {
            // The addresses that came under the account since then are restricted by this request too.
            await contacts.SetRestrictionAsync(id, others.FindLast(o => o.WholeContact && o.ContactId == id)?.Id, cancel);
            addresses = [.. addresses.Union(contact.Addresses.Select(a => a.Address))];
        }

        var still = false;
        foreach (var address in addresses)
        {
            var key = ring.KeyOf(address);
            var result = await book.ChangeAsync(key, null, (state, now) => others.Find(o => o.Restricts(key, state.ContactId)) is { } other ? Transitions.Restrict(state, Restricting(other), now) : Transitions.Unrestrict(state, draft), null, cancel);
            still |= result?.State.RestrictedSince is not null;
        }

        return still;
    }

    /// <summary>The restrictions that stand, oldest first, without one.</summary>
    private async ValueTask<List<PrivacyRequest>> RestrictionsAsync(PrivacyRequest? without, CancellationToken cancel)
    {
        var standing = new List<PrivacyRequest>();
        await foreach (var one in AllAsync(cancel))
            if (one is { Type: PrivacyRight.Restriction, LiftedAt: null } && one.Id != without?.Id) standing.Add(one);
        return standing;
    }

    private static LedgerDraft Restricting(PrivacyRequest request) =>
        new(LedgerAction.Restrict, LedgerDraft.AllTopics, Source, request.Actor) { Evidence = PrivacyRequest.EvidenceOf(request.Id) };

    /// <summary>What is held of the person, for an access or portability request; null for others.</summary>
    public async ValueTask<PersonExport?> ExportAsync(PrivacyRequest request, CancellationToken cancel) =>
        request.Type is PrivacyRight.Access or PrivacyRight.Portability ? await exports.ReadAsync(AddressesOf(request), request.ContactId, cancel) : null;

    /// <summary>Carries on what was interrupted, and looks again for what waited unseen in queues: once, for everybody who was erased within the last day.</summary>
    public async ValueTask RunAsync(CancellationToken cancel)
    {
        await foreach (var request in AllAsync(cancel))
            if (request.Status == PrivacyStatus.Running) await CarryOutAsync(request, cancel);
        var swept = new List<PrivacyRequest>();
        await foreach (var request in AllAsync(cancel))
            if (request.SweepUntil is not null) swept.Add(request);
        if (swept.Count == 0) return;
        await erasure.SweepQueuesAsync(new PersonTraces([], [.. swept.SelectMany(r => r.AddressKeys)], ring), cancel);
        foreach (var request in swept)
            if (time.GetUtcNow() >= request.SweepUntil) await PutAsync(request with { SweepUntil = null }, cancel);
    }

    private async IAsyncEnumerable<PrivacyRequest> AllAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        string? after = null;
        while (await ListAsync(after, 500, cancel) is { Count: > 0 } page)
        {
            foreach (var request in page) yield return request;
            after = page[^1].Id;
        }
    }

    private async ValueTask<PrivacyRequest> CarryOutAsync(PrivacyRequest request, CancellationToken cancel)
    {
        var outcome = request.Type switch
        {
            PrivacyRight.Access or PrivacyRight.Portability => "The export can be read at /export of this request.",
            PrivacyRight.Rectification => await RectifyAsync(request, cancel),
            PrivacyRight.Restriction => await RestrictAsync(request, cancel),
            PrivacyRight.Objection => await ObjectAsync(request, cancel),
            _ => await EraseAsync(request, cancel),
        };
        var done = request with { Status = PrivacyStatus.Completed, CompletedAt = time.UtcNowMs(), Outcome = outcome };
        if (request.Type == PrivacyRight.Erasure) done = done with { Addresses = [], ContactId = null, Note = null, Change = null, SweepUntil = done.CompletedAt + TimeSpan.FromDays(1) };
        return await PutAsync(done, "privacy.complete", request.Actor, cancel);
    }

    private async ValueTask<string> EraseAsync(PrivacyRequest request, CancellationToken cancel)
    {
        AddressKey[] keys = [.. request.AddressKeys.Select(k => AddressKey.TryParse(k, out var key) ? key : throw new InvalidOperationException("A stored address key is not one."))];
        await erasure.RunAsync(AddressesOf(request), keys, request.ContactId, Source, request.Actor, cancel);
        await ScrubRequestsAsync(request, cancel);
        return "Erased. The keyed hash of each address stays, with a block, so that no import adds it again.";
    }

    /// <summary>Earlier requests of the same person lose what names them, too.</summary>
    private async ValueTask ScrubRequestsAsync(PrivacyRequest erased, CancellationToken cancel)
    {
        await foreach (var other in AllAsync(cancel))
        {
            if (other.Id == erased.Id) continue;
            if (other.AddressKeys.Intersect(erased.AddressKeys).Any())
                await PutAsync(other with { Status = PrivacyStatus.Completed, Addresses = [], ContactId = null, Note = null, Notice = null, Change = null }, cancel);
            else if (NextOf(other) is { } next && erased.AddressKeys.Contains(ring.KeyOf(next).Value))
                await PutAsync(other with { Change = other.Change! with { NewAddress = null } }, cancel);
        }
    }

    private async ValueTask<string> RestrictAsync(PrivacyRequest request, CancellationToken cancel)
    {
        // The account first: an address that is attached meanwhile is restricted with it, or found here.
        var addresses = AddressesOf(request);
        if (request is { WholeContact: true, ContactId: { } id } && await contacts.SetRestrictionAsync(id, request.Id, cancel) is { } contact) addresses = [.. addresses.Union(contact.Addresses.Select(a => a.Address))];
        foreach (var address in addresses) await book.ChangeAsync(ring.KeyOf(address), ConsentDesk.Blank(address), (state, now) => Transitions.Restrict(state, Restricting(request), now), null, cancel);
        return "The data stay and nothing is sent until the restriction is lifted, of which the person is told before.";
    }

    private async ValueTask<string> ObjectAsync(PrivacyRequest request, CancellationToken cancel)
    {
        foreach (var address in AddressesOf(request))
            foreach (var topic in topics.All)
                if (topic.IsMarketing) await consents.OptOutAsync(address, new LedgerDraft(LedgerAction.OptOut, topic.Key, "objection", request.Actor), cancel);
        return "All marketing has stopped.";
    }

    private async ValueTask<string> RectifyAsync(PrivacyRequest request, CancellationToken cancel)
    {
        var change = request.Change ?? new Rectification();
        var draft = new LedgerDraft(LedgerAction.Rectify, LedgerDraft.AllTopics, Source, request.Actor);
        foreach (var address in AddressesOf(request))
        {
            await book.ChangeAsync(ring.KeyOf(address), ConsentDesk.Blank(address), (state, _) =>
            {
                var next = state with { Locale = change.Locale ?? state.Locale, TimeZone = change.TimeZone ?? state.TimeZone };
                return next == state || state.Contact == ContactStatus.Erased ? new Change(state, []) : new Change(next, [draft]);
            }, null, cancel);
        }

        if (request.ContactId is { } id && await contacts.GetAsync(id, cancel) is { Profile: var profile })
            await contacts.PutAsync(id, change.Name ?? profile.Name, change.Locale ?? profile.Locale, change.TimeZone ?? profile.TimeZone, null, request.Actor, cancel);
        return NextOf(request) is { } next && next != AddressesOf(request)[0] ? await MoveAsync(AddressesOf(request)[0], next, request, cancel) : "Corrected.";
    }

    private async ValueTask<string> MoveAsync(Address from, Address to, PrivacyRequest request, CancellationToken cancel)
    {
        if (!request.TakenOver)
        {
            await move.TakeOverAsync(from, to, request, cancel);
            request = request with { TakenOver = true };
            await PutAsync(request, cancel);
        }

        return await move.LeaveAsync(from, to, request, cancel)
            ? $"Corrected. The new address is asked to confirm each subscription, and each followed package (of these the newest {move.MostPackages} at most); until then it gets none of them."
            : "The old address is stopped. The new one belongs to a person who was erased: it stays blocked and takes nothing over.";
    }

    private static List<Address> AddressesOf(PrivacyRequest request)
    {
        var addresses = new List<Address>();
        foreach (var text in request.Addresses)
        {
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            addresses.Add(new Address(ChannelNames.Parse(text[..colon])!.Value, text[(colon + 1)..]));
        }

        return addresses;
    }

    /// <summary>The address that a rectification puts in place of the old one, or null.</summary>
    private static Address? NextOf(PrivacyRequest request) => request is { Change.NewAddress: { } next, Addresses: not [] } ? new Address(AddressesOf(request)[0].Channel, next) : null;

    private async ValueTask<PrivacyRequest> PutAsync(PrivacyRequest request, string action, string actor, CancellationToken cancel)
    {
        await PutAsync(request, cancel);
        await audit.WriteAsync(actor, action, request.Id, null, request.Type.ToString(), cancel);
        return request;
    }

    private async ValueTask PutAsync(PrivacyRequest request, CancellationToken cancel) =>
        await tables.CommitAsync(Tables.Requests, Partition, [RowChange.Put(request.Id, JsonSerializer.SerializeToUtf8Bytes(request, CoreJson.Default.PrivacyRequest))], cancel);

    private static PrivacyRequest Read(Row row) => JsonSerializer.Deserialize(row.Value.Span, CoreJson.Default.PrivacyRequest)!;
}
