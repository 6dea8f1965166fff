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
using Notifications.Storage;

namespace Notifications.Privacy;

/// <summary>
/// Removes a person from everything stored (R34) and leaves of each address its keyed hash, a block, and a ledger whose chain still verifies with nothing
/// personal in it (P10). The block comes first: nothing is sent from then on, and nothing fills the record in again. Every step can be run again, so a
/// crash is answered by running all of it once more.
/// </summary>
public sealed partial class Erasure(AddressBook book, ITableStore tables, StoredTables stored, IWorkQueue queues, IBlobStore blobs, Watches watches, Suppressions suppressions, AudienceIndex audience, StaticLists lists, CampaignMarks marks, TopicCatalog topics, ILogger<Erasure> log)
{
    private const int Page = 500;
    private const int LongestSweep = 10_000;

    // Everything that can hold something of a person stands in one of these lists; a test asks for a new table's place in them.

    /// <summary>Tables whose rows that name the person are deleted.</summary>
    internal static readonly string[] SweptTables = [Tables.Contacts, Tables.Review, Tables.Schedule, Tables.DeadLetters, Tables.Idempotency, Tables.Alerts];

    /// <summary>Tables that erasure reaches in a way of their own: emptied to ledger and block, follower, audience and list rows taken out, requests scrubbed, the laptop's inbox.</summary>
    internal static readonly string[] HandledTables = [Tables.Addresses, Tables.Packages, Tables.Suppressions, Tables.Audience, Tables.Lists, Tables.Requests, Tables.Inbox];

    /// <summary>Tables that hold nothing of a person: operators' keys and acts, roots of hashes, numbers, marketers' texts and rules, and of campaigns and imports the keyed hashes and counts.</summary>
    internal static readonly string[] ImpersonalTables = [Tables.Keys, Tables.Audit, Tables.Seals, Tables.Statistics, Tables.Segments, Tables.Templates, Tables.Campaigns, Tables.Imports];

    /// <summary>Queues whose items name people: a message to somebody, what somebody wrote, what a provider says.</summary>
    internal static readonly string[] SweptQueues = [Queues.Send, Queues.Inbound, Queues.ProviderEvents];

    /// <summary>Queues whose items name nobody: a step of a package, a campaign or an import. A keyed hash may stand in one as the place to go on from, for the others that come after it.</summary>
    internal static readonly string[] ImpersonalQueues = [Queues.Packages, Queues.Campaigns, Queues.Imports];

    /// <summary>Erases addresses, and the contact when one is given.</summary>
    public async ValueTask RunAsync(IReadOnlyList<Address> addresses, IReadOnlyList<AddressKey> keys, string? contactId, string source, string actor, CancellationToken cancel)
    {
        for (var i = 0; i < keys.Count; i++)
        {
            var channel = i < addresses.Count ? addresses[i].Channel : Channel.Email;
            await BuryAsync(keys[i], channel, source, actor, cancel);
        }

        foreach (var key in keys) await EmptyAsync(key, cancel);
        var traces = new PersonTraces(addresses, [.. keys.Select(k => k.Value)]);
        if (contactId is not null) await ForgetContactAsync(contactId, keys, cancel);
        foreach (var table in SweptTables) await SweepTableAsync(table, traces, cancel);
        if (stored.Names.Contains(Tables.Inbox)) await SweepInboxAsync(traces, cancel);
        await SweepBlobsAsync(traces, cancel);
        await SweepQueuesAsync(traces, cancel);
    }

    /// <summary>Takes what names the person out of the queues, as far as it can be seen: what is delayed or being worked on shows itself later, and is refused by its decision.</summary>
    internal async ValueTask SweepQueuesAsync(PersonTraces traces, CancellationToken cancel)
    {
        foreach (var name in SweptQueues)
        {
            foreach (var queue in (string[])[name, Queues.Poison(name)])
            {
                var others = new List<QueueItem>();
                try
                {
                    while (others.Count < LongestSweep && await queues.ReceiveAsync(queue, 32, TimeSpan.FromMinutes(5), cancel) is { Count: > 0 } items)
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
                    await Parallel.ForEachAsync(others, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (item, _) => await PutBackAsync(item));
                }
            }
        }
    }

