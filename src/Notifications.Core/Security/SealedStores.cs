using System.Security.Cryptography;
using System.Text;
using Notifications.Storage;

namespace Notifications.Security;

/// <summary>A table whose values are sealed (R66): raw storage shows keys and ciphertext, nothing else.</summary>
public sealed class SealedTableStore(ITableStore inner, DataSealer sealer) : ITableStore
{
    /// <inheritdoc/>
    public async ValueTask<Row?> GetAsync(string table, string partition, string row, CancellationToken cancel = default) =>
        await inner.GetAsync(table, partition, row, cancel) is { } found ? OpenOne(table, partition, found, 0) : null;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Row>> RangeAsync(
        string table, string partition, RowRange range, int limit, CancellationToken cancel = default)
    {
        var rows = await inner.RangeAsync(table, partition, range, limit, cancel);
        var opened = new Row[rows.Count];
        for (var i = 0; i < opened.Length; i++) opened[i] = OpenOne(table, partition, rows[i], i);
        return opened;
    }

    /// <inheritdoc/>
    public ValueTask<CommitResult> CommitAsync(
        string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default)
    {
        var closed = new RowChange[changes.Count];
        for (var i = 0; i < closed.Length; i++)
        {
            var change = changes[i];
            closed[i] = change.Kind == RowChangeKind.Delete
                ? change
                : change with { Value = Seal(table, partition, change.Key, change.Value.Span) };
        }

        return inner.CommitAsync(table, partition, closed, cancel);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ScannedRow>> ScanAsync(
        string table, (string Partition, string Row)? after, int limit, CancellationToken cancel = default)
    {
        var rows = await inner.ScanAsync(table, after, limit, cancel);
        var opened = new ScannedRow[rows.Count];
        for (var i = 0; i < opened.Length; i++)
            opened[i] = new ScannedRow(rows[i].Partition, OpenOne(table, rows[i].Partition, rows[i].Row, i));
        return opened;
    }

    /// <summary>
    /// Seals one page of a table's rows anew that another key than <paramref name="current"/> has sealed, each under its ETag: what was
    /// changed in between is sealed with a key of its own time.
    /// </summary>
    /// <returns>The last row of the page, null where the table ends before it is full; how many were sealed anew; and how many no key
    /// opens, which stay as they are.</returns>
    internal async ValueTask<((string Partition, string Row)? Last, int Renewed, int Unreadable)> ResealAsync(
        string table, byte current, (string Partition, string Row)? after, int limit, CancellationToken cancel)
    {
        var rows = await inner.ScanAsync(table, after, limit, cancel);
        int renewed = 0, unreadable = 0;
        foreach (var group in rows.Where(r => DataSealer.KeyOf(r.Row.Value.Span) != current).GroupBy(
            r => r.Partition, StringComparer.Ordinal))
        {
            var together = group.Max(r => r.Row.Value.Length) > Large ? TogetherOfLarge : Together;
            foreach (var some in group.Chunk(together))
            {
                RowChange[] changes = [.. some.Select(r => Reseal(table, r)).OfType<RowChange>()];
                unreadable += some.Length - changes.Length;
                if (changes.Length == 0) continue;
                if ((await inner.CommitAsync(table, group.Key, changes, cancel)).Committed) renewed += changes.Length;
                else
                    foreach (var change in changes)
                        if ((await inner.CommitAsync(table, group.Key, [change], cancel)).Committed) renewed++;
            }
        }

        return (rows.Count < limit ? null : (rows[^1].Partition, rows[^1].Row.Key), renewed, unreadable);
    }

    private RowChange? Reseal(string table, ScannedRow row)
    {
        try
        {
            return RowChange.Replace(
                row.Row.Key, Seal(table, row.Partition, row.Row.Key, Open(table, row.Partition, row.Row).Value.Span), row.Row.ETag);
        }
        catch (CryptographicException)
        {
            return null; // Altered, or its key is gone: whoever reads it is told. It must not hold up its neighbours.
        }
    }

    // Rows of one partition that are written in one transaction, which may hold 2 MiB: a row may have 512 KiB, as a template's versions
    // nearly do.
    private const int Large = 200 << 10;
    private const int Together = 10;
    private const int TogetherOfLarge = 3;

    /// <summary>One row, of several perhaps: the error says which it was.</summary>
    private Row OpenOne(string table, string partition, Row row, int before)
    {
        try
        {
            return Open(table, partition, row);
        }
        catch (CryptographicException error)
        {
            throw new UnreadableRowException($"A row of {table} was altered, or was sealed with a key that is not in the ring.", error)
            {
                Partition = partition,
                Row = row.Key,
                Before = before,
            };
        }
    }

    private Row Open(string table, string partition, Row row)
    {
        var size = PlaceSize(table, partition, row.Key);
        Span<byte> place = size <= 512 ? stackalloc byte[512] : new byte[size];
        return row with { Value = sealer.Open(row.Value.Span, place[..Place(place, table, partition, row.Key)]) };
    }

    private byte[] Seal(string table, string partition, string key, ReadOnlySpan<byte> value)
    {
        var size = PlaceSize(table, partition, key);
        Span<byte> place = size <= 512 ? stackalloc byte[512] : new byte[size];
        return sealer.Seal(value, place[..Place(place, table, partition, key)]);
    }

    private static int PlaceSize(string table, string partition, string key) =>
        Encoding.UTF8.GetMaxByteCount(table.Length + partition.Length + key.Length + 2);

    private static int Place(Span<byte> place, string table, string partition, string key)
    {
        var length = Write(place, table);
        place[length++] = 0;
        length += Write(place[length..], partition);
        place[length++] = 0;
        return length + Write(place[length..], key);
    }

    private static int Write(Span<byte> place, string text) => Encoding.UTF8.GetBytes(text, place);
}

/// <summary>A queue whose bodies are sealed: addresses wait in it.</summary>
public sealed class SealedWorkQueue(IWorkQueue inner, DataSealer sealer) : IWorkQueue
{
    /// <inheritdoc/>
    public ValueTask EnqueueAsync(string queue, ReadOnlyMemory<byte> body, TimeSpan delay = default, CancellationToken cancel = default) =>
        inner.EnqueueAsync(queue, Seal(body.Span), delay, cancel);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<QueueItem>> ReceiveAsync(
        string queue, int max, TimeSpan visibility, CancellationToken cancel = default)
    {
        var items = await inner.ReceiveAsync(queue, max, visibility, cancel);
        if (items.Count == 0) return items;
        var opened = new List<QueueItem>(items.Count);
        foreach (var item in items)
        {
            try
            {
                opened.Add(item with { Body = Open(item.Body.Span) });
            }
            catch (CryptographicException)
                when (queue == Queues.ProviderEvents || Queues.IsPoison(queue))
            {
                opened.Add(item); // Kept as it is: Event Grid's own; or there is nowhere further to put it, and its key may come back.
            }
            catch (CryptographicException)
            {
                await inner.PoisonAsync(item, cancel); // One that no key opens must not hold up its neighbours.
            }
        }

        return opened;
    }

