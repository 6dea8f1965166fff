using Notifications.Audiences;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Campaigns;

/// <summary>Does the items of the queue <c>campaigns</c>. Every step can be done again, at any time and by two at once.</summary>
public sealed class CampaignRunner(
    CampaignStore store, CampaignQueue queue, CampaignLauncher launcher, CampaignSelection selection, CampaignBatches batches,
    CampaignClock clock, CampaignStops stops, ITableStore tables, TimeProvider time)
{
    /// <summary>How long a step waits for the move that it was queued before.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Does one item.</summary>
    public ValueTask<WorkOutcome> DoAsync(CampaignWork work, bool redelivered, CancellationToken cancel) => work.Step switch
    {
        CampaignStep.Start => StartAsync(work, cancel),
        CampaignStep.Go => GoAsync(work, cancel),
        CampaignStep.Bucket when work.Part is { Length: 1 } => SelectAsync(work, redelivered, cancel),
        CampaignStep.Batch when work.Part is not null => batches.SendAsync(work.Campaign, work.Part, redelivered, cancel),
        CampaignStep.Recount when work.Part is not null => RecountAsync(work, work.Part, cancel),
        CampaignStep.Tick => clock.TickAsync(work.Campaign, work.Epoch, work.At, redelivered, cancel),
        CampaignStep.End => EndAsync(work, cancel),
        _ => ValueTask.FromResult(WorkOutcome.GiveUp("Not a step of a campaign.")),
    };

    private async ValueTask<WorkOutcome> StartAsync(CampaignWork work, CancellationToken cancel)
    {
        var (campaign, _) = await store.LoadAsync(work.Campaign, cancel);
        if (campaign?.Epoch < work.Epoch) return Wait(work);
        if (campaign is not { Status: CampaignStatus.Scheduled, DueAt: { } due } || campaign.Epoch != work.Epoch) return WorkOutcome.Done;
        var wait = due - time.GetUtcNow();
        if (wait > TimeSpan.Zero) return WorkOutcome.Later(CampaignQueue.Within(wait));
        var outcome = await launcher.LaunchAsync(work.Campaign, work.Epoch, now: false, CampaignStops.Itself, cancel);
        if (outcome.Refusal == CampaignRefusal.NotReady) await stops.UnscheduleAsync(work.Campaign, work.Epoch, outcome.Why!, cancel);
        return WorkOutcome.Done;
    }

    private async ValueTask<WorkOutcome> SelectAsync(CampaignWork work, bool redelivered, CancellationToken cancel)
    {
        try
        {
            return await selection.SelectAsync(work.Campaign, work.Part!, redelivered, cancel);
        }
        catch (AudienceException gone)
        {
            // Somebody has deleted a list of a campaign that is being selected. Resuming tries again.
            if ((await store.LoadAsync(work.Campaign, cancel)).Campaign is { } campaign)
                await stops.HoldAsync(work.Campaign, campaign.Epoch, gone.Message, cancel);
            return WorkOutcome.Done;
        }
    }

    private async ValueTask<WorkOutcome> GoAsync(CampaignWork work, CancellationToken cancel)
    {
        var (campaign, _) = await store.LoadAsync(work.Campaign, cancel);
        if (campaign is null) return WorkOutcome.Done;
        if (campaign.Epoch < work.Epoch) return Wait(work);
        if (campaign.Status != CampaignStatus.Running || campaign.Epoch != work.Epoch) return WorkOutcome.Done;
        var buckets = await CampaignBatchReader.BucketsAsync(tables, work.Campaign, cancel);
        foreach (var bucket in AudienceBuckets.All)
            if (buckets.GetValueOrDefault(bucket) is not { Done: true })
                await queue.EnqueueAsync(
                    new CampaignWork(CampaignStep.Bucket, work.Campaign, Part: bucket.ToString()), TimeSpan.Zero, cancel);
        await foreach (var page in CampaignBatchReader.PagesAsync(tables, work.Campaign, null, cancel))
            foreach (var left in page.Where(b => b.Row is { Waits: false, Unsettled: true }).Chunk(100))
                await queue.EnqueueAsync(work.Campaign, await AtOnceAsync(campaign, left, cancel), cancel);
        await queue.EnqueueAsync(new CampaignWork(CampaignStep.Tick, work.Campaign, work.Epoch), TimeSpan.FromMilliseconds(500), cancel);
        return WorkOutcome.Done;
    }

    /// <summary>
    /// Of what goes on now that which need not wait. What slept into the pause would go out all together: the throttle releases it anew.
    /// What the account does not show yet to have slept, its batch finds out (<see cref="CampaignBatches"/>).
    /// </summary>
    private async ValueTask<IReadOnlyList<NamedBatch>> AtOnceAsync(Campaign campaign, NamedBatch[] left, CancellationToken cancel)
    {
        var slept = campaign.Definition.Throttle is null ? [] : left.Where(b => b.Row is { Outcomes: not null, Goes: > 0 }).ToArray();
        if (slept.Length == 0
            || !(await tables.CommitAsync(
                Tables.Campaigns, campaign.Id,
                [
                    .. slept.Select(
                        b => RowChange.Write(Rows.Batch(b.Name), b.Row with { Waits = true }, CoreJson.Default.BatchRow, b.ETag)),
                ],
                cancel)).Committed)
        {
            return left;
        }

        return [.. left.Except(slept)];
    }

    private async ValueTask<WorkOutcome> RecountAsync(CampaignWork work, string batch, CancellationToken cancel)
    {
        if (await batches.RecountAsync(work.Campaign, batch, cancel))
            await queue.EnqueueAsync(new CampaignWork(CampaignStep.Batch, work.Campaign, Part: batch), TimeSpan.Zero, cancel);
        return WorkOutcome.Done;
    }

    private async ValueTask<WorkOutcome> EndAsync(CampaignWork work, CancellationToken cancel)
    {
        var (campaign, _) = await store.LoadAsync(work.Campaign, cancel);
        if (campaign is null) return WorkOutcome.Done;
        if (campaign.Status != CampaignStatus.Cancelled) return Wait(work);
        await foreach (var page in CampaignBatchReader.PagesAsync(tables, work.Campaign, null, cancel))
            await queue.EnqueueAsync(work.Campaign, [.. page.Where(b => b.Row.Any(static o => o.PutOff))], cancel);
        return WorkOutcome.Done;
    }

    // Queued before the campaign was moved. When the move never comes, whoever asked for it died or was refused.
    private WorkOutcome Wait(CampaignWork work) =>
        time.GetUtcNow() - work.At < Patience ? WorkOutcome.Later(TimeSpan.FromMilliseconds(200)) : WorkOutcome.Done;
}
