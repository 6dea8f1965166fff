using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Security;
using Notifications.Storage;

namespace Notifications.Privacy;

/// <summary>
/// The rights of persons: each is recorded before it is carried out, so that a timer carries on what a crash interrupted, and every step
/// can be done again.
/// </summary>
public sealed class PrivacyDesk(
    PrivacyRequests requests,
    AddressBook book, ConsentDesk consents, ContactDesk contacts, KeyRing ring, Restrictions restrictions,
    FormerAddresses formers, Rectifications rectifications, AddressMove move, ErasureRequests erasures, ErasureSweep sweep,
    PersonExports exports, PersonImports imports, PersonNotices notices, RequestClock clock, AuditLog audit, TimeProvider time)
{
    internal const string Source = ConsentSource.PrivacyRequest;

    /// <summary>What is told where the address that a request is about belongs to nobody any more.</summary>
    internal const string AddressErased =
        "This address was erased: nothing is kept of it but its keyed hash, with a block by which nothing is sent to it and nobody adds it again. So there was nothing to do, and nothing is written of this request but that it came.";

    /// <summary>The addresses that a request about one address, or about a contact, is about. Null when there is no such contact.</summary>
    public async ValueTask<IReadOnlyList<Address>?> ResolveAsync(Address? address, string? contactId, CancellationToken cancel)
    {
        if (contactId is null) return address is { } one ? [one] : [];
        return await contacts.GetAsync(contactId, cancel) is { } contact ? [.. contact.Addresses.Select(a => a.Address)] : null;
    }

    /// <summary>
    /// Records a request, under an id that is given or a new one, and carries it out. The answer is as it stands after that. Where it
    /// <paramref name="came"/> before it is recorded, as by letter, its clock runs from then (R31).
    /// </summary>
    public async ValueTask<PrivacyRequest> OpenAsync(
        PrivacyRight right, IReadOnlyList<Address> addresses, string? contactId, string? note, Rectification? change, string actor,
        CancellationToken cancel, string? id = null, DateTimeOffset? came = null)
    {
        // By address, the account is that of the address: its name goes when the last address does.
        var whole = contactId is not null;
        var former = false;
        if (!whole && addresses is [var named])
        {
            // Who names a former address means the person, who has another one by now.
            var current = right == PrivacyRight.Rectification ? await move.CurrentAsync(named, cancel) : named;
            (addresses, former) = ([current], current != named);
            foreach (var one in new[] { current, named }) contactId ??= (await book.LoadAsync(ring.KeyOf(one), cancel)).State?.ContactId;
        }

        return await RecordAsync(right, addresses, contactId, whole, note, change, actor, cancel, id, came, former);
    }

    /// <summary>Carries on a request that was recorded under this id and not answered. Null when there is none: record it.</summary>
    public async ValueTask<PrivacyRequest?> CarryOnAsync(string id, CancellationToken cancel) =>
        await requests.FindAsync(id, cancel) is { } recorded
            ? recorded.Status == PrivacyStatus.Running ? await CarryOutAsync(recorded, cancel) : recorded
            : null;

    /// <summary>
    /// What the holder of one address asks for with nothing but a link that was sent there. It proves that address and no other, so access,
    /// restriction and erasure are of that address alone and reach the account itself (its name, what is attached to it later) only where
    /// it owns no other address. An objection is the person's and only lowers: like disabling the account, it reaches every address of the
    /// account, and tells nothing of them.
    /// </summary>
    public async ValueTask<PrivacyRequest> OpenByHolderAsync(PrivacyRight right, Address address, CancellationToken cancel)
    {
        var id = (await book.LoadAsync(ring.KeyOf(address), cancel)).State?.ContactId;
        var contact = id is null ? null : await contacts.GetAsync(id, cancel);
        if (contact is not null && right == PrivacyRight.Objection)
            return await RecordAsync(
                right, [.. contact.Addresses.Select(a => a.Address).Append(address).Distinct()], id, true, null, null, Actors.Person,
                cancel);
        var alone = contact is { Addresses.Count: <= 1 };
        return await RecordAsync(
            right, [address], alone || right == PrivacyRight.Erasure ? id : null, alone, null, null, Actors.Person, cancel);
    }

    /// <summary>
    /// The restrictions that the holder of an address asked for, and so may lift, all together; none where nothing is restricted, or
    /// somebody else did it, alone or as well.
    /// </summary>
    public async ValueTask<IReadOnlyList<PrivacyRequest>> HoldersRestrictionsAsync(AddressKey key, CancellationToken cancel)
    {
        if ((await book.LoadAsync(key, cancel)).State is not { RestrictedSince: not null } state) return [];
        var standing = (await restrictions.StandingAsync(null, cancel)).FindAll(r => r.Restricts(key, state.ContactId));

        // An address that left a restricted account stands in that restriction and proves nothing of the others.
        bool IsTheirs(PrivacyRequest request) =>
            request.Actor == Actors.Person
                && request.AddressKeys.Contains(key.Value)
                && (!request.WholeContact || request.ContactId == state.ContactId || request.AddressKeys[0] == key.Value);
        return standing.TrueForAll(IsTheirs) ? standing : [];
    }

    private async ValueTask<PrivacyRequest> RecordAsync(
        PrivacyRight right, IReadOnlyList<Address> addresses, string? contactId, bool whole, string? note, Rectification? change,
        string actor, CancellationToken cancel, string? id = null, DateTimeOffset? came = null, bool former = false)
    {
        var now = time.UtcNowMs();
        var opened = came < now ? came.Value : now;
        var request = new PrivacyRequest
        {
            Id = id ?? PrivacyRequest.NewId(now),
            Type = right,
            Addresses = [.. addresses.Select(a => a.Stored)],
            AddressKeys = [.. addresses.Select(a => ring.KeyOf(a).Value)],
            ContactId = contactId,
            WholeContact = whole,
            OpenedAt = opened,
            DueAt = opened.AddMonths(1),
            Actor = actor,
            Note = note,
            Change = change,
            FromFormer = former,
        };
        if (await IsErasedAsync(request, cancel)) request = Nobodys(request); // It is not even written down (R34).
        // Before the act, so that none is without its entry (R68).
        await audit.WriteAsync(actor, "privacy.open", request.Id, null, right.ToString(), cancel);
        await requests.AddAsync(request, cancel);
        return request.Status == PrivacyStatus.Running ? await CarryOutAsync(request, cancel) : request;
    }

    /// <summary>
    /// Whether a request, other than to be forgotten, is about nobody, since whoever had each address that it names was erased.
    /// </summary>
    private async ValueTask<bool> IsErasedAsync(PrivacyRequest request, CancellationToken cancel)
    {
        if (request is { Type: PrivacyRight.Erasure } or { Addresses: [] }) return false;
        foreach (var address in request.Named())
            if ((await book.LoadAsync(ring.KeyOf(address), cancel)).State is not { IsErased: true }) return false;
        return true;
    }

    // One that waited for its answer came before the erasure.
    private PrivacyRequest Nobodys(PrivacyRequest request)
    {
        var ended = request.Without(request.AddressKeys, account: false, static _ => true, time.UtcNowMs());
        return request.Outcome is null ? ended with { Outcome = AddressErased } : ended;
    }

    /// <summary>One request, or null.</summary>
    public ValueTask<PrivacyRequest?> FindAsync(string id, CancellationToken cancel) => requests.FindAsync(id, cancel);

    /// <summary>Requests, oldest first, after an id.</summary>
    public ValueTask<IReadOnlyList<PrivacyRequest>> ListAsync(string? after, int limit, CancellationToken cancel) =>
        requests.ListAsync(after, limit, cancel);

    /// <summary>
    /// Those of them that are about an address, be it that its owner was erased since, or that name a contact; where both are null, all.
    /// </summary>
    public ValueTask<IReadOnlyList<PrivacyRequest>> ListAsync(
        string? after, int limit, Address? address, string? contactId, CancellationToken cancel)
    {
        if (address is not { } one)
            return contactId is null
                ? ListAsync(after, limit, cancel)
                : requests.ListAsync(after, limit, r => r.ContactId == contactId, cancel);
        var key = ring.KeyOf(one).Value;
        return requests.ListAsync(after, limit, r => r.AddressKeys.Contains(key), cancel);
    }

    /// <summary>
    /// Requests about which something is still to be done (<see cref="PrivacyRequest.IsOpen"/>), standing restrictions among them; oldest
    /// first.
    /// </summary>
    public IAsyncEnumerable<PrivacyRequest> StillOpenAsync(CancellationToken cancel) => requests.OpenAsync(cancel);

    /// <summary>
    /// Extends the clock by two months, once, and tells the person so, and these words, first (R31). Null when it cannot be: it is done,
    /// extended before, or overdue.
    /// </summary>
    public async ValueTask<PrivacyRequest?> ExtendAsync(PrivacyRequest request, string notice, string actor, CancellationToken cancel)
    {
        var now = time.UtcNowMs();
        var notified = Notified.Nobody;
        return await ChangeAsync(
            request,
            r => r.Status == PrivacyStatus.Completed || r.ExtendedAt is not null || now >= r.OverdueAt
                ? null
                : r with { DueAt = Extended(r), ExtendedAt = now, Notice = notice, Notified = notified },
            "privacy.extend", actor, cancel, async r => notified = await notices.ExtendAsync(r, Extended(r), notice, cancel));
    }

    private static DateTimeOffset Extended(PrivacyRequest request) => request.OpenedAt.AddMonths(3);

    /// <summary>
    /// Says that a request is answered which waits for somebody's hand, with what the person was told: an export is answered when it was
    /// handed over, not when it was recorded (R31). Null when it waits for nobody's.
    /// </summary>
    public async ValueTask<PrivacyRequest?> CompleteAsync(PrivacyRequest request, string notice, string actor, CancellationToken cancel)
    {
        var now = time.UtcNowMs();
        return await ChangeAsync(
            request,
            r => !r.WaitsForHand ? null : r with
            {
                Status = PrivacyStatus.Completed, CompletedAt = now, Notice = r.Notice is null ? notice : $"{r.Notice}\n{notice}",
                Outcome = r.Type == PrivacyRight.Rectification ? "Ended by hand: " + r.Outcome : "The export was handed over.",
            },
            "privacy.complete", actor, cancel);
    }

    /// <summary>
    /// Lifts a restriction, once the person is told so, and these words (R35): the notice is on its way before, and each repetition finds
    /// it. Who lifts their own has read it on the page. Data that another request restricts too stay so until that one is lifted. Null when
    /// the request restricts nothing any more.
    /// </summary>
    public async ValueTask<PrivacyRequest?> LiftAsync(PrivacyRequest request, string notice, string actor, CancellationToken cancel)
    {
        if (request is not { Type: PrivacyRight.Restriction, Status: PrivacyStatus.Completed, LiftedAt: null }) return null;
        // Before the act, so that none is without its entry (R68).
        await audit.WriteAsync(actor, "privacy.lift", request.Id, null, request.Type.ToString(), cancel);
        var notified = actor == Actors.Person ? null : await notices.LiftAsync(request, notice, cancel);
        var draft = new LedgerDraft(LedgerAction.Unrestrict, LedgerDraft.AllTopics, Source, actor) { Wording = notice };
        var still = await restrictions.FreeAsync(request, draft, cancel);
        var lifted = await requests.ChangeAsync(
            request.Id,
            r => r.LiftedAt is not null
                ? null
                : r with { LiftedAt = time.UtcNowMs(), Notice = notice, Notified = notified, Outcome = Ended(still, notified) },
            cancel);
        if (lifted is null) return null;

        // Of two that are lifted at once each has seen the other stand, and one that came meanwhile was not seen: so once more, now that
        // this one stands no longer.
        var after = await restrictions.FreeAsync(lifted, draft, cancel);
        return after == still ? lifted : await requests.ChangeAsync(lifted.Id, r => r with { Outcome = Ended(after, notified) }, cancel);
    }

    private static string Ended(bool still, Notified? notified) =>
        (still
            ? "This restriction was lifted after notice; another request still restricts the data."
            : "The restriction was lifted after notice.")
            + (notified switch
            {
                { Unreached: > 0, Messages: [] } => " No address of the person can be written to: tell them by another way.",
                { Unreached: > 0 } => " One or more addresses of the person cannot be written to, and were not told.",
                _ => "",
            });

    /// <summary>
    /// What is held of the person, for an access or portability request, at a former address too; null for others.
    /// </summary>
    public async ValueTask<PersonExport?> ExportAsync(PrivacyRequest request, CancellationToken cancel)
    {
        if (request.Type is not (PrivacyRight.Access or PrivacyRight.Portability)) return null;
        var (former, _) = await formers.OfAsync(request, cancel);
        return await exports.ReadAsync([.. request.Named(), .. former], request.ContactId, cancel);
    }

    /// <summary>
    /// Writes down that an export is given out, to be read or for machines, before it is: one entry, wherever it was asked for (M12, R68).
    /// </summary>
    public ValueTask NoteExportAsync(PrivacyRequest request, bool readable, string actor, CancellationToken cancel) =>
        audit.WriteAsync(actor, "privacy.export", request.Id, null, readable ? "html" : "json", cancel);

    /// <summary>
    /// Carries on what was interrupted, and looks again for what waited unseen in queues, once for everybody who was erased within the last
    /// day. One request that fails, as over a record that no key opens, or that no key opens itself, holds up none of the others, and
    /// nothing else here; it stays open, and the timer says that it failed.
    /// </summary>
    public async ValueTask RunAsync(CancellationToken cancel)
    {
        var (steps, swept) = (new Steps(cancel), new List<PrivacyRequest>());
        foreach (var id in await requests.OpenIdsAsync(cancel))
        {
            await steps.TryAsync(async () =>
            {
                if (await requests.FindAsync(id, cancel) is not { IsOpen: true } request) return;
                await clock.RingAsync(request, cancel);
                if (request.Status == PrivacyStatus.Running) request = await CarryOutAsync(request, cancel, byTimer: true);
                if (request.SweepUntil is not null) swept.Add(request);
            });
        }

        foreach (var id in await imports.BegunAsync(cancel)) await steps.TryAsync(() => imports.SettleAsync(id, cancel));
        if (swept.Count > 0) await steps.TryAsync(() => SweepQueuesAsync(swept, cancel));
        steps.Tell();
    }

    /// <summary>
    /// Takes everybody out of all that is kept for others whose erasure's answer could not wait for that, and completes their requests. It
    /// may take longer than one run has, and goes on at the next.
    /// </summary>
    public async ValueTask SweepAsync(CancellationToken cancel)
    {
        var (steps, emptied) = (new Steps(cancel), new List<PrivacyRequest>());
        foreach (var id in await requests.OpenIdsAsync(cancel))
        {
            await steps.TryAsync(async () =>
            {
                if (await requests.FindAsync(id, cancel) is { Status: PrivacyStatus.Running, EmptiedAt: not null } request)
                    emptied.Add(request);
            });
        }

        await steps.TryAsync(() => sweep.RunAsync(emptied, async (swept, unreadable) =>
        {
            foreach (var request in swept)
                await steps.TryAsync(async () => await CloseAsync(request, ErasureRequests.Swept(request, unreadable), cancel));
        }, cancel));
        steps.Tell();
    }

    private async ValueTask SweepQueuesAsync(IReadOnlyList<PrivacyRequest> swept, CancellationToken cancel)
    {
        await sweep.SweepQueuesAsync(new PersonTraces([], [.. swept.SelectMany(r => r.AddressKeys)], ring), cancel);
        foreach (var request in swept)
            if (time.GetUtcNow() >= request.SweepUntil) await requests.ChangeAsync(request.Id, r => r with { SweepUntil = null }, cancel);
    }

    private async ValueTask<PrivacyRequest> CarryOutAsync(PrivacyRequest request, CancellationToken cancel, bool byTimer = false)
    {
        if (await IsErasedAsync(request, cancel))
            return await ChangeAsync(
                request, r => r.Status == PrivacyStatus.Running ? Nobodys(r) : null, "privacy.complete", request.Actor, cancel)
                ?? await requests.FindAsync(request.Id, cancel)
                ?? request;
        var (done, outcome) = request.Type switch
        {
            PrivacyRight.Access or PrivacyRight.Portability when request.Actor == Actors.Person =>
                (true, "The person read or took the export on the preference page." + (await formers.OfAsync(request, cancel)).Others),
            PrivacyRight.Access or PrivacyRight.Portability =>
                (false,
                    "The export can be read at /export of this request, and is to be handed over."
                        + (await formers.OfAsync(request, cancel)).Others),
            PrivacyRight.Rectification => await rectifications.CarryOutAsync(request, cancel),
            PrivacyRight.Restriction => (true, await restrictions.RestrictAsync(request, cancel)),
            PrivacyRight.Objection => (true, await ObjectAsync(request, cancel)),
            _ => await erasures.CarryOutAsync(request, byTimer, cancel),
        };
        var changed = done
            ? await CloseAsync(request, outcome, cancel)
            : await requests.ChangeAsync(
                request.Id, r => r.Status == PrivacyStatus.Completed || r.Outcome == outcome ? null : r with { Outcome = outcome }, cancel);
        return changed ?? await requests.FindAsync(request.Id, cancel) ?? request;
    }

    private ValueTask<PrivacyRequest?> CloseAsync(PrivacyRequest request, string outcome, CancellationToken cancel)
    {
        var now = time.UtcNowMs();
        return ChangeAsync(request, r =>
        {
            if (r.Status == PrivacyStatus.Completed) return null; // The timer was faster.
            var closed = r with { Status = PrivacyStatus.Completed, CompletedAt = now, Outcome = outcome };
            return r.Type == PrivacyRight.Erasure
                ? closed with
                {
                    Addresses = [],
                    ContactId = null,
                    Note = null,
                    Notice = null,
                    Change = null,
                    SweepUntil = now + TimeSpan.FromDays(1),
                }
                : closed;
        }, "privacy.complete", request.Actor, cancel);
    }

    private async ValueTask<string> ObjectAsync(PrivacyRequest request, CancellationToken cancel)
    {
        // The account first: an address that is attached meanwhile takes the objection along, or is found here.
        var addresses = request.Named();
        if (request is { WholeContact: true, ContactId: { } id }
            && await contacts.SetObjectionAsync(id, request.RecordedAt, cancel) is { } contact)
        {
            addresses = [.. addresses.Union(contact.Addresses.Select(a => a.Address))];
        }

        foreach (var address in addresses)
        {
            await consents.ObjectAsync(address, request.RecordedAt, request.Actor, cancel);

            // After that: a change of address either finds it here, or has left for another by now. A link proves nothing of that one.
            if (request.Actor != Actors.Person && await move.CurrentAsync(address, cancel) is var current && current != address)
                await consents.ObjectAsync(current, request.RecordedAt, request.Actor, cancel);
        }

        return "All marketing has stopped.";
    }

    private async ValueTask<PrivacyRequest?> ChangeAsync(
        PrivacyRequest request, Func<PrivacyRequest, PrivacyRequest?> change, string action, string actor, CancellationToken cancel,
        Func<PrivacyRequest, ValueTask>? beforeAsync = null)
    {
        // Before the act, so that none is without its entry (R68); one that somebody else was faster than stands there too, as it was asked
        // for.
        if (await requests.FindAsync(request.Id, cancel) is not { } stands || change(stands) is null) return null;
        await audit.WriteAsync(actor, action, request.Id, null, request.Type.ToString(), cancel);
        if (beforeAsync is not null) await beforeAsync(stands);
        return await requests.ChangeAsync(request.Id, change, cancel);
    }

    /// <summary>Steps of a timer, of which one that fails holds up none of the others.</summary>
    private sealed class Steps(CancellationToken cancel)
    {
        private readonly List<Exception> _failed = [];

        public async ValueTask TryAsync(Func<ValueTask> stepAsync)
        {
            try
            {
                await stepAsync();
            }
            catch (Exception broken) when (!cancel.IsCancellationRequested)
            {
                _failed.Add(broken);
            }
        }

        /// <summary>Throws what failed.</summary>
        public void Tell()
        {
            if (_failed.Count > 0) throw new AggregateException("Some of what is due to requests could not be done.", _failed);
        }
    }
}
