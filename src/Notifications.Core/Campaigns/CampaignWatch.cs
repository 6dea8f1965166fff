using Notifications.Storage;

namespace Notifications.Campaigns;

/// <summary>
/// The timer that brings back what a crash at a bad moment, or a dead letter, has left behind: a scheduled campaign whose time has passed,
/// a running one that nobody looks at any more, a batch that should have been counted anew. It also purges campaigns that ended long ago.
/// </summary>
public sealed class CampaignWatch(
    CampaignStore store, CampaignQueue queue, CampaignMarks marks, CampaignOptions options, ITableStore tables, TimeProvider time)
{
    /// <summary>After this long without a look, a running campaign's clock has stopped.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(2);

    /// <summary>How long after its end a campaign is still looked after: reports of its messages come for days.</summary>
    private static readonly TimeSpan Aftermath = TimeSpan.FromDays(7);

    /// <summary>Looks at every campaign whose work is not over.</summary>
    /// <exception cref="Security.UnreadableRowException">Everything is done but for the campaigns that no key opens.</exception>
    public async ValueTask RunAsync(CancellationToken cancel)
    {
        var unread = new Unread();
        foreach (var id in await tables.KeysAsync(Tables.Campaigns, Rows.CampaignActive, RowRange.All, cancel))
            await unread.TryAsync(() => LookAsync(id, cancel));
        var before = time.GetUtcNow() - TimeSpan.FromDays(options.KeepDays);
        // The list ends with the oldest.
        foreach (var row in await tables.KeysAsync(
            Tables.Campaigns, Rows.CampaignList, new RowRange(Rows.CampaignListed(before, ""), null), cancel))
        {
            await unread.TryAsync(() => PurgeAsync(row, before, cancel));
        }

        unread.Tell();
    }

    private async ValueTask LookAsync(string id, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var (campaign, _) = await store.LoadAsync(id, cancel);
        switch (campaign?.Status)
        {
            case CampaignStatus.Scheduled when campaign.DueAt < now - TimeSpan.FromMinutes(1):
                await queue.EnqueueAsync(new CampaignWork(CampaignStep.Start, id, campaign.Epoch), TimeSpan.Zero, cancel);
                break;
            case CampaignStatus.Running when await SilentAsync(id, now, cancel):
                await queue.EnqueueAsync(new CampaignWork(CampaignStep.Go, id, campaign.Epoch), TimeSpan.Zero, cancel);
                break;
            case null or CampaignStatus.Draft:
            case CampaignStatus.Completed or CampaignStatus.Cancelled when campaign.EndedAt < now - Aftermath:
                await tables.CommitAsync(Tables.Campaigns, Rows.CampaignActive, [RowChange.Delete(id)], cancel);

                // Launched or scheduled since it was read: who does that puts the row before the move and after it, and this may have come
                // between.
                if ((await store.LoadAsync(
                    id, cancel)).Campaign?.Status is CampaignStatus.Scheduled or CampaignStatus.Running or CampaignStatus.Paused)
                {
                    await store.LookAfterAsync(id, cancel);
                }

                break;
        }

        if (campaign?.LaunchedAt is not null) await RecountAsync(id, now, cancel);
    }

    private async ValueTask<bool> SilentAsync(string id, DateTimeOffset now, CancellationToken cancel)
    {
        var look = await tables.ReadAsync(Tables.Campaigns, id, Rows.Tick, CoreJson.Default.TickRow, cancel);
        // A look that lies ahead was before the clock was set back.
        return look is null || (look.At - now).Duration() > Silence;
    }

    private async ValueTask RecountAsync(string id, DateTimeOffset now, CancellationToken cancel)
    {
        await foreach (var row in tables.RowsAsync(Tables.Campaigns, id, RowRange.Prefix(Rows.StalePrefix), cancel))
            if (marks.IsLate(row.Value, now))
                await queue.EnqueueAsync(
                    new CampaignWork(CampaignStep.Recount, id, Part: row.Key[Rows.StalePrefix.Length..]), TimeSpan.Zero, cancel);
    }

    /// <summary>A campaign that ended long enough ago goes, its rows before its name.</summary>
    private async ValueTask PurgeAsync(string listed, DateTimeOffset before, CancellationToken cancel)
    {
        var id = Rows.CampaignOf(listed);
        var (campaign, _) = await store.LoadAsync(id, cancel);
        if (campaign is not null
            && !((campaign.EndedAt ?? (campaign.Status == CampaignStatus.Draft ? campaign.ChangedAt : null)) < before))
        {
            return;
        }

        foreach (var own in (await tables.KeysAsync(Tables.Campaigns, id, RowRange.All, cancel)).Chunk(100))
            await tables.CommitAsync(Tables.Campaigns, id, [.. own.Select(key => RowChange.Delete(key))], cancel);
        await tables.CommitAsync(Tables.Campaigns, Rows.CampaignList, [RowChange.Delete(listed)], cancel);
    }
}
