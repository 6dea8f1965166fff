using System.Text.Json;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Packages;
using Notifications.Review;
using Notifications.Security;
using Notifications.Sms;
using Notifications.Storage;

namespace Notifications.Privacy;

/// <summary>Reads what is held of a person into one document (R32).</summary>
public sealed class PersonExports(
    AddressBook book, ITableStore tables, ContactDesk contacts, Watches watches, StaticLists lists, ReviewDesk reviews,
    PrivacyRequests requests, KeyRing ring, PrivacyOptions options, TimeProvider time)
{
    /// <summary>What is held of these addresses.</summary>
    public async ValueTask<PersonExport> ReadAsync(IReadOnlyList<Address> addresses, string? contactId, CancellationToken cancel)
    {
        var exports = new List<AddressExport>();
        foreach (var address in addresses)
        {
            var key = ring.KeyOf(address);
            if (await book.LoadAsync(key, cancel) is not { State: { IsErased: false } state }) continue;
            var ledger = (await book.LedgerAsync(key, cancel)).Where(e => e.Seq <= state.Ledger.Seq).ToList();
            var texts = await TextsAsync(key, cancel);
            exports.Add(new AddressExport(
                address.Value, state, ledger, LedgerChain.Verify(ledger, state.Ledger), await MessagesAsync(key, cancel),
                [.. (await watches.OfAsync(key, cancel)).Select(w => new WatchExport(w.Number, w.Watch))],
                await WrittenAsync(key, [.. state.Reviews, .. ledger.Select(ReviewOf), .. texts.Select(t => t.Review)], cancel),
                [.. texts.Select(t => new TextExport(t.At, t.Intent.ToString().ToLowerInvariant(), t.Answer))],
                await lists.OfAsync(key, cancel)));
        }

        var contact = contactId is null ? null : (await contacts.GetAsync(contactId, cancel))?.Profile;
        return new PersonExport(
            PersonExport.Version1, time.UtcNowMs(), options.Recipients,
            contact is null ? null : contact with { Status = contact.ShownStatus }, exports, await RequestsAsync(addresses, cancel));
    }

    private async ValueTask<List<MessageExport>> MessagesAsync(AddressKey key, CancellationToken cancel)
    {
        var rows = tables.RowsAsync(Tables.Addresses, key.Value, RowRange.Prefix(Rows.MessagePrefix), cancel);
        return await rows.Select(
            r => new MessageExport(r.Key[Rows.MessagePrefix.Length..], r.Read(CoreJson.Default.MessageRecord))).ToListAsync(cancel);
    }

    private async ValueTask<List<InboundText>> TextsAsync(AddressKey key, CancellationToken cancel)
    {
        var rows = tables.RowsAsync(Tables.Addresses, key.Value, RowRange.Prefix(Rows.EventPrefix), cancel);
        return [.. (await rows.Select(r => r.Read(CoreJson.Default.InboundText)).ToListAsync(cancel)).OrderBy(t => t.At)];
    }

    /// <summary>The words of the items that its record, its ledger and its texts name.</summary>
    private async ValueTask<List<WrittenExport>> WrittenAsync(AddressKey key, IEnumerable<string?> ids, CancellationToken cancel)
    {
        var written = new List<WrittenExport>();
        foreach (var id in ids.OfType<string>().Distinct().Order(StringComparer.Ordinal))
            if (await reviews.FindAsync(id, cancel) is { } item && item.AddressKey == key.Value)
                written.Add(new WrittenExport(item.Id, item.At, item.Text, item.Verdict));
        return written;
    }

    private static string? ReviewOf(LedgerEntry entry)
    {
        if (entry is not { Action: LedgerAction.Review or LedgerAction.Reviewed, Detail.Evidence: { } evidence }) return null;
        using var json = JsonDocument.Parse(evidence);
        return json.RootElement.ValueKind == JsonValueKind.Object
            && json.RootElement.TryGetProperty("review", out var id)
            && id.ValueKind == JsonValueKind.String
            && ReviewDesk.IsId(id.GetString()!)
            ? id.GetString()
            : null;
    }

    /// <summary>What names another address too is not told to whoever holds one of them.</summary>
    private async ValueTask<List<RequestExport>> RequestsAsync(IReadOnlyList<Address> addresses, CancellationToken cancel)
    {
        var keys = addresses.Select(a => ring.KeyOf(a).Value).ToHashSet(StringComparer.Ordinal);
        var found = new List<RequestExport>();
        await foreach (var r in requests.AllAsync(static () => { }, cancel))
            if (r.Addresses.Length > 0 && r.AddressKeys.Take(r.Addresses.Length).All(keys.Contains))
                found.Add(new(r.Id, r.Type, r.Status, r.OpenedAt, r.CompletedAt, r.LiftedAt, r.Note, r.Notice, r.Outcome));
        return found;
    }
}
