using Notifications.Addresses;
using Notifications.Storage;

namespace Notifications.Sending;

/// <summary>Reads what is known of a message.</summary>
public sealed class MessageReader(AddressBook book, ITableStore tables, MessageIds ids)
{
    /// <summary>
    /// The record, or null when there is no such message. An id that was given out here and has no record is answered as queued, and not
    /// <see cref="MessageRecord.IsKnown"/>: acceptance of what is due within the next hours writes nothing but the queue item, so it waits
    /// there, unless it is so old that its record was purged. The id does not tell.
    /// </summary>
    public async ValueTask<MessageRecord?> FindAsync(MessageId id, CancellationToken cancel)
    {
        var row = await tables.GetAsync(Tables.Addresses, id.Address.Value, Rows.Message(id.Suffix), cancel);
        if (row is not null) return row.Read(CoreJson.Default.MessageRecord);
        if (!ids.IsOurs(id)) return null;
        var (state, _) = await book.LoadAsync(id.Address, cancel);
        return state?.Contact == ContactStatus.Erased
            ? null
            : new MessageRecord { Topic = "", Channel = state?.Channel ?? Channel.Email, Status = MessageStatus.Queued };
    }
}
