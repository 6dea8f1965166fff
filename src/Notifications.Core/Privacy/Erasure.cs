using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Review;
using Notifications.Storage;

namespace Notifications.Privacy;

/// <summary>
/// Removes a person from their own records (R34) and leaves of each address its keyed hash, a block, and a ledger whose chain still
/// verifies with nothing personal in it (P10). The block comes first: nothing is sent from then on, and nothing fills the record in again.
/// What names them elsewhere is taken out by <see cref="ErasureSweep"/>. Every step can be run again, so a crash is answered by running all
/// of it once more.
/// </summary>
public sealed class Erasure(
    AddressBook book, ITableStore tables, Watches watches, Suppressions suppressions, AudienceIndex audience, StaticLists lists,
    ReviewDesk reviews, CampaignMarks marks, TopicCatalog topics)
{
    private const int Together = 100;

    // Everything that can hold something of a person stands in one of these lists; a test asks for a new table's place in them.

    /// <summary>Tables whose rows that name the person are deleted.</summary>
    internal static readonly string[] SweptTables =
        [Tables.Contacts, Tables.Review, Tables.Schedule, Tables.DeadLetters, Tables.Idempotency, Tables.Alerts];

    /// <summary>
    /// Tables that erasure reaches in a way of their own: emptied to ledger and block, follower, audience and list rows taken out, requests
    /// scrubbed, the laptop's inbox.
    /// </summary>
    internal static readonly string[] HandledTables =
        [Tables.Addresses, Tables.Packages, Tables.Suppressions, Tables.Audience, Tables.Lists, Tables.Requests, Tables.Inbox];

    /// <summary>
    /// Tables that hold nothing of a person: operators' keys and acts, roots of hashes, numbers, marketers' texts and rules, and of
    /// campaigns and imports the keyed hashes and counts.
    /// </summary>
    internal static readonly string[] ImpersonalTables =
        [Tables.Keys, Tables.Audit, Tables.Seals, Tables.Statistics, Tables.Segments, Tables.Templates, Tables.Campaigns, Tables.Imports];

    /// <summary>Queues whose items name people: a message to somebody, what somebody wrote, what a provider says.</summary>
    internal static readonly string[] SweptQueues = [Queues.Send, Queues.Inbound, Queues.ProviderEvents];

    /// <summary>
    /// Queues whose items name nobody: a step of a package, a campaign or an import. A keyed hash may stand in one as the place to go on
    /// from, for the others that come after it, or as that of an address whose packages are set, which an erasure leaves without any.
    /// </summary>
    internal static readonly string[] ImpersonalQueues = [Queues.Packages, Queues.Campaigns, Queues.Imports];

    /// <summary>
    /// Erases addresses, and the contact when one is given. The answer is how many entries of their ledgers no key of the ring opens, so
    /// that nobody can tell whether they name the person: each is passed over, and a person whose key comes back is erased once more.
    /// </summary>
    public async ValueTask<int> RunAsync(
        IReadOnlyList<Address> addresses, IReadOnlyList<AddressKey> keys, string? contactId, string source, string actor,
        CancellationToken cancel)
    {
        for (var i = 0; i < keys.Count; i++)
        {
            var channel = i < addresses.Count ? addresses[i].Channel : Channel.Email;
            await BuryAsync(keys[i], channel, source, actor, cancel);
        }

        var unreadable = 0;
        foreach (var key in keys) unreadable += await EmptyAsync(key, cancel);
        if (contactId is not null) await ForgetContactAsync(contactId, keys, cancel);
        return unreadable;
    }

    private async ValueTask BuryAsync(AddressKey key, Channel channel, string source, string actor, CancellationToken cancel)
    {
        // While it still says where to.
        if ((await book.LoadAsync(key, cancel)).State is { } state) await reviews.LetGoAsync(key, state, actor, cancel);
        var draft = new LedgerDraft(LedgerAction.Erase, LedgerDraft.AllTopics, source, actor);
        var result = (await book.ChangeAsync(
            key, new AddressState { Channel = channel }, (state, now) => AddressTransitions.Erase(state, draft, now), null, cancel))!;
        await suppressions.IndexAsync(key, result.State, cancel);
        await audience.SettleAsync(key, topics.All, cancel);
        await lists.ForgetAsync(key, cancel);
    }

    /// <summary>
    /// Empties the person's own partition. What no key opens there goes unread, but for entries of the ledger, whose chain needs their
    /// place: how many of those there are.
    /// </summary>
    private async ValueTask<int> EmptyAsync(AddressKey key, CancellationToken cancel)
    {
        var shut = 0;
        async ValueTask UnreadAsync(string partition, string row)
        {
            if (row.StartsWith(Rows.LedgerPrefix, StringComparison.Ordinal))
            {
                shut++;
                return;
            }

            if (row.StartsWith(Rows.WatchPrefix, StringComparison.Ordinal))
                await WatchIndex.RemoveAsync(tables, row[Rows.WatchPrefix.Length..], key, cancel);
            await tables.CommitAsync(Tables.Addresses, partition, [RowChange.Delete(row)], cancel);
        }

        await foreach (var (partition, row) in Legible.RangeAsync(
            tables, Tables.Addresses, key.Value, RowRange.All, Together, UnreadAsync, cancel))
        {
            if (row.Key == Rows.State || row.Key.StartsWith(Rows.WatchPrefix, StringComparison.Ordinal)) continue;
            if (row.Key.StartsWith(Rows.MessagePrefix, StringComparison.Ordinal)) await NoteAsync(row, cancel);
            if (row.Key.StartsWith(Rows.LedgerPrefix, StringComparison.Ordinal)) await BlankAsync(key, row, cancel);
            else await tables.CommitAsync(Tables.Addresses, partition, [RowChange.Delete(row.Key)], cancel);
        }

        await watches.ForgetAsync(key, cancel);
        return shut;
    }

    /// <summary>
    /// A campaign's message that waits will never be decided: its batch is counted anew, and before the record goes, so that a crash in
    /// between loses the note to nobody (P9).
    /// </summary>
    private async ValueTask NoteAsync(Row row, CancellationToken cancel)
    {
        if (row.Read(CoreJson.Default.MessageRecord) is { IsFinal: false, Campaign: { } campaign, Batch: { } batch })
            await marks.TouchAsync(campaign, batch, cancel);
    }

    private async ValueTask BlankAsync(AddressKey key, Row row, CancellationToken cancel)
    {
        var entry = row.Read(CoreJson.Default.LedgerEntry);
        if (entry.Detail is null) return;
        await tables.CommitAsync(
            Tables.Addresses, key.Value, [RowChange.Put(row.Key, entry with { Detail = null }, CoreJson.Default.LedgerEntry)], cancel);
    }

    private async ValueTask ForgetContactAsync(string contactId, IReadOnlyList<AddressKey> keys, CancellationToken cancel)
    {
        foreach (var key in keys) await tables.CommitAsync(Tables.Contacts, contactId, [RowChange.Delete(Rows.Address(key.Value))], cancel);

        // The name belongs to the person: it goes with the last of the addresses.
        var others = false;
        ValueTask OtherAsync(string partition, string row)
        {
            others = true;
            return ValueTask.CompletedTask;
        }

        await foreach (var _ in Legible.RangeAsync(
            tables, Tables.Contacts, contactId, RowRange.Prefix(Rows.AddressPrefix), Together, OtherAsync, cancel))
        {
            others = true;
        }

        if (!others)
            await tables.CommitAsync(Tables.Contacts, contactId, [RowChange.Delete(Rows.Profile)], cancel);
    }
}
