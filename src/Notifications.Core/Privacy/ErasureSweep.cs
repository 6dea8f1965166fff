using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Notifications.Imports;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Timers;

namespace Notifications.Privacy;

/// <summary>
/// How far the sweep is that the timer makes: its own id, for which erasures, which of the steps are done, what was met so far that no key
/// of the ring opens, and the last file that was looked through, behind its container and a slash; null before the first.
/// </summary>
public sealed record SweepProgress(string Id, string[] Requests, string[] Done, int Unreadable, string? File = null);

/// <summary>
/// Takes erased people out of what others' rows, files and queue items say of them (R34). All of it is read for that, however few there
/// are: a request does as much of it as its answer can wait for, and what is left the timer does, once for all of them. That keeps its
/// place, so neither a crash nor the end of a run's time loses an erasure; one that comes meanwhile has the sweep after it.
/// </summary>
public sealed partial class ErasureSweep(
    ITableStore tables, StoredTables stored, IWorkQueue queues, IBlobStore blobs, ImportDesk imports, TimeProvider time,
    ILogger<ErasureSweep> log)
{
    private const int LongestSweep = 10_000;
    private const string Partition = "erasure", Progress = "progress", Files = "files", Items = "items";

    /// <summary>How long an answer waits for a sweep.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Rows that are read at once, and after which the timer's place is kept.</summary>
    internal int Page { get; init; } = 500;

    private IEnumerable<string> Steps =>
        [.. Erasure.SweptTables, .. stored.Names.Contains(Tables.Inbox) ? (string[])[Tables.Inbox] : [], Files, Items];

    /// <summary>
    /// Sweeps everything for one person, as long as an answer can wait. How much of it no key opens; null where it was not done with
    /// everything: then it is the timer's.
    /// </summary>
    internal async ValueTask<int?> TryAsync(PersonTraces traces, CancellationToken cancel)
    {
        var (started, unreadable) = (time.GetTimestamp(), 0);
        bool IsLate() => time.GetElapsedTime(started) > Patience;
        ValueTask NoteAsync(int more, string? file)
        {
            unreadable += more;
            return ValueTask.CompletedTask;
        }

        foreach (var step in Steps)
            if (!await StepAsync(step, null, null, traces, IsLate, NoteAsync, cancel)) return null;
        return unreadable;
    }

    /// <summary>
    /// Sweeps everything for all of these erasures, to the end, going on where an earlier run was cut off. <paramref name="doneAsync"/> is
    /// told which were swept, and how much no key opens.
    /// </summary>
    public async ValueTask RunAsync(
        IReadOnlyList<PrivacyRequest> waiting, Func<IReadOnlyList<PrivacyRequest>, int, ValueTask> doneAsync, CancellationToken cancel)
    {
        while (waiting.Count > 0)
        {
            var kept = await tables.GetAsync(Tables.Keys, Partition, Progress, cancel) is { } row
                ? row.Read(CoreJson.Default.SweepProgress)
                : null;
            List<PrivacyRequest> swept = [.. waiting.Where(r => kept is null || kept.Requests.Contains(r.Id))];
            if (kept is null)
            {
                var id = RandomNumberGenerator.GetHexString(8, lowercase: true);
                kept = await KeepAsync(new SweepProgress(id, [.. swept.Select(r => r.Id)], [], 0), cancel);
            }
            else if (swept.Count < kept.Requests.Length)
            {
                // One that cannot be looked for now has the next sweep, and not what is left of this.
                kept = await KeepAsync(kept with { Requests = [.. swept.Select(r => r.Id)] }, cancel);
            }

            var traces = new PersonTraces([.. swept.SelectMany(r => r.Named())], [.. swept.SelectMany(r => r.AddressKeys)]);
            foreach (var step in swept.Count == 0 ? [] : Steps.Except(kept.Done))
            {
                await StepAsync(
                    step, $"erasure-{kept.Id}-{step}", kept.File, traces, static () => false,
                    async (more, file) => kept = await KeepAsync(
                        kept with { Unreadable = kept.Unreadable + more, File = file ?? kept.File }, cancel),
                    cancel);
                kept = await KeepAsync(kept with { Done = [.. kept.Done, step] }, cancel);
            }

            await doneAsync(swept, kept.Unreadable);
            await tables.CommitAsync(Tables.Keys, Partition, [RowChange.Delete(Progress)], cancel);
            waiting = [.. waiting.Except(swept)];
        }
    }

    private async ValueTask<SweepProgress> KeepAsync(SweepProgress progress, CancellationToken cancel)
    {
        await tables.CommitAsync(
            Tables.Keys, Partition, [RowChange.Put(Progress, progress, CoreJson.Default.SweepProgress)], cancel);
        return progress;
    }

    /// <summary>
    /// One step, from a place of its table or from behind a file; false where it was late and not done. <paramref name="noteAsync"/> is
    /// told how much more no key opens, and up to which file all were looked through.
    /// </summary>
    private async ValueTask<bool> StepAsync(
        string step, string? place, string? file, PersonTraces traces, Func<bool> isLate, Func<int, string?, ValueTask> noteAsync,
        CancellationToken cancel)
    {
        switch (step)
        {
            case Tables.Inbox:
                await noteAsync(await SweepInboxAsync(traces, isLate, cancel), null);
                return !isLate();
            case Files:
                return await SweepBlobsAsync(file, traces, isLate, noteAsync, cancel);
            case Items:
                await noteAsync(await SweepQueuesAsync(traces, cancel, isLate), null);
                return !isLate();
            default:
                return await SweepTableAsync(step, place, traces, isLate, noteAsync, cancel);
        }
    }

    /// <summary>
    /// Takes what names the person out of the queues, as far as it can be seen: what is delayed or being worked on shows itself later, and
    /// is refused by its decision. How many items no key opens.
    /// </summary>
    internal async ValueTask<int> SweepQueuesAsync(PersonTraces traces, CancellationToken cancel, Func<bool>? isLate = null)
    {
        var unreadable = 0;
        foreach (var name in Erasure.SweptQueues)
        {
            foreach (var queue in (string[])[name, Queues.Poison(name)])
            {
                var others = new List<QueueItem>();
                try
                {
                    while (others.Count < LongestSweep
                        && isLate?.Invoke() is not true
                        && await queues.ReceiveAsync(queue, 32, TimeSpan.FromMinutes(5), cancel) is { Count: > 0 } items)
                    {
                        foreach (var item in items)
                        {
                            if (traces.In(item.Body.Span)) await queues.CompleteAsync(item, cancel);
                            else others.Add(item);
                        }
                    }
                }
                finally
                {
                    await Parallel.ForEachAsync(
                        others, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (item, _) => await PutBackAsync(item));
                }

                unreadable += others.Count(item => DataSealer.IsSealed(item.Body.Span));
            }
        }

        return unreadable;
    }

    /// <summary>
    /// Puts an item back as a new one, so that being looked at counts as no delivery: a host gives up an item after a few, done or not
    /// (P5). A crash in between leaves it twice, and what is swept does no harm when it is done twice. What is still sealed stands in a
    /// poison queue, where nothing is delivered: it goes back as it is, since sealing it once more would shut it for good.
    /// </summary>
    private async ValueTask PutBackAsync(QueueItem item)
    {
        if (DataSealer.IsSealed(item.Body.Span))
        {
            await queues.ReleaseAsync(item, TimeSpan.Zero, CancellationToken.None);
            return;
        }

        await queues.EnqueueAsync(item.Queue, item.Body, TimeSpan.Zero, CancellationToken.None);
        await queues.CompleteAsync(item, CancellationToken.None);
    }

    private async ValueTask<bool> SweepTableAsync(
        string table, string? place, PersonTraces traces, Func<bool> isLate, Func<int, string?, ValueTask> noteAsync,
        CancellationToken cancel)
    {
        var (unread, unreadable) = (new Unread(), 0);
        var pass = new Pass(tables, place, table, unread)
        {
            Page = Page,
            ShutAsync = async shut =>
            {
                if (traces.In(shut.Row))
                {
                    await tables.CommitAsync(table, shut.Partition, [RowChange.Delete(shut.Row)], cancel);
                    return;
                }

                unreadable++;
                await noteAsync(1, null);
            },
        };
        var late = false;
        await foreach (var page in pass.PagesAsync(cancel))
        {
            await Pass.EachAsync(
                [.. page.Where(r => traces.In(r.Row.Key) || traces.In(r.Row.Value.Span))],
                async r => await tables.CommitAsync(table, r.Partition, [RowChange.Delete(r.Row.Key)], cancel), unread);
            if (late = isLate()) break;
        }

        if (unreadable > 0) LogUnreadableRows(unreadable, table);
        return !late;
    }

    /// <summary>The laptop's inbox: a message, and the row that leads to it by id.</summary>
    private async ValueTask<int> SweepInboxAsync(PersonTraces traces, Func<bool> isLate, CancellationToken cancel)
    {
        var unreadable = 0;
        var gone = new HashSet<string>(StringComparer.Ordinal);
        ValueTask UnreadAsync(string partition, string row)
        {
            unreadable++;
            return ValueTask.CompletedTask;
        }

        await foreach (var (partition, row) in Legible.ScanAsync(tables, Tables.Inbox, Page, UnreadAsync, cancel))
        {
            if (isLate()) break;
            // "at:" rows come before the "id:" rows that hold their keys.
            if (!traces.In(row.Key) && !traces.In(row.Value.Span) && !gone.Contains(Encoding.UTF8.GetString(row.Value.Span))) continue;
            gone.Add(row.Key);
            await tables.CommitAsync(Tables.Inbox, partition, [RowChange.Delete(row.Key)], cancel);
        }

        return unreadable;
    }

    /// <summary>
    /// Files: a row of an import under way that names the person is emptied, so that the numbers of the other rows hold; an event that
    /// could not be delivered goes, and those of others beside it stay, since a STOP may be among them; anything else goes whole. Bodies
    /// that a queue has set aside are seen, and go, with their items.
    /// </summary>
    private async ValueTask<bool> SweepBlobsAsync(
        string? from, PersonTraces traces, Func<bool> isLate, Func<int, string?, ValueTask> noteAsync, CancellationToken cancel)
    {
        var (begun, rest) = from?.Split('/', 2) is [var first, var last] ? (first, last) : (null, null);
        foreach (var container in Containers.All.SkipWhile(c => begun is not null && c != begun))
        {
            var after = container == begun ? rest : null;
            while (await blobs.ListAsync(container, "", after, Page, cancel) is { Count: > 0 } names)
            {
                var unreadable = 0;
                foreach (var name in names)
                {
                    var (content, shut) = await ReadAsync(container, name, cancel);
                    if (isLate()) return false;
                    if (shut) unreadable++;
                    if (content is not { } bytes) continue;
                    if (container == Containers.Imports)
                    {
                        var delimiter = await DelimiterAsync(name, cancel);
                        var others = CsvRows.Without(bytes.Span, delimiter, traces.In, traces.InCell);
                        if (others.Length < bytes.Length) await blobs.PutAsync(container, name, others, cancel);
                    }
                    else if (!traces.In(bytes.Span)) continue;
                    else if (container == Containers.DeadLetters && EventsWithout(bytes, traces) is { IsEmpty: false } left)
                        await blobs.PutAsync(container, name, left, cancel);
                    else await blobs.DeleteAsync(container, name, cancel);
                }

                after = names[^1];
                await noteAsync(unreadable, $"{container}/{after}");
            }
        }

        return true;
    }

    /// <summary>
    /// Between the cells of a file, as its import has it: another one would find other rows. 0 where that is not known. The list of what
    /// was wrong in it is ours.
    /// </summary>
    private async ValueTask<byte> DelimiterAsync(string name, CancellationToken cancel)
    {
        var id = name.Split('/')[0];
        if (!name.StartsWith(ImportFiles.PartPrefix(id), StringComparison.Ordinal)) return (byte)',';
        try
        {
            return (byte)((await imports.FindAsync(id, cancel))?.Mapping?.Delimiter ?? '\0');
        }
        catch (CryptographicException)
        {
            return 0;
        }
    }

    /// <summary>
    /// A file of undelivered events without those that name the person; empty where none is left, or where it is no list of events.
    /// </summary>
    private static ReadOnlyMemory<byte> EventsWithout(ReadOnlyMemory<byte> content, PersonTraces traces)
    {
        try
        {
            using var events = JsonDocument.Parse(content);
            if (events.RootElement.ValueKind != JsonValueKind.Array) return default;
            var others = events.RootElement.EnumerateArray()
                .Select(e => e.GetRawText())
                .Where(e => !traces.In(Encoding.UTF8.GetBytes(e)))
                .ToList();
            return others.Count == 0 ? default : Encoding.UTF8.GetBytes($"[{string.Join(',', others)}]");
        }
        catch (JsonException)
        {
            return default;
        }
    }

    /// <summary>A file, null where there is none; or that no key opens it: it must not hold up the others.</summary>
    private async ValueTask<(ReadOnlyMemory<byte>? Content, bool Shut)> ReadAsync(string container, string name, CancellationToken cancel)
    {
        try
        {
            return (await blobs.GetAsync(container, name, cancel), false);
        }
        catch (CryptographicException)
        {
            LogUnreadable(name, container);
            return (null, true);
        }
    }

    [LoggerMessage(
        EventId = 180, EventName = "FileUnreadable", Level = LogLevel.Warning,
        Message = "File {Name} of container {Container} was altered or was sealed with a key that is not in the ring; an erasure passed it over")]
    private partial void LogUnreadable(string name, string container);

    [LoggerMessage(
        EventId = 181, EventName = "SweepPassedRows", Level = LogLevel.Warning,
        Message = "{Rows} rows of {Table} were altered or were sealed with a key that is not in the ring; an erasure passed them over")]
    private partial void LogUnreadableRows(int rows, string table);
}
