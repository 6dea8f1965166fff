using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Notifications.Campaigns;
using Notifications.Security;
using Notifications.Storage;

namespace Notifications.Sending;

/// <summary>Keeps what queues gave up, shows it, and puts it back on its queue.</summary>
public sealed partial class DeadLetters(
    ITableStore tables, IWorkQueue queue, DataSealer sealer, CampaignMarks marks, GivenUpNotes notes, TimeProvider time,
    ILogger<DeadLetters> log)
{
    /// <summary>
    /// The longest that one call puts letters back: well within the 230 s that Azure gives an answer, and the 30 s after which a repetition
    /// under the same Idempotency-Key would begin beside it.
    /// </summary>
    public static readonly TimeSpan Turn = TimeSpan.FromSeconds(20);

    /// <summary>Letters that are left are counted up to here.</summary>
    public const int MostCounted = 1000;

    private const int AtOnce = 16;

    /// <summary>After this long, whoever began to put a letter back is taken for dead, and another may.</summary>
    private static readonly TimeSpan Claim = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Keeps one given-up item, once however often it comes: its letter's id is when it was given up and a hash of its body, or of its
    /// message's id, which several items can have. A message that nobody recorded an outcome for is recorded as failed; one whose letter an
    /// operator has dealt with has another only when it is given up anew.
    /// </summary>
    public async ValueTask KeepAsync(string originalQueue, ReadOnlyMemory<byte> body, int deliveries, CancellationToken cancel)
    {
        var now = time.UtcNowMs();
        var message = originalQueue == Queues.Send ? MessageOf(body) : null;
        var name = notes.NameOf(originalQueue, body);
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            var (noted, etag) = await notes.FindAsync(originalQueue, name, cancel);
            var givenUp = message is { } marked ? await MarkFailedAsync(marked.Request, marked.Id, noted?.DealtWith, now, cancel) : null;
            if (noted is not { DealtWith: null })
            {
                if (noted?.DealtWith is { } before && givenUp == before && message?.Request.ReplayOf != before) return;
                noted = new GivenUp(now, noted?.Cause);
                if (!await notes.TryPutAsync(originalQueue, name, noted, etag, cancel)) continue;
            }

            var id = string.Create(CultureInfo.InvariantCulture, $"{noted.At.ToUnixTimeMilliseconds():D15}-{name}");
            var turn = RandomNumberGenerator.GetHexString(12, lowercase: true);
            var letter = new DeadLetter(originalQueue, body.ToArray(), deliveries, noted.At, noted.Cause, Turn: turn);
            var kept = await tables.CommitAsync(
                Tables.DeadLetters, originalQueue, [RowChange.Insert(id, letter, CoreJson.Default.DeadLetter)], cancel);
            // It was kept already; or by this very write, as a lost answer hid, and then an operator is told of it.
            if (!kept.Committed && !await IsOfAsync(originalQueue, id, turn, cancel)) return;
            Telemetry.DeadLetters.Add(1, new KeyValuePair<string, object?>("queue", originalQueue));
            LogKept(originalQueue, id);
            return;
        }

        throw StorageUnavailableException.Contended($"The note of {name}");
    }

    private async ValueTask<bool> IsOfAsync(string originalQueue, string id, string turn, CancellationToken cancel)
    {
        try
        {
            return (await FindAsync(originalQueue, id, cancel))?.Turn == turn;
        }
        catch (CryptographicException)
        {
            return false; // What no key opens any more was kept before.
        }
    }

    /// <summary>The letters of a queue, oldest first, after an id.</summary>
    public async ValueTask<IReadOnlyList<(string Id, DeadLetter Letter)>> ListAsync(
        string originalQueue, string? after, int limit, CancellationToken cancel)
    {
        var rows = await tables.ListAsync(Tables.DeadLetters, originalQueue, RowRange.After(after), limit, cancel);
        var letters = new List<(string, DeadLetter)>(rows.Count);
        foreach (var row in rows) letters.Add((row.Key, row.Read(CoreJson.Default.DeadLetter)));
        return letters;
    }

    /// <summary>Whether a queue has any letter that a key of the ring opens.</summary>
    public async ValueTask<bool> AnyAsync(string originalQueue, CancellationToken cancel)
    {
        await foreach (var _ in LettersAsync(originalQueue, RowRange.All, cancel)) return true;
        return false;
    }

    private IAsyncEnumerable<ScannedRow> LettersAsync(string originalQueue, RowRange range, CancellationToken cancel) =>
        Legible.RangeAsync(tables, Tables.DeadLetters, originalQueue, range, 100, cancel);

    /// <summary>
    /// Puts a letter back on its queue; false when there is none, or another call is at it. A crash in between leaves it in both, for
    /// another call to put back after a minute: its message id keeps it from being sent twice.
    /// </summary>
    public async ValueTask<bool> ReplayAsync(string originalQueue, string id, CancellationToken cancel)
    {
        if (await ClaimAsync(originalQueue, id, cancel) is not ({ } letter, { } etag)) return false;
        var body = Opened(letter.Body);
        var givenUp = await DealtWithAsync(originalQueue, id, body, cancel);
        if (originalQueue == Queues.Send && SendQueue.Read(body) is { } request)
            body = SendQueue.BodyOf(request with { Attempt = 0, Replayed = true, ReplayOf = givenUp });
        await queue.EnqueueAsync(originalQueue, Work.Again(originalQueue, body), default, cancel);
        if ((await tables.CommitAsync(Tables.DeadLetters, originalQueue, [RowChange.Delete(id, etag)], cancel)).Committed) return true;
        // Gone all the same, as where a lost answer hid that this very write took effect; else another took it over, and counts it.
        return !await HasAsync(originalQueue, id, cancel);
    }

    /// <summary>Takes a letter for this call alone, for a minute; nulls where there is none, or another has it.</summary>
    private async ValueTask<(DeadLetter? Letter, string? ETag)> ClaimAsync(string originalQueue, string id, CancellationToken cancel)
    {
        var claim = new ReplayClaim(time.UtcNowMs(), RandomNumberGenerator.GetHexString(16, lowercase: true));
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            if (await tables.GetAsync(Tables.DeadLetters, originalQueue, id, cancel) is not { } row) return default;
            var letter = row.Read(CoreJson.Default.DeadLetter);
            // Also where a lost answer hid that this very write took effect.
            if (letter.Replaying?.By == claim.By) return (letter, row.ETag);
            if (letter.Replaying is { } other && (claim.Since - other.Since).Duration() < Claim) return default;
            var taken = await tables.CommitAsync(
                Tables.DeadLetters, originalQueue,
                [RowChange.Replace(id, letter with { Replaying = claim }, CoreJson.Default.DeadLetter, row.ETag)], cancel);
            if (taken.Committed) return (letter, taken.ETags[0]);
        }

        throw StorageUnavailableException.Contended($"The dead letter {id}");
    }

    /// <summary>Forgets what was given up before a moment and nobody put back since; how many.</summary>
    public async ValueTask<int> PurgeAsync(DateTimeOffset before, CancellationToken cancel)
    {
        var (behind, purged) = (Before(before), 0);
        foreach (var original in Queues.WithDeadLetters)
        {
            purged += await Purge.RowsAsync(tables, Tables.DeadLetters, original, new RowRange(null, behind), static _ => true, cancel);
            await notes.PurgeAsync(original, before, cancel);
        }

        return purged;
    }

    /// <summary>Whether a text can be a letter's id: when it was given up, and its item's name.</summary>
    public static bool IsId(string text) => text.Length is > 0 and <= 40 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>Whether there is such a letter.</summary>
    public async ValueTask<bool> HasAsync(string originalQueue, string id, CancellationToken cancel) =>
        await tables.GetAsync(Tables.DeadLetters, originalQueue, id, cancel) is not null;

    /// <summary>The letter, or null when there is none.</summary>
    public ValueTask<DeadLetter?> FindAsync(string originalQueue, string id, CancellationToken cancel) =>
        tables.ReadAsync(Tables.DeadLetters, originalQueue, id, CoreJson.Default.DeadLetter, cancel);

    /// <summary>Lets a letter go for good; false when there is none. Its message, where it was one, stays as it ended.</summary>
    public async ValueTask<bool> DiscardAsync(string originalQueue, string id, CancellationToken cancel)
    {
        if (await tables.GetAsync(Tables.DeadLetters, originalQueue, id, cancel) is not { } row) return false;
        await DealtWithAsync(originalQueue, id, Opened(row.Read(CoreJson.Default.DeadLetter).Body), cancel);
        // Gone all the same, as where a lost answer hid that this very write took effect.
        return (await tables.CommitAsync(Tables.DeadLetters, originalQueue, [RowChange.Delete(id, row.ETag)], cancel)).Committed
            || !await HasAsync(originalQueue, id, cancel);
    }

    /// <summary>
    /// Puts every letter of a queue back that was there at the beginning, several at a time and for <see cref="Turn"/> at most; answers how
    /// many went back and how many are left for another call, counted up to <see cref="MostCounted"/>: also those that another call is at,
    /// which may be dead. What no key of the ring opens holds up no other, and is counted with them, but nothing is left for its sake
    /// alone. What fails again meanwhile is a new letter, and waits.
    /// </summary>
    public async ValueTask<(int Replayed, int Remaining)> ReplayAllAsync(string originalQueue, CancellationToken cancel)
    {
        var (started, behind, replayed, passed) = (time.GetTimestamp(), Before(time.UtcNowMs().AddMilliseconds(1)), 0, 0);
        var letters = LettersAsync(originalQueue, new RowRange(null, behind), cancel).TakeWhile(_ => !IsOver());
        await Parallel.ForEachAsync(letters, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (letter, _) =>
        {
            if (!IsOver() && await ReplayAsync(originalQueue, letter.Row.Key, cancel)) Interlocked.Increment(ref replayed);
            else Interlocked.Increment(ref passed);
        });
        return (replayed, passed > 0 || IsOver() ? await LeftAsync(originalQueue, behind, cancel) : 0);

        bool IsOver() => time.GetElapsedTime(started) >= Turn;
    }

    // What no key opens is a letter too.
    private async ValueTask<int> LeftAsync(string originalQueue, string behind, CancellationToken cancel)
    {
        var left = 0;
        await foreach (var _ in Legible.RangeAsync(
            tables, Tables.DeadLetters, originalQueue, new RowRange(null, behind), 100, cancel, (_, _) => left++))
        {
            if (++left >= MostCounted) break;
        }

        return left;
    }

    /// <summary>The id before which all letters were given up before a moment.</summary>
    private static string Before(DateTimeOffset moment) =>
        string.Create(CultureInfo.InvariantCulture, $"{moment.ToUnixTimeMilliseconds():D15}");

    /// <summary>
    /// Notes that an operator deals with a letter: given up again, its item has a new one. Another item of its message may still come, so
    /// the note says when the message had been given up, and so does the answer.
    /// </summary>
    private async ValueTask<DateTimeOffset?> DealtWithAsync(string originalQueue, string id, byte[] body, CancellationToken cancel)
    {
        if (id.Length <= GivenUpNotes.NameLength) return null;
        var name = id[^GivenUpNotes.NameLength..];
        var givenUp = originalQueue == Queues.Send && MessageOf(body) is { } message ? await GivenUpAtAsync(message.Id, cancel) : null;
        if (givenUp is { } at) await notes.DealtWithAsync(originalQueue, name, at, cancel);
        else await notes.ForgetAsync(originalQueue, name, cancel);
        return givenUp;
    }

    private async ValueTask<DateTimeOffset?> GivenUpAtAsync(MessageId id, CancellationToken cancel)
    {
        try
        {
            return (await MessageRows.LoadAsync(tables, id, cancel)).Record?.GivenUpAt;
        }
        catch (Exception unplanned) when (unplanned is not (StorageUnavailableException or OperationCanceledException))
        {
            return null; // A record that cannot be read keeps nobody from dealing with the letter.
        }
    }

    private static (SendRequest Request, MessageId Id)? MessageOf(ReadOnlyMemory<byte> body) =>
        SendQueue.Read(body) is { AskWhenDue: false } request && MessageId.TryParse(request.Id, out var id) ? (request, id) : null;

    /// <summary>When the message was last given up: now, where it had not ended; null where its record cannot be read.</summary>
    private async ValueTask<DateTimeOffset?> MarkFailedAsync(
        SendRequest request, MessageId id, DateTimeOffset? dealtWith, DateTimeOffset now, CancellationToken cancel)
    {
        try
        {
            return await TryMarkAsync(request, id, dealtWith, now, cancel);
        }
        catch (Exception unplanned) when (unplanned is not (StorageUnavailableException or OperationCanceledException))
        {
            // What has brought the message here may be its record itself: the letter is kept all the same. The type, not the message (R67).
            LogNotMarked(id, unplanned.GetType().Name);
            return null;
        }
    }

    private async ValueTask<DateTimeOffset?> TryMarkAsync(
        SendRequest request, MessageId id, DateTimeOffset? dealtWith, DateTimeOffset now, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            var (stored, etag) = await MessageRows.LoadAsync(tables, id, cancel);
            var record = stored ?? MessageRecord.Of(request);
            // Put back, and given up before anything was written of that: it is given up anew, or another of its items would pass for it.
            if (record is { Status: MessageStatus.Failed, Reason: Reason.ProviderUnavailable, GivenUpAt: { } old }
                && request.ReplayOf == old
                && dealtWith == old)
            {
                record = record.Move(MessageStatus.Queued, Reason.ProviderUnavailable, now, MessageRecord.Replayed);
            }

            // Replayed since it was given up, and the item is left of before: what is under way ends by itself.
            if (!record.IsFinal && (record.GivenUpAt is not { } ended || ended != dealtWith || request.ReplayOf == ended))
            {
                record = record.Status == MessageStatus.Sending
                    ? record.Move(
                        MessageStatus.Unknown, Reason.Unknown, now, MessageRecord.GivenUp, "The work failed repeatedly during the hand-off.")
                    : record.Move(
                        MessageStatus.Failed, Reason.ProviderUnavailable, now, MessageRecord.GivenUp,
                        "The work failed repeatedly; it waits in the dead letters.");
                var change = MessageRows.Write(id, record, etag);
                // Somebody was faster, or a lost answer hid that this very write has taken effect: the record tells.
                if (!(await tables.CommitAsync(Tables.Addresses, id.Address.Value, [change], cancel)).Committed) continue;
            }

            // Also where it was final: whoever ended it may have died before this.
            if (record is { Campaign: { } campaign, Batch: { } batch }) await marks.TouchAsync(campaign, batch, cancel);
            return record.GivenUpAt;
        }

        throw StorageUnavailableException.Contended($"Message {id}, which was given up,");
    }

    /// <summary>A body as its consumer reads it: one that no key opened was kept sealed, and its key may have come back.</summary>
    private byte[] Opened(byte[] body)
    {
        try
        {
            return sealer.Open(body, SealedWorkQueue.Place);
        }
        catch (CryptographicException)
        {
            return body;
        }
    }

    [LoggerMessage(
        EventId = 120, EventName = "DeadLetterKept", Level = LogLevel.Error,
        Message = "An item of queue {Queue} was given up and kept as dead letter {Id}")]
    private partial void LogKept(string queue, string id);

    [LoggerMessage(
        EventId = 121, EventName = "FailureNotMarked", Level = LogLevel.Error,
        Message = "Message {Id} was given up, and its record could not be marked so: {Exception}")]
    private partial void LogNotMarked(MessageId id, string exception);
}
