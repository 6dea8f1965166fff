using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Imports;

/// <summary>
/// Works through imports, piece by piece. After each piece the counts and the place are written together, so a crash costs the work on one
/// piece; working on its rows again changes nothing and counts the same (<see cref="ImportRules"/>). Rows of one address are one change, in
/// the order of the file; many addresses are written at the same time, so that the store commits them together; the audience index follows
/// a piece at a time.
/// </summary>
public sealed partial class Importer(
    ImportDesk desk,
    AddressBook book, ContactDesk contacts, Suppressions suppressions, IBlobStore blobs, TopicCatalog topics, KeyRing ring,
    OurAddresses ours, ImportOptions options, SendingOptions sending,
    TimeProvider time, ILogger<Importer> log)
{
    // A ledger entry each, beside the state row, in a commit of at most 100.
    private const int MaxRowsPerChange = 90;

    /// <summary>Goes on with an import for as long as an item may be held, then puts the rest back on the queue.</summary>
    public async ValueTask<WorkOutcome> DoAsync(ImportWork work, CancellationToken cancel)
    {
        var (import, etag) = await desk.LoadAsync(work.Id, cancel);
        if (import is null) return WorkOutcome.Done; // Its record was purged.
        var until = Stopwatch.GetTimestamp() + (long)(sending.Visibility.TotalSeconds / 3 * Stopwatch.Frequency);
        if (import.Status == ImportStatus.Queued) import = import with { Status = ImportStatus.Running, StartedAt = time.UtcNowMs() };
        if (import.Resumable) import = import with { Status = ImportStatus.Running, FinishedAt = null, Failure = null, Resumable = false };
        import = import with { Turn = RandomNumberGenerator.GetHexString(12, lowercase: true) };
        Task<ImportPart>? next = null;
        var again = true; // The first piece may have been worked on before a crash: what it said stands, and is not said again.
        while (!import.IsFinal)
        {
            var part = await (next ?? ReadAsync(import, import.Done + 1, import.NextRow, cancel));
            var after = import.Done + 2 <= import.Parts ? import.Done + 2 : 0;
            next = after == 0 ? null : Task.Run(() => ReadAsync(import, after, part.NextRow, cancel), cancel);
            import = await DoPartAsync(import, part, again, cancel);
            again = false;
            if (import.Done == import.Parts) import = End(import);
            etag = await desk.SaveAsync(import, etag!, cancel);
            if (etag is null) return await LeaveAsync(next); // A second worker went on with it: what it did and what we did is the same.
            if (import.Done == 0) next = await DropAsync(next); // The second pass begins.
            if (import.IsFinal || Stopwatch.GetTimestamp() < until) continue;
            await LeaveAsync(next);
            await desk.EnqueueAsync(work.Id, cancel);
            return WorkOutcome.Done;
        }

        // The file goes with the end of the work: what is left of it are counts and what was wrong.
        await ImportFiles.DeleteAsync(blobs, ImportFiles.PartPrefix(import.Id), CancellationToken.None);
        LogEnded(import.Id, import.Status, import.Rows, import.Accepted, import.Rejected, import.Lowered);
        return WorkOutcome.Done;
    }

    /// <summary>The item was given up: the import has failed, and goes on when the item is replayed.</summary>
    public ValueTask GiveUpAsync(ImportWork work, CancellationToken cancel) => desk.GiveUpAsync(work.Id, cancel);

    /// <summary>
    /// What would become of the first rows of a file, on the records as they stand; nothing is written. The file may be cut off anywhere.
    /// </summary>
    public async ValueTask<(ImportMapping? Mapping, ImportFailure? Failure, IReadOnlyList<PreviewedRow> Rows)> PreviewAsync(
        ReadOnlyMemory<byte> file, ImportSettings settings, int limit, CancellationToken cancel)
    {
        ReadOnlyMemory<byte> first = default;
        using var intake = new CsvIntake(
            (number, piece, _) =>
            {
                if (number == 1) first = piece.ToArray();
                return ValueTask.CompletedTask;
            },
            options);
        await intake.AddAsync(file, cancel);
        await intake.EndAsync(cancel);
        if (intake.Header is null) return (null, intake.Failure, []);
        var (mapping, problem) = ImportMapping.Read(intake.Header, intake.Delimiter, settings);
        if (mapping is null) return (null, intake.Failure ?? new ImportFailure(intake.HeaderRow, null, problem!), []);
        var rows = CsvRows.Read(first.Span, intake.Delimiter, 1, out _).Skip(1).Take(limit).ToList();
        var part = Parse(rows, mapping, settings, time.UtcNowMs());
        foreach (var group in part.Groups) await JudgeAsync(group, part, "preview", "preview", cancel);
        var read = part.Groups.SelectMany(g => g.Rows).ToDictionary(r => r.Number);
        var wrong = part.Errors.ToLookup(e => e.Row);
        return (
            mapping, intake.Failure,
            [
                .. rows.Select(
                    r => new PreviewedRow(
                        r.Number, read.GetValueOrDefault(r.Number)?.Says, read.GetValueOrDefault(r.Number)?.Lowers ?? false,
                        part.Rejected.Contains(r.Number), [.. wrong[r.Number]])),
            ]);
    }

    /// <summary>
    /// The cells of a file's header, whether they mean anything or not; none where there is no header. The file may be cut off anywhere.
    /// </summary>
    public async ValueTask<string[]> HeaderAsync(ReadOnlyMemory<byte> file, CancellationToken cancel)
    {
        using var intake = new CsvIntake(static (_, _, _) => ValueTask.CompletedTask, options);
        await intake.AddAsync(file, cancel);
        await intake.EndAsync(cancel);
        return intake.Header is { } header ? ImportMapping.Cells(header, intake.Delimiter) : [];
    }

    private async ValueTask<Import> DoPartAsync(Import import, ImportPart part, bool again, CancellationToken cancel)
    {
        var looking = import.IsLooking;
        var changes = looking ? null : new ConcurrentQueue<AudienceChange>();
        var at = -1;
        var workers = new Task[Math.Min(options.Concurrency, part.Groups.Count)];
        for (var i = 0; i < workers.Length; i++) workers[i] = WorkAsync();
        await Task.WhenAll(workers);
        if (changes is { IsEmpty: false }) await book.FollowAsync(changes);
        part.Errors.Sort(static (a, b) => a.Row.CompareTo(b.Row));
        if (part.Errors.Count > 0)
            await blobs.PutAsync(
                ImportFiles.Container, ImportFiles.Errors(import.Id, import.Done + 1), ErrorList.Write(part.Errors), cancel);
        else await blobs.DeleteAsync(ImportFiles.Container, ImportFiles.Errors(import.Id, import.Done + 1), cancel);
        var rejected = part.Rejected.Count;
        return import with
        {
            Done = import.Done + 1,
            NextRow = part.NextRow,
            Accepted = import.Accepted + part.Rows - rejected,
            Rejected = import.Rejected + rejected,
            Unopened = import.Unopened + part.Unopened,
            Lowered = import.Lowered + part.Lowered,
            PassedOver = import.PassedOver + part.PassedOver.Count(row => !part.Rejected.Contains(row)),
        };

        async Task WorkAsync()
        {
            while (Interlocked.Increment(ref at) is var mine && mine < part.Groups.Count)
            {
                cancel.ThrowIfCancellationRequested();
                var group = part.Groups[mine];
                if (looking) await JudgeAsync(group, part, import.Id, import.Actor, cancel);
                else await ApplyAsync(group, part, import, changes!, again, cancel);
            }
        }
    }

    private async ValueTask JudgeAsync(AddressRows group, ImportPart part, string import, string actor, CancellationToken cancel)
    {
        AddressState state;
        try
        {
            state = (await book.LoadAsync(group.Key, cancel)).State ?? ConsentDesk.Blank(group.Rows[0].Address);
        }
        catch (CryptographicException)
        {
            foreach (var row in group.Rows) part.Settle(row, Unopened(row));
            return;
        }

        var entries = new List<LedgerDraft>();
        string? owner = null;
        foreach (var row in group.Rows)
        {
            var result = ImportRules.Apply(ref state, entries, row, import, actor, time.UtcNowMs(), owner);
            if (result.Problem is null) owner ??= row.ContactId;
            part.Settle(row, result);
        }
    }

    /// <summary>
    /// Nothing can be said on a record that no key opens; the rest of the file does not wait for it. A stop that is lost so says that it is
    /// (P6).
    /// </summary>
    private static RowResult Unopened(ImportRow row) => new(
        row.Column, row.Lowers ? "has a record that cannot be opened: this stop is not recorded" : "has a record that cannot be opened",
        Unopened: true);

    private async ValueTask ApplyAsync(
        AddressRows group, ImportPart part, Import import, ConcurrentQueue<AudienceChange> changes, bool again, CancellationToken cancel)
    {
        var results = new RowResult[group.Rows.Count];
        var written = 0;
        AddressState? after = null;
        string? owner = null;
        try
        {
            var said = again ? await SaidAsync(group.Key, import.Id, cancel) : [];
            while (written < results.Length)
            {
                var (first, to) = (written, Math.Min(written + MaxRowsPerChange, results.Length));
                var done = group.Rows[first..to].Exists(r => said.Contains(r.Number)); // One commit takes all of them, or none.
                var (before, claims, tries) = (owner, owner, 0);
                after = (await book.ChangeAsync(group.Key, ConsentDesk.Blank(group.Rows[0].Address), (state, now) =>
                {
                    if (tries++ > 0) return new Change(state, []);
                    var (next, entries) = (state, new List<LedgerDraft>(to - first));
                    claims = before;
                    for (var i = first; i < to; i++)
                    {
                        var row = group.Rows[i];
                        results[i] = said.Contains(row.Number)
                            ? RowResult.Accepted
                            : ImportRules.Apply(ref next, entries, row, import.Id, import.Actor, now, claims);
                        if (results[i].Problem is null) claims ??= row.ContactId;
                    }

                    return done ? new Change(state, []) : new Change(next, entries);
                }, null, changes.Enqueue, cancel))!.State;
                if (tries > 1)
                {
                    // Somebody was faster: these very rows perhaps, where a lost answer hid that they were written. The ledger tells.
                    (said, again) = (await SaidAsync(group.Key, import.Id, cancel), true);
                    continue;
                }

                (written, owner) = (to, claims);
            }

            // Another worker had the same piece, and these rows before this one: they were taken, whatever is found wrong with them since.
            if (after!.Ledger.Seq > 0 && Array.Exists(results, static r => r.Problem is not null))
            {
                said = await SaidAsync(group.Key, import.Id, cancel);
                for (var i = 0; i < written; i++)
                    if (said.Contains(group.Rows[i].Number)) results[i] = RowResult.Accepted;
            }
        }
        catch (CryptographicException)
        {
            foreach (var row in group.Rows[written..]) part.Settle(row, Unopened(row));
            if (after is null) return;
        }

        // What a crash left unsaid to the audience index is said now: the record alone no longer shows it.
        if (again) changes.Enqueue(new AudienceChange(group.Key, null, after!));

        var blocked = false;
        for (var i = 0; i < written; i++)
        {
            var row = group.Rows[i];
            var result = results[i];
            if (result.Problem is null && row.ContactId is { } contact && after!.ContactId != contact)
                result = await AttachAsync(row, contact, import.Actor, cancel);
            blocked |= row.Blocks is not null;
            part.Settle(row, result);
        }

        if (blocked && after!.Suppression is not null) await suppressions.IndexAsync(group.Key, after, cancel);
    }

    /// <summary>
    /// The rows of an import whose word stands in the ledger of an address already: a crash came between that and the count of their piece.
    /// </summary>
    private async ValueTask<HashSet<long>> SaidAsync(AddressKey key, string import, CancellationToken cancel) =>
        [.. (await book.LedgerAsync(key, cancel)).Select(e => ImportRow.NumberIn(e.Detail?.Evidence, import)).OfType<long>()];

    private async ValueTask<RowResult> AttachAsync(ImportRow row, string contact, string actor, CancellationToken cancel)
    {
        try
        {
            return await contacts.AddAsync(contact, row.Address, row.Key, row.Locale, row.TimeZone, actor, cancel) switch
            {
                ContactResult.AddressTaken => new RowResult(ImportField.ContactId, "differs: the address belongs to another contact"),
                ContactResult.AddressErased =>
                    new RowResult(ImportField.ContactId, "cannot be kept: the address belongs to a person who was erased, and stays out"),
                ContactResult.TooManyAddresses =>
                    new RowResult(ImportField.ContactId, $"names a contact that owns {ContactDesk.MaxAddresses} addresses already"),
                _ => RowResult.Accepted,
            };
        }
        catch (CryptographicException)
        {
            return new RowResult(
                ImportField.ContactId, "names a contact of whom a record cannot be opened; what the row says of the address is recorded",
                Unopened: true);
        }
    }

    private async Task<ImportPart> ReadAsync(Import import, int number, long firstRow, CancellationToken cancel)
    {
        var text = await blobs.GetAsync(ImportFiles.Container, ImportFiles.Part(import.Id, number), cancel)
            ?? throw new InvalidOperationException($"Piece {number} of import {import.Id} is not there.");
        var rows = CsvRows.Read(text.Span, (byte)import.Mapping!.Delimiter, firstRow, out var next);
        var part = Parse(number == 1 ? rows.Skip(1) : rows, import.Mapping, import.Settings, import.CreatedAt);
        part.NextRow = next;
        return part;
    }

    private ImportPart Parse(IEnumerable<CsvRow> rows, ImportMapping mapping, ImportSettings settings, DateTimeOffset received)
    {
        var reader = new RowReader(mapping, settings, topics, ring, ours, received);
        var part = new ImportPart(mapping);
        var groups = new Dictionary<AddressKey, AddressRows>();
        foreach (var csv in rows)
        {
            part.Rows++;
            var before = part.Errors.Count;
            if (reader.Read(csv, part.Errors) is not { } row)
            {
                part.Rejected.Add(csv.Number);
                continue;
            }

            if (part.Errors.Count > before) part.PassedOver.Add(csv.Number);

            if (row.Says == ImportStatement.Nothing) continue; // A line about something else.
            ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(groups, row.Key, out var known);
            if (!known) part.Groups.Add(group = new AddressRows(row.Key, []));
            group!.Rows.Add(row);
        }

        return part;
    }

    private Import End(Import import)
    {
        var now = time.UtcNowMs();
        import = import with { Rows = import.Accepted + import.Rejected };
        if (!import.IsLooking || import.Settings.ValidateOnly) return import with { Status = ImportStatus.Completed, FinishedAt = now };
        if (import.Rejected == 0) return import with { Checked = true, Done = 0, NextRow = 1, Accepted = 0, Lowered = 0, PassedOver = 0 };
        return import with
        {
            Status = ImportStatus.Failed, FinishedAt = now, Accepted = 0, Lowered = 0,
            Failure = new ImportFailure(
                0, null, $"{import.Rejected} of {import.Rows} rows are wrong, and onError=abort imports nothing then. See the errors."),
        };
    }

    private static async ValueTask<WorkOutcome> LeaveAsync(Task<ImportPart>? next)
    {
        await DropAsync(next);
        return WorkOutcome.Done;
    }

    // What was read ahead is of no more use, whether it could be read or not.
    private static async ValueTask<Task<ImportPart>?> DropAsync(Task<ImportPart>? next)
    {
        if (next is not null) await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return null;
    }

    [LoggerMessage(
        EventId = 360, EventName = "ImportEnded", Level = LogLevel.Information,
        Message = "Import {Import} ended as {Status}: {Rows} rows, {Accepted} accepted, {Rejected} rejected, {Lowered} lowered")]
    private partial void LogEnded(string import, ImportStatus status, long rows, long accepted, long rejected, long lowered);
}
