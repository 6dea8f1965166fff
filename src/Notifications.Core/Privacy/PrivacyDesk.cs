using System.Globalization;
using System.Security.Cryptography;
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
    AddressBook book, ConsentDesk consents, ContactDesk contacts, TopicCatalog topics, KeyRing ring, Restrictions restrictions,
    AddressMove move, FormerAddresses formers, Erasure erasure, PersonExports exports, PersonImports imports, AuditLog audit,
    TimeProvider time)
{
    internal const string Source = ConsentSource.PrivacyRequest;

    /// <summary>Who acts where the person does, by a link to an address.</summary>
    private const string Holder = "person";

    private const int MaxRounds = 20;

    private const string Taken =
        "The new address belongs to another account. Take it away there, and this is carried on within the hour; or end it with what the person was told.";

    private const string Gone =
        "The owner of the new address was erased before it could take the old one's place, so nothing moves there any more. Ask the person for another one and record it anew; end this with what the person was told.";

    /// <summary>The addresses that a request about one address, or about a contact, is about. Null when there is no such contact.</summary>
    public async ValueTask<IReadOnlyList<Address>?> ResolveAsync(Address? address, string? contactId, CancellationToken cancel)
    {
        if (contactId is null) return address is { } one ? [one] : [];
        return await contacts.GetAsync(contactId, cancel) is { } contact ? [.. contact.Addresses.Select(a => a.Address)] : null;
    }

    /// <summary>
    /// Records a request, under an id that is given or a new one, and carries it out. The answer is as it stands after that.
    /// </summary>
    public async ValueTask<PrivacyRequest> OpenAsync(
        PrivacyRight right, IReadOnlyList<Address> addresses, string? contactId, string? note, Rectification? change, string actor,
        CancellationToken cancel, string? id = null)
    {
        // By address, the account is that of the address: its name goes when the last address does.
        var whole = contactId is not null;
        if (!whole && addresses.Count == 1) contactId = (await book.LoadAsync(ring.KeyOf(addresses[0]), cancel)).State?.ContactId;
        return await RecordAsync(right, addresses, contactId, whole, note, change, actor, cancel, id);
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
                right, [.. contact.Addresses.Select(a => a.Address).Append(address).Distinct()], id, true, null, null, Holder, cancel);
        var alone = contact is { Addresses.Count: <= 1 };
        return await RecordAsync(right, [address], alone || right == PrivacyRight.Erasure ? id : null, alone, null, null, Holder, cancel);
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
            request.Actor == Holder
                && request.AddressKeys.Contains(key.Value)
                && (!request.WholeContact || request.ContactId == state.ContactId || request.AddressKeys[0] == key.Value);
        return standing.TrueForAll(IsTheirs) ? standing : [];
    }

    private async ValueTask<PrivacyRequest> RecordAsync(
        PrivacyRight right, IReadOnlyList<Address> addresses, string? contactId, bool whole, string? note, Rectification? change,
        string actor, CancellationToken cancel, string? id = null)
    {
        var now = time.UtcNowMs();
        var request = new PrivacyRequest
        {
            Id = id ?? PrivacyRequest.NewId(now),
            Type = right,
            Addresses = [.. addresses.Select(PrivacyRequest.TextOf)],
            AddressKeys = [.. addresses.Select(a => ring.KeyOf(a).Value)],
            ContactId = contactId,
            WholeContact = whole,
            OpenedAt = now,
            DueAt = now.AddMonths(1),
            Actor = actor,
            Note = note,
            Change = change,
        };
        // Before the act, so that none is without its entry (R68).
        await audit.WriteAsync(actor, "privacy.open", request.Id, null, right.ToString(), cancel);
        await requests.AddAsync(request, cancel);
        return await CarryOutAsync(request, cancel);
    }

    /// <summary>One request, or null.</summary>
    public ValueTask<PrivacyRequest?> FindAsync(string id, CancellationToken cancel) => requests.FindAsync(id, cancel);

    /// <summary>Requests, oldest first, after an id.</summary>
    public ValueTask<IReadOnlyList<PrivacyRequest>> ListAsync(string? after, int limit, CancellationToken cancel) =>
        requests.ListAsync(after, limit, cancel);

    /// <summary>
    /// Requests about which something is still to be done (<see cref="PrivacyRequest.IsOpen"/>), standing restrictions among them; oldest
    /// first.
    /// </summary>
    public IAsyncEnumerable<PrivacyRequest> StillOpenAsync(CancellationToken cancel) => requests.OpenAsync(cancel);

    /// <summary>
    /// Extends the clock by two months, once, with what the person was told (R31). Null when it cannot be: it is done, extended before, or
    /// overdue.
    /// </summary>
    public async ValueTask<PrivacyRequest?> ExtendAsync(PrivacyRequest request, string notice, string actor, CancellationToken cancel)
    {
        var now = time.UtcNowMs();
        return await ChangeAsync(
            request,
            r => r.Status == PrivacyStatus.Completed || r.ExtendedAt is not null || now > r.DueAt
                ? null
                : r with { DueAt = r.OpenedAt.AddMonths(3), ExtendedAt = now, Notice = notice },
            "privacy.extend", actor, cancel);
    }

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
    /// Lifts a restriction, after the person was told (R35): data that another request restricts too stay so until that one is lifted. Null
    /// when the request restricts nothing any more.
    /// </summary>
    public async ValueTask<PrivacyRequest?> LiftAsync(PrivacyRequest request, string notice, string actor, CancellationToken cancel)
    {
        if (request is not { Type: PrivacyRight.Restriction, Status: PrivacyStatus.Completed, LiftedAt: null }) return null;
        // Before the act, so that none is without its entry (R68).
        await audit.WriteAsync(actor, "privacy.lift", request.Id, null, request.Type.ToString(), cancel);
        var draft = new LedgerDraft(LedgerAction.Unrestrict, LedgerDraft.AllTopics, Source, actor) { Wording = notice };
        var still = await restrictions.FreeAsync(request, draft, cancel);
        var lifted = await requests.ChangeAsync(
            request.Id, r => r.LiftedAt is not null ? null : r with { LiftedAt = time.UtcNowMs(), Notice = notice, Outcome = Ended(still) },
            cancel);
        if (lifted is null) return null;

        // Of two that are lifted at once each has seen the other stand, and one that came meanwhile was not seen: so once more, now that
        // this one stands no longer.
        var after = await restrictions.FreeAsync(lifted, draft, cancel);
        return after == still ? lifted : await requests.ChangeAsync(lifted.Id, r => r with { Outcome = Ended(after) }, cancel);
    }

    private static string Ended(bool still) =>
        still
            ? "This restriction was lifted after notice; another request still restricts the data."
            : "The restriction was lifted after notice.";

    /// <summary>
    /// What is held of the person, for an access or portability request, at a former address too; null for others.
    /// </summary>
    public async ValueTask<PersonExport?> ExportAsync(PrivacyRequest request, CancellationToken cancel)
    {
        if (request.Type is not (PrivacyRight.Access or PrivacyRight.Portability)) return null;
        var (former, _) = await FormerAsync(request, cancel);
        return await exports.ReadAsync([.. request.Named(), .. former], request.ContactId, cancel);
    }

    /// <summary>
    /// The former addresses that a request is about as well, and what is to be said of the others: a link proves one address and no other,
    /// and where somebody has spoken since, it may not be the person.
    /// </summary>
    private async ValueTask<(IReadOnlyList<Address> Theirs, string Others)> FormerAsync(PrivacyRequest request, CancellationToken cancel)
    {
        var former = await formers.OfAsync(request.Named(), cancel);
        bool Reaches(FormerAddress one) => one.IsLeft && request.Actor != Holder;
        string[] others = [.. former.Where(f => !Reaches(f)).Select(f => f.Request)];
        return (
            [.. former.Where(Reaches).Select(f => f.Address)],
            others.Length == 0
                ? ""
                : $" Not of the former address that request {string.Join(" and request ", others)} names: it may be somebody else's by now. Where it is still the person's, record the same for it.");
    }

    /// <summary>
    /// Carries on what was interrupted, and looks again for what waited unseen in queues: once, for everybody who was erased within the
    /// last day. One request that fails, as over a record that no key opens, or that no key opens itself, holds up none of the others, and
    /// nothing else here; it stays open, and the timer says that it failed.
    /// </summary>
    public async ValueTask RunAsync(CancellationToken cancel)
    {
        var (failed, swept) = (new List<Exception>(), new List<PrivacyRequest>());
        async ValueTask TryAsync(Func<ValueTask> stepAsync)
        {
            try
            {
                await stepAsync();
            }
            catch (Exception broken) when (!cancel.IsCancellationRequested)
            {
                failed.Add(broken);
            }
        }

        foreach (var id in await requests.OpenIdsAsync(cancel))
        {
            await TryAsync(async () =>
            {
                if (await requests.FindAsync(id, cancel) is not { IsOpen: true } request) return;
                if (request.Status == PrivacyStatus.Running) request = await CarryOutAsync(request, cancel);
                if (request.SweepUntil is not null) swept.Add(request);
            });
        }

        foreach (var id in await imports.BegunAsync(cancel)) await TryAsync(() => imports.SettleAsync(id, cancel));
        if (swept.Count > 0) await TryAsync(() => SweepAsync(swept, cancel));
        if (failed.Count > 0) throw new AggregateException("Some of what is due to requests could not be done.", failed);
    }

    private async ValueTask SweepAsync(IReadOnlyList<PrivacyRequest> swept, CancellationToken cancel)
    {
        await erasure.SweepQueuesAsync(new PersonTraces([], [.. swept.SelectMany(r => r.AddressKeys)], ring), cancel);
        foreach (var request in swept)
            if (time.GetUtcNow() >= request.SweepUntil) await requests.ChangeAsync(request.Id, r => r with { SweepUntil = null }, cancel);
    }

    private async ValueTask<PrivacyRequest> CarryOutAsync(PrivacyRequest request, CancellationToken cancel)
    {
        var (done, outcome) = request.Type switch
        {
            PrivacyRight.Access or PrivacyRight.Portability when request.Actor == Holder =>
                (true, "The person read or took the export on the preference page." + (await FormerAsync(request, cancel)).Others),
            PrivacyRight.Access or PrivacyRight.Portability =>
                (false,
                    "The export can be read at /export of this request, and is to be handed over."
                        + (await FormerAsync(request, cancel)).Others),
            PrivacyRight.Rectification => await RectifyAsync(request, cancel),
            PrivacyRight.Restriction => (true, await restrictions.RestrictAsync(request, cancel)),
            PrivacyRight.Objection => (true, await ObjectAsync(request, cancel)),
            _ => (true, await EraseAsync(request, cancel)),
        };
        var now = time.UtcNowMs();
        var changed = !done
            ? await requests.ChangeAsync(
                request.Id, r => r.Status == PrivacyStatus.Completed || r.Outcome == outcome ? null : r with { Outcome = outcome }, cancel)
            : await ChangeAsync(request, r =>
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
        return changed ?? await requests.FindAsync(request.Id, cancel) ?? request;
    }

    private async ValueTask<string> EraseAsync(PrivacyRequest request, CancellationToken cancel)
    {
        var (former, others) = await FormerAsync(request, cancel);
        request = await ReachAsync(request, former, cancel);
        int unreadable;
        var rounds = 0;
        do
        {
            // Also what has come under the account since, and while the rest of it was erased.
            if (++rounds > MaxRounds) throw new StorageUnavailableException("The account changes faster than it is erased.");
            request = await ReachAsync(request, await OwnedAsync(request, cancel) ?? [], cancel);
            AddressKey[] keys =
                [
                    .. request.AddressKeys.Select(
                        k => AddressKey.TryParse(k, out var key)
                            ? key
                            : throw new InvalidOperationException("A stored address key is not one.")),
                ];
            unreadable = await erasure.RunAsync(request.Named(), keys, request.ContactId, Source, request.Actor, cancel);
        }
        while (await OwnedAsync(request, cancel) is not null);
        unreadable += await ScrubRequestsAsync(request, cancel);
        return "Erased. The keyed hash of each address stays, with a block, so that no import adds it again."
            + others
            + (unreadable == 0
                ? ""
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $" Not looked through: {unreadable} stored rows, files or queue items that no key of the ring opens. Should their key come back, erase once more."));
    }

    /// <summary>
    /// The request over these addresses too, written down first and at once, so that it is carried on over all of them: of those that it
    /// names nobody can tell any more which are former ones.
    /// </summary>
    private async ValueTask<PrivacyRequest> ReachAsync(
        PrivacyRequest request, IReadOnlyList<Address> addresses, CancellationToken cancel)
    {
        PrivacyRequest Over(PrivacyRequest some) => addresses.Aggregate(some, (all, one) => all.With(one, ring.KeyOf(one)));
        return Over(request) == request ? request : await requests.ChangeAsync(request.Id, Over, cancel) ?? request;
    }

    /// <summary>
    /// The addresses of the account that a request is about as a whole; null where it is about none, or there is none that can be read.
    /// </summary>
    private async ValueTask<IReadOnlyList<Address>?> OwnedAsync(PrivacyRequest request, CancellationToken cancel)
    {
        try
        {
            return request is { WholeContact: true, ContactId: { } id } && await contacts.GetAsync(id, cancel) is { } contact
                ? [.. contact.Addresses.Select(a => a.Address)]
                : null;
        }
        catch (CryptographicException)
        {
            return null; // What stands there and no key opens is counted with the rest.
        }
    }

    /// <summary>
    /// Other requests lose what names the person, and keep what is of others. An erasure under way needs its addresses until it has been
    /// everywhere, and drops them then. How many no key opens.
    /// </summary>
    private async ValueTask<int> ScrubRequestsAsync(PrivacyRequest erased, CancellationToken cancel)
    {
        var unreadable = 0;
        var traces = new PersonTraces(erased.Named(), erased.AddressKeys);
        await foreach (var other in requests.AllAsync(() => unreadable++, cancel))
        {
            if (other.Id == erased.Id || other is { Type: PrivacyRight.Erasure, Status: PrivacyStatus.Running }) continue;
            var next = other.Next() is { } to && erased.AddressKeys.Contains(ring.KeyOf(to).Value);
            if (!next
                && !other.AddressKeys.Intersect(erased.AddressKeys).Any()
                && (other.ContactId is null || other.ContactId != erased.ContactId))
            {
                continue;
            }

            var account = other.ContactId is { } id && await contacts.GetAsync(id, cancel) is not null;
            await requests.ChangeAsync(
                other.Id, r => (next ? r.WithoutNext(Gone) : r).Without(erased.AddressKeys, account, traces.In, time.UtcNowMs()), cancel);
        }

        return unreadable;
    }

    private async ValueTask<string> ObjectAsync(PrivacyRequest request, CancellationToken cancel)
    {
        // The account first: an address that is attached meanwhile takes the objection along, or is found here.
        var addresses = request.Named();
        if (request is { WholeContact: true, ContactId: { } id }
            && await contacts.SetObjectionAsync(id, request.OpenedAt, cancel) is { } contact)
        {
            addresses = [.. addresses.Union(contact.Addresses.Select(a => a.Address))];
        }

        foreach (var address in addresses) await consents.ObjectAsync(address, topics, request.OpenedAt, request.Actor, cancel);
        return "All marketing has stopped.";
    }

    private async ValueTask<(bool Done, string Outcome)> RectifyAsync(PrivacyRequest request, CancellationToken cancel)
    {
        if (!request.Corrected)
        {
            await CorrectAsync(request, request.Change ?? new Rectification(), cancel);
            request = await requests.ChangeAsync(request.Id, r => r with { Corrected = true }, cancel) ?? request;
        }

        if (request.NewAddressGone) return (false, Gone);
        return request.Next() is { } next && next != request.Named()[0]
            ? await MoveAsync(request.Named()[0], next, request, cancel)
            : (true, "Corrected.");
    }

    private async ValueTask CorrectAsync(PrivacyRequest request, Rectification change, CancellationToken cancel)
    {
        var draft = new LedgerDraft(LedgerAction.Rectify, LedgerDraft.AllTopics, Source, request.Actor);
        foreach (var address in request.Named())
        {
            await book.ChangeAsync(ring.KeyOf(address), ConsentDesk.Blank(address), (state, _) =>
            {
                var next = state with { Locale = change.Locale ?? state.Locale, TimeZone = change.TimeZone ?? state.TimeZone };
                return next == state || state.Contact == ContactStatus.Erased ? new Change(state, []) : new Change(next, [draft]);
            }, null, cancel);
        }

        if (request.ContactId is { } id) await contacts.CorrectAsync(id, change.Name, change.Locale, change.TimeZone, cancel);
    }

    private async ValueTask<(bool Done, string Outcome)> MoveAsync(
        Address from, Address to, PrivacyRequest request, CancellationToken cancel)
    {
        if (!request.TakenOver)
        {
            if (await move.IsTakenAsync(to, request, cancel)) return (false, Taken);
            await restrictions.SpreadAsync(from, to, cancel);
            await move.TakeOverAsync(from, to, request, cancel);
            request = await requests.ChangeAsync(request.Id, r => r with { TakenOver = true }, cancel) ?? request;
        }

        return await move.LeaveAsync(from, to, request, cancel) switch
        {
            ContactResult.Done when (await book.LoadAsync(ring.KeyOf(to), cancel)).State?.Contact == ContactStatus.Disabled =>
                (true, "Corrected. The account is disabled, so the new address gets nothing, nor a question what of it to confirm."),
            ContactResult.Done =>
                (true,
                    $"Corrected. The new address is asked to confirm each subscription, and each followed package (of these the newest {move.MostPackages} at most); until then it gets none of them."),
            ContactResult.AddressErased =>
                (true,
                    "The old address is stopped. The new one belongs to a person who was erased: it stays blocked and takes nothing over."),
            _ => (false, Taken),
        };
    }

    private async ValueTask<PrivacyRequest?> ChangeAsync(
        PrivacyRequest request, Func<PrivacyRequest, PrivacyRequest?> change, string action, string actor, CancellationToken cancel)
    {
        // Before the act, so that none is without its entry (R68); one that somebody else was faster than stands there too, as it was asked
        // for.
        if (await requests.FindAsync(request.Id, cancel) is not { } stands || change(stands) is null) return null;
        await audit.WriteAsync(actor, action, request.Id, null, request.Type.ToString(), cancel);
        return await requests.ChangeAsync(request.Id, change, cancel);
    }
}
