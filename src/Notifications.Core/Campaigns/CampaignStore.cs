using System.Text.Json;
using System.Text.RegularExpressions;
using Notifications.Storage;

namespace Notifications.Campaigns;

/// <summary>
/// Reads and moves campaigns. A move is decided on what was read and written under its ETag; whoever was slower decides again.
/// </summary>
public sealed partial class CampaignStore(ITableStore tables, TimeProvider time)
{
    /// <summary>The campaign and its ETag, or nulls.</summary>
    public ValueTask<(Campaign? Campaign, string? ETag)> LoadAsync(string id, CancellationToken cancel) =>
        IsId(id) ? tables.LoadAsync(Tables.Campaigns, id, Rows.Campaign, CoreJson.Default.Campaign, cancel) : default;

    /// <summary>Writes a new campaign; the answer is the one that stands, which is an older one where the id was used before.</summary>
    public async ValueTask<Campaign> AddAsync(Campaign campaign, CancellationToken cancel)
    {
        // The list first: a row there that leads nowhere, or to a campaign of another moment, is passed over; a campaign that no list shows
        // would be lost.
        await tables.CommitAsync(
            Tables.Campaigns, Rows.CampaignList, [RowChange.Put(Rows.CampaignListed(campaign.CreatedAt, campaign.Id), "{}"u8.ToArray())],
            cancel);
        var written = await tables.CommitAsync(
            Tables.Campaigns, campaign.Id, [RowChange.Insert(Rows.Campaign, campaign, CoreJson.Unescaped.Campaign)], cancel);
        return written.Committed ? campaign : (await LoadAsync(campaign.Id, cancel)).Campaign!;
    }

    /// <summary>Moves a campaign. <paramref name="move"/> must be pure: it may be called again; null refuses.</summary>
    /// <exception cref="StorageUnavailableException">The store is down, or the campaign changed under every try.</exception>
    public async ValueTask<(Campaign? Before, Campaign? After)> MoveAsync(
        string id, Func<Campaign, DateTimeOffset, Campaign?> move, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            var (before, etag) = await LoadAsync(id, cancel);
            if (before is null) return default;
            if (move(before, time.UtcNowMs()) is not { } after) return (before, null);
            var value = JsonSerializer.SerializeToUtf8Bytes(after, CoreJson.Unescaped.Campaign);
            if ((await tables.CommitAsync(Tables.Campaigns, id, [RowChange.Replace(Rows.Campaign, value, etag!)], cancel)).Committed)
                return (before, after);

            // A lost answer can have hidden our own success: who paused a campaign must not be told that it cannot be paused.
            if (await tables.GetAsync(Tables.Campaigns, id, Rows.Campaign, cancel) is { } stands && stands.Value.Span.SequenceEqual(value))
                return (before, after);
        }

        throw StorageUnavailableException.Contended($"Campaign {id}");
    }

    /// <summary>Has <see cref="CampaignWatch"/> look after the campaign until its work is over.</summary>
    public async ValueTask LookAfterAsync(string id, CancellationToken cancel) =>
        await tables.CommitAsync(Tables.Campaigns, Rows.CampaignActive, [RowChange.Put(id, "{}"u8.ToArray())], cancel);

    /// <summary>Campaigns, newest first, but for discarded drafts.</summary>
    public async ValueTask<CampaignPage> ListAsync(CampaignStatus? status, string? after, int limit, CancellationToken cancel)
    {
        var found = new List<Campaign>();
        while (true)
        {
            var rows = await tables.ListAsync(Tables.Campaigns, Rows.CampaignList, RowRange.After(after), limit, cancel);
            foreach (var row in rows)
            {
                after = row.Key;
                if (await ShownAsync(Rows.CampaignOf(row.Key), cancel) is { IsDiscarded: false } campaign
                    && row.Key == Rows.CampaignListed(campaign.CreatedAt, campaign.Id)
                    && (status is null || campaign.Status == status))
                {
                    found.Add(campaign);
                }

                if (found.Count == limit || PassedOver.Current is { IsFull: true, EndedAt: null }) return new CampaignPage(found, after);
            }

            if (PassedOver.Current?.EndedAt is { } shut) return new CampaignPage(found, shut);
            if (rows.Count < limit) return new CampaignPage(found, null);
        }
    }

    private ValueTask<Campaign?> ShownAsync(string id, CancellationToken cancel) =>
        PassedOver.ShownAsync(Tables.Campaigns, async () => (await LoadAsync(id, cancel)).Campaign);

    /// <summary>Whether a text can be the position in a list of campaigns, <see cref="CampaignPage.Next"/>.</summary>
    public static bool IsPosition(string text) => Position().IsMatch(text);

    [GeneratedRegex(@"^[0-9]{13}-[0-9a-f]{16}\z")]
    private static partial Regex Position();

    /// <summary>Whether a text can be the id of a campaign.</summary>
    public static bool IsId(string? text) => text is { Length: 16 } && text.All(char.IsAsciiHexDigitLower);
}
