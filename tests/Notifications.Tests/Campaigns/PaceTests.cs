using Notifications.Campaigns;
using Notifications.Events;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Campaigns;

/// <summary>When a campaign sends: throttle, schedule, recipients' own zones, and subjects tried first.</summary>
public sealed class PaceTests
{
    [Fact]
    public async Task A_throttled_campaign_goes_no_faster_than_allowed_and_a_pause_is_not_made_up_for()
    {
        var world = new CampaignWorld();
        await world.SubscribeAsync(0, 200);
        // Two a second, in batches of twenty.
        var campaign = await world.LaunchAsync(d => d with { Throttle = new CampaignThrottle(7200) });
        await world.PassAsync(TimeSpan.FromSeconds(30));
        Assert.InRange(world.Provider.Emails.Count, 40, 84);
        await world.Desk.PauseAsync(campaign.Id, null, "service:test", default);
        var sent = world.Provider.Emails.Count;
        await world.PassAsync(TimeSpan.FromHours(1), TimeSpan.FromMinutes(1));
        Assert.Equal(sent, world.Provider.Emails.Count);
        await world.Desk.ResumeAsync(campaign.Id, "service:test", default);
        await world.PassAsync(TimeSpan.FromSeconds(15));
        Assert.InRange(world.Provider.Emails.Count - sent, 10, 54);
        Assert.Equal(200, (await world.CompleteAsync(campaign.Id)).Sent);
        Assert.Equal(200, world.Provider.Emails.DistinctBy(e => e.To).Count());
    }

    [Fact]
    public void A_ramp_rises_evenly_to_the_full_rate()
    {
        var throttle = new CampaignThrottle(10_000, new RampUp(500, 3));
        Assert.Equal(0, throttle.Allowed(TimeSpan.Zero));
        Assert.InRange(throttle.Allowed(TimeSpan.FromHours(1)), 500, 570);
        Assert.Equal((long)((500 + 10_000) / 2.0 * 72), throttle.Allowed(TimeSpan.FromDays(3)));
        Assert.Equal(throttle.Allowed(TimeSpan.FromDays(3)) + 10_000, throttle.Allowed(TimeSpan.FromHours(73)));
        Assert.Equal(25, throttle.BatchSize);
        for (var hour = 0; hour < 100; hour++)
            Assert.True(throttle.Allowed(TimeSpan.FromHours(hour)) <= throttle.Allowed(TimeSpan.FromHours(hour + 1)));
    }

    [Theory]
    [InlineData(36_000, null, 100)] // Ten seconds' worth.
    [InlineData(18_000, null, 50)]
    [InlineData(3600, null, 25)]
    [InlineData(100_000, 200, 25)] // A warm-up.
    [InlineData(200, null, 25)]
    [InlineData(80, null, 10)] // An eighth of an hour's worth.
    [InlineData(1, null, 1)]
    public void A_batch_is_ten_seconds_worth_but_25_where_that_is_no_more_than_an_eighth_of_an_hours(int perHour, int? from, int size) =>
        Assert.Equal(size, new CampaignThrottle(perHour, from is { } low ? new RampUp(low, 14) : null).BatchSize);

    [Fact]
    public async Task A_warm_up_is_cut_into_few_batches_and_never_ahead_of_its_rate()
    {
        var world = new CampaignWorld(o => o.Campaigns.ConfirmOver = 10_000);
        await world.SubscribeAsync(0, 2000);
        var throttle = new CampaignThrottle(50_000, new RampUp(200, 14));
        var campaign = await world.LaunchAsync(d => d with { Throttle = throttle });
        var began = world.Clock.GetUtcNow();
        for (var minute = 0; minute < 120; minute += 3)
        {
            await world.PassAsync(TimeSpan.FromMinutes(3), TimeSpan.FromSeconds(30));
            var allowed = throttle.Allowed(world.Clock.GetUtcNow() - began + TimeSpan.FromSeconds(1));
            Assert.InRange(world.Provider.Emails.Count, allowed - throttle.BatchSize - 15, allowed); // A look comes every half minute.
        }

        var rows = await world.Get<ITableStore>().RangeAsync(
            Tables.Campaigns, campaign.Id, new RowRange(Rows.Batch(""), Rows.BatchEnd), 1000);
        Assert.InRange(rows.Count, 80, 160); // One and a rest of each of the 64 buckets, not one for each person.
    }