    /// <summary>
    /// Puts an item back as a new one, so that being looked at counts as no delivery: a host gives up an item after a few, done or not (P5). A crash in between
    /// leaves it twice, and what is swept does no harm when it is done twice.
    /// </summary>
    private async ValueTask PutBackAsync(QueueItem item)
    {
        await queues.EnqueueAsync(item.Queue, item.Body, TimeSpan.Zero, CancellationToken.None);
        await queues.CompleteAsync(item, CancellationToken.None);
    }

    private async ValueTask BuryAsync(AddressKey key, Channel channel, string source, string actor, CancellationToken cancel)
    {
        var draft = new LedgerDraft(LedgerAction.Erase, LedgerDraft.AllTopics, source, actor);
        var result = (await book.ChangeAsync(key, new AddressState { Channel = channel }, (state, now) => Transitions.Erase(state, draft, now), null, cancel))!;
        await suppressions.IndexAsync(key, result.State, cancel);
        await audience.SettleAsync(key, topics.All, cancel);
        await lists.ForgetAsync(key, cancel);
    }

    private async ValueTask EmptyAsync(AddressKey key, CancellationToken cancel)
    {
        await watches.ForgetAsync(key, cancel);
        string? after = null;
        while (true)
        {
            var rows = await tables.RangeAsync(Tables.Addresses, key.Value, new RowRange(after is null ? null : after + ' ', null), 100, cancel);
            foreach (var row in rows)
            {
                if (row.Key == Rows.State) continue;
                if (row.Key.StartsWith(Rows.MessagePrefix, StringComparison.Ordinal)) await NoteAsync(row, cancel);
                if (!row.Key.StartsWith(Rows.LedgerPrefix, StringComparison.Ordinal)) await tables.CommitAsync(Tables.Addresses, key.Value, [RowChange.Delete(row.Key)], cancel);
                else await BlankAsync(key, row, cancel);
            }

            if (rows.Count < 100) return;
            after = rows[^1].Key;
        }
    }

    /// <summary>A campaign's message that waits will never be decided: its batch is counted anew, and before the record goes, so that a crash in between loses the note to nobody (P9).</summary>
    private async ValueTask NoteAsync(Row row, CancellationToken cancel)
    {
        if (JsonSerializer.Deserialize(row.Value.Span, CoreJson.Default.MessageRecord) is { IsFinal: false, Campaign: { } campaign, Batch: { } batch }) await marks.TouchAsync(campaign, batch, cancel);
    }

    private async ValueTask BlankAsync(AddressKey key, Row row, CancellationToken cancel)
    {
        var entry = JsonSerializer.Deserialize(row.Value.Span, CoreJson.Default.LedgerEntry)!;
        if (entry.Detail is null) return;
        await tables.CommitAsync(Tables.Addresses, key.Value, [RowChange.Put(row.Key, JsonSerializer.SerializeToUtf8Bytes(entry with { Detail = null }, CoreJson.Default.LedgerEntry))], cancel);
    }

    private async ValueTask ForgetContactAsync(string contactId, IReadOnlyList<AddressKey> keys, CancellationToken cancel)
    {
        foreach (var key in keys) await tables.CommitAsync(Tables.Contacts, contactId, [RowChange.Delete(Rows.Address(key.Value))], cancel);

        // The name belongs to the person: it goes with the last of the addresses.
        if ((await tables.RangeAsync(Tables.Contacts, contactId, RowRange.Prefix(Rows.AddressPrefix), 1, cancel)).Count == 0)
            await tables.CommitAsync(Tables.Contacts, contactId, [RowChange.Delete(Rows.Profile)], cancel);
    }

