using System.Text.Json;
using Notifications.Storage;

namespace Notifications.Addresses;

/// <summary>Brings the list of blocked addresses in line with the records again, which alone decide: what a crash between the two writes left is put right.</summary>
public sealed class SuppressionRepair(ITableStore tables, AddressBook book, Suppressions suppressions)
{
    private const int Page = 500;

    /// <summary>One pass over everything. Safe beside any other work, and to be stopped and begun again.</summary>
    public async ValueTask RunAsync(CancellationToken cancel)
    {
        for (AddressKey? after = null; ;)
        {
            var listed = await suppressions.ListAsync(after, Page, cancel);
            foreach (var (key, _) in listed)
            {
                var (state, _) = await book.LoadAsync(key, cancel);
                if (state is { Suppression: null }) await suppressions.IndexAsync(key, state, cancel);
            }

            if (listed.Count < Page) break;
            after = listed[^1].Key;
        }

        for ((string, string)? after = null; ;)
        {
            var rows = await tables.ScanAsync(Tables.Addresses, after, Page, cancel);
            foreach (var (partition, row) in rows)
            {
                if (row.Key != Rows.State || !AddressKey.TryParse(partition, out var key)) continue;
                var state = JsonSerializer.Deserialize(row.Value.Span, CoreJson.Default.AddressState)!;
                if (state.Suppression is not null) await suppressions.IndexAsync(key, state, cancel);
            }

            if (rows.Count < Page) break;
            after = (rows[^1].Partition, rows[^1].Row.Key);
        }
    }
}
