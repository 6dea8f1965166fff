using System.Net;
using Notifications.Access;
using Notifications.Campaigns;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Campaigns;

/// <summary>A mistyped year neither sends at once nor waits for ever. It is noon of 24 November 2026 in UTC.</summary>
public sealed class ScheduleBoundsTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private CampaignDesk Desk => product.Get<CampaignDesk>();

    private static CampaignDefinition Letter(CampaignSchedule? schedule = null) => Drafts.Newsletter("Bounds") with { Schedule = schedule };

    private async Task<string> DraftAsync(CampaignSchedule? schedule = null) =>
        (await Desk.CreateAsync(Letter(schedule), null, "test", default)).Id;

    [Theory]
    [InlineData("2025-12-01T09:00:00", "Europe/Lisbon", "is over already; launch sends now")]
    [InlineData("2026-11-24T11:50:00", "Etc/UTC", "is over already; launch sends now")]
    [InlineData("2026-11-24T09:00:00", "recipient", "is over already; launch sends now")] // For those whose zone is not known, and most.
    [InlineData("2028-01-01T09:00:00", "Europe/Lisbon", "must be within a year")]
    public async Task A_time_that_is_over_or_years_away_is_refused_wherever_a_campaign_is_given_it(string at, string zone, string problem)
    {
        var id = await DraftAsync();
        var fallbackZone = zone == "recipient" ? "Europe/Lisbon" : null;
        var made = await product.PostAsync(
            "/v1/campaigns",
            new
            {
                name = "Bounds",
                topic = "newsletter",
                channel = "email",
                template = "newsletter",
                schedule = new { at, zone, fallbackZone },
            });
        Assert.Equal((HttpStatusCode.BadRequest, "schedule.at"), (made.Status, made.Fields.Single()));
        var scheduled = await product.PostAsync($"/v1/campaigns/{id}/schedule", new { at, zone, fallbackZone });
        Assert.Equal((HttpStatusCode.BadRequest, "at"), (scheduled.Status, scheduled.Fields.Single()));
        var page = await (await product.SignedInAsync(
            "bounds",
            Scope.Campaigns)).PostAsync(
                $"/console/campaigns/{id}/schedule", ("at", at), ("clock", fallbackZone is null ? "one" : "recipient"),
                ("zone", fallbackZone ?? zone), ("confirm", "0"));
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.Contains($"at-hint\" class=\"fault\">{problem}", page.Text, StringComparison.Ordinal);
        Assert.Equal(CampaignStatus.Draft, (await Desk.FindAsync(id, default))!.Status);
    }

    [Theory]
    [InlineData("2026-11-24T11:57:00", "Etc/UTC")] // Somebody took three minutes to press the button.
    [InlineData("2026-11-24T13:00:00", "recipient")] // Over further east, and ahead for those whose zone is not known.
    [InlineData("2027-11-24T11:00:00", "Etc/UTC")]
    public async Task A_time_that_is_now_or_still_ahead_is_taken(string at, string zone) =>
        Assert.Equal(
            HttpStatusCode.OK,
            (await product.PostAsync(
                $"/v1/campaigns/{await DraftAsync()}/schedule",
                new { at, zone, fallbackZone = zone == "recipient" ? "Etc/UTC" : null })).Status);

    [Fact]
    public async Task A_drafts_own_time_that_passed_meanwhile_is_refused_too()
    {
        var id = await DraftAsync(new CampaignSchedule(new DateTime(2026, 11, 20, 9, 0, 0), "Europe/Lisbon"));
        var refused = await product.PostAsync($"/v1/campaigns/{id}/schedule", "");
        Assert.Equal(
            (HttpStatusCode.Conflict, "The scheduled time is over already; launch sends now."), (refused.Status, refused["detail"]));
    }
}