    private async ValueTask SweepTableAsync(string table, PersonTraces traces, CancellationToken cancel)
    {
        await foreach (var (partition, row) in ScanAsync(table, cancel))
            if (traces.In(row.Key) || traces.In(row.Value.Span)) await tables.CommitAsync(table, partition, [RowChange.Delete(row.Key)], cancel);
    }

    /// <summary>The laptop's inbox: a message, and the row that leads to it by id.</summary>
    private async ValueTask SweepInboxAsync(PersonTraces traces, CancellationToken cancel)
    {
        var gone = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var (partition, row) in ScanAsync(Tables.Inbox, cancel))
        {
            // "at:" rows come before the "id:" rows that hold their keys.
            if (!traces.In(row.Key) && !traces.In(row.Value.Span) && !gone.Contains(Encoding.UTF8.GetString(row.Value.Span))) continue;
            gone.Add(row.Key);
            await tables.CommitAsync(Tables.Inbox, partition, [RowChange.Delete(row.Key)], cancel);
        }
    }

    /// <summary>
    /// Files: a row of an import under way that names the person is emptied, so that the numbers of the other rows hold; an event that could not be delivered goes, and those of others
    /// beside it stay, since a STOP may be among them; anything else goes whole. Bodies that a queue has set aside are seen, and go, with their items.
    /// </summary>
    private async ValueTask SweepBlobsAsync(PersonTraces traces, CancellationToken cancel)
    {
        foreach (var container in Containers.All)
        {
            string? after = null;
            while (await blobs.ListAsync(container, "", after, Page, cancel) is { Count: > 0 } names)
            {
                foreach (var name in names)
                {
                    if (await ReadAsync(container, name, cancel) is not { } content || !traces.In(content.Span)) continue;
                    if (container == Containers.Imports) await blobs.PutAsync(container, name, CsvRows.Without(content.Span, traces.In), cancel);
                    else if (container == Containers.DeadLetters && EventsWithout(content, traces) is { IsEmpty: false } others) await blobs.PutAsync(container, name, others, cancel);
                    else await blobs.DeleteAsync(container, name, cancel);
                }

                after = names[^1];
            }
        }
    }

    /// <summary>A file of undelivered events without those that name the person; empty where none is left, or where it is no list of events.</summary>
    private static ReadOnlyMemory<byte> EventsWithout(ReadOnlyMemory<byte> content, PersonTraces traces)
    {
        try
        {
            using var events = JsonDocument.Parse(content);
            if (events.RootElement.ValueKind != JsonValueKind.Array) return default;
            var others = events.RootElement.EnumerateArray().Select(e => e.GetRawText()).Where(e => !traces.In(Encoding.UTF8.GetBytes(e))).ToList();
            return others.Count == 0 ? default : Encoding.UTF8.GetBytes($"[{string.Join(',', others)}]");
        }
        catch (JsonException)
        {
            return default;
        }
    }

    /// <summary>A file; null where there is none, and where no key opens it: nobody reads it any more, and it must not hold up the others.</summary>
    private async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(string container, string name, CancellationToken cancel)
    {
        try
        {
            return await blobs.GetAsync(container, name, cancel);
        }
        catch (CryptographicException)
        {
            LogUnreadable(name, container);
            return null;
        }
    }

    private async IAsyncEnumerable<ScannedRow> ScanAsync(string table, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        (string, string)? after = null;
        while (true)
        {
            var rows = await tables.ScanAsync(table, after, Page, cancel);
            foreach (var row in rows) yield return row;
            if (rows.Count < Page) yield break;
            after = (rows[^1].Partition, rows[^1].Row.Key);
        }
    }

    [LoggerMessage(EventId = 180, EventName = "FileUnreadable", Level = LogLevel.Warning, Message = "File {Name} of container {Container} was altered or was sealed with a key that is not in the ring; an erasure passed it over")]
    private partial void LogUnreadable(string name, string container);
}
