using System.Security.Cryptography;
using Notifications.Storage;

namespace Notifications.Security;

/// <summary>
/// One stored row that only the right ring reads: with another ring every opt-out would be invisible and every link dead, without a word,
/// and what is written from then on would stand under other keys (P6, P8). Checked at each start, before anything is written.
/// </summary>
public sealed class KeyRingCanary(ITableStore tables, KeyRing ring)
{
    private const string Partition = "ring";
    private const string Row = "canary";

    /// <summary>
    /// Holds the ring against the store. In a store without the row, new or from before there was one, whatever is stored must open; then
    /// the row is written.
    /// </summary>
    /// <exception cref="InvalidOperationException">The store was written with another ring, or under another environment's
    /// name.</exception>
    public async ValueTask CheckAsync(CancellationToken cancel)
    {
        // Of the lookup secret, which sealing alone would not try.
        var song = System.Text.Encoding.UTF8.GetBytes(ring.LookupHash("canary", Row));
        try
        {
            if (await tables.GetAsync(Tables.Keys, Partition, Row, cancel) is { } kept)
            {
                if (!kept.Value.Span.SequenceEqual(song)) throw Wrong(null);
                return;
            }

            await tables.ScanAsync(Tables.Keys, null, 100, cancel); // Every store that was used has an API key.
        }
        catch (CryptographicException foreign)
        {
            throw Wrong(foreign);
        }

        await tables.CommitAsync(Tables.Keys, Partition, [RowChange.Insert(Row, song)], cancel);
    }

    private static InvalidOperationException Wrong(Exception? inner) => new(
        "The key ring is not the one that the store was written with, or the environment has another name (Notifications__Environment). Restore the key ring from its copy; nothing was changed.",
        inner);
}
