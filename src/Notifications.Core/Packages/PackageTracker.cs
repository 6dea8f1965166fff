using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Templates;

namespace Notifications.Packages;

/// <summary>
/// From an event to its followers, once: take in, wait out the collapse window, tell: a few at once, many in batches that all workers
/// share. Every step leaves in the package's row what has still to be done before it says so to the queue, and a step that runs again finds
/// what was done: message ids are derived from the event.
/// </summary>
public sealed partial class PackageTracker(
    ITableStore tables, IWorkQueue queue, BatchSender sender, MessageIds ids, PackageOptions options, WatchOptions watches,
    TimeProvider time, ILogger<PackageTracker> log)
{
    private const int WalkSize = 1000;

    /// <summary>After this long a worker gives the rest of a fan-out back to the queue, well before its item is taken for lost.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(15);

    /// <summary>Accepts an event. Once it returns, the event will be taken in, whatever dies meanwhile.</summary>
    public ValueTask AcceptAsync(TrackingNumber number, PackageEvent happening, CancellationToken cancel) =>
        EnqueueAsync(new PackageWork(PackageStep.Event, number.Value, happening), TimeSpan.Zero, cancel);

    /// <summary>Does one item of the queue.</summary>
    public ValueTask<WorkOutcome> DoAsync(PackageWork work, bool redelivered, CancellationToken cancel) => work.Step switch
    {
        PackageStep.Event when work.Event is not null => TakeInAsync(work.Number, work.Event, cancel),
        PackageStep.Announce => AnnounceAsync(work.Number, redelivered, cancel),
        PackageStep.Page => TellAsync(work, redelivered, cancel),
        PackageStep.Batch when work is { Change: { } change, Until: { } until } => TellBatchAsync(work, change, until, redelivered, cancel),
        _ => ValueTask.FromResult(WorkOutcome.GiveUp("Not a step of a package.")),
    };

    /// <summary>What is known of a package, or null.</summary>
    public async ValueTask<PackageRecord?> FindAsync(TrackingNumber number, CancellationToken cancel) =>
        (await LoadAsync(number.Value, cancel)).Record;

    /// <summary>The events of a package with what came of each, in no order.</summary>
    public async ValueTask<IReadOnlyList<PackageEventRow>> EventsAsync(TrackingNumber number, CancellationToken cancel)
    {
        var rows = tables.RowsAsync(Tables.Packages, number.Value, RowRange.Prefix(Rows.EventPrefix), cancel);
        return await rows.Select(row => row.Read(CoreJson.Default.PackageEventRow)).ToListAsync(cancel);
    }

    /// <summary>Queues again whatever a package's row says is still to be done; for the timer.</summary>
    internal async ValueTask ResumeAsync(string number, PackageRecord record, CancellationToken cancel)
    {
        if (record.Current is { } current)
            await EnqueueAsync(new PackageWork(PackageStep.Page, number, Seq: current.Seq), TimeSpan.Zero, cancel);
        else if (record.Next is not null) await EnqueueAsync(new PackageWork(PackageStep.Announce, number), TimeSpan.Zero, cancel);
    }

    private async ValueTask<WorkOutcome> TakeInAsync(string number, PackageEvent happening, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            var (stored, etag) = await LoadAsync(number, cancel);
            var now = time.UtcNowMs();
            var (after, row) = Judge(stored ?? new PackageRecord(), happening, now);
            List<RowChange> changes =
                [
                    RowChange.Insert(Rows.PackageEvent(happening.Id), row, CoreJson.Default.PackageEventRow),
                    RowChange.Write(Rows.Package, after, CoreJson.Default.PackageRecord, etag),
                ];

            // An event that comes again while it waits itself is refused as known, and stays what it is.
            if (stored?.Next is { } waited && after.Next != waited && waited.Event.Id != happening.Id)
                changes.Add(RowChange.Put(
                    Rows.PackageEvent(waited.Event.Id), new PackageEventRow(waited.Event, PackageEventRow.Superseded),
                    CoreJson.Default.PackageEventRow));
            var commit = await tables.CommitAsync(Tables.Packages, number, changes, cancel);
            if (commit.Committed)
            {
                LogTaken(happening.Status, row.Outcome);
                if (after.Next is { } next && stored?.Next is null)
                    await EnqueueAsync(new PackageWork(PackageStep.Announce, number), next.At - now, cancel);
                return WorkOutcome.Done;
            }

            // The event is known already, perhaps by this very item: it died before it told the queue, or its write was done and then, its
            // answer lost, repeated and refused.
            if (commit.ConflictAt == 0)
            {
                if ((await LoadAsync(number, cancel)).Record?.Next is { } waiting)
                    await EnqueueAsync(new PackageWork(PackageStep.Announce, number), waiting.At - now, cancel);
                return WorkOutcome.Done;
            }
        }

        throw StorageUnavailableException.Contended("A package");
    }

    /// <summary>What an event makes of a package. Pure.</summary>
    internal (PackageRecord After, PackageEventRow Row) Judge(PackageRecord before, PackageEvent happening, DateTimeOffset now)
    {
        if (happening.OccurredAt > now + options.FutureTolerance)
            happening = happening with { OccurredAt = now.ToOffset(happening.OccurredAt.Offset), Clamped = true };
        var after = before with { HeardAt = now };
        if (IsOvertaken(happening, before)) return (after, new PackageEventRow(happening, PackageEventRow.Stale));

        var rule = StatusTable.Default.Find(happening.Status, happening.Sub);
        var delivered = before.DeliveredAt is not null;
        after = after with
        {
            Last = happening,
            SureAt = happening.Clamped ? SureAt(before) : happening.OccurredAt,
            Stage = Math.Max(before.Stage, rule.Stage),
            DeliveredAt = before.DeliveredAt ?? (rule.Final ? happening.OccurredAt : null),
        };
        if (!rule.Announce || (delivered && !rule.Problem)) return (after, new PackageEventRow(happening, PackageEventRow.NoNews));

        var again = rule.RepeatHours > 0
            && before.ToldAt is { } then
            && happening.OccurredAt - then >= TimeSpan.FromHours(rule.RepeatHours);
        if (before.ToldKey == rule.Key && !again)
        {
            // Back to what people know: what waited to be told never was.
            return (after with { Next = null }, new PackageEventRow(happening, PackageEventRow.NoNews));
        }

        var due = before.Next?.At ?? now + options.CollapseWindow;
        return (
            after with { Next = new PackageChange(happening, Math.Max(1, after.Stage), 0, due) },
            new PackageEventRow(happening, PackageEventRow.Announced));
    }

    private static DateTimeOffset? SureAt(PackageRecord record) =>
        record.Last is { Clamped: false } last ? last.OccurredAt : record.SureAt;

    // Where the time of the last one was set by us, it may have happened before that: what goes further, or of the same stage came later,
    // is news all the same. Not what is older than an event before it whose time is sure.
    private static bool IsOvertaken(PackageEvent happening, PackageRecord before)
    {
        if (before.Last is not { } last || happening.OccurredAt >= last.OccurredAt) return false;
        if (!last.Clamped || happening.OccurredAt < before.SureAt) return true;
        var stage = StatusTable.Default.Find(happening.Status, happening.Sub).Stage;
        return stage == 0 || stage == before.Stage ? happening.ReceivedAt <= last.ReceivedAt : stage < before.Stage;
    }

    private async ValueTask<WorkOutcome> AnnounceAsync(string number, bool redelivered, CancellationToken cancel)
    {
        var tried = 0L;
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            var (stored, etag) = await LoadAsync(number, cancel);
            if (stored is null) return WorkOutcome.Done;
            if (stored.Current is { } running)
            {
                // One change is told at a time; its last page begins the next. This may be the item that died before its first page, or was
                // refused by its own write.
                if (redelivered || running.Seq == tried)
                    await EnqueueAsync(new PackageWork(PackageStep.Page, number, Seq: running.Seq), TimeSpan.Zero, cancel);
                return WorkOutcome.Done;
            }

            if (stored.Next is not { } next) return WorkOutcome.Done;
            var now = time.UtcNowMs();
            if (next.At > now) return WorkOutcome.Later(next.At - now);
            var seq = Math.Max(stored.Seq + 1, now.ToUnixTimeMilliseconds());
            var rule = StatusTable.Default.Find(next.Event.Status, next.Event.Sub);
            var after = stored with
            {
                Next = null,
                Current = next with { Seq = seq, At = now },
                ToldKey = rule.Key,
                ToldAt = next.Event.OccurredAt,
                Seq = seq,
                DeliverySeq = rule.Delivery ? seq : stored.DeliverySeq,
                ProblemSeq = rule.Problem ? seq : stored.ProblemSeq,
                StatusSeqs = new Dictionary<ParcelStatus, long>(stored.StatusSeqs ?? new Dictionary<ParcelStatus, long>())
                {
                    [rule.Status] = seq,
                },
            };
            tried = seq;
            if (!await WriteAsync(number, after, etag, cancel)) continue;
            await EnqueueAsync(new PackageWork(PackageStep.Page, number, Seq: seq), TimeSpan.Zero, cancel);
            return WorkOutcome.Done;
        }

        throw StorageUnavailableException.Contended("A package");
    }

    private async ValueTask<WorkOutcome> TellAsync(PackageWork work, bool redelivered, CancellationToken cancel)
    {
        var (stored, _) = await LoadAsync(work.Number, cancel);
        if (stored?.Current is not { } change || change.Seq != work.Seq)
        {
            // Told to the end already. The item that ended it may have died before it began the next.
            if (redelivered && stored is { Current: null, Next: not null })
                await EnqueueAsync(new PackageWork(PackageStep.Announce, work.Number), TimeSpan.Zero, cancel);
            return WorkOutcome.Done;
        }

        var started = time.GetTimestamp();
        var cursor = work.Cursor;
        while (true)
        {
            var rows = await tables.RangeAsync(Tables.Packages, work.Number, RowRange.Prefix(Rows.WatcherPrefix, cursor), WalkSize, cancel);
            if (cursor is null && rows.Count <= BatchSender.Size)
            {
                if (await TellAsync(work, change, rows, redelivered, cancel) is { } last)
                    await EnqueueAsync(Batch(work, change, last, rows[^1].Key), TimeSpan.Zero, cancel);
                break;
            }

            var batches = new List<Task>(WalkSize / BatchSender.Size);
            foreach (var batch in rows.Chunk(BatchSender.Size))
            {
                batches.Add(EnqueueAsync(Batch(work, change, cursor, batch[^1].Key), TimeSpan.Zero, cancel).AsTask());
                cursor = batch[^1].Key;
            }

            await Task.WhenAll(batches);
            if (rows.Count < WalkSize) break;
            if (time.GetElapsedTime(started) < Turn) continue;
            await EnqueueAsync(work with { Cursor = cursor }, TimeSpan.Zero, cancel);
            return WorkOutcome.Done;
        }

        return await EndAsync(work, cancel);
    }

    private static PackageWork Batch(PackageWork page, PackageChange change, string? after, string until) =>
        new(PackageStep.Batch, page.Number, Cursor: after) { Change = change, Until = until };

    private async ValueTask<WorkOutcome> TellBatchAsync(
        PackageWork work, PackageChange change, string until, bool redelivered, CancellationToken cancel)
    {
        var rows = await tables.RangeAsync(
            Tables.Packages, work.Number, RowRange.Prefix(Rows.WatcherPrefix, work.Cursor) with { To = until + ' ' }, BatchSender.Size,
            cancel);
        var last = await TellAsync(work, change, rows, redelivered, cancel);

        // Who began to follow in between stands among them, and may have made them more than a batch.
        if (last is null && rows.Count == BatchSender.Size && rows[^1].Key != until) last = rows[^1].Key;
        if (last is not null) await EnqueueAsync(work with { Cursor = last }, TimeSpan.Zero, cancel);
        return WorkOutcome.Done;
    }

    /// <summary>Tells the followers of a step. Returns the key after which to go on when time ran out, or null when all are told.</summary>
    private async ValueTask<string?> TellAsync(
        PackageWork work, PackageChange change, IReadOnlyList<Row> followers, bool redelivered, CancellationToken cancel)
    {
        var rule = StatusTable.Default.Find(change.Event.Status, change.Event.Sub);
        var data = Data(change);
        var merge = followers.Count > 2 ? new MailMerge() : null;
        var requests = new List<SendRequest>(followers.Count);
        var keys = new List<string>(followers.Count);
        foreach (var follower in followers)
        {
            if (Request(work.Number, change, rule, data, merge, follower) is not { } request) continue;
            requests.Add(request);
            keys.Add(follower.Key);
        }

        var told = await sender.SendAsync(requests, redelivered, cancel);
        if (told == requests.Count) return null;
        return told > 0 ? keys[told - 1] : work.Cursor ?? Rows.WatcherPrefix;
    }

    private async ValueTask<WorkOutcome> EndAsync(PackageWork work, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            var (stored, etag) = await LoadAsync(work.Number, cancel);
            if (stored?.Current?.Seq == work.Seq && !await WriteAsync(work.Number, stored with { Current = null }, etag, cancel)) continue;

            // Also where it had ended already: that may have been this item's own write, which was refused when it was repeated.
            if (stored?.Next is { } next)
                await EnqueueAsync(new PackageWork(PackageStep.Announce, work.Number), next.At - time.GetUtcNow(), cancel);
            return WorkOutcome.Done;
        }

        throw StorageUnavailableException.Contended("A package");
    }

    private SendRequest? Request(string number, PackageChange change, StatusRule rule, JsonElement data, MailMerge? merge, Row row)
    {
        var watcher = row.Read(CoreJson.Default.WatcherRow);
        // Who began to follow after it is not told, but for one whose moment lies ahead: that is of before the clock was set back.
        if (!rule.Passes(watcher.Filter) || (watcher.Since > change.At && watcher.Since <= time.GetUtcNow())) return null;
        if (!AddressKey.TryParse(row.Key.AsSpan(Rows.WatcherPrefix.Length), out var key)) return null;
        var due = watcher.Daily
            ? DailyTime.Next(change.At, watcher.Zone, new Address(watcher.Channel, watcher.To), watches.DailyHour)
            : change.At;
        return new SendRequest
        {
            Id = ids.Derive(key, $"event/{number}/{change.Event.Id}").ToString(),
            Channel = watcher.Channel,
            To = watcher.To,
            Topic = TopicKey.PackageUpdates,
            Data = data,
            Merge = merge,
            TrackingNumber = number,
            PackageSeq = change.Seq,
            Daily = watcher.Daily,
            SendAt = watcher.Daily ? due : null,
            ExpiresAt = due + options.MessageLifetime,
            Locale = watcher.Locale,
            AcceptedAt = change.At,
        };
    }

    private static JsonElement Data(PackageChange change) => JsonSerializer.SerializeToElement(
        new PackageNews(
            change.Event.Status.ToString(), change.Event.Sub, change.Event.Description, change.Event.Location, change.Event.OccurredAt,
            change.Event.Carrier, change.Stage),
        CoreJson.Default.PackageNews);

    private ValueTask EnqueueAsync(PackageWork work, TimeSpan delay, CancellationToken cancel) =>
        queue.EnqueueAsync(
            Queues.Packages, JsonSerializer.SerializeToUtf8Bytes(work, CoreJson.Default.PackageWork),
            delay < TimeSpan.Zero ? TimeSpan.Zero : delay, cancel);

    private ValueTask<(PackageRecord? Record, string? ETag)> LoadAsync(string number, CancellationToken cancel) =>
        tables.LoadAsync(Tables.Packages, number, Rows.Package, CoreJson.Default.PackageRecord, cancel);

    private async ValueTask<bool> WriteAsync(string number, PackageRecord record, string? etag, CancellationToken cancel) =>
        (await tables.CommitAsync(
            Tables.Packages, number, [RowChange.Write(Rows.Package, record, CoreJson.Default.PackageRecord, etag)], cancel)).Committed;

    [LoggerMessage(EventId = 144, EventName = "PackageEventTaken", Level = LogLevel.Debug, Message = "A package event {Status}: {Outcome}")]
    private partial void LogTaken(ParcelStatus status, string outcome);
}
