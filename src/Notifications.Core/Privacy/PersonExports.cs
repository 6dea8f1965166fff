using System.Text.Json;
using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Packages;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Privacy;

/// <summary>What became of an import.</summary>
public enum ImportResult
{
    /// <summary>Taken in.</summary>
    Done,

    /// <summary>It is not an export of a known form, its ledger does not verify, or it permits more than its ledger gives evidence for (P6).</summary>
    NotValid,

    /// <summary>Something is known of an address already, be it only that its owner was erased; nothing was written.</summary>
    AddressKnown,
}

/// <summary>Reads everything held of a person into one document, and takes such a document in where nothing is known of the person.</summary>
public sealed class PersonExports(
    AddressBook book, ITableStore tables, PrivacyRequests requests, ContactDesk contacts, Watches watches, TopicCatalog topics, KeyRing ring, AuditLog audit, PrivacyOptions options, TimeProvider time)
{
    /// <summary>Everything held of these addresses.</summary>
    public async ValueTask<PersonExport> ReadAsync(IReadOnlyList<Address> addresses, string? contactId, CancellationToken cancel)
    {
        var exports = new List<AddressExport>();
        foreach (var address in addresses)
        {
            var key = ring.KeyOf(address);
            if (await book.LoadAsync(key, cancel) is not { State: { Contact: not ContactStatus.Erased } state }) continue;
            var ledger = (await book.LedgerAsync(key, cancel)).Where(e => e.Seq <= state.Ledger.Seq).ToList();
            exports.Add(new AddressExport(
                address.Value, state, ledger, LedgerChain.Verify(ledger, state.Ledger), await MessagesAsync(key, cancel),
                [.. (await watches.OfAsync(key, cancel)).Select(w => new WatchExport(w.Number, w.Watch))]));
        }

        var contact = contactId is null ? null : (await contacts.GetAsync(contactId, cancel))?.Profile;
        return new PersonExport(PersonExport.Version1, time.UtcNowMs(), options.Recipients, contact, exports);
    }

    /// <summary>
    /// Takes an export in. Each address's state is its last row: a crash before it leaves nothing that a send would see, and the same import completes it.
    /// </summary>
    public async ValueTask<ImportResult> ImportAsync(PersonExport export, string actor, CancellationToken cancel)
    {
        if (export.Format != PersonExport.Version1) return ImportResult.NotValid;
        var read = new List<(AddressKey Key, Address Address, AddressExport Export)>();
        foreach (var given in export.Addresses)
        {
            if (!IsWhole(given)) return ImportResult.NotValid;
            var one = given with { Watches = [.. Normalised(given.Watches)] };
            if (!Address.TryParse(one.State.Channel, one.Address, out var address, out _) || (one.State.Value ?? address.Value) != address.Value || !LedgerChain.Verify(one.Ledger, one.State.Ledger) || !IsEvidenced(one)) return ImportResult.NotValid;
            var key = ring.KeyOf(address);
            if (await book.LoadAsync(key, cancel) is { State: not null }) return ImportResult.AddressKnown;
            read.Add((key, address, one));
        }

        // Its request comes first, so that nothing is restricted, also by an import that was cut off, that nobody could lift.
        var restriction = await RestrictAsync(export.Contact, [.. read.Select(r => (r.Key, r.Address, r.Export.State))], actor, cancel);
        foreach (var (key, _, one) in read)
        {
            var rows = new List<RowChange>();
            foreach (var entry in one.Ledger) rows.Add(RowChange.Put(Rows.Ledger(entry.Seq), JsonSerializer.SerializeToUtf8Bytes(entry, CoreJson.Default.LedgerEntry)));
            foreach (var message in one.Messages)
                if (MessageId.TryParse(key.Value + "." + message.Id, out var id)) rows.Add(RowChange.Put(Rows.Message(id.Suffix), JsonSerializer.SerializeToUtf8Bytes(message.Record, CoreJson.Default.MessageRecord)));
            foreach (var watch in one.Watches) rows.Add(RowChange.Put(Rows.Watch(watch.TrackingNumber), JsonSerializer.SerializeToUtf8Bytes(watch.Watch, CoreJson.Default.WatchRecord)));
            foreach (var chunk in rows.DistinctBy(r => r.Key).Chunk(50)) await tables.CommitAsync(Tables.Addresses, key.Value, chunk, cancel);
            var state = one.State with { ContactId = null, Watching = one.Watches.Count(w => w.Watch.Status == WatchStatus.Active) };
            var written = await tables.CommitAsync(Tables.Addresses, key.Value, [RowChange.Insert(Rows.State, JsonSerializer.SerializeToUtf8Bytes(state, CoreJson.Default.AddressState))], cancel);
            if (!written.Committed) return ImportResult.AddressKnown;
            await book.FollowAsync(key, null, state);
            foreach (var watch in one.Watches.Where(w => w.Watch.Status == WatchStatus.Active)) await WatchIndex.PutAsync(tables, watch.TrackingNumber, key, state, watch.Watch, cancel);
        }

        if (export.Contact is { } contact)
        {
            await contacts.PutAsync(contact.Id, contact.Name, contact.Locale, contact.TimeZone, [.. read.Select(r => r.Address)], actor, cancel);
            if (contact.RestrictedBy is not null) await contacts.SetRestrictionAsync(contact.Id, restriction, cancel);
            if (contact.Status != ContactStatus.Active) await contacts.SetStatusAsync(contact.Id, contact.Status, "import", actor, cancel);
        }

        return ImportResult.Done;
    }

    /// <summary>Whether nothing is missing where our own rows always have something, and evidence is JSON.</summary>
    private static bool IsWhole(AddressExport export) =>
        export is { Address: not null, State: { Ledger.Hash: not null, Subscriptions: not null, Reviews: not null, Replies: not null, SoftBounceDays: not null, Tags: not null, Recent: not null }, Ledger: not null, Messages: not null, Watches: not null }
        && export.State.Subscriptions.All(s => s is { Topic: not null, Source: not null })
        && export.Ledger.All(e => e is { Topic: not null, Detail: null or { Source: not null, Actor: not null } } && IsJson(e.Detail?.Evidence))
        && export.Messages.All(m => m is { Id: not null, Record.Timeline: not null })
        && export.Watches.All(w => w is { TrackingNumber: not null, Watch: not null });

    private static bool IsJson(string? evidence)
    {
        if (evidence is null) return true;
        try
        {
            using var json = JsonDocument.Parse(evidence);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Each watch under its number as we write it, once; without those that have none.</summary>
    private static IEnumerable<WatchExport> Normalised(IReadOnlyList<WatchExport> watches) =>
        watches.Select(w => TrackingNumber.TryParse(w.TrackingNumber, out var number, out _) ? w with { TrackingNumber = number.Value } : null).OfType<WatchExport>().DistinctBy(w => w.TrackingNumber);

    /// <summary>What comes restricted is restricted here by a request of our own, which is lifted as any other (R35): that of the installation it comes from is known to nobody here. Its id, or null.</summary>
    private async ValueTask<string?> RestrictAsync(ContactProfile? contact, IReadOnlyList<(AddressKey Key, Address Address, AddressState State)> read, string actor, CancellationToken cancel)
    {
        var account = contact?.RestrictedBy is null ? null : contact.Id;
        var restricted = read.Where(r => account is not null || r.State.RestrictedSince is not null).ToList();
        if (account is null && restricted.Count == 0) return null;
        var now = time.UtcNowMs();
        var request = new PrivacyRequest
        {
            Id = PrivacyRequest.NewId(now),
            Type = PrivacyRight.Restriction,
            Status = PrivacyStatus.Completed,
            Addresses = [.. restricted.Select(r => $"{r.Address.Channel.Name()}:{r.Address.Value}")],
            AddressKeys = [.. restricted.Select(r => r.Key.Value)],
            ContactId = account,
            WholeContact = account is not null,
            OpenedAt = now,
            DueAt = now.AddMonths(1),
            CompletedAt = now,
            Actor = actor,
            Outcome = "The data came restricted with an import, and stay so until the restriction is lifted, of which the person is told before.",
        };
        await requests.AddAsync(request, cancel);
        await audit.WriteAsync(actor, "privacy.open", request.Id, null, nameof(PrivacyRight.Restriction), cancel);
        return request.Id;
    }

    /// <summary>Whether nothing in the state, and no followed package, permits more than the ledger says the person agreed to (P6).</summary>
    private bool IsEvidenced(AddressExport export)
    {
        var state = export.State;
        var told = LedgerFold.At(export.Ledger, state, topics, DateTimeOffset.MaxValue) ?? new AddressState { Channel = state.Channel };
        foreach (var subscription in state.Subscriptions)
        {
            if (subscription.Status == SubscriptionStatus.Subscribed && told.Find(subscription.Topic)?.Status != SubscriptionStatus.Subscribed) return false;
        }

        foreach (var watch in export.Watches)
        {
            if (watch.Watch.Status == WatchStatus.Active && !export.Ledger.Any(e => e.Action == LedgerAction.Watch && e.Detail?.Evidence?.Contains(watch.TrackingNumber, StringComparison.Ordinal) == true)) return false;
        }

        return (told.Stopped is null || state.Stopped is not null)
            && (told.Suppression is null || state.Suppression is not null)
            && (told.RestrictedSince is null || state.RestrictedSince is not null)
            && (told.Contact == ContactStatus.Active || state.Contact != ContactStatus.Active);
    }

    private async ValueTask<List<MessageExport>> MessagesAsync(AddressKey key, CancellationToken cancel)
    {
        var messages = new List<MessageExport>();
        string? after = null;
        while (true)
        {
            var rows = await tables.RangeAsync(Tables.Addresses, key.Value, RowRange.Prefix(Rows.MessagePrefix, after), 1000, cancel);
            foreach (var row in rows) messages.Add(new MessageExport(row.Key[Rows.MessagePrefix.Length..], JsonSerializer.Deserialize(row.Value.Span, CoreJson.Default.MessageRecord)!));
            if (rows.Count < 1000) return messages;
            after = rows[^1].Key;
        }
    }
}
