using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Events;
using Notifications.Packages;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Privacy;

/// <summary>Takes an export of a person in where nothing is known of the person (R32).</summary>
public sealed class PersonImports(
    AddressBook book, ITableStore tables, PrivacyRequests requests, ContactDesk contacts, Watches watches, TopicCatalog topics,
    KeyRing ring, Restrictions restrictions, ImportedReviews reviews, Suppressions suppressions, AuditLog audit, OperatorAlerts alerts,
    TimeProvider time)
{
    private const string Begun = "imports"; // Their partition, beside that of the requests.
    private const int Together = 40;

    /// <summary>
    /// Takes an export in. What is begun is written down first, so that an import that was cut off is completed by the same import again,
    /// and otherwise settled by the timer (<see cref="SettleAsync"/>). Each address's state goes with the newest entries of its ledger, and
    /// only where there is none: no opt-out of that moment finds its place taken. Under the account come the addresses that it has there; a
    /// former one comes in beside it, as it was left (R33).
    /// </summary>
    public async ValueTask<ImportResult> ImportAsync(PersonExport export, string actor, CancellationToken cancel)
    {
        if (export.Format != PersonExport.Version1 || ExportCheck.Read(export, topics, ring) is not { } read) return ImportResult.NotValid;
        var id = ring.LookupHash("person-import", await DigestAsync(export, cancel));
        if (await BeginAsync(id, export.Contact, read, actor, cancel) is not { } begun) return ImportResult.Known;

        // Its request comes first, so that nothing is restricted, also by an import that was cut off, that nobody could lift.
        if (begun.Restriction is { } restriction) await RestrictAsync(restriction, export.Contact, read, actor, cancel);
        var ours = true;
        // What was begun of the others is completed, or their ledgers would never verify.
        foreach (var (key, one) in read) ours &= await TakeInAsync(key, one, begin: ours, cancel);
        if (!ours) return await GiveUpAsync(id, begun, cancel);
        if (export.Contact is { } contact)
        {
            var (put, _) = await contacts.PutAsync(
                contact.Id, contact.Name, contact.Locale, contact.TimeZone,
                [.. read.Where(r => r.Export.State.ContactId == contact.Id).Select(r => r.Export.State.Address!.Value)], actor, cancel);
            if (put != ContactResult.Done) return await GiveUpAsync(id, begun, cancel);
            if (contact.ObjectedAt is { } objected) await contacts.SetObjectionAsync(contact.Id, objected, cancel);
            if (contact.RestrictedBy is not null) await contacts.SetRestrictionAsync(contact.Id, begun.Restriction, cancel);
            // Restricted is how an active account is shown while a request restricts it, which it is by now.
            if (contact.Status != ContactStatus.Active && contact is not { Status: ContactStatus.Restricted, RestrictedBy: not null })
                await contacts.SetStatusAsync(contact.Id, contact.Status, "import", actor, cancel);
        }

        await FreeAsync(begun, cancel);
        await tables.CommitAsync(Tables.Requests, Begun, [RowChange.Delete(id)], cancel);
        return ImportResult.Done;
    }

    // Piece by piece: a person's file may be large, and it stands in memory already.
    private static async ValueTask<string> DigestAsync(PersonExport export, CancellationToken cancel)
    {
        using var sha = SHA256.Create();
        await using (var into = new CryptoStream(Stream.Null, sha, CryptoStreamMode.Write))
            await JsonSerializer.SerializeAsync(into, export, CoreJson.Default.PersonExport, cancel);
        return Convert.ToHexString(sha.Hash!);
    }

    /// <summary>The imports that were begun and are not at their end.</summary>
    internal async ValueTask<IReadOnlyList<string>> BegunAsync(CancellationToken cancel) =>
        await tables.KeysAsync(Tables.Requests, Begun, RowRange.All, cancel);

    /// <summary>
    /// Settles an import that was cut off more than a day ago and that nobody sent again: what came of it stays, and its restriction is of
    /// no more than that. Where it left a ledger without its older entries, which only the export has, an alert says so once, and the
    /// import waits for the same export (P10).
    /// </summary>
    internal async ValueTask SettleAsync(string id, CancellationToken cancel)
    {
        if (await tables.GetAsync(Tables.Requests, Begun, id, cancel) is not { } row
            || row.Read(CoreJson.Default.BegunImport) is not { } begun
            || begun.At >= time.GetUtcNow().AddDays(-1))
        {
            return;
        }

        if (await BrokenAsync(begun, cancel) is not [var first, ..] broken)
        {
            await GiveUpAsync(id, begun, cancel);
        }
        else if (!begun.Told)
        {
            await alerts.RaiseAsync(
                "import-cut-off",
                $"The import of a person was cut off, and the ledgers of {broken.Count} addresses are without their older entries: they verify when the same file is sent again. The first is that of {first}.",
                id, cancel);
            await tables.CommitAsync(
                Tables.Requests, Begun, [RowChange.Replace(id, begun with { Told = true }, CoreJson.Default.BegunImport, row.ETag)],
                cancel);
        }
    }

    /// <summary>The addresses of an import whose ledgers do not verify; without those of erased persons, which nothing completes.</summary>
    private async ValueTask<List<AddressKey>> BrokenAsync(BegunImport begun, CancellationToken cancel)
    {
        var broken = new List<AddressKey>();
        foreach (var text in begun.Keys ?? [])
        {
            if (!AddressKey.TryParse(text, out var key)
                || (await book.LoadAsync(key, cancel)).State is not { IsErased: false } state)
            {
                continue;
            }

            if (!LedgerChain.Verify([.. (await book.LedgerAsync(key, cancel)).Where(e => e.Seq <= state.Ledger.Seq)], state.Ledger))
                broken.Add(key);
        }

        return broken;
    }

    /// <summary>Writes down that an import begins, or finds it begun; null where something is known already of whom it is about.</summary>
    private async ValueTask<BegunImport?> BeginAsync(
        string id, ContactProfile? contact, List<(AddressKey Key, AddressExport Export)> read, string actor, CancellationToken cancel)
    {
        if (await tables.GetAsync(Tables.Requests, Begun, id, cancel) is { } row) return row.Read(CoreJson.Default.BegunImport);
        foreach (var (key, _) in read)
            if (await book.LoadAsync(key, cancel) is { State: not null }) return null;
        if (contact is not null && await contacts.GetAsync(contact.Id, cancel) is not null) return null;
        var now = time.UtcNowMs();
        var restricts = contact?.RestrictedBy is not null || read.Exists(r => r.Export.State.RestrictedSince is not null);
        var begun = new BegunImport(restricts ? PrivacyRequest.NewId(now) : null, now) { Keys = [.. read.Select(r => r.Key.Value)] };
        // Before the act, so that none is without its entry (R68).
        await audit.WriteAsync(actor, "privacy.import", "addresses", null, read.Count.ToString(CultureInfo.InvariantCulture), cancel);
        var written = await tables.CommitAsync(Tables.Requests, Begun, [RowChange.Insert(id, begun, CoreJson.Default.BegunImport)], cancel);
        return written.Committed ? begun : await BeginAsync(id, contact, read, actor, cancel);
    }

    /// <summary>
    /// Takes one address in, or what is missing of it, where it is to <paramref name="begin"/> or has begun. False where it has not, or
    /// somebody else was there first.
    /// </summary>
    private async ValueTask<bool> TakeInAsync(AddressKey key, AddressExport one, bool begin, CancellationToken cancel)
    {
        var rows = one.Ledger.Select(entry => RowChange.Insert(Rows.Ledger(entry.Seq), entry, CoreJson.Default.LedgerEntry)).ToList();
        if (begin && (await book.LoadAsync(key, cancel)).State is null)
        {
            await reviews.OpenAsync(key, one, cancel); // First, so that nothing is held back that nobody can read.
            // An import of an earlier version wrote entries before the state: what of them is the same stands where it belongs.
            var stand = (await book.LedgerAsync(key, cancel)).Select(e => (Rows.Ledger(e.Seq), e.Hash)).ToHashSet();
            var newest = one.Ledger.TakeLast(Together)
                .Where(e => !stand.Contains((Rows.Ledger(e.Seq), e.Hash)))
                .Select(e => Rows.Ledger(e.Seq))
                .ToHashSet(StringComparer.Ordinal);
            var state = one.State with { ContactId = null, Name = null, Watching = one.Watches.Count(w => w.Watch.IsFollowed) };
            await tables.CommitAsync(
                Tables.Addresses, key.Value,
                [RowChange.Insert(Rows.State, state, CoreJson.Default.AddressState), .. rows.Where(r => newest.Contains(r.Key))], cancel);
        }

        if ((await book.LoadAsync(key, cancel)).State is not { } stored || !await IsOursAsync(key, stored, one.State.Ledger, cancel))
            return false;
        await reviews.SettleAsync(key, one, cancel);
        foreach (var message in one.Messages)
            if (MessageId.TryParse(key.Value + "." + message.Id, out var id))
                rows.Add(RowChange.Insert(Rows.Message(id.Suffix), message.Record, CoreJson.Default.MessageRecord));
        foreach (var watch in one.Watches)
            rows.Add(RowChange.Insert(Rows.Watch(watch.TrackingNumber), watch.Watch, CoreJson.Default.WatchRecord));
        foreach (var chunk in rows.DistinctBy(r => r.Key).Chunk(Together))
        {
            // What an earlier try wrote stays as it is by now: a package may have been stopped since (P6).
            var missing = chunk.ToList();
            while (missing.Count > 0
                && await tables.CommitAsync(Tables.Addresses, key.Value, missing, cancel) is { Committed: false } there)
            {
                missing.RemoveAt(there.ConflictAt);
            }
        }

        await book.FollowAsync(key, null, stored);
        if (stored.Suppression is not null) await suppressions.IndexAsync(key, stored, cancel);
        foreach (var (number, watch) in await watches.OfAsync(key, cancel))
            if (watch.Status == WatchStatus.Active) await WatchIndex.PutAsync(tables, number, key, stored, watch, cancel);
        return true;
    }

    /// <summary>
    /// Whether a record goes on from the ledger that is taken in: nothing was known of it when the import began, so then it is of that
    /// import.
    /// </summary>
    private async ValueTask<bool> IsOursAsync(AddressKey key, AddressState stored, LedgerHead head, CancellationToken cancel) =>
        !stored.IsErased
        && (head.Seq == 0
            ? stored.Ledger.Seq == 0
            : await tables.GetAsync(Tables.Addresses, key.Value, Rows.Ledger(head.Seq), cancel) is { } row
                && row.Read(CoreJson.Default.LedgerEntry).Hash == head.Hash);

    /// <summary>
    /// Ends an import where it stands. Its restriction goes on over what it alone restricts here, and is closed where that is nothing:
    /// nobody asked for it otherwise. The import ends first: the same file begins anew then, and brings nothing under a restriction that no
    /// longer names it.
    /// </summary>
    private async ValueTask<ImportResult> GiveUpAsync(string id, BegunImport begun, CancellationToken cancel)
    {
        await FreeAsync(begun, cancel);
        await tables.CommitAsync(Tables.Requests, Begun, [RowChange.Delete(id)], cancel);
        if (begun.Restriction is { } restriction && await requests.FindAsync(restriction, cancel) is { } request)
        {
            var others = await restrictions.StandingAsync(request, cancel);
            var kept = new HashSet<string>(StringComparer.Ordinal);
            foreach (var key in request.Named().Select(ring.KeyOf))
                if ((await book.LoadAsync(key, cancel)).State is { RestrictedSince: not null } state
                    && !others.Exists(o => o.Restricts(key, state.ContactId)))
                {
                    kept.Add(key.Value);
                }

            var account = request.ContactId is { } contact
                && (await contacts.GetAsync(contact, cancel))?.Profile.RestrictedBy == restriction;
            var now = time.UtcNowMs();
            await requests.ChangeAsync(restriction, r => r.LiftedAt is null ? r.Only(kept, account, now) : null, cancel);
        }

        return ImportResult.Known;
    }

    /// <summary>Frees what came in restricted after its restriction was lifted here: nobody could lift it once more (R35).</summary>
    private async ValueTask FreeAsync(BegunImport begun, CancellationToken cancel)
    {
        if (begun.Restriction is not { } restriction || await requests.FindAsync(restriction, cancel) is not { LiftedAt: not null } lifted)
            return;
        var draft = new LedgerDraft(LedgerAction.Unrestrict, LedgerDraft.AllTopics, PrivacyDesk.Source, lifted.Actor)
        {
            Wording = lifted.Notice,
            Evidence = PrivacyRequest.EvidenceOf(lifted.Id),
        };
        await restrictions.FreeAsync(lifted, draft, cancel);
    }

    /// <summary>
    /// What comes restricted is restricted here by a request of our own, which is lifted as any other (R35): that of the installation it
    /// comes from is known to nobody here.
    /// </summary>
    private async ValueTask RestrictAsync(
        string id, ContactProfile? contact, List<(AddressKey Key, AddressExport Export)> read, string actor, CancellationToken cancel)
    {
        if (await requests.FindAsync(id, cancel) is not null) return;
        var account = contact?.RestrictedBy is null ? null : contact.Id;
        var restricted = read
            .Where(r => (account is not null && r.Export.State.ContactId == account) || r.Export.State.RestrictedSince is not null)
            .ToList();
        var now = time.UtcNowMs();
        var request = new PrivacyRequest
        {
            Id = id,
            Type = PrivacyRight.Restriction,
            Status = PrivacyStatus.Completed,
            Addresses = [.. restricted.Select(r => r.Export.State.Address!.Value.Stored)],
            AddressKeys = [.. restricted.Select(r => r.Key.Value)],
            ContactId = account,
            WholeContact = account is not null,
            OpenedAt = now,
            DueAt = now.AddMonths(1),
            CompletedAt = now,
            Actor = actor,
            Outcome = "The data came restricted with an import, and stay so until the restriction is lifted, of which the person is told before.",
        };
        await audit.WriteAsync(actor, "privacy.open", request.Id, null, nameof(PrivacyRight.Restriction), cancel);
        await requests.AddAsync(request, cancel);
    }
}
