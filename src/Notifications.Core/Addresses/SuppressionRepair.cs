using Notifications.Storage;
using Notifications.Timers;

namespace Notifications.Addresses;

/// <summary>
/// Brings the list of blocked addresses in line with the records again, which alone decide: what a crash between the two writes left is put
/// right.
/// </summary>
public sealed class SuppressionRepair(ITableStore tables, AddressBook book, Suppressions suppressions)
{
    /// <summary>Rows that are read at once.</summary>
    internal int Page { get; init; } = 500;

    /// <summary>
    /// First the list is held against the records, then the records against the list. Safe beside any other work; a run that is cut off
    /// goes on at its next turn.
    /// </summary>
    /// <exception cref="Security.UnreadableRowException">Everything is done but what no key opens.</exception>
    public async ValueTask RunAsync(CancellationToken cancel)
    {
        var unread = new Unread();
        var records = new Pass(tables, "suppression-repair", Tables.Addresses, unread) { Page = Page };
        if (!await records.IsUnderWayAsync(cancel))
        {
            await ListedAsync(unread, cancel);
            await records.BeginAsync(cancel);
        }

        await foreach (var page in records.PagesAsync(cancel))
        {
            await Pass.EachAsync(page, async scanned =>
            {
                if (scanned.Row.Key != Rows.State || !AddressKey.TryParse(scanned.Partition, out var key)) return;
                var state = scanned.Row.Read(CoreJson.Default.AddressState);
                if (state.Suppression is not null) await suppressions.IndexAsync(key, state, cancel);
            }, unread);
        }

        unread.Tell();
    }

    private async ValueTask ListedAsync(Unread unread, CancellationToken cancel)
    {
        AddressKey? after = null;
        while (true)
        {
            var listed = await suppressions.ListAsync(after, Page, cancel);
            await Pass.EachAsync(listed, async entry =>
            {
                var (state, _) = await book.LoadAsync(entry.Key, cancel);
                if (state is { Suppression: null }) await suppressions.IndexAsync(entry.Key, state, cancel);
            }, unread);
            if (listed.Count < Page) return;
            after = listed[^1].Key;
        }
    }
}
