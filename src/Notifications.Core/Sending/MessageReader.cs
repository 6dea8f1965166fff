using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Storage;

namespace Notifications.Sending;

/// <summary>A message's record, and when it begins.</summary>
public sealed record DatedMessage(MessageId Id, MessageRecord Record)
{
    /// <summary>When it was accepted, or the first that is known of it.</summary>
    public DateTimeOffset At => Record.Timeline is [var first, ..] ? first.At : DateTimeOffset.UnixEpoch;

    /// <summary>Its place among others.</summary>
    internal (DateTimeOffset At, string Id) Place => (At, Id.ToString());
}

/// <summary>Reads what is known of a message.</summary>
public sealed class MessageReader(AddressBook book, ITableStore tables, MessageIds ids, CampaignRecipients recipients)
{
    /// <summary>
    /// The record, or null when there is no such message. Of a recipient of a campaign that has none its batch tells. Any other id that was
    /// given out here and has no record is answered as queued, and not <see cref="MessageRecord.IsKnown"/>: acceptance of what is due
    /// within the next hours writes nothing but the queue item, so it waits there, unless it is so old that its record was purged. The id
    /// does not tell.
    /// </summary>
    public async ValueTask<MessageRecord?> FindAsync(MessageId id, CancellationToken cancel)
    {
        if (await RecordAsync(id, cancel) is { } record) return record;
        if (!ids.IsOurs(id)) return null;
        var (state, _) = await book.LoadAsync(id.Address, cancel);
        if (state is { IsErased: true }) return null;
        return await recipients.CampaignOfAsync(id, cancel) is { } campaign
            ? await UnrecordedAsync(campaign, id, cancel)
            : new MessageRecord
            {
                Topic = "",
                Channel = state?.Channel ?? Channel.Email,
                Status = MessageStatus.Queued,
                StandsIn = true,
            };
    }

    /// <summary>The same of one recipient of a campaign; null where the address was not selected.</summary>
    public async ValueTask<MessageRecord?> FindAsync(Campaign campaign, AddressKey address, CancellationToken cancel)
    {
        var id = ids.Derive(address, CampaignBatches.Seed(campaign.Id));
        return await RecordAsync(id, cancel) ?? await UnrecordedAsync(campaign, id, cancel);
    }

    // What has ended since the first look may have its record since.
    private async ValueTask<MessageRecord?> UnrecordedAsync(Campaign campaign, MessageId id, CancellationToken cancel) =>
        await recipients.UnrecordedAsync(campaign, id.Address, cancel) is not { } told ? null
        : (told.IsFinal ? await RecordAsync(id, cancel) : null) ?? told;

    /// <summary>
    /// The newest of the messages of some addresses that have a record, newest first, and how many there are; of those alone that came
    /// before a place in that order, where one is given. They stand in no order of time, so all are read to find them.
    /// </summary>
    public async ValueTask<(IReadOnlyList<DatedMessage> Newest, long All)> NewestAsync(
        IReadOnlyList<AddressKey> addresses, (DateTimeOffset At, string Id)? before, int most, CancellationToken cancel)
    {
        var (newest, all) = (new PriorityQueue<DatedMessage, (DateTimeOffset, string)>(Order), 0L);
        foreach (var address in addresses)
        {
            await foreach (var row in tables.RowsAsync(Tables.Addresses, address.Value, RowRange.Prefix(Rows.MessagePrefix), cancel))
            {
                var one = new DatedMessage(
                    new MessageId(address, row.Key[Rows.MessagePrefix.Length..]), row.Read(CoreJson.Default.MessageRecord));
                if (before is { } place && Order.Compare(one.Place, place) >= 0) continue;
                newest.Enqueue(one, one.Place);
                if (++all > most) newest.Dequeue(); // The oldest of those.
            }
        }

        return ([.. newest.UnorderedItems.Select(m => m.Element).OrderByDescending(m => m.Place, Order)], all);
    }

    // Of the same moment in the order of their ids, so that a page goes on where the one before it ended.
    private static readonly Comparer<(DateTimeOffset At, string Id)> Order = Comparer<(DateTimeOffset At, string Id)>.Create(
        static (one, other) => one.At.CompareTo(other.At) is var at and not 0 ? at : string.CompareOrdinal(one.Id, other.Id));

    private async ValueTask<MessageRecord?> RecordAsync(MessageId id, CancellationToken cancel) =>
        (await MessageRows.LoadAsync(tables, id, cancel)).Record;
}
