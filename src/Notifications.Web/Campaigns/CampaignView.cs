using System.Text.Json;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Web.Http;

namespace Notifications.Web.Campaigns;

/// <summary>A schedule.</summary>
internal sealed record ScheduleView(string At, string Zone, string? FallbackZone);

/// <summary>A throttle.</summary>
internal sealed record ThrottleView(int PerHour, RampUp? RampUp);

/// <summary>A subject test.</summary>
internal sealed record SubjectTestView(IReadOnlyList<string> Subjects, int Share, int DecideAfterMinutes, SubjectMeasure By);

/// <summary>
/// A campaign: its definition, and where it stands. <paramref name="Chosen"/> is the place of the subject that the rest gets,
/// <paramref name="Winner"/> the same where it has won by what was reported until it was chosen; null where nothing was, or where a former
/// version chose, which did not write that down.
/// </summary>
internal sealed record CampaignView(
    string Id,
    CampaignStatus Status,
    string Name,
    string Topic,
    Channel Channel,
    string Template,
    string? PinnedTemplate,
    string? Subject,
    JsonElement? Data,
    JsonElement Audience,
    ScheduleView? Schedule,
    ThrottleView? Throttle,
    SubjectTestView? SubjectTest,
    DateTimeOffset CreatedAt,
    string CreatedBy,
    DateTimeOffset ChangedAt,
    DateTimeOffset? DueAt,
    DateTimeOffset? LaunchedAt,
    DateTimeOffset? EndedAt,
    CampaignHold? Hold,
    int? Chosen,
    int? Winner)
{
    public static CampaignView Of(Campaign campaign)
    {
        var d = campaign.Definition;
        return new CampaignView(
            campaign.Id,
            campaign.Status,
            d.Name,
            d.Topic,
            d.Channel,
            d.Template,
            campaign.PinnedTemplate,
            d.Subject,
            d.Data,
            JsonSerializer.SerializeToElement(d.Audience, CoreJson.Default.Audience),
            d.Schedule is { } s
                ? new ScheduleView(s.At.ToString("s", System.Globalization.CultureInfo.InvariantCulture), s.Zone, s.FallbackZone)
                : null,
            d.Throttle is { } t ? new ThrottleView(t.PerHour, t.RampUp) : null,
            d.SubjectTest is { } test ? new SubjectTestView(test.Subjects, test.Share, (int)test.DecideAfter.TotalMinutes, test.By) : null,
            campaign.CreatedAt,
            campaign.CreatedBy,
            campaign.ChangedAt,
            campaign.DueAt,
            campaign.LaunchedAt,
            campaign.EndedAt,
            campaign.Hold,
            campaign.Winner,
            campaign.Unmeasured == false ? campaign.Winner : null);
    }
}

/// <summary>A page of campaigns, newest first.</summary>
internal sealed record CampaignList(IReadOnlyList<CampaignView> Campaigns, string? Next) : Listed;

/// <summary>What a test has queued.</summary>
internal sealed record CampaignTested(IReadOnlyList<string> MessageIds);
