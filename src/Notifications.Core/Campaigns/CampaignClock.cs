using System.Globalization;
using Microsoft.Extensions.Logging;
using Notifications.Audiences;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Templates;

namespace Notifications.Campaigns;

/// <summary>
/// Looks at a running campaign again and again: releases what the throttle allows, chooses the winning subject, pauses it when too many
/// complain, bounce, are refused or find no provider, and completes it. Each look queues the next one as a new item: an item that is
/// delivered a second time was left by a look that died.
/// </summary>
public sealed partial class CampaignClock(
    CampaignStore store, CampaignQueue queue, CampaignStops stops, TemplateBook templates, CampaignOptions options,
    SendingOptions sending, ITableStore tables, TimeProvider time, ILogger<CampaignClock> log)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The longest between two looks, 30 s: what must stop a campaign that begins in the morning is seen within so much of its beginning.
    /// </summary>
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Looks at the campaign once.</summary>
    /// <param name="id">The campaign.</param>
    /// <param name="epoch">Its epoch.</param>
    /// <param name="last">When the look before, which queued this one, was; null for the first.</param>
    /// <param name="redelivered">A look has died, perhaps between what it wrote and what it queued.</param>
    /// <param name="cancel">Ends it between its steps.</param>
    public async ValueTask<WorkOutcome> TickAsync(string id, int epoch, DateTimeOffset? last, bool redelivered, CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        var (campaign, _) = await store.LoadAsync(id, cancel);
        if (campaign is not { Status: CampaignStatus.Running } || campaign.Epoch != epoch) return WorkOutcome.Done;
        var (before, etag) = await tables.LoadAsync(Tables.Campaigns, id, Rows.Tick, CoreJson.Default.TickRow, cancel);
        var now = time.UtcNowMs();
        // A crash or a repair has made a second item: it goes on. A look that lies ahead was before the clock was set back.
        if (!redelivered
            && before?.Epoch == epoch
            && ((now >= before.At && now - before.At < Shortest / 2) || (last is not null && last != before.At)))
        {
            return WorkOutcome.Done;
        }

        var buckets = await CampaignBatchReader.BucketsAsync(tables, id, cancel);
        var selected = AudienceBuckets.All.All(c => buckets.GetValueOrDefault(c)?.Done == true);
        var tally = new CampaignTally(campaign);
        var unsettled = 0L;
        var waiting = new List<NamedBatch>();
        var released = 0L;
        await foreach (var page in CampaignBatchReader.PagesAsync(tables, id, null, cancel))
        {
            foreach (var batch in page)
            {
                tally.Add(batch.Row);
                if (batch.Row.Unsettled) unsettled++;
                if (batch.Row.Waits) waiting.Add(batch);
                if (batch.Row is not { Waits: true, Outcomes: null }) released += batch.Row.Size;
            }

            // Released before a crash that came before the queue knew.
            if (redelivered) await queue.EnqueueAsync(id, [.. page.Where(b => b.IsUnderWay)], cancel);
        }

        // What had found no provider before it was resumed says nothing of now.
        var since = before?.Epoch == epoch ? before
            : campaign.RunningSince == campaign.LaunchedAt ? null
            : new TickRow(epoch, now, tally.Sent, tally.Unavailable);
        if (await HoldAsync(campaign, tally, since, cancel)) return WorkOutcome.Done;
        if (selected && unsettled == 0)
        {
            await stops.CompleteAsync(id, epoch, cancel);
            return WorkOutcome.Done;
        }

        campaign = await ChooseAsync(campaign, tally, selected, now, cancel);
        var slept = waiting.Sum(b => b.Row.Outcomes is null ? 0L : b.Row.Goes);
        var forgone = Forgone(campaign, epoch, before, tally, slept, now);
        var again = selected && !sending.Hold ? await ReleaseAsync(campaign, waiting, released + forgone, now, cancel) : 0;
        var look = new TickRow(epoch, now, tally.Sent, tally.Unavailable, tally.Quiet, forgone + again, slept - again);
        var written = await tables.CommitAsync(
            Tables.Campaigns, id, [RowChange.Write(Rows.Tick, look, CoreJson.Default.TickRow, etag)], cancel);
        // The other item goes on; but for this very write, refused by its own repetition.
        if (!written.Committed && await tables.ReadAsync(Tables.Campaigns, id, Rows.Tick, CoreJson.Default.TickRow, cancel) != look)
            return WorkOutcome.Done;

        // A large campaign is summed up for a while: it must not take more than a small part of the time. One that only waits, for the
        // morning, a cap or its subjects, is looked at less and less often.
        var pause = time.GetElapsedTime(started) * 20;
        if (before is not null && selected && OnlyWaits(campaign, tally, before, waiting) && (now - before.At) * 2 is var longer
            && longer > pause)
        {
            pause = longer;
        }

        var most = Deciding(campaign) is { } test && test.DecideAfter - campaign.Ran(now) is var left && left < LongestPause
            ? left
            : LongestPause;
        if (pause > most) pause = most;
        await queue.EnqueueAsync(
            new CampaignWork(CampaignStep.Tick, id, epoch, At: now), pause < Shortest ? Shortest : pause, cancel);
        return WorkOutcome.Done;
    }

    /// <summary>Why the campaign must pause itself, or null (R19).</summary>
    internal static string? Trouble(CampaignTally tally, TickRow? before, CampaignOptions options)
    {
        // Of fewer than the sample, what would be too many of the sample is too many already: most campaigns are small, or not far yet.
        if (tally.Complained >= Math.Max(2, Math.Max(tally.Sent, options.ComplaintSample) * options.ComplaintRate))
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{tally.Complained} of {tally.Sent} messages were called spam: the limit is {options.ComplaintRate:0.###%}.");
        var bounced = tally.Hard + tally.Soft;
        if (tally.Sent >= options.BounceSample && bounced >= tally.Sent * options.BounceRate)
            return string.Create(
                CultureInfo.InvariantCulture, $"{bounced} of {tally.Sent} messages came back: the limit is {options.BounceRate:0.###%}.");
        var offered = tally.Sent + tally.Rejected;
        if (tally.Rejected >= options.OutageSample
            && tally.Rejected >= offered * (offered >= options.BounceSample ? options.BounceRate : 0.5))
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{tally.Rejected} of {offered} messages were refused for good, by the provider or by their own template; a message's timeline says why. The limit is {options.BounceRate:0.###%}.");
        }

        var unavailable = tally.Unavailable - (before?.Unavailable ?? 0);
        if (unavailable >= options.OutageSample && unavailable >= tally.Sent - (before?.Sent ?? 0))
            return $"The provider does not take messages, or their template may not be sent as it is: since the last look {unavailable} found it so; a message's timeline says why.";
        return null;
    }

    /// <summary>Whether nothing has happened since the look before, and a look changes nothing: it has nothing to let go.</summary>
    private static bool OnlyWaits(Campaign campaign, CampaignTally tally, TickRow before, List<NamedBatch> waiting) =>
        before.Epoch == campaign.Epoch
            && (before.Sent, before.Unavailable, before.Quiet) == (tally.Sent, tally.Unavailable, tally.Quiet)
            && waiting.TrueForAll(b => b.Row.Held && campaign.Winner is null);

    /// <summary>The test whose winner is not chosen yet.</summary>
    private static SubjectTest? Deciding(Campaign campaign) => campaign.Winner is null ? campaign.Definition.SubjectTest : null;

    private async ValueTask<bool> HoldAsync(Campaign campaign, CampaignTally tally, TickRow? before, CancellationToken cancel)
    {
        if ((await UnfitAsync(campaign, cancel) ?? Trouble(tally, before, options)) is not { } why) return false;
        LogHeld(campaign.Id, why);
        await stops.HoldAsync(campaign.Id, campaign.Epoch, why, cancel);
        return true;
    }

    /// <summary>What is wrong with the template under the settings as they are now; null for nothing.</summary>
    private async ValueTask<string?> UnfitAsync(Campaign campaign, CancellationToken cancel) =>
        (await templates.FindAsync(campaign.PinnedTemplate, campaign.Definition.Channel, cancel))?.Problem;

    private async ValueTask<Campaign> ChooseAsync(
        Campaign campaign, CampaignTally tally, bool selected, DateTimeOffset now, CancellationToken cancel)
    {
        if (Deciding(campaign) is not { } test || !selected || campaign.Ran(now) < test.DecideAfter) return campaign;
        var tried = tally.Subjects();
        var unmeasured = !test.IsMeasured(tried);
        var winner = unmeasured ? 0 : test.Best(tried);
        var (_, after) = await store.MoveAsync(
            campaign.Id,
            (c, _) => c.Epoch == campaign.Epoch && c.Winner is null ? c with { Winner = winner, Unmeasured = unmeasured } : null, cancel);
        return after ?? campaign;
    }

    /// <summary>
    /// What the throttle no longer lets go. Messages that were let go during quiet hours come back at their end, and take the place of
    /// others, at once or, of those that <paramref name="slept"/> into a pause, when they are released after it. And the time for which
    /// every hand-off was held is not made up for.
    /// </summary>
    private long Forgone(Campaign campaign, int epoch, TickRow? before, CampaignTally tally, long slept, DateTimeOffset now)
    {
        if (before is null || campaign.Definition.Throttle is not { } throttle) return 0;
        var held = sending.Hold ? throttle.Allowed(campaign.Ran(now)) - throttle.Allowed(campaign.Ran(before.At)) : 0;
        var woken = before.Epoch == epoch ? before.Quiet - tally.Quiet - Math.Max(0, slept - before.Slept) : 0;
        return before.Forgone + Math.Max(0, woken) + Math.Max(0, held);
    }

    /// <summary>
    /// Lets go what the throttle allows, a batch when it allows the whole of it. The answer is how many of that it had let go before.
    /// </summary>
    private async ValueTask<long> ReleaseAsync(
        Campaign campaign, List<NamedBatch> waiting, long released, DateTimeOffset now, CancellationToken cancel)
    {
        var allowed = campaign.Definition.Throttle?.Allowed(campaign.Ran(now) + Shortest) ?? long.MaxValue;
        var ready = new List<NamedBatch>();
        foreach (var batch in waiting)
        {
            if (batch.Row.Held && campaign.Winner is null) continue;
            if (batch.Row.Goes > allowed - released) break;
            released += batch.Row.Goes;
            ready.Add(batch);
        }

        var again = 0L;
        foreach (var chunk in ready.Chunk(100))
        {
            var commit = await tables.CommitAsync(
                Tables.Campaigns, campaign.Id,
                [
                    .. chunk.Select(
                        b => RowChange.Write(
                            Rows.Batch(b.Name), b.Row with { Waits = false, ReleasedIn = campaign.Epoch }, CoreJson.Default.BatchRow,
                            b.ETag)),
                ],
                cancel);
            if (!commit.Committed)
            {
                // Another look was faster, or this very write took effect and its answer was lost: the next look sees no difference. What
                // was not let go it tries again.
                await CampaignBatchReader.EnqueueAgainAsync(tables, queue, campaign.Id, null, cancel);
                return again;
            }

            await queue.EnqueueAsync(campaign.Id, chunk, cancel);
            again += chunk.Sum(b => b.Row.Outcomes is null ? 0 : b.Row.Goes);
        }

        return again;
    }

    [LoggerMessage(
        EventId = 170, EventName = "CampaignHeld", Level = LogLevel.Warning, Message = "Campaign {Campaign} pauses itself: {Why}")]
    private partial void LogHeld(string campaign, string why);
}
