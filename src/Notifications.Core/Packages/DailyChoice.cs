using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Packages;

/// <summary>How often an address hears of the packages it follows, or waits to follow: once a day, or with each change.</summary>
public sealed class DailyChoice(AddressBook book, ITableStore tables, IWorkQueue queue, Watches watches, TimeProvider time)
{
    private const int MostInCommit = 90; // And the record.

    // After this long a request answers, and the queue goes on: Azure ends it after 230 seconds.
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Notes the choice on every package of the address. No permission is given or taken, so the ledger says nothing of it. Of thousands
    /// the queue does what a turn does not. The answer is how many there are.
    /// </summary>
    public ValueTask<int> SetAsync(AddressKey key, bool daily, CancellationToken cancel) =>
        SetAsync(
            key, new PackageWork(PackageStep.Daily, "") { Address = key.Value, Daily = daily, ChosenAt = time.UtcNowMs() }, cancel);

    /// <summary>The same, where an earlier turn ended.</summary>
    internal async ValueTask<WorkOutcome> SetAsync(PackageWork rest, CancellationToken cancel)
    {
        if (!AddressKey.TryParse(rest.Address, out var key)) return WorkOutcome.GiveUp("It names no address.");
        await SetAsync(key, rest, cancel);
        return WorkOutcome.Done;
    }

    private async ValueTask<int> SetAsync(AddressKey key, PackageWork work, CancellationToken cancel)
    {
        var (started, count, last) = (time.GetTimestamp(), 0, work.Cursor);
        string[] left =
        [
            .. (await watches.OfAsync(key, cancel))
                .Where(w => w.Watch.Status != WatchStatus.Unwatched && string.CompareOrdinal(w.Number, work.Cursor) > 0)
                .Select(w => w.Number),
        ];
        foreach (var numbers in left.Chunk(MostInCommit))
        {
            if (last != work.Cursor && time.GetElapsedTime(started) >= Turn)
            {
                await queue.EnqueueAsync(
                    Queues.Packages, JsonSerializer.SerializeToUtf8Bytes(work with { Cursor = last }, CoreJson.Default.PackageWork),
                    default, cancel);
                return count + left.Count(n => string.CompareOrdinal(n, last) > 0);
            }

            count += await SetAsync(key, numbers, work, cancel);
            last = numbers[^1];
        }

        return count;
    }

    /// <summary>
    /// So many in one commit: somebody may follow thousands, and asks in one request. Later turns leave alone what was chosen, or began,
    /// since the person chose this.
    /// </summary>
    private async ValueTask<int> SetAsync(AddressKey key, string[] numbers, PackageWork work, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            var (state, etag) = await book.LoadAsync(key, cancel);
            if (state is null) return 0;
            var stored = await Task.WhenAll(numbers.Select(n => WatchRows.LoadAsync(tables, key, n, cancel).AsTask()));
            var now = time.UtcNowMs();
            var next = new List<(string Number, WatchRecord Watch)>(numbers.Length);
            var rows = new List<RowChange>(numbers.Length);
            for (var i = 0; i < numbers.Length; i++)
            {
                if (stored[i] is not ({ Status: not WatchStatus.Unwatched } watch, var tag)) continue;
                if (work.Cursor is not null && (watch.ChosenAt > work.ChosenAt || watch.Since > work.ChosenAt)) continue;
                next.Add((numbers[i], watch with { Daily = work.Daily, ChosenAt = work.ChosenAt }));
                rows.Add(WatchRows.Write(numbers[i], next[^1].Watch, tag));
            }

            if (rows.Count == 0) return 0;
            if (await book.TryCommitAsync(key, etag, state, new Change(state, []), now, rows, cancel) is null) continue;
            await Task.WhenAll(
                next.Where(w => w.Watch.Status == WatchStatus.Active)
                    .Select(w => WatchIndex.PutAsync(tables, w.Number, key, state, w.Watch, cancel).AsTask()));
            return next.Count;
        }

        throw StorageUnavailableException.Contended($"The record {key}");
    }
}
