using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Storage;

namespace Notifications.Sending;

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

    private async ValueTask<MessageRecord?> RecordAsync(MessageId id, CancellationToken cancel) =>
        (await MessageRows.LoadAsync(tables, id, cancel)).Record;
}
