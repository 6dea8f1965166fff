using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Notifications.Audit;
using Notifications.Storage;

namespace Notifications.Imports;

/// <summary>
/// Takes files in, shows what became of them, and forgets them in time (M16: lists are sensitive, so each is in the audit).
/// </summary>
public sealed class ImportDesk(
    ITableStore tables, IWorkQueue queue, IBlobStore blobs, AuditLog audit, ImportOptions options, TimeProvider time)
{
    private const string Partition = "imports";

    // Ids count down, so that newer ones come first in a list; until the year 2286 they have eleven digits in base 16.
    private const long Horizon = 9_999_999_999_999;

    /// <summary>A new id.</summary>
    public string NewId() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Horizon - time.GetUtcNow().ToUnixTimeMilliseconds():x11}{RandomNumberGenerator.GetHexString(12, lowercase: true)}");

    /// <summary>Whether a text can be the id of an import.</summary>
    public static bool IsId(string text) => text.Length == 23 && text.All(char.IsAsciiHexDigitLower);

    /// <summary>
    /// Reads a file to its end and keeps it. Null when it is larger than allowed. What makes it unusable otherwise is in
    /// <see cref="Upload.Failure"/>, and the import made of it will have failed.
    /// </summary>
    /// <param name="id">The import's id.</param>
    /// <param name="body">The file.</param>
    /// <param name="settings">How it is to be imported.</param>
    /// <param name="cancel">The caller has gone: nothing is kept.</param>
    public async ValueTask<Upload?> ReceiveAsync(string id, Stream body, ImportSettings settings, CancellationToken cancel)
    {
        using var intake = new CsvIntake(
            (number, piece, token) => blobs.PutAsync(ImportFiles.Container, ImportFiles.Part(id, number), piece, token), options);
        var buffer = new byte[64 << 10];
        try
        {
            while (await body.ReadAsync(buffer, cancel) is > 0 and var read)
            {
                await intake.AddAsync(buffer.AsMemory(0, read), cancel);
                if (intake.Bytes <= options.MaxBytes) continue;
                await DiscardAsync(id);
                return null;
            }

            await intake.EndAsync(cancel);
        }
        catch
        {
            await DiscardAsync(id);
            throw;
        }

        var failure = intake.Failure;
        ImportMapping? mapping = null;
        if (intake.Header is { } header)
        {
            (mapping, var problem) = ImportMapping.Read(header, intake.Delimiter, settings);
            if (problem is not null) failure ??= new ImportFailure(intake.HeaderRow, null, problem);
        }

        if (failure is not null) await DiscardAsync(id);
        return new Upload(intake.Hash(), intake.Bytes, failure is null ? intake.Parts : 0, intake.Rows, mapping, failure, intake.HeaderRow);
    }

    /// <summary>Forgets what <see cref="ReceiveAsync"/> kept.</summary>
    public ValueTask DiscardAsync(string id) => ImportFiles.DeleteAsync(blobs, id + "/", CancellationToken.None);

    /// <summary>
    /// Makes an import of a file that was received, and has it worked on. <paramref name="request"/> tells the request from every other,
    /// where it can be repeated (<see cref="MadeAsync"/>).
    /// </summary>
    public async ValueTask<Import> CreateAsync(
        string id, Upload upload, ImportSettings settings, string actor, CancellationToken cancel, string? request = null)
    {
        var now = time.UtcNowMs();
        var import = new Import
        {
            Id = id,
            Actor = actor, Request = request, CreatedAt = now, Settings = settings,
            Mapping = upload.Mapping, Bytes = upload.Bytes, Parts = upload.Parts, Rows = upload.Rows, Failure = upload.Failure,
            Status = upload.Failure is null ? ImportStatus.Queued : ImportStatus.Failed, FinishedAt = upload.Failure is null ? null : now,
        };
        await audit.WriteAsync(
            actor, "import.create", id, null, settings.ValidateOnly ? "validate" : settings.SuppressionsOnly ? "suppressions" : "contacts",
            cancel);
        await tables.CommitAsync(Tables.Imports, Partition, [RowChange.Put(id, import, CoreJson.Default.Import)], cancel);
        if (!import.IsFinal) await EnqueueAsync(id, cancel);
        return import;
    }

    /// <summary>
    /// The import that a request made before it was answered, or null. It is put on its queue again, for that may have been what failed.
    /// </summary>
    public async ValueTask<Import?> MadeAsync(string request, DateTimeOffset came, CancellationToken cancel)
    {
        // An id is as old as its upload's beginning.
        var oldest = Horizon - came.AddDays(-1).ToUnixTimeMilliseconds();
        foreach (var id in await tables.KeysAsync(Tables.Imports, Partition, new RowRange(null, $"{oldest:x11}"), cancel))
        {
            if (await FindAsync(id, cancel) is not { } import || import.Request != request) continue;
            if (!import.IsFinal) await EnqueueAsync(id, cancel);
            return import;
        }

        return null;
    }

    /// <summary>The import, or null.</summary>
    public async ValueTask<Import?> FindAsync(string id, CancellationToken cancel) => (await LoadAsync(id, cancel)).Import;

    /// <summary>Imports, newest first, after an id.</summary>
    public async ValueTask<IReadOnlyList<Import>> ListAsync(string? after, int limit, CancellationToken cancel)
    {
        var rows = await tables.ListAsync(Tables.Imports, Partition, RowRange.After(after), limit, cancel);
        return [.. rows.Select(r => r.Read(CoreJson.Default.Import))];
    }

    /// <summary>What was wrong, as CSV, piece by piece and in the order of the file.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ErrorsAsync(
        string id, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        yield return ErrorList.Header;
        string? after = null;
        while (await blobs.ListAsync(ImportFiles.Container, id + "/errors-", after, 500, cancel) is { Count: > 0 } names)
        {
            foreach (var name in names)
                if (await PieceAsync(name, cancel) is { } errors) yield return errors;
            after = names[^1];
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>?> PieceAsync(string name, CancellationToken cancel)
    {
        try
        {
            return await blobs.GetAsync(ImportFiles.Container, name, cancel);
        }
        catch (CryptographicException) when (name.Split('/') is [var import, var piece])
        {
            PassedOver.Note(ImportFiles.Container, import, piece);
            return null;
        }
    }

    /// <summary>
    /// The timer: deletes lists of errors, records, and what an upload left that never became an import, each after its time. An import
    /// that is not over gets a new item on the queue, because a crash may have come between its record and its item; where somebody works
    /// on it, the second finds that and leaves.
    /// </summary>
    /// <exception cref="Security.UnreadableRowException">Everything is done but for the imports that no key opens.</exception>
    public async ValueTask PurgeAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var unread = new Unread();
        foreach (var id in await tables.KeysAsync(Tables.Imports, Partition, RowRange.All, cancel))
            await unread.TryAsync(() => PurgeAsync(id, now, cancel));
        await PurgeOrphansAsync(now, unread, cancel);
        unread.Tell();
    }

    private async ValueTask PurgeAsync(string id, DateTimeOffset now, CancellationToken cancel)
    {
        if (await FindAsync(id, cancel) is not { } import) return;
        if (import.FinishedAt is not { } ended)
        {
            if (import.CreatedAt < now.AddHours(-1)) await EnqueueAsync(id, cancel);
            return;
        }

        if (import.Resumable)
        {
            if (ended >= now.AddDays(-options.ErrorDays)) return;
            await CloseAsync(id, cancel);
        }

        // A crash may have come between the end and this.
        await ImportFiles.DeleteAsync(blobs, ImportFiles.PartPrefix(id), cancel);
        if (ended < now.AddDays(-options.ErrorDays)) await ImportFiles.DeleteAsync(blobs, id + "/", cancel);
        if (ended < now.AddDays(-options.RecordDays))
            await tables.CommitAsync(Tables.Imports, Partition, [RowChange.Delete(id)], cancel);
    }

    private async ValueTask PurgeOrphansAsync(DateTimeOffset now, Unread unread, CancellationToken cancel)
    {
        string? after = null;
        while (await blobs.ListAsync(ImportFiles.Container, "", after, 500, cancel) is { Count: > 0 } names)
        {
            foreach (var id in names.Select(n => n.Split('/')[0]).Distinct())
            {
                // A day: no upload takes so long.
                var recent = id.Length >= 11
                    && long.TryParse(id.AsSpan(0, 11), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var left)
                    && Horizon - left > now.AddDays(-1).ToUnixTimeMilliseconds();
                if (recent) continue;
                await unread.TryAsync(async () =>
                {
                    if (await FindAsync(id, cancel) is null) await ImportFiles.DeleteAsync(blobs, id + "/", cancel);
                });
            }

            after = names[^1];
        }
    }

    /// <summary>
    /// The work on an import was given up: it has failed, what was done stands, and a replay of its dead letter goes on there. Nothing
    /// happens to one that is over.
    /// </summary>
    internal async ValueTask GiveUpAsync(string id, CancellationToken cancel)
    {
        while (await LoadAsync(id, cancel) is { Import: { IsFinal: false } import, ETag: { } etag })
        {
            var stands = import.IsLooking
                ? "nothing was written"
                : "what comes before it stands, and of the rows from there on some may";
            var why =
                $"The work on it failed again and again and was given up before row {import.NextRow}; {stands}. Its item is kept with the dead letters of the queue imports: replayed, it goes on there.";
            var failed = import with
            {
                Status = ImportStatus.Failed,
                FinishedAt = time.UtcNowMs(),
                Failure = new ImportFailure(import.NextRow, null, why),
                Resumable = true,
            };
            if (await SaveAsync(failed, etag, cancel) is not null) return;
        }
    }

    /// <summary>The file of an import that was given up has been kept long enough.</summary>
    private async ValueTask CloseAsync(string id, CancellationToken cancel)
    {
        if (await LoadAsync(id, cancel) is not { Import: { Resumable: true, Failure: { } failure } import, ETag: { } etag }) return;
        var why =
            $"The work on it failed again and again and was given up before row {failure.Row}; what comes before it stands. Its file was kept for {options.ErrorDays} days and is deleted: import it anew.";
        await SaveAsync(import with { Resumable = false, Failure = failure with { Message = why } }, etag, cancel);
    }

    /// <summary>Has an import worked on.</summary>
    internal ValueTask EnqueueAsync(string id, CancellationToken cancel) =>
        queue.EnqueueAsync(
            Queues.Imports, JsonSerializer.SerializeToUtf8Bytes(new ImportWork(id), CoreJson.Default.ImportWork), default, cancel);

    /// <summary>The import with the ETag to write it under.</summary>
    internal ValueTask<(Import? Import, string? ETag)> LoadAsync(string id, CancellationToken cancel) =>
        tables.LoadAsync(Tables.Imports, Partition, id, CoreJson.Default.Import, cancel);

    /// <summary>Writes the import's progress; the new ETag, or null when somebody else has gone on with it.</summary>
    internal async ValueTask<string?> SaveAsync(Import import, string etag, CancellationToken cancel)
    {
        var value = JsonSerializer.SerializeToUtf8Bytes(import, CoreJson.Default.Import);
        var saved = await tables.CommitAsync(Tables.Imports, Partition, [RowChange.Replace(import.Id, value, etag)], cancel);
        if (saved.Committed) return saved.ETags[0];

        // A lost answer can have hidden our own success: then nobody else goes on with it.
        return await tables.GetAsync(Tables.Imports, Partition, import.Id, cancel) is { } stands && stands.Value.Span.SequenceEqual(value)
            ? stands.ETag
            : null;
    }
}

/// <summary>A file that was received.</summary>
/// <param name="Hash">SHA-256 over it as it was sent, base64.</param>
/// <param name="Bytes">Its size as it was sent.</param>
/// <param name="Parts">In how many pieces it is kept.</param>
/// <param name="Rows">How many rows it has besides its header.</param>
/// <param name="Mapping">What its columns mean, or null.</param>
/// <param name="Failure">Why it cannot be used, or null.</param>
/// <param name="HeaderRow">Where its header stands, or would.</param>
public sealed record Upload(
    string Hash, long Bytes, int Parts, long Rows, ImportMapping? Mapping, ImportFailure? Failure, long HeaderRow = 1)
{
    /// <summary>Whether its first row says already that nothing can come of it: no import is made of such a file by the API.</summary>
    public bool NamesNoColumns => Failure is not null && (Mapping is null || Failure.Row <= HeaderRow);
}
