using System.Text.Json;
using System.Text.Json.Serialization;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Web.Http;

namespace Notifications.Web.Campaigns;

/// <summary>A schedule.</summary>
/// <param name="At">The local time, without an offset.</param>
/// <param name="Zone">The IANA time zone of that time, or <c>recipient</c> for each recipient's own.</param>
/// <param name="FallbackZone">The zone of those whose own is not known; only with <c>recipient</c>.</param>
internal sealed record ScheduleView(string At, string Zone, string? FallbackZone);

/// <summary>A throttle.</summary>
/// <param name="PerHour">Messages an hour.</param>
/// <param name="RampUp">How the rate rises to that; left out where it does not.</param>
internal sealed record ThrottleView(int PerHour, RampUp? RampUp);

/// <summary>A subject test.</summary>
/// <param name="Subjects">The subjects, in the order that <c>chosen</c> and <c>winner</c> count.</param>
/// <param name="Share">How many of a hundred recipients take part.</param>
/// <param name="DecideAfterMinutes">How many minutes after the launch the winner is chosen; a pause stops this clock.</param>
/// <param name="By">What makes a winner.</param>
internal sealed record SubjectTestView(IReadOnlyList<string> Subjects, int Share, int DecideAfterMinutes, SubjectMeasure By);

/// <summary>A campaign: its definition, and where it stands.</summary>
/// <param name="Id">The campaign's id, 16 characters of 0-9 a-f.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Name">What people of the company call it.</param>
/// <param name="Topic">The topic's key.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Template">The template's name.</param>
/// <param name="PinnedTemplate">
/// The template with the version that is sent, such as spring@7, or its name where it has no versions; left out before the launch.
/// </param>
/// <param name="Subject">A subject in place of the template's (Liquid).</param>
/// <param name="Data">What the template reads as <c>data</c>.</param>
/// <param name="Audience">Who it is for.</param>
/// <param name="Schedule">When it is to be launched by itself, or null.</param>
/// <param name="Throttle">How fast it may go; null where it is as fast as the provider takes it.</param>
/// <param name="SubjectTest">The subjects that are tried on a part of the audience first.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="CreatedBy">Who created it.</param>
/// <param name="ChangedAt">When its definition or its status was last changed.</param>
/// <param name="DueAt">When it launches, or launched, by itself; with each recipient's own zone, the moment in the earliest one.</param>
/// <param name="LaunchedAt">When it was launched.</param>
/// <param name="EndedAt">When it was completed or cancelled.</param>
/// <param name="Hold">
/// Why it was paused or, where that was said, cancelled, or could not be launched by itself; left out otherwise.
/// </param>
/// <param name="Chosen">The place in the test, from 0, of the subject that the rest gets; left out while none is chosen.</param>
/// <param name="Winner">
/// The same where that subject has won by what was reported until it was chosen; left out where a former version chose, which did not
/// write that down.
/// </param>
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
    Audience Audience,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ScheduleView? Schedule,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ThrottleView? Throttle,
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
            d.Audience,
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
/// <param name="Campaigns">The campaigns.</param>
/// <param name="Next">What <c>after</c> is for the next page; left out on the last one.</param>
internal sealed record CampaignList(IReadOnlyList<CampaignView> Campaigns, string? Next) : Listed;

/// <summary>What a test has queued.</summary>
/// <param name="MessageIds">The ids of the test's messages: GET /v1/messages/{id} tells what became of each.</param>
internal sealed record CampaignTested(IReadOnlyList<string> MessageIds);
