using Notifications.Storage;

namespace Notifications.Sending;

/// <summary>The records of messages as rows of their address's partition.</summary>
internal static class MessageRows
{
    /// <summary>One record with its ETag; nulls where there is none.</summary>
    public static ValueTask<(MessageRecord? Record, string? ETag)> LoadAsync(
        ITableStore tables, MessageId id, CancellationToken cancel) =>
        tables.LoadAsync(Tables.Addresses, id.Address.Value, Rows.Message(id.Suffix), CoreJson.Default.MessageRecord, cancel);

    /// <summary>Writes a record over the one that was read with <paramref name="etag"/>; null where there was none.</summary>
    public static RowChange Write(MessageId id, MessageRecord record, string? etag) =>
        RowChange.Write(Rows.Message(id.Suffix), record, CoreJson.Default.MessageRecord, etag);
}
