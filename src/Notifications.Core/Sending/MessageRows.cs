using Notifications.Storage;

namespace Notifications.Sending;

/// <summary>The records of messages as rows of their address's partition.</summary>
internal static class MessageRows
{
    /// <summary>One record with its ETag; nulls where there is none.</summary>
    public static async ValueTask<(MessageRecord? Record, string? ETag)> LoadAsync(
        ITableStore tables, MessageId id, CancellationToken cancel)
    {
        var row = await tables.GetAsync(Tables.Addresses, id.Address.Value, Rows.Message(id.Suffix), cancel);
        return row is null ? default : (row.Read(CoreJson.Default.MessageRecord), row.ETag);
    }

    /// <summary>Writes a record over the one that was read with <paramref name="etag"/>; null where there was none.</summary>
    public static RowChange Write(MessageId id, MessageRecord record, string? etag) =>
        RowChange.Write(Rows.Message(id.Suffix), record, CoreJson.Default.MessageRecord, etag);
}
