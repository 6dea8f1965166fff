using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Security;

namespace Notifications.Privacy;

/// <summary>
/// The rights of persons: each is recorded before it is carried out, so that a timer carries on what a crash interrupted, and every step can be done again.
/// </summary>
public sealed class PrivacyDesk(
    PrivacyRequests requests, AddressBook book, ConsentDesk consents, ContactDesk contacts, TopicCatalog topics, KeyRing ring, AddressMove move, Erasure erasure, PersonExports exports, AuditLog audit, TimeProvider time)
{
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
            Id = PrivacyRequest.NewId(now),
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
        await requests.AddAsync(request, cancel);
        await audit.WriteAsync(actor, "privacy.open", request.Id, null, right.ToString(), cancel);
        return await CarryOutAsync(request, cancel);
    }

    /// <summary>One request, or null.</summary>
    public ValueTask<PrivacyRequest?> FindAsync(string id, CancellationToken cancel) => requests.FindAsync(id, cancel);

    /// <summary>Requests, oldest first, after an id.</summary>
    public ValueTask<IReadOnlyList<PrivacyRequest>> ListAsync(string? after, int limit, CancellationToken cancel) => requests.ListAsync(after, limit, cancel);

    /// <summary>Requests about which something is still to be done (<see cref="PrivacyRequest.IsOpen"/>), standing restrictions among them; oldest first.</summary>
    public IAsyncEnumerable<PrivacyRequest> StillOpenAsync(CancellationToken cancel) => requests.OpenAsync(cancel);

    /// <summary>Requests that are not carried out yet, oldest first.</summary>
    public IAsyncEnumerable<PrivacyRequest> RunningAsync(CancellationToken cancel) => requests.OpenAsync(cancel).Where(r => r.Status == PrivacyStatus.Running);

    /// <summary>Extends the clock by two months, once, with what the person was told (R31). Null when it cannot be: it is done, extended before, or overdue.</summary>
    public async ValueTask<PrivacyRequest?> ExtendAsync(PrivacyRequest request, string notice, string actor, CancellationToken cancel)
    {
        var now = time.UtcNowMs();
        return await ChangeAsync(request, r => r.Status == PrivacyStatus.Completed || r.ExtendedAt is not null || now > r.DueAt ? null : r with { DueAt = r.OpenedAt.AddMonths(3), ExtendedAt = now, Notice = notice }, "privacy.extend", actor, cancel);
    }

    /// <summary>Lifts a restriction, after the person was told (R35): data that another request restricts too stay so until that one is lifted. Null when the request restricts nothing any more.</summary>
    public async ValueTask<PrivacyRequest?> LiftAsync(PrivacyRequest request, string notice, string actor, CancellationToken cancel)
    {
        if (request is not { Type: PrivacyRight.Restriction, Status: PrivacyStatus.Completed, LiftedAt: null }) return null;
        var draft = new LedgerDraft(LedgerAction.Unrestrict, LedgerDraft.AllTopics, Source, actor) { Wording = notice };
        var still = await FreeAsync(request, draft, cancel);
        var lifted = await ChangeAsync(request, r => r.LiftedAt is not null ? null : r with { LiftedAt = time.UtcNowMs(), Notice = notice, Outcome = Ended(still) }, "privacy.lift", actor, cancel);
        if (lifted is null) return null;

        // Of two that are lifted at once each has seen the other stand, and one that came meanwhile was not seen: so once more, now that this one stands no longer.
        var after = await FreeAsync(lifted, draft, cancel);
        return after == still ? lifted : await requests.ChangeAsync(lifted.Id, r => r with { Outcome = Ended(after) }, cancel);
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
        await foreach (var one in requests.OpenAsync(cancel))
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
        await foreach (var request in RunningAsync(cancel)) await CarryOutAsync(request, cancel);
        var swept = new List<PrivacyRequest>();
        await foreach (var request in requests.OpenAsync(cancel))
            if (request.SweepUntil is not null) swept.Add(request);
        if (swept.Count == 0) return;
        await erasure.SweepQueuesAsync(new PersonTraces([], [.. swept.SelectMany(r => r.AddressKeys)], ring), cancel);
        foreach (var request in swept)
            if (time.GetUtcNow() >= request.SweepUntil) await requests.ChangeAsync(request.Id, r => r with { SweepUntil = null }, cancel);
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
        var now = time.UtcNowMs();
        return await ChangeAsync(request, r =>
        {
            if (r.Status == PrivacyStatus.Completed) return null; // The timer was faster.
            var done = r with { Status = PrivacyStatus.Completed, CompletedAt = now, Outcome = outcome };
            return r.Type == PrivacyRight.Erasure ? done with { Addresses = [], ContactId = null, Note = null, Notice = null, Change = null, SweepUntil = now + TimeSpan.FromDays(1) } : done;
        }, "privacy.complete", request.Actor, cancel) ?? await requests.FindAsync(request.Id, cancel) ?? request;
    }

    private async ValueTask<string> EraseAsync(PrivacyRequest request, CancellationToken cancel)
    {
        AddressKey[] keys = [.. request.AddressKeys.Select(k => AddressKey.TryParse(k, out var key) ? key : throw new InvalidOperationException("A stored address key is not one."))];
        await erasure.RunAsync(AddressesOf(request), keys, request.ContactId, Source, request.Actor, cancel);
        await ScrubRequestsAsync(request, cancel);
        return "Erased. The keyed hash of each address stays, with a block, so that no import adds it again.";
    }

    /// <summary>Other requests lose what names the person, and keep what is of others. An erasure under way needs its addresses until it has been everywhere, and drops them then.</summary>
    private async ValueTask ScrubRequestsAsync(PrivacyRequest erased, CancellationToken cancel)
    {
        var traces = new PersonTraces(AddressesOf(erased), erased.AddressKeys);
        await foreach (var other in requests.AllAsync(cancel))
        {
            if (other.Id == erased.Id || other is { Type: PrivacyRight.Erasure, Status: PrivacyStatus.Running }) continue;
            var next = NextOf(other) is { } to && erased.AddressKeys.Contains(ring.KeyOf(to).Value);
            if (!next && !other.AddressKeys.Intersect(erased.AddressKeys).Any() && (other.ContactId is null || other.ContactId != erased.ContactId)) continue;
            var account = other.ContactId is { } id && await contacts.GetAsync(id, cancel) is not null;
            await requests.ChangeAsync(other.Id, r => (next && r.Change is { } change ? r with { Change = change with { NewAddress = null } } : r).Without(erased.AddressKeys, account, traces.In, time.UtcNowMs()), cancel);
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
            request = await requests.ChangeAsync(request.Id, r => r with { TakenOver = true }, cancel) ?? request;
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

    private async ValueTask<PrivacyRequest?> ChangeAsync(PrivacyRequest request, Func<PrivacyRequest, PrivacyRequest?> change, string action, string actor, CancellationToken cancel)
    {
        var changed = await requests.ChangeAsync(request.Id, change, cancel);
        if (changed is not null) await audit.WriteAsync(actor, action, request.Id, null, request.Type.ToString(), cancel);
        return changed;
    }
}
