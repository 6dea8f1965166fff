using Notifications.Audiences;

namespace Notifications.Campaigns;

/// <summary>Every move a campaign can make, drawn in docs/state-machines.md. Pure; null stands for a move that is not allowed.</summary>
public static class CampaignLife
{
    /// <summary>Another definition: a scheduled campaign becomes a draft again, because what was confirmed is not what it is now.</summary>
    public static Campaign? Update(Campaign campaign, CampaignDefinition definition, DateTimeOffset now) =>
        campaign.Status is CampaignStatus.Draft or CampaignStatus.Scheduled
            ? Move(campaign, CampaignStatus.Draft, now) with { Definition = definition, DueAt = null, Hold = null, Forecast = null }
            : null;

    /// <summary>Its outcomes will be compared with this dry run.</summary>
    public static Campaign? Foretell(Campaign campaign, string forecast) =>
        campaign.Status is CampaignStatus.Draft or CampaignStatus.Scheduled ? campaign with { Forecast = forecast } : null;

    /// <summary>It will launch by itself.</summary>
    public static Campaign? Schedule(Campaign campaign, DateTimeOffset due, DateTimeOffset now) =>
        campaign.Status is CampaignStatus.Draft or CampaignStatus.Scheduled
            ? Move(campaign, CampaignStatus.Scheduled, now) with { DueAt = due, Hold = null }
            : null;

    /// <summary>It did not launch by itself, and says why.</summary>
    public static Campaign? Unschedule(Campaign campaign, CampaignHold why, DateTimeOffset now) =>
        campaign.Status is CampaignStatus.Scheduled ? Move(campaign, CampaignStatus.Draft, now) with { DueAt = null, Hold = why } : null;

    /// <summary>It begins.</summary>
    public static Campaign? Launch(Campaign campaign, string template, Audience selection, DateTimeOffset now) =>
        campaign.Status is CampaignStatus.Draft or CampaignStatus.Scheduled
            ? Move(
                campaign, CampaignStatus.Running,
                now) with
                {
                    LaunchedAt = now,
                    RunningSince = now,
                    PinnedTemplate = template,
                    Selection = selection,
                    DueAt = null,
                    Hold = null,
                }
            : null;

    /// <summary>It stands still.</summary>
    public static Campaign? Pause(Campaign campaign, CampaignHold why, DateTimeOffset now) =>
        campaign.Status is CampaignStatus.Running
            ? Move(campaign, CampaignStatus.Paused, now) with { Hold = why, RanFor = campaign.Ran(now), RunningSince = null }
            : null;

    /// <summary>It goes on.</summary>
    public static Campaign? Resume(Campaign campaign, DateTimeOffset now) =>
        campaign.Status is CampaignStatus.Paused
            ? Move(campaign, CampaignStatus.Running, now) with { Hold = null, RunningSince = now }
            : null;

    /// <summary>It ends with nothing left to be sent.</summary>
    public static Campaign? Complete(Campaign campaign, DateTimeOffset now) =>
        campaign.Status is CampaignStatus.Running
            ? Move(campaign, CampaignStatus.Completed, now) with { EndedAt = now, RanFor = campaign.Ran(now), RunningSince = null }
            : null;

    /// <summary>It ends with whatever was left unsent, and with why, where that was said.</summary>
    public static Campaign? Cancel(Campaign campaign, CampaignHold? why, DateTimeOffset now) =>
        campaign.Status is CampaignStatus.Draft or CampaignStatus.Scheduled or CampaignStatus.Running or CampaignStatus.Paused
            ? Move(
                campaign, CampaignStatus.Cancelled,
                now) with
                {
                    Hold = why,
                    EndedAt = now,
                    RanFor = campaign.Ran(now),
                    RunningSince = null,
                }
            : null;

    private static Campaign Move(Campaign campaign, CampaignStatus to, DateTimeOffset now) =>
        campaign with { Status = to, Epoch = campaign.Epoch + 1, ChangedAt = now };
}
