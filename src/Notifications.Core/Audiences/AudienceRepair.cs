using System.Text.Json;
using Microsoft.Extensions.Logging;
using Notifications.Addresses;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Audiences;

/// <summary>What a run put right: rows written or taken out, and records whose number of followed packages was wrong.</summary>
public readonly record struct AudienceRepairReport(int Rows, int Counts);

/// <summary>
/// The timer's work: makes the audience index say what the address records say, which alone decide. It reads both and writes only what differs: first every
/// row is held against its record, so that rows without one go; then every record against its rows. Deletions of lists that a crash interrupted are finished.
/// </summary>
public sealed partial class AudienceRepair(AudienceIndex index, StaticLists lists, AddressBook book, ITableStore tables, ILogger<AudienceRepair> log)
{
    private const int Page = 1000;

    /// <summary>One whole run. Safe beside any other work, and to be cut off and begun anew.</summary>
    public async ValueTask<AudienceRepairReport> RunAsync(CancellationToken cancel)
    {
        await lists.SweepAsync(cancel);
        var report = new AudienceRepairReport(await IndexAsync(cancel), 0);
        report = await RecordsAsync(report, cancel);
        LogRun(report.Rows, report.Counts);
        return report;
    }

    private async ValueTask<int> IndexAsync(CancellationToken cancel)
    {
        var written = 0;
        (string, string)? after = null;
        while (true)
        {
            var rows = await tables.ScanAsync(Tables.Audience, after, Page, cancel);
            foreach (var (partition, row) in rows)
            {
                var parts = partition.Split(':');
                if (parts.Length != 3 || ChannelNames.Parse(parts[1]) is not { } channel || !AddressKey.TryParse(row.Key, out var key)) continue;
                var (state, _) = await book.LoadAsync(key, cancel);
                if (state?.Find(parts[0]) is { } subscription && state.Channel == channel && AudienceIndex.Row(state, subscription) is { } wanted && wanted.Equals(AudienceIndex.Read(row))) continue;
                if (await index.SettleAsync(key, parts[0], channel, cancel)) written++;
            }

            if (rows.Count < Page) return written;
            after = (rows[^1].Partition, rows[^1].Row.Key);
        }
    }

    private async ValueTask<AudienceRepairReport> RecordsAsync(AudienceRepairReport report, CancellationToken cancel)
    {
        (AddressKey Key, AddressState State)? current = null;
        var watching = 0;
        (string, string)? after = null;
        while (true)
        {
            var rows = await tables.ScanAsync(Tables.Addresses, after, Page, cancel);
            foreach (var (partition, row) in rows)
            {
                if (row.Key == Rows.State && AddressKey.TryParse(partition, out var key))
                {
                    report = await RecordAsync(report, current, watching, cancel);
                    (current, watching) = ((key, JsonSerializer.Deserialize(row.Value.Span, CoreJson.Default.AddressState)!), 0);
                }
                else if (row.Key.StartsWith(Rows.WatchPrefix, StringComparison.Ordinal) && current?.Key.Value == partition)
                {
                    if (JsonSerializer.Deserialize(row.Value.Span, CoreJson.Default.WatchRecord)!.Status == WatchStatus.Active) watching++;
                }
            }

            if (rows.Count < Page) return await RecordAsync(report, current, watching, cancel);
            var last = rows[^1];

            // The record and the watches stand last in a partition: an address with many messages is passed over in one step.
            after = (last.Partition, string.CompareOrdinal(last.Row.Key, Rows.State) < 0 ? Rows.State[..^1] : last.Row.Key);
        }
    }

    private async ValueTask<AudienceRepairReport> RecordAsync(AudienceRepairReport report, (AddressKey Key, AddressState State)? current, int watching, CancellationToken cancel)
    {
        if (current is not var (key, state)) return report;
        if (state.Watching != watching && state.Subscriptions.Length > 0 && await CountAsync(key, cancel)) report = report with { Counts = report.Counts + 1 };
        foreach (var subscription in state.Subscriptions)
        {
            if (AudienceIndex.Row(state, subscription) is not { } wanted) continue; // What should not be there was looked for in the index.
            var stored = await tables.GetAsync(Tables.Audience, AudienceBuckets.Partition(subscription.Topic, state.Channel, AudienceBuckets.Of(key)), key.Value, cancel);
            if (stored is not null && wanted.Equals(AudienceIndex.Read(stored))) continue;
            if (await index.SettleAsync(key, subscription.Topic, state.Channel, cancel)) report = report with { Rows = report.Rows + 1 };
        }

        return report;
    }

    /// <summary>Counts the active watches of an address anew and writes the number to its record, unless somebody is at the record now: the next run looks again.</summary>
    private async ValueTask<bool> CountAsync(AddressKey key, CancellationToken cancel)
    {
        var (state, etag) = await book.LoadAsync(key, cancel);
        if (state is null || etag is null) return false;
        var rows = await tables.RangeAsync(Tables.Addresses, key.Value, RowRange.Prefix(Rows.WatchPrefix), 1000, cancel);
        var watching = rows.Count(r => JsonSerializer.Deserialize(r.Value.Span, CoreJson.Default.WatchRecord)!.Status == WatchStatus.Active);
        return state.Watching != watching && await book.TryCommitAsync(key, etag, state, new Consent.Change(state with { Watching = watching }, []), default, [], cancel) is not null;
    }

    [LoggerMessage(EventId = 202, EventName = "AudienceRepaired", Level = LogLevel.Information, Message = "Audience: {Rows} rows put right, {Counts} numbers of followed packages")]
    private partial void LogRun(int rows, int counts);
}
