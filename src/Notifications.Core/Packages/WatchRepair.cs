using Microsoft.Extensions.Logging;
using Notifications.Addresses;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Timers;

namespace Notifications.Packages;

/// <summary>What a run did.</summary>
public readonly record struct WatchRepairReport(int Ended, int Purged, int Indexed, int Unindexed, int Resumed, int Forgotten);

/// <summary>
/// The timer's work: watches end by themselves after delivery, after silence and unconfirmed, and with the last of them everything that
/// names the address, but not while its processing is restricted (R35); the followers' rows are made to say what the watches say; packages
/// nobody follows are forgotten; what a lost queue item left is resumed.
/// </summary>
public sealed partial class WatchRepair(
    AddressBook book, ITableStore tables, Watches watches, PackageTracker tracker, WatchOptions options, SendingOptions sending,
    TimeProvider time, ILogger<WatchRepair> log)
{
    /// <summary>Rows that are read at once.</summary>
    internal int Page { get; init; } = 1000;

    /// <summary>Work that waits longer than this has lost its queue item.</summary>
    private static readonly TimeSpan Stuck = TimeSpan.FromMinutes(30);

    /// <summary>One whole run. It may be cut off at any point, and goes on at its next turn.</summary>
    /// <exception cref="Security.UnreadableRowException">Everything is done but what no key opens.</exception>
    public async ValueTask<WatchRepairReport> RunAsync(CancellationToken cancel)
    {
        var unread = new Unread();
        var packages = new Pass(tables, "watch-repair-packages", Tables.Packages, unread) { Page = Page, WholePartitions = true };
        var report = default(WatchRepairReport);
        if (!await packages.IsUnderWayAsync(cancel))
        {
            report = await WatchesAsync(unread, cancel);
            await packages.BeginAsync(cancel);
        }

        report = await PackagesAsync(packages, unread, report, cancel);
        LogRun(report.Ended, report.Purged, report.Indexed, report.Unindexed, report.Resumed, report.Forgotten);
        unread.Tell();
        return report;
    }

    private async ValueTask<WatchRepairReport> WatchesAsync(Unread unread, CancellationToken cancel)
    {
        int ended = 0, purged = 0, indexed = 0;
        await foreach (var page in new Pass(tables, "watch-repair-watches", Tables.Addresses, unread)
        {
            Page = Page,
            From = Rows.WatchPrefix,
        }.PagesAsync(cancel))
        {
            // The watches of one address one after the other: with the last of them the address goes.
            await Pass.EachAsync(
                [.. page.Where(r => r.Row.Key.StartsWith(Rows.WatchPrefix, StringComparison.Ordinal)).GroupBy(r => r.Partition)],
                async rows =>
                {
                    if (!AddressKey.TryParse(rows.Key, out var key)) return;
                    foreach (var (_, row) in rows)
                    {
                        var number = row.Key[Rows.WatchPrefix.Length..];
                        var watch = row.Read(CoreJson.Default.WatchRecord);
                        if (IsOver(watch, await PackageAsync(number, cancel)))
                        {
                            if ((await book.LoadAsync(key, cancel)).State is { IsRestricted: true }) continue;
                            if (watch.CoveredSince is not null
                                && await watches.UncoverAsync(key, number, expired: true, cancel, row.ETag))
                            {
                                continue;
                            }

                            if ((watch.StoppedAt is { } stopped
                                ? await BackToStopAsync(key, row, stopped, cancel)
                                : await EndAsync(key, number, row, cancel)) is not { } gone)
                            {
                                continue;
                            }

                            Interlocked.Increment(ref ended);
                            if (gone) Interlocked.Increment(ref purged);
                        }
                        else if (watch.CoveredSince is not null)
                        {
                            await watches.UncoverAsync(key, number, expired: false, cancel);
                        }
                        else if (watch.Status == WatchStatus.Active && await IndexAsync(key, number, watch, cancel))
                        {
                            Interlocked.Increment(ref indexed);
                        }
                    }
                },
                unread);
        }

        return new WatchRepairReport(ended, purged, indexed, 0, 0, 0);
    }

    private async ValueTask<WatchRepairReport> PackagesAsync(
        Pass pass, Unread unread, WatchRepairReport report, CancellationToken cancel)
    {
        int unindexed = 0, resumed = 0, forgotten = 0;
        Package? last = null;
        async ValueTask CloseAsync(Package package)
        {
            if (package is { Row: { } row, Followers: 0 } && await ForgetAsync(row, cancel)) Interlocked.Increment(ref forgotten);
        }

        await foreach (var page in pass.PagesAsync(cancel))
        {
            var whole = new List<Package>();
            var here = new List<(Package Package, ScannedRow Row)>(page.Count);
            foreach (var row in page)
            {
                if (last?.Number != row.Partition)
                {
                    if (last is not null) whole.Add(last);
                    last = new Package(row.Partition);
                }

                here.Add((last, row));
            }

            await Pass.EachAsync(here, async one =>
            {
                var (package, row) = one;
                if (row.Row.Key == Rows.Package)
                {
                    package.Row = row;
                    if (await ResumeAsync(row, cancel)) Interlocked.Increment(ref resumed);
                }
                else if (row.Row.Key.StartsWith(Rows.WatcherPrefix, StringComparison.Ordinal))
                {
                    Interlocked.Increment(ref package.Followers); // Also where nobody can tell.
                    if (!await FollowsAsync(row, cancel)
                        && (await tables.CommitAsync(
                            Tables.Packages, row.Partition, [RowChange.Delete(row.Row.Key, row.Row.ETag)], cancel)).Committed)
                    {
                        Interlocked.Increment(ref unindexed);
                        Interlocked.Decrement(ref package.Followers);
                    }
                }
            }, unread);
            await Pass.EachAsync(whole, CloseAsync, unread);
        }

        if (last is not null) await unread.TryAsync(() => CloseAsync(last));
        return report with { Unindexed = unindexed, Resumed = resumed, Forgotten = forgotten };
    }

    /// <summary>Whether a watch has had its time.</summary>
    private bool IsOver(WatchRecord watch, PackageRecord? package)
    {
        var now = time.GetUtcNow();
        if (watch.Status != WatchStatus.Pending) return IsOver(package, watch.Since, now);
        // Unasked, perhaps once more, it waits for a window, behind as many as may wait.
        var wait = watch.ConfirmationAt is null ? options.LongestWait(sending) : TimeSpan.Zero;
        var last = Later(watch.SaidAt, watch.AskedBefore?[^1] ?? DateTimeOffset.MinValue);
        return now - last > TimeSpan.FromDays(options.PendingDays) + wait;
    }

    private bool IsOver(PackageRecord? package, DateTimeOffset since, DateTimeOffset now)
    {
        var ended = package?.DeliveredAt ?? (package?.Last is { Status: ParcelStatus.Expired } expired ? expired.OccurredAt : null);
        if (ended is not null)
            return now - Later(Later(ended.Value, since), ProblemAt(package)) > TimeSpan.FromDays(options.EndAfterDeliveryDays);
        return now - Later(package?.HeardAt ?? since, since) > TimeSpan.FromDays(options.EndAfterSilenceDays);
    }

    // A return or a claim that moves after delivery keeps the watch alive.
    private static DateTimeOffset ProblemAt(PackageRecord? package) => package?.ToldAt ?? DateTimeOffset.MinValue;

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    /// <summary>A watch that was asked for after a stop and never confirmed: the stop stands again.</summary>
    private async ValueTask<bool?> BackToStopAsync(AddressKey key, Row watch, DateTimeOffset stopped, CancellationToken cancel)
    {
        var record = new WatchRecord(WatchStatus.Unwatched, stopped);
        var written = await tables.CommitAsync(
            Tables.Addresses, key.Value, [RowChange.Replace(watch.Key, record, CoreJson.Default.WatchRecord, watch.ETag)], cancel);
        return written.Committed ? false : null;
    }

    /// <summary>Ends one watch; true when the address went with it, null when the watch changed meanwhile and lives on.</summary>
    private async ValueTask<bool?> EndAsync(AddressKey key, string number, Row watch, CancellationToken cancel)
    {
        var (state, etag) = await book.LoadAsync(key, cancel);
        var ended = RowChange.Delete(watch.Key, watch.ETag);
        var purge = state is not null && !IsHeld(state) && await IsLastAsync(key, cancel);
        CommitResult commit;
        if (purge)
        {
            commit = await PurgeAsync(key, state!, etag!, watch, cancel);
        }
        else if (state is { Watching: > 0 } && watch.Read(CoreJson.Default.WatchRecord).IsFollowed)
        {
            var less = state with { Watching = state.Watching - 1 };
            commit = await tables.CommitAsync(
                Tables.Addresses, key.Value, [ended, RowChange.Write(Rows.State, less, CoreJson.Default.AddressState, etag)], cancel);
            if (commit.Committed) await book.FollowAsync(key, state, less);
        }
        else
        {
            commit = await tables.CommitAsync(Tables.Addresses, key.Value, [ended], cancel);
        }

        if (!commit.Committed) return null; // Asked for anew, or otherwise changed: the next run looks again.
        await WatchIndex.RemoveAsync(tables, number, key, cancel);
        return purge;
    }

    /// <summary>Makes the follower's row say what the watch says; true when it did not.</summary>
    private async ValueTask<bool> IndexAsync(AddressKey key, string number, WatchRecord scanned, CancellationToken cancel)
    {
        var follower = await tables.GetAsync(Tables.Packages, number, Rows.Watcher(key.Value), cancel);
        var (state, _) = await book.LoadAsync(key, cancel);
        if (state is null || WatchIndex.IsRight(follower, state, scanned)) return false;

        // The scan may be older than the follower's row. Read after that one, the watch is not: whoever changes it from now on writes the
        // row as well.
        var (watch, _) = await WatchRows.LoadAsync(tables, key, number, cancel);
        return watch is { Status: WatchStatus.Active }
            && !WatchIndex.IsRight(follower, state, watch)
            && await WatchIndex.TryPutAsync(tables, number, key, state, watch, follower, cancel);
    }

    /// <summary>
    /// Whether anything but watches needs the address: a subscription or an opt-out of any topic, a block, a stop, a restriction, an
    /// objection, an account, an open review.
    /// </summary>
    private static bool IsHeld(AddressState state) =>
        state.Subscriptions.Length > 0
            || state.Suppression is not null
            || state.Stopped is not null
            || state.RestrictedSince is not null
            || state.ObjectedAt is not null
            || state.ContactId is not null
            || state.Contact != ContactStatus.Active
            || state.ReviewPending;

    private async ValueTask<bool> IsLastAsync(AddressKey key, CancellationToken cancel) =>
        (await tables.RangeAsync(Tables.Addresses, key.Value, RowRange.Prefix(Rows.WatchPrefix), 2, cancel)).Count == 1;

    /// <summary>
    /// Takes out of the record and its ledger what names the person; digests and hashes stay, so the chain still verifies (P10). One
    /// commit, under the record's ETag: whoever says something meanwhile keeps every word of it (M10). A ledger too long for one commit
    /// loses its words part by part, and the watch goes with the last part, so that the next run finds what one that was cut off has left.
    /// </summary>
    private async ValueTask<CommitResult> PurgeAsync(AddressKey key, AddressState state, string etag, Row watch, CancellationToken cancel)
    {
        // Moments name nobody: what was said before them stays overtaken (P6), and a break goes on.
        var bare = new AddressState
        {
            Channel = state.Channel,
            Ledger = state.Ledger,
            LiftedStop = state.LiftedStop,
            ResumedAt = state.ResumedAt,
            PausedUntil = state.PausedUntil,
        };
        string? after = null;
        while (true)
        {
            var rows = await tables.RangeAsync(Tables.Addresses, key.Value, RowRange.Prefix(Rows.LedgerPrefix, after), 90, cancel);
            var last = rows.Count < 90;
            var changes = new List<RowChange>(rows.Count + 2)
            {
                RowChange.Replace(Rows.State, bare, CoreJson.Default.AddressState, etag),
                last ? RowChange.Delete(watch.Key, watch.ETag) : RowChange.Replace(watch.Key, watch.Value, watch.ETag),
            };
            foreach (var row in rows)
            {
                var entry = row.Read(CoreJson.Default.LedgerEntry);
                if (entry.Detail is not null)
                    changes.Add(RowChange.Replace(row.Key, entry with { Detail = null }, CoreJson.Default.LedgerEntry, row.ETag));
            }

            var commit = await tables.CommitAsync(Tables.Addresses, key.Value, changes, cancel);
            if (last || !commit.Committed) return commit;
            (etag, watch, after) = (commit.ETags[0], watch with { ETag = commit.ETags[1] }, rows[^1].Key);
        }
    }

    private async ValueTask<bool> FollowsAsync(ScannedRow follower, CancellationToken cancel) =>
        await tables.ReadAsync(
            Tables.Addresses, follower.Row.Key[Rows.WatcherPrefix.Length..], Rows.Watch(follower.Partition), CoreJson.Default.WatchRecord,
            cancel) is { Status: WatchStatus.Active };

    private async ValueTask<bool> ResumeAsync(ScannedRow package, CancellationToken cancel)
    {
        var record = package.Row.Read(CoreJson.Default.PackageRecord);
        if ((record.Current ?? record.Next) is not { } waiting || time.GetUtcNow() - waiting.At < Stuck) return false;
        await tracker.ResumeAsync(package.Partition, record, cancel);
        return true;
    }

    private async ValueTask<bool> ForgetAsync(ScannedRow package, CancellationToken cancel)
    {
        var record = package.Row.Read(CoreJson.Default.PackageRecord);
        if (record.Current is not null || record.Next is not null || !IsOver(record, DateTimeOffset.MinValue, time.GetUtcNow()))
            return false;

        // The scan passes over a follower's row that no key opens; its key stands there all the same.
        if ((await tables.KeysAsync(Tables.Packages, package.Partition, RowRange.Prefix(Rows.WatcherPrefix), cancel)).Count > 0)
            return false;
        while (true)
        {
            var events = await tables.RangeAsync(Tables.Packages, package.Partition, RowRange.Prefix(Rows.EventPrefix), 90, cancel);
            var changes = events.Select(row => RowChange.Delete(row.Key)).ToList();
            if (events.Count < 90) changes.Add(RowChange.Delete(Rows.Package, package.Row.ETag));
            if (!(await tables.CommitAsync(Tables.Packages, package.Partition, changes, cancel)).Committed) return false;
            if (events.Count < 90) return true;
        }
    }

    private ValueTask<PackageRecord?> PackageAsync(string number, CancellationToken cancel) =>
        tables.ReadAsync(Tables.Packages, number, Rows.Package, CoreJson.Default.PackageRecord, cancel);

    [LoggerMessage(
        EventId = 145, EventName = "WatchesRepaired", Level = LogLevel.Information,
        Message = "Watches: {Ended} ended, {Purged} addresses purged, {Indexed} followers put right, {Unindexed} taken out; packages: {Resumed} resumed, {Forgotten} forgotten")]
    private partial void LogRun(int ended, int purged, int indexed, int unindexed, int resumed, int forgotten);

    // As far as the scan has come; a package of many followers goes over several pages.
    private sealed class Package(string number)
    {
        public int Followers;

        public string Number => number;

        public ScannedRow? Row { get; set; }
    }
}
