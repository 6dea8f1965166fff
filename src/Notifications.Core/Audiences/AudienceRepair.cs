using Microsoft.Extensions.Logging;
using Notifications.Addresses;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Timers;

namespace Notifications.Audiences;

/// <summary>What a run put right: rows written or taken out, and records whose number of followed packages was wrong.</summary>
public readonly record struct AudienceRepairReport(int Rows, int Counts);

/// <summary>
/// The timer's work: makes the audience index say what the address records say, which alone decide. It reads both and writes only what
/// differs: first every row is held against its record, so that rows without one go; then every record against its rows. Deletions of lists
/// that were too long for a request, or that a crash interrupted, are finished.
/// </summary>
public sealed partial class AudienceRepair(
    AudienceIndex index, StaticLists lists, AddressBook book, ITableStore tables, ILogger<AudienceRepair> log)
{
    /// <summary>Rows that are read at once.</summary>
    internal int Page { get; init; } = 1000;

    /// <summary>One whole run. Safe beside any other work; one that is cut off goes on at its next turn.</summary>
    /// <exception cref="Security.UnreadableRowException">Everything is done but what no key opens.</exception>
    public async ValueTask<AudienceRepairReport> RunAsync(CancellationToken cancel)
    {
        var unread = new Unread();
        await lists.SweepAsync(unread, cancel);
        var records = new Pass(tables, "audience-repair-records", Tables.Addresses, unread)
        {
            Page = Page,
            From = Rows.State,
            WholePartitions = true,
        };
        var rows = 0;
        if (!await records.IsUnderWayAsync(cancel))
        {
            rows = await IndexAsync(unread, cancel);
            await records.BeginAsync(cancel);
        }

        var report = await RecordsAsync(records, unread, cancel);
        report = report with { Rows = report.Rows + rows };
        LogRun(report.Rows, report.Counts);
        unread.Tell();
        return report;
    }

    private async ValueTask<int> IndexAsync(Unread unread, CancellationToken cancel)
    {
        var written = 0;
        await foreach (var page in new Pass(tables, "audience-repair-index", Tables.Audience, unread) { Page = Page }.PagesAsync(cancel))
        {
            await Pass.EachAsync(page, async scanned =>
            {
                var parts = scanned.Partition.Split(':');
                if (parts.Length != 3
                    || ChannelNames.Parse(parts[1]) is not { } channel
                    || !AddressKey.TryParse(scanned.Row.Key, out var key))
                {
                    return;
                }

                var (state, _) = await book.LoadAsync(key, cancel);
                if (state?.Find(parts[0]) is { } subscription
                    && state.Channel == channel
                    && AudienceIndex.Row(state, subscription) is { } wanted
                    && wanted.Equals(AudienceIndex.Read(scanned.Row)))
                {
                    return;
                }

                if (await index.SettleAsync(key, parts[0], channel, cancel)) Interlocked.Increment(ref written);
            }, unread);
        }

        return written;
    }

    private async ValueTask<AudienceRepairReport> RecordsAsync(Pass records, Unread unread, CancellationToken cancel)
    {
        int rows = 0, counts = 0;
        Followed? current = null;
        async ValueTask SettleAsync(Followed record)
        {
            var (written, counted) = await RecordAsync(record, cancel);
            Interlocked.Add(ref rows, written);
            if (counted) Interlocked.Increment(ref counts);
        }

        await foreach (var page in records.PagesAsync(cancel))
        {
            var whole = new List<Followed>();
            foreach (var (partition, row) in page)
            {
                if (current is not null && current.Key.Value != partition)
                {
                    whole.Add(current);
                    current = null;
                }

                if (row.Key == Rows.State && AddressKey.TryParse(partition, out var key))
                {
                    current = new Followed(key, row.Read(CoreJson.Default.AddressState));
                }
                else if (current is not null && row.Key.StartsWith(Rows.WatchPrefix, StringComparison.Ordinal))
                {
                    if (row.Read(CoreJson.Default.WatchRecord).IsFollowed) current.Watching++;
                }
            }

            await Pass.EachAsync(whole, SettleAsync, unread);
        }

        if (current is not null) await unread.TryAsync(() => SettleAsync(current));
        return new AudienceRepairReport(rows, counts);
    }

    private async ValueTask<(int Rows, bool Counted)> RecordAsync(Followed record, CancellationToken cancel)
    {
        var (key, state) = (record.Key, record.State);
        var counted = state.Watching != record.Watching && await CountAsync(key, cancel);
        var written = 0;
        foreach (var subscription in state.Subscriptions)
        {
            if (AudienceIndex.Row(state, subscription) is not { } wanted) continue; // What should not be there was looked for in the index.
            var stored = await tables.GetAsync(
                Tables.Audience, AudienceBuckets.Partition(subscription.Topic, state.Channel, AudienceBuckets.Of(key)), key.Value, cancel);
            if (stored is not null && wanted.Equals(AudienceIndex.Read(stored))) continue;
            if (await index.SettleAsync(key, subscription.Topic, state.Channel, cancel)) written++;
        }

        return (written, counted);
    }

    /// <summary>
    /// Counts the active watches of an address anew and writes the number to its record, unless somebody is at the record now: the next run
    /// looks again.
    /// </summary>
    private async ValueTask<bool> CountAsync(AddressKey key, CancellationToken cancel)
    {
        var (state, etag) = await book.LoadAsync(key, cancel);
        if (state is null || etag is null) return false;
        var watching = 0;
        await foreach (var row in tables.AllRowsAsync(Tables.Addresses, key.Value, RowRange.Prefix(Rows.WatchPrefix), cancel))
            if (row.Read(CoreJson.Default.WatchRecord).IsFollowed) watching++;
        return state.Watching != watching
            && await book.TryCommitAsync(
                key, etag, state, new Consent.Change(state with { Watching = watching }, []), default, [], cancel) is not null;
    }

    [LoggerMessage(
        EventId = 202, EventName = "AudienceRepaired", Level = LogLevel.Information,
        Message = "Audience: {Rows} rows put right, {Counts} numbers of followed packages")]
    private partial void LogRun(int rows, int counts);

    private sealed class Followed(AddressKey key, AddressState state)
    {
        public AddressKey Key => key;

        public AddressState State => state;

        public int Watching { get; set; }
    }
}