    /// <inheritdoc/>
    public ValueTask<bool> CompleteAsync(QueueItem item, CancellationToken cancel = default) => inner.CompleteAsync(item, cancel);

    /// <inheritdoc/>
    public ValueTask<bool> ReleaseAsync(QueueItem item, TimeSpan delay, CancellationToken cancel = default) =>
        inner.ReleaseAsync(item, delay, cancel);

    /// <inheritdoc/>
    public ValueTask PoisonAsync(QueueItem item, CancellationToken cancel = default) =>
        inner.PoisonAsync(item with { Body = Seal(item.Body.Span) }, cancel);

    /// <inheritdoc/>
    public ValueTask<long> CountAsync(string queue, CancellationToken cancel = default) => inner.CountAsync(queue, cancel);

    /// <summary>Where a body stands: the same for every queue because items move to poison queues and back.</summary>
    internal static ReadOnlySpan<byte> Place => "queue"u8;

    /// <summary>Seals a body.</summary>
    public byte[] Seal(ReadOnlySpan<byte> body) => sealer.Seal(body, Place);

    /// <summary>Opens a body, for hosts that receive it through a trigger rather than this port.</summary>
    public byte[] Open(ReadOnlySpan<byte> body) => sealer.Open(body, Place);
}

/// <summary>Blobs whose contents are sealed, but for those that Event Grid writes.</summary>
public sealed class SealedBlobStore(IBlobStore inner, DataSealer sealer) : IBlobStore
{
    /// <inheritdoc/>
    public ValueTask PutAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel = default) =>
        inner.PutAsync(
            container, name,
            container == Containers.DeadLetters ? content : sealer.Seal(content.Span, Encoding.UTF8.GetBytes(container + "/" + name)),
            cancel);

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>?> GetAsync(string container, string name, CancellationToken cancel = default)
    {
        // Not a conditional expression: its null would be a null array, which converts to an empty memory rather than to none.
        if (await inner.GetAsync(container, name, cancel) is not { } content) return null;
        return container == Containers.DeadLetters ? content : sealer.Open(content.Span, Encoding.UTF8.GetBytes(container + "/" + name));
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(string container, string name, CancellationToken cancel = default) =>
        inner.DeleteAsync(container, name, cancel);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListAsync(
        string container, string prefix, string? after, int limit, CancellationToken cancel = default) =>
        inner.ListAsync(container, prefix, after, limit, cancel);
}
