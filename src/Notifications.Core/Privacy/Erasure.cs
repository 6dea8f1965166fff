using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Imports;
using Notifications.Packages;
using Notifications.Review;
using Notifications.Security;
using Notifications.Storage;

namespace Notifications.Privacy;

/// <summary>
/// Removes a person from everything stored (R34) and leaves of each address its keyed hash, a block, and a ledger whose chain still
/// verifies with nothing personal in it (P10). The block comes first: nothing is sent from then on, and nothing fills the record in again.
/// Every step can be run again, so a crash is answered by running all of it once more.
/// </summary>
public sealed partial class Erasure(
    AddressBook book, ITableStore tables, StoredTables stored, IWorkQueue queues, IBlobStore blobs, Watches watches,
    Suppressions suppressions, AudienceIndex audience, StaticLists lists, ReviewDesk reviews, CampaignMarks marks, ImportDesk imports,
    TopicCatalog topics, ILogger<Erasure> log)
{
    private const int Page = 500;
    private const int Together = 100;
    private const int LongestSweep = 10_000;

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
    /// from, for the others that come after it.
    /// </summary>
    internal static readonly string[] ImpersonalQueues = [Queues.Packages, Queues.Campaigns, Queues.Imports];

    /// <summary>
    /// Erases addresses, and the contact when one is given. The answer is how many rows, files and queue items no key of the ring opens, so
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
        var traces = new PersonTraces(addresses, [.. keys.Select(k => k.Value)]);
        if (contactId is not null) await ForgetContactAsync(contactId, keys, cancel);
        foreach (var table in SweptTables) unreadable += await SweepTableAsync(table, traces, cancel);
        if (stored.Names.Contains(Tables.Inbox)) unreadable += await SweepInboxAsync(traces, cancel);
        unreadable += await SweepBlobsAsync(traces, cancel);
        return unreadable + await SweepQueuesAsync(traces, cancel);
    }

    /// <summary>
    /// Takes what names the person out of the queues, as far as it can be seen: what is delayed or being worked on shows itself later, and
    /// is refused by its decision. How many items no key opens.
    /// </summary>
    internal async ValueTask<int> SweepQueuesAsync(PersonTraces traces, CancellationToken cancel)
    {
        var unreadable = 0;
        foreach (var name in SweptQueues)
        {
            foreach (var queue in (string[])[name, Queues.Poison(name)])
            {
                var others = new List<QueueItem>();
                try
                {
                    while (others.Count < LongestSweep
                        && await queues.ReceiveAsync(queue, 32, TimeSpan.FromMinutes(5), cancel) is { Count: > 0 } items)
                    {
                        foreach (var item in items)
                        {
                            if (traces.In(item.Body.Span)) await queues.CompleteAsync(item, cancel);
                            else others.Add(item);
                        }
                    }
                }
                finally
                {
                    await Parallel.ForEachAsync(
                        others, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (item, _) => await PutBackAsync(item));
                }

                unreadable += others.Count(item => DataSealer.IsSealed(item.Body.Span));
            }
        }

        return unreadable;
    }

    /// <summary>
    /// Puts an item back as a new one, so that being looked at counts as no delivery: a host gives up an item after a few, done or not
    /// (P5). A crash in between leaves it twice, and what is swept does no harm when it is done twice. What is still sealed stands in a
    /// poison queue, where nothing is delivered: it goes back as it is, since sealing it once more would shut it for good.
    /// </summary>
    private async ValueTask PutBackAsync(QueueItem item)
    {
        if (DataSealer.IsSealed(item.Body.Span))
        {
            await queues.ReleaseAsync(item, TimeSpan.Zero, CancellationToken.None);
            return;
        }

        await queues.EnqueueAsync(item.Queue, item.Body, TimeSpan.Zero, CancellationToken.None);
        await queues.CompleteAsync(item, CancellationToken.None);
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

    private async ValueTask<int> SweepTableAsync(string table, PersonTraces traces, CancellationToken cancel)
    {
        var unreadable = 0;
        async ValueTask UnreadAsync(string partition, string row)
        {
            if (traces.In(row)) await tables.CommitAsync(table, partition, [RowChange.Delete(row)], cancel);
            else unreadable++;
        }

        await foreach (var (partition, row) in Legible.ScanAsync(tables, table, Page, UnreadAsync, cancel))
            if (traces.In(row.Key) || traces.In(row.Value.Span))
                await tables.CommitAsync(table, partition, [RowChange.Delete(row.Key)], cancel);
        if (unreadable > 0) LogUnreadableRows(unreadable, table);
        return unreadable;
    }

    /// <summary>The laptop's inbox: a message, and the row that leads to it by id.</summary>
    private async ValueTask<int> SweepInboxAsync(PersonTraces traces, CancellationToken cancel)
    {
        var unreadable = 0;
        var gone = new HashSet<string>(StringComparer.Ordinal);
        ValueTask UnreadAsync(string partition, string row)
        {
            unreadable++;
            return ValueTask.CompletedTask;
        }

        await foreach (var (partition, row) in Legible.ScanAsync(tables, Tables.Inbox, Page, UnreadAsync, cancel))
        {
            // "at:" rows come before the "id:" rows that hold their keys.
            if (!traces.In(row.Key) && !traces.In(row.Value.Span) && !gone.Contains(Encoding.UTF8.GetString(row.Value.Span))) continue;
            gone.Add(row.Key);
            await tables.CommitAsync(Tables.Inbox, partition, [RowChange.Delete(row.Key)], cancel);
        }

        return unreadable;
    }

    /// <summary>
    /// Files: a row of an import under way that names the person is emptied, so that the numbers of the other rows hold; an event that
    /// could not be delivered goes, and those of others beside it stay, since a STOP may be among them; anything else goes whole. Bodies
    /// that a queue has set aside are seen, and go, with their items. How many no key opens.
    /// </summary>
    private async ValueTask<int> SweepBlobsAsync(PersonTraces traces, CancellationToken cancel)
    {
        var unreadable = 0;
        foreach (var container in Containers.All)
        {
            string? after = null;
            while (await blobs.ListAsync(container, "", after, Page, cancel) is { Count: > 0 } names)
            {
                foreach (var name in names)
                {
                    var (content, shut) = await ReadAsync(container, name, cancel);
                    if (shut) unreadable++;
                    if (content is not { } bytes) continue;
                    if (container == Containers.Imports)
                    {
                        var delimiter = await DelimiterAsync(name, cancel);
                        var others = CsvRows.Without(bytes.Span, delimiter, traces.In, traces.InCell);
                        if (others.Length < bytes.Length) await blobs.PutAsync(container, name, others, cancel);
                    }
                    else if (!traces.In(bytes.Span)) continue;
                    else if (container == Containers.DeadLetters && EventsWithout(bytes, traces) is { IsEmpty: false } left)
                        await blobs.PutAsync(container, name, left, cancel);
                    else await blobs.DeleteAsync(container, name, cancel);
                }

                after = names[^1];
            }
        }

        return unreadable;
    }

    /// <summary>
    /// Between the cells of a file, as its import has it: another one would find other rows. 0 where that is not known. The list of what
    /// was wrong in it is ours.
    /// </summary>
    private async ValueTask<byte> DelimiterAsync(string name, CancellationToken cancel)
    {
        var id = name.Split('/')[0];
        if (!name.StartsWith(ImportFiles.PartPrefix(id), StringComparison.Ordinal)) return (byte)',';
        try
        {
            return (byte)((await imports.FindAsync(id, cancel))?.Mapping?.Delimiter ?? '\0');
        }
        catch (CryptographicException)
        {
            return 0;
        }
    }

    /// <summary>
    /// A file of undelivered events without those that name the person; empty where none is left, or where it is no list of events.
    /// </summary>
    private static ReadOnlyMemory<byte> EventsWithout(ReadOnlyMemory<byte> content, PersonTraces traces)
    {
        try
        {
            using var events = JsonDocument.Parse(content);
            if (events.RootElement.ValueKind != JsonValueKind.Array) return default;
            var others = events.RootElement.EnumerateArray()
                .Select(e => e.GetRawText())
                .Where(e => !traces.In(Encoding.UTF8.GetBytes(e)))
                .ToList();
            return others.Count == 0 ? default : Encoding.UTF8.GetBytes($"[{string.Join(',', others)}]");
        }
        catch (JsonException)
        {
            return default;
        }
    }

    /// <summary>A file, null where there is none; or that no key opens it: it must not hold up the others.</summary>
    private async ValueTask<(ReadOnlyMemory<byte>? Content, bool Shut)> ReadAsync(string container, string name, CancellationToken cancel)
    {
        try
        {
            return (await blobs.GetAsync(container, name, cancel), false);
        }
        catch (CryptographicException)
        {
            LogUnreadable(name, container);
            return (null, true);
        }
    }

    [LoggerMessage(
        EventId = 180, EventName = "FileUnreadable", Level = LogLevel.Warning,
        Message = "File {Name} of container {Container} was altered or was sealed with a key that is not in the ring; an erasure passed it over")]
    private partial void LogUnreadable(string name, string container);

    [LoggerMessage(
        EventId = 181, EventName = "SweepPassedRows", Level = LogLevel.Warning,
        Message = "{Rows} rows of {Table} were altered or were sealed with a key that is not in the ring; an erasure passed them over")]
    private partial void LogUnreadableRows(int rows, string table);
}
