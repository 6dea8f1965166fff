using System.Security.Cryptography;
using Notifications.Security;
using Notifications.Storage;

namespace Notifications.Sending;

/// <summary>
/// Why and when items were given up, by the keyed hashes of their bodies, or of the ids of their messages: only whoever worked on an item
/// knows, and it comes to the dead letters by way of a queue. A note may be missing, and its letter then shows no cause; it never stands in
/// the way of the letter.
/// </summary>
public sealed class GivenUpNotes(ITableStore tables, KeyRing ring, TimeProvider time)
{
    /// <summary>Characters of a name.</summary>
    public const int NameLength = 22;

    /// <summary>The name of an item, the same however often it comes; of a message, whichever of its items comes.</summary>
    public string NameOf(string queue, ReadOnlyMemory<byte> body) => ring.LookupHash(
        "given-up",
        queue == Queues.Send && SendQueue.Read(body) is { AskWhenDue: false } message && MessageId.TryParse(message.Id, out _)
            ? message.Id
            : Convert.ToHexString(SHA256.HashData(body.Span)));

    /// <summary>
    /// Remembers why an item is about to be given up. <paramref name="cause"/> is ours, never what a person sent (R67). Also while the
    /// process stops, for the item is not brought again.
    /// </summary>
    public async ValueTask AddAsync(string queue, ReadOnlyMemory<byte> body, string cause)
    {
        try
        {
            var name = NameOf(queue, body);
            for (var attempt = 0; attempt < Tries.Most; attempt++)
            {
                var (noted, etag) = await FindAsync(queue, name, CancellationToken.None);
                noted = (noted ?? new GivenUp(time.UtcNowMs(), null)) with { Cause = cause };
                if (await TryPutAsync(queue, name, noted, etag, CancellationToken.None)) return;
            }
        }
        catch (StorageUnavailableException)
        {
            // The letter shows no cause: the item must reach it all the same (P5).
        }
    }

    /// <summary>What was noted of an item, with its ETag; nulls where nothing was.</summary>
    public ValueTask<(GivenUp? Noted, string? ETag)> FindAsync(string queue, string name, CancellationToken cancel) =>
        tables.LoadAsync(Tables.DeadLetters, Partition(queue), name, CoreJson.Default.GivenUp, cancel);

    /// <summary>
    /// Notes that one is given up now, and has a letter of its own for it; false where another of its items was noted meanwhile.
    /// </summary>
    public async ValueTask<bool> TryPutAsync(string queue, string name, GivenUp noted, string? etag, CancellationToken cancel) =>
        (await tables.CommitAsync(
            Tables.DeadLetters, Partition(queue), [RowChange.Write(name, noted, CoreJson.Default.GivenUp, etag)], cancel)).Committed;

    /// <summary>Notes that an operator has dealt with the letter of a message that had been given up at a moment.</summary>
    public async ValueTask DealtWithAsync(string queue, string name, DateTimeOffset givenUp, CancellationToken cancel) =>
        await tables.CommitAsync(
            Tables.DeadLetters, Partition(queue),
            [RowChange.Put(name, new GivenUp(time.UtcNowMs(), null, givenUp), CoreJson.Default.GivenUp)], cancel);

    /// <summary>Forgets one: given up again it is a new letter.</summary>
    public async ValueTask ForgetAsync(string queue, string name, CancellationToken cancel) =>
        await tables.CommitAsync(Tables.DeadLetters, Partition(queue), [RowChange.Delete(name)], cancel);

    /// <summary>Forgets those of before a moment.</summary>
    public async ValueTask PurgeAsync(string queue, DateTimeOffset before, CancellationToken cancel) =>
        await Purge.RowsAsync(
            tables, Tables.DeadLetters, Partition(queue), RowRange.All, row => row.Read(CoreJson.Default.GivenUp).At < before, cancel);

    private static string Partition(string queue) => queue + ":notes";
}
