using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Packages;
using Notifications.Security;
using Notifications.Storage;

namespace Notifications.Privacy;

/// <summary>Reads everything held of a person into one document (R32).</summary>
public sealed class PersonExports(
    AddressBook book, ITableStore tables, ContactDesk contacts, Watches watches, KeyRing ring, PrivacyOptions options, TimeProvider time)
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

    private async ValueTask<List<MessageExport>> MessagesAsync(AddressKey key, CancellationToken cancel)
    {
        var rows = tables.RowsAsync(Tables.Addresses, key.Value, RowRange.Prefix(Rows.MessagePrefix), cancel);
        return await rows.Select(
            r => new MessageExport(r.Key[Rows.MessagePrefix.Length..], r.Read(CoreJson.Default.MessageRecord))).ToListAsync(cancel);
    }
}
