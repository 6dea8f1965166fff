using Microsoft.Extensions.Logging;
using Notifications.Addresses;
using Notifications.Counting;
using Notifications.Events;
using Notifications.Storage;

namespace Notifications.Sending;

/// <summary>
/// A message's record and its ETag; of one that this process has just claimed, also the ETag that the claim left to the address's record.
/// </summary>
internal readonly record struct StoredMessage(MessageRecord Record, string ETag, string? StateETag = null);

/// <summary>Reads and writes the records of messages, and counts what they came to.</summary>
internal sealed partial class MessageRecords(ITableStore tables, Refusals refusals, TimeProvider time, ILogger log, Statistics? statistics)
{
    /// <summary>The record, or null where there is none.</summary>
    public async ValueTask<StoredMessage?> LoadAsync(MessageId id, CancellationToken cancel) =>
        await MessageRows.LoadAsync(tables, id, cancel) is ({ } record, { } etag) ? new StoredMessage(record, etag) : null;

    /// <summary>Writes a record under the ETag of what was read, null for nothing. False when somebody was faster.</summary>
    public async ValueTask<bool> WriteAsync(MessageId id, MessageRecord record, string? etag, CancellationToken cancel) =>
        (await tables.CommitAsync(Tables.Addresses, id.Address.Value, [MessageRows.Write(id, record, etag)], cancel)).Committed;

    /// <summary>
    /// Writes what came of a claim, with what a refusal does to the address. Whoever changed the record meanwhile (a provider's report) is
    /// read and kept.
    /// </summary>
    public async ValueTask<Dispatched> EndAsync(
        MessageId id, StoredMessage claimed, Func<MessageRecord, MessageRecord> end, CancellationToken cancel, Refusal? refusal = null)
    {
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            var record = refusal is null ? end(claimed.Record) : end(claimed.Record).Report(refusal, time.UtcNowMs());
            if (refusal is null
                ? await WriteAsync(id, record, claimed.ETag, cancel)
                : await refusals.CommitAsync(id, MessageRows.Write(id, record, claimed.ETag), refusal, cancel))
            {
                return Ended(id, record);
            }

            // The person was erased meanwhile: the campaign still counts what came of it (P9).
            if (await LoadAsync(id, cancel) is not { } now) return new(WorkOutcome.Done, record);
            if (now.Record.Claim?.Attempt != claimed.Record.Claim?.Attempt || now.Record.Status != MessageStatus.Sending)
                return new(WorkOutcome.Done, now.Record);
            claimed = now;
        }

        throw StorageUnavailableException.Contended($"Message {id}");
    }

    /// <summary>
    /// The same in one commit with the address's record as it is to be, under the ETag that the claim left to it; null when somebody was
    /// faster with either.
    /// </summary>
    public async ValueTask<Dispatched?> TryEndAsync(
        MessageId id, StoredMessage claimed, Func<MessageRecord, MessageRecord> end, AddressState state, CancellationToken cancel)
    {
        if (claimed.StateETag is not { } etag) return null;
        var record = end(claimed.Record);
        var commit = await tables.CommitAsync(
            Tables.Addresses, id.Address.Value,
            [MessageRows.Write(id, record, claimed.ETag), RowChange.Replace(Rows.State, state, CoreJson.Default.AddressState, etag)],
            cancel);
        return commit.Committed ? Ended(id, record) : null;
    }

    private Dispatched Ended(MessageId id, MessageRecord record)
    {
        Telemetry.Count(record.Status, record.Reason, record.Topic, record.Channel);
        statistics?.Message(record.Status, record.Reason, record.Topic, record.Channel);
        LogEnded(id, record.Status, record.Reason);
        return new(WorkOutcome.Done, record);
    }

    [LoggerMessage(EventId = 110, EventName = "MessageEnded", Level = LogLevel.Debug, Message = "Message {Id}: {Status} ({Reason})")]
    private partial void LogEnded(MessageId id, MessageStatus status, Reason reason);
}