    [Fact]
    public async Task A_scheduled_campaign_launches_by_itself_at_its_local_time_and_changing_it_makes_it_a_draft_again()
    {
        var world = new CampaignWorld(); // 08:00 UTC
        await world.SubscribeAsync(0, 5);
        var draft = await world.DraftAsync();
        var schedule = new CampaignSchedule(new DateTime(2026, 11, 24, 9, 30, 0), "Europe/Berlin"); // 08:30 UTC
        Assert.True((await world.Desk.ScheduleAsync(draft.Id, schedule, null, "service:test", default)).Done);
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 8, 30, 0, TimeSpan.Zero), (await world.Desk.FindAsync(draft.Id, default))!.DueAt);
        Assert.Equal(
            CampaignStatus.Draft, (await world.Desk.UpdateAsync(draft.Id, draft.Definition, "service:test", default)).Campaign!.Status);
        await world.PassAsync(TimeSpan.FromMinutes(40), TimeSpan.FromMinutes(1));
        Assert.Empty(world.Provider.Emails);

        // 09:00 UTC
        Assert.True(
            (await world.Desk.ScheduleAsync(
                draft.Id, schedule with { At = new DateTime(2026, 11, 24, 10, 0, 0) }, null, "service:test", default)).Done);
        await world.PassAsync(TimeSpan.FromMinutes(19), TimeSpan.FromMinutes(1));
        Assert.Empty(world.Provider.Emails);
        Assert.Equal(5, (await world.CompleteAsync(draft.Id)).Sent);
        Assert.Equal(
            new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero), (await world.Desk.FindAsync(draft.Id, default))!.LaunchedAt!.Value,
            TimeSpan.FromSeconds(61));
    }

    [Fact]
    public async Task A_campaign_in_the_recipients_own_zones_reaches_each_at_that_time_where_they_are()
    {
        var world = new CampaignWorld(); // 24 November, 08:00 UTC
        var zones = new Dictionary<string, string?>
        {
            ["tokyo@example.com"] = "Asia/Tokyo",
            ["lisbon@example.com"] = "Europe/Lisbon",
            ["york@example.com"] = "America/New_York",
            ["nowhere@example.com"] = null,
        };
        foreach (var (email, zone) in zones) await world.SubscribeAsync(CoreProduct.Email(email), with: s => s with { TimeZone = zone });
        var draft = await world.DraftAsync();
        Assert.True(
            (await world.Desk.ScheduleAsync(
                draft.Id, new CampaignSchedule(new DateTime(2026, 11, 25, 9, 0, 0), CampaignSchedule.Recipient, "Europe/Berlin"), null,
                "service:test", default)).Done);
        var at = new Dictionary<string, DateTimeOffset>();
        world.Provider.Answer = email =>
        {
            at[email.To] = world.Clock.GetUtcNow();
            return ValueTask.FromResult(HandOff.Accepted(null));
        };
        await world.PassAsync(TimeSpan.FromHours(36), TimeSpan.FromMinutes(5));
        Assert.Equal(CampaignStatus.Completed, (await world.StatsAsync(draft.Id)).Status);
        var slack = TimeSpan.FromMinutes(6);
        Assert.Equal(new DateTimeOffset(2026, 11, 25, 0, 0, 0, TimeSpan.Zero), at["tokyo@example.com"], slack);
        Assert.Equal(new DateTimeOffset(2026, 11, 25, 8, 0, 0, TimeSpan.Zero), at["nowhere@example.com"], slack);
        Assert.Equal(new DateTimeOffset(2026, 11, 25, 9, 0, 0, TimeSpan.Zero), at["lisbon@example.com"], slack);
        Assert.Equal(new DateTimeOffset(2026, 11, 25, 14, 0, 0, TimeSpan.Zero), at["york@example.com"], slack);
    }

    [Fact]
    public async Task A_campaign_that_is_launched_by_hand_goes_out_at_once_whatever_it_had_been_scheduled_for()
    {
        var world = new CampaignWorld();
        await world.SubscribeAsync(0, 5);
        var campaign = await world.LaunchAsync(
            d => d with
            {
                Schedule = new CampaignSchedule(new DateTime(2026, 11, 25, 9, 0, 0), CampaignSchedule.Recipient, "Europe/Berlin"),
            });
        Assert.Null(campaign.Definition.Schedule); // It would tell of a time that nothing happened at.
        Assert.Equal(5, (await world.CompleteAsync(campaign.Id)).Sent);
    }

    [Fact]
    public async Task Subjects_are_tried_on_a_share_first_and_the_rest_gets_the_winner()
    {
        var world = new CampaignWorld(o => o.Campaigns.ComplaintSample = 100_000);
        await world.SubscribeAsync(0, 200);
        var test = new SubjectTest(
            ["Loud", "Quiet for {{ contact.locale | default: 'all' }}"], 40, TimeSpan.FromMinutes(10), SubjectMeasure.Unsubscribes);
        var campaign = await world.LaunchAsync(d => d with { SubjectTest = test });
        await world.PassAsync(TimeSpan.FromMinutes(2));
        var tried = world.Provider.Emails.ToList();
        Assert.InRange(tried.Count, 50, 110);
        Assert.InRange(tried.Count(e => e.Subject == "Loud"), 15, tried.Count - 15);
        Assert.All(tried, e => Assert.True(e.Subject is "Loud" or "Quiet for all", e.Subject));
        foreach (var loud in tried.Where(e => e.Subject == "Loud").Take(5))
            await world.ReportAsync(campaign.Id, CoreProduct.Email(loud.To), "", ProviderReports.Complaint);
        await world.PassAsync(TimeSpan.FromMinutes(9), TimeSpan.FromSeconds(20));
        var stats = await world.CompleteAsync(campaign.Id);
        Assert.Equal((200, 200), (stats.Selected, stats.Sent));
        Assert.Equal(1, (await world.Desk.FindAsync(campaign.Id, default))!.Winner);
        Assert.All(world.Provider.Emails.Skip(tried.Count), e => Assert.Equal("Quiet for all", e.Subject));
        Assert.Equal([(5L, false), (0L, true)], stats.Subjects.Select(s => (s.Complained, s.Winner)));
        Assert.Equal(200, world.Provider.Emails.DistinctBy(e => e.To).Count());
    }

    [Fact]
    public async Task Where_nobody_reports_opens_the_first_subject_is_taken_and_called_no_winner()
    {
        var world = new CampaignWorld();
        await world.SubscribeAsync(0, 60);
        var campaign = await world.LaunchAsync(d => d with { SubjectTest = new SubjectTest(["One", "Two"], 40, TimeSpan.FromMinutes(1)) });
        await world.PassAsync(TimeSpan.FromSeconds(30));
        await world.OptOutAsync(CoreProduct.Email(world.Provider.Emails.First(e => e.Subject == "Two").To));
        var stats = await world.CompleteAsync(campaign.Id);
        Assert.Equal([(true, false), (false, false)], stats.Subjects.Select(s => (s.Chosen, s.Winner)));
        Assert.True((await world.Desk.FindAsync(campaign.Id, default))! is { Winner: 0, Unmeasured: true });
    }

    [Fact]
    public async Task P9_A_deferred_recipient_is_counted_with_its_reason_and_the_campaign_is_not_complete_before_its_turn()
    {
        var world = new CampaignWorld(o => (o.Sending.MarketingCapCount, o.Sending.MarketingCapDays) = (1, 1));
        await world.SubscribeAsync(0, 10);
        var first = await world.LaunchAsync();
        Assert.Equal(10, (await world.CompleteAsync(first.Id)).Sent);
        var second = await world.LaunchAsync();
        await world.PassAsync(TimeSpan.FromMinutes(1));
        var stats = await world.StatsAsync(second.Id);
        Assert.Equal((CampaignStatus.Running, 10, 10L), (stats.Status, (int)stats.Deferred, stats.DeferredBy["frequency-cap"]));
        await world.PassAsync(TimeSpan.FromHours(25), TimeSpan.FromMinutes(10));
        Assert.Equal(
            (CampaignStatus.Completed, 10), ((await world.StatsAsync(second.Id)).Status, (int)(await world.StatsAsync(second.Id)).Sent));
        Assert.Equal(20, world.Provider.Emails.Count);
    }
}
