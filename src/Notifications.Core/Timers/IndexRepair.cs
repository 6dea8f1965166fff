using System.Text.Json;
using Notifications.Addresses;
using Notifications.Storage;

namespace Notifications.Timers;

/// <summary>
/// Makes the index rows agree with the records again, after a crash between the two. The records are the truth and every send reads them, so a
/// wrong index row misleads a list, never a send. Running it twice, or beside a change, does no harm: each row is written from a fresh read.
/// </summary>
public sealed class IndexRepair(AddressBook book, Suppressions suppressions, ITableStore tables)
{
    private const int Page = 500;

    /// <summary>Goes through every record and every index row once.</summary>
    public async ValueTask RunAsync(CancellationToken cancel)
    {
        await EachRowAsync(Tables.Addresses, async (partition, row) =>
        {
            if (row.Key != Rows.State || !AddressKey.TryParse(partition, out var key)) return;
            var state = JsonSerializer.Deserialize(row.Value.Span, CoreJson.Default.AddressState)!;
            if (state.Suppression is not null && await tables.GetAsync(Tables.Suppressions, partition[..1], partition, cancel) is null) await ReindexAsync(key, cancel);
        }, cancel);
        await EachRowAsync(Tables.Suppressions, async (_, row) =>
        {
            if (AddressKey.TryParse(row.Key, out var key) && (await book.LoadAsync(key, cancel)).State?.Suppression is null) await ReindexAsync(key, cancel);
        }, cancel);
    }

    private async ValueTask ReindexAsync(AddressKey key, CancellationToken cancel)
    {
        var (state, _) = await book.LoadAsync(key, cancel);
        if (state is not null) await suppressions.IndexAsync(key, state, cancel);
        else await tables.CommitAsync(Tables.Suppressions, key.Value[..1], [RowChange.Delete(key.Value)], cancel);
    }

    private async ValueTask EachRowAsync(string table, Func<string, Row, ValueTask> visit, CancellationToken cancel)
    {
        (string, string)? after = null;
        while (true)
        {
            var rows = await tables.ScanAsync(table, after, Page, cancel);
            foreach (var (partition, row) in rows) await visit(partition, row);
            if (rows.Count < Page) return;
            after = (rows[^1].Partition, rows[^1].Row.Key);
        }
    }
}
