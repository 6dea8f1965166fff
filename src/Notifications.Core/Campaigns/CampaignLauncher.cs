using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Audit;
using Notifications.Consent;
using Notifications.Templates;

namespace Notifications.Campaigns;

/// <summary>
/// Launches campaigns, by hand or by the clock. What is to be done is on the queue before the campaign is moved: a crash between loses
/// nothing.
/// </summary>
public sealed class CampaignLauncher(
    CampaignStore store, CampaignQueue queue, AudienceReader audiences, TemplateBook templates, CampaignOptions options,
    TopicCatalog topics, CampaignForecasts forecasts, AuditLog audit, TimeProvider time)
{
    /// <summary>
    /// Launches a draft, or a scheduled campaign before or at its time. <paramref name="epoch"/> is the one it must still have, or null;
    /// <paramref name="now"/>: at once, whatever it was scheduled for.
    /// </summary>
    public async ValueTask<CampaignOutcome> LaunchAsync(string id, int? epoch, bool now, string actor, CancellationToken cancel)
    {
        var (campaign, _) = await store.LoadAsync(id, cancel);
        if (campaign is null) return NotFound;
        if (campaign.Status is not (CampaignStatus.Draft or CampaignStatus.Scheduled) || (epoch is not null && campaign.Epoch != epoch))
            return WrongStatus(campaign, "launch");
        var (pinned, problem) = await PinAsync(campaign.Definition, cancel);
        if (pinned is null) return new CampaignOutcome(campaign, CampaignRefusal.NotReady, problem);
        Audience selection;
        try
        {
            selection = await audiences.FreezeAsync(campaign.Definition.Audience, cancel);
        }
        catch (AudienceException gone)
        {
            return new CampaignOutcome(campaign, CampaignRefusal.NotReady, gone.Message);
        }

        await store.LookAfterAsync(id, cancel);
        await queue.EnqueueAsync(new CampaignWork(CampaignStep.Go, id, campaign.Epoch + 1, At: time.GetUtcNow()), TimeSpan.Zero, cancel);
        await audit.WriteAsync(actor, "campaign.launch", id, campaign.Status.ToString(), $"{CampaignStatus.Running}: {pinned}", cancel);
        var definition = now ? campaign.Definition with { Schedule = null } : campaign.Definition;
        var (before, after) = await store.MoveAsync(
            id,
            (c, at) => c.Epoch == campaign.Epoch ? CampaignLife.Launch(c with { Definition = definition }, pinned, selection, at) : null,
            cancel);
        if (after is null) return WrongStatus(before!, "launch");
        await forecasts.DropAsync(after, cancel);
        await store.LookAfterAsync(id, cancel); // The watch may have found a draft meanwhile, and looked after it no more.
        return new CampaignOutcome(after);
    }

    /// <summary>The template with the version that it stands for now, or what is wrong with it, or with the topic.</summary>
    public async ValueTask<(string? Pinned, string? Problem)> PinAsync(CampaignDefinition definition, CancellationToken cancel)
    {
        if (topics.Find(definition.Topic) is null)
            return (null, $"The topic {definition.Topic} is not in the settings any more, so nothing of it is sent.");
        if (await templates.PinAsync(definition.Template, definition.Channel, cancel) is not { } pinned)
            return (null, $"There is no template {definition.Template} for {definition.Channel.Name()}.");
        var stored = await templates.FindAsync(pinned, definition.Channel, cancel);
        var topic = DefaultTemplates.TopicOf(pinned) ?? stored?.Topic;
        if (topic is not null && topic != definition.Topic)
            return (null, $"The template {definition.Template} is for the topic {topics.Say(topic)}.");
        return stored?.Problem is { } unfit ? (null, unfit) : (pinned, null);
    }

    /// <summary>How many recipients the campaign would select now.</summary>
    public async ValueTask<long> CountAsync(Campaign campaign, CancellationToken cancel)
    {
        var count = 0L;
        var audience = await audiences.FreezeAsync(campaign.Definition.Audience, cancel);
        await Parallel.ForEachAsync(
            AudienceBuckets.All, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancel }, async (bucket, token) =>
            {
                string? after = null;
                do
                {
                    var page = await audiences.PageAsync(audience, bucket, after, AudienceReader.MaxPage, token);
                    Interlocked.Add(ref count, page.Members.Count);
                    after = page.Next;
                }
                while (after is not null);
            });
        return count;
    }

    /// <summary>
    /// Whether the number of recipients was confirmed: null, or the refusal that tells it. Over the configured size it must be named, and
    /// where it is named it must be the number as it is now, or the dry run's while that differs by no more than one in a hundred: people
    /// come and go between the two.
    /// </summary>
    public async ValueTask<CampaignOutcome?> UnconfirmedAsync(
        Campaign campaign, CampaignForecast? forecast, long? confirm, CancellationToken cancel)
    {
        long count;
        try
        {
            count = await CountAsync(campaign, cancel);
        }
        catch (AudienceException gone)
        {
            return new CampaignOutcome(campaign, CampaignRefusal.NotReady, gone.Message);
        }

        if (confirm is null
            ? count <= options.ConfirmOver
            : confirm == count || (forecast?.Selected == confirm && Math.Abs(confirm.Value - count) * 100 <= count))
        {
            return null;
        }

        var why = confirm is null
            ? $"The campaign would go to {count} recipients. To launch it, confirm that number."
            : $"{confirm} recipients were confirmed, and the campaign would go to {count}.";
        return new CampaignOutcome(campaign, CampaignRefusal.Unconfirmed, why, count);
    }

    internal static CampaignOutcome NotFound => new(null, CampaignRefusal.NotFound, "No campaign has this id.");

    internal static CampaignOutcome WrongStatus(Campaign campaign, string act) =>
        new(campaign, CampaignRefusal.WrongStatus,
            $"The campaign is {campaign.Status.ToString().ToLowerInvariant()}: it does not allow {act}.");
}
