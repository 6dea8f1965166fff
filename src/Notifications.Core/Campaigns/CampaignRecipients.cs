using System.Globalization;
using System.Text.RegularExpressions;
using Notifications.Addresses;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Campaigns;

/// <summary>Lists who a campaign has selected, and what has come of each.</summary>
public sealed partial class CampaignRecipients(AddressBook book, MessageIds ids, ITableStore tables)
{
    /// <summary>
    /// Those of a status or a reason where one is given; sent, as in the numbers, are also those that were delivered or came back since.
    /// The position is the last batch and the place in it. On a screen (<see cref="PassedOver"/>) a batch that no key opens is left out,
    /// and somebody whose record none opens has no address.
    /// </summary>
    public async ValueTask<RecipientPage> ListAsync(
        Campaign campaign, MessageStatus? status, Reason? reason, string? after, int limit, CancellationToken cancel)
    {
        var (batch, skip) = Position(after);
        var found = new List<CampaignRecipient>();
        while (true)
        {
            // The batch of the position is read again: its first members are passed over.
            var rows = await tables.ListAsync(Tables.Campaigns, campaign.Id, new RowRange(Rows.Batch(batch), Rows.BatchEnd), 20, cancel);
            foreach (var row in rows)
            {
                var name = row.Key[Rows.Batch("").Length..];
                if (name != batch) skip = 0;
                (batch, skip) = (
                    name, await AddAsync(found, campaign, name, row.Read(CoreJson.Default.BatchRow), skip, status, reason, limit, cancel));
                if (found.Count == limit || PassedOver.Current is { IsFull: true, EndedAt: null })
                    return new RecipientPage(found, Position(batch, skip));
            }

            if (PassedOver.Current?.EndedAt is { } shut)
                return new RecipientPage(found, Position(shut[Rows.Batch("").Length..], CampaignSelection.BatchSize));
            if (rows.Count < 20) return new RecipientPage(found, null);
        }
    }

    /// <summary>Whether a text can be a position.</summary>
    public static bool IsPosition(string? after) => after is null || Shape().IsMatch(after);

    /// <summary>What has come of an address, by the account of its batch; null where it was not selected.</summary>
    public async ValueTask<Outcome?> OutcomeOfAsync(Campaign campaign, AddressKey key, CancellationToken cancel)
    {
        var prefix = Rows.Members(key.Value[..1]);
        string? after = null;
        while (true)
        {
            var rows = await tables.RangeAsync(Tables.Campaigns, campaign.Id, RowRange.Prefix(prefix, after), 100, cancel);
            foreach (var row in rows)
            {
                var member = Array.IndexOf(BatchMembers.Read(row.Value.Span), key);
                if (member < 0) continue;
                var batch = await tables.GetAsync(Tables.Campaigns, campaign.Id, Rows.Batch(row.Key[Rows.Members("").Length..]), cancel);
                return batch is null ? default(Outcome) : campaign.AsSeen(batch.Read(CoreJson.Default.BatchRow).Of(member));
            }

            if (rows.Count < 100) return null;
            after = rows[^1].Key;
        }
    }

    /// <summary>
    /// The campaign whose message it is, or null. An id is derived from its campaign's and does not name it: each campaign's is tried.
    /// </summary>
    public async ValueTask<Campaign?> CampaignOfAsync(MessageId id, CancellationToken cancel)
    {
        foreach (var listed in await tables.KeysAsync(Tables.Campaigns, Rows.CampaignList, RowRange.All, cancel))
        {
            var campaign = Rows.CampaignOf(listed);
            if (ids.Derive(id.Address, CampaignBatches.Seed(campaign)) == id)
                return await tables.ReadAsync(Tables.Campaigns, campaign, Rows.Campaign, CoreJson.Default.Campaign, cancel);
        }

        return null;
    }

    /// <summary>
    /// What stands for the message of a recipient that has no record, by the account of its batch: its turn has not come, or never came
    /// because the campaign was cancelled; or, without a timeline, the record is no longer kept. Null where the address was not selected.
    /// </summary>
    public async ValueTask<MessageRecord?> UnrecordedAsync(Campaign campaign, AddressKey key, CancellationToken cancel)
    {
        if (await OutcomeOfAsync(campaign, key, cancel) is not { } outcome) return null;
        MessageEvent[] timeline = [new(campaign.LaunchedAt ?? campaign.ChangedAt, "queued")];
        if (outcome.Settled) timeline = [.. timeline, new(campaign.EndedAt ?? campaign.ChangedAt, "skipped")];
        var recorded = outcome.Has(OutcomeMarks.Recorded);
        return new MessageRecord
        {
            Topic = campaign.Definition.Topic,
            Channel = campaign.Definition.Channel,
            Status = outcome.Status,
            Reason = !recorded && campaign.Status == CampaignStatus.Paused ? Reason.CampaignPaused : outcome.Reason,
            Template = campaign.PinnedTemplate,
            Campaign = campaign.Id,
            Timeline = recorded ? [] : timeline,
            StandsIn = true,
        };
    }

    private async ValueTask<int> AddAsync(
        List<CampaignRecipient> found, Campaign campaign, string name, BatchRow row, int skip, MessageStatus? status, Reason? reason,
        int limit, CancellationToken cancel)
    {
        AddressKey[]? members = null;
        for (var i = skip; i < row.Size; i++)
        {
            var outcome = campaign.AsSeen(row.Of(i));
            if ((status == MessageStatus.Sent ? !outcome.Sent : status is not null && outcome.Status != status)
                || (reason is not null && outcome.Decided != reason))
            {
                continue;
            }

            members ??= await MembersAsync(campaign.Id, name, cancel);
            if (members is null) return row.Size;
            var key = members[i];
            var state = await PassedOver.ShownAsync(Tables.Addresses, async () => (await book.LoadAsync(key, cancel)).State);
            found.Add(new CampaignRecipient(
                ids.Derive(key, CampaignBatches.Seed(campaign.Id)).ToString(), state?.Value, outcome.Status, outcome.Decided,
                row.Subject ?? campaign.Winner,
                outcome.Has(OutcomeMarks.Complained),
                outcome.Has(OutcomeMarks.Unsubscribed), outcome.Has(OutcomeMarks.Opened), outcome.Has(OutcomeMarks.Clicked)));
            if (found.Count == limit || PassedOver.Current is { IsFull: true, EndedAt: null }) return i + 1;
        }

        return row.Size;
    }

    private async ValueTask<AddressKey[]?> MembersAsync(string campaign, string batch, CancellationToken cancel) =>
        await PassedOver.ShownAsync(
            Tables.Campaigns, () => tables.GetAsync(Tables.Campaigns, campaign, Rows.Members(batch), cancel)) is { } row
            ? BatchMembers.Read(row.Value.Span)
            : null;

    [GeneratedRegex(@"^[A-Za-z0-9_-][0-9]{6}-[0-9]{1,3}\z")]
    private static partial Regex Shape();

    private static string Position(string batch, int skip) => string.Create(CultureInfo.InvariantCulture, $"{batch}-{skip}");

    private static (string Batch, int Skip) Position(string? after) =>
        after is null ? ("", 0) : (after[..7], int.Parse(after.AsSpan(8), CultureInfo.InvariantCulture));
}
