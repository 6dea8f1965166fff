using MailKit.Net.Smtp;
using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Campaigns;
using Notifications.Events;
using Notifications.Sending;
using Notifications.Smtp;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Campaigns;

/// <summary>The reasons for which a campaign pauses by itself: complaints, bounces, and a provider that refuses or is away.</summary>
public sealed class SelfPauseTests
{
    [Fact]
    public async Task R19_Too_many_complaints_pause_the_campaign_with_reason_alert_and_audit()
    {
        var world = new CampaignWorld();
        await world.SubscribeAsync(0, 300);
        var campaign = await world.LaunchAsync(d => d with { Throttle = new CampaignThrottle(3600) });
        await world.PassAsync(TimeSpan.FromSeconds(40));
        Assert.Equal(CampaignStatus.Running, (await world.StatsAsync(campaign.Id)).Status);
        foreach (var email in world.Provider.Emails.Take(2).ToList())
            await world.ReportAsync(campaign.Id, CoreProduct.Email(email.To), "", ProviderReports.Complaint);
        await world.PassAsync(TimeSpan.FromSeconds(15));
        var sent = world.Provider.Emails.Count;
        await world.PassAsync(TimeSpan.FromSeconds(30));
        var stats = await world.StatsAsync(campaign.Id);
        Assert.Equal((CampaignStatus.Paused, 2, sent), (stats.Status, (int)stats.Complained, world.Provider.Emails.Count));
        var hold = (await world.Desk.FindAsync(campaign.Id, default))!.Hold!;
        Assert.Contains("called spam", hold.Why, StringComparison.Ordinal);
        Assert.Contains(await world.Get<OperatorAlerts>().TodayAsync(default), a => a.Kind == "campaign-paused");
        Assert.Contains(
            await world.Get<AuditLog>().ListAsync(0, 100, default), e => e.Action == "campaign.pause" && e.Actor == CampaignStops.Itself);
    }

    [Fact]
    public async Task R20_Hard_and_soft_bounces_are_counted_apart_and_too_many_pause_the_campaign()
    {
        var world = new CampaignWorld(o => o.Campaigns.BounceSample = 20);
        await world.SubscribeAsync(0, 300);
        var campaign = await world.LaunchAsync(d => d with { Throttle = new CampaignThrottle(3600) });
        await world.PassAsync(TimeSpan.FromSeconds(40));
        foreach (var email in world.Provider.Emails.Take(6).ToList())
            await world.ReportAsync(campaign.Id, CoreProduct.Email(email.To), "Bounced");
        await world.PassAsync(TimeSpan.FromSeconds(20));
        var stats = await world.StatsAsync(campaign.Id);
        Assert.Equal((CampaignStatus.Paused, 6, 6), (stats.Status, (int)stats.Bounced, (int)stats.BouncedBy["hard"]));
    }

    [Fact]
    public async Task R20_Mailboxes_that_refuse_at_the_hand_off_are_suppressed_and_too_many_pause_the_campaign_as_bounces_that_are_reported_do()
    {
        var world = new CampaignWorld(o => o.Campaigns.BounceSample = 20);
        await world.SubscribeAsync(0, 300);
        world.Provider.Answer =
            email =>
                ValueTask.FromResult(
                    email.To.EndsWith("7@example.com", StringComparison.Ordinal)
                        ? SmtpOutcomes.Of(
                            new SmtpCommandException(
                                SmtpErrorCode.RecipientNotAccepted, SmtpStatusCode.MailboxUnavailable, "5.1.1 no such user"),
                            dataBegun: false)!.Value
                        : HandOff.Accepted(null));
        var campaign = await world.LaunchAsync(d => d with { Throttle = new CampaignThrottle(3600) });
        await world.PassAsync(TimeSpan.FromSeconds(120));
        var stats = await world.StatsAsync(campaign.Id);
        var refused = world.Provider.Emails.Count(e => e.To.EndsWith("7@example.com", StringComparison.Ordinal));
        Assert.Equal((CampaignStatus.Paused, refused), (stats.Status, (int)stats.BouncedBy["hard"]));
        Assert.Equal(refused, (await world.Get<Suppressions>().ListAsync(null, 1000, default)).Count);
    }

    [Fact]
    public async Task R19_A_provider_that_refuses_a_share_for_good_pauses_the_campaign_before_it_is_used_up()
    {
        foreach (var (refuses, people) in ((Func<string, bool>, int)[])[
            (_ => true, 200), (to => to.Contains("7@", StringComparison.Ordinal), 300),
        ])
        {
            var world = new CampaignWorld(o => o.Campaigns.BounceSample = 50);
            await world.SubscribeAsync(0, people);
            world.Provider.Answer = email => ValueTask.FromResult(refuses(email.To) ? HandOff.Rejected("no") : HandOff.Accepted(null));
            var campaign = await world.LaunchAsync(d => d with { Throttle = new CampaignThrottle(3600) });
            await world.PassAsync(TimeSpan.FromSeconds(250));
            var stats = await world.StatsAsync(campaign.Id);
            Assert.Equal(CampaignStatus.Paused, stats.Status);
            Assert.InRange(stats.Failed, 20, 60);
            Assert.Contains("refused", (await world.Desk.FindAsync(campaign.Id, default))!.Hold!.Why, StringComparison.Ordinal);
            Assert.Contains(await world.Get<OperatorAlerts>().TodayAsync(default), a => a.Kind == "campaign-paused");
        }
    }

    [Fact]
    public async Task P5_A_provider_that_is_away_pauses_the_campaign_and_after_it_is_back_resuming_reaches_everyone_once()
    {
        var world = new CampaignWorld();
        await world.SubscribeAsync(0, 300);
        var away = true;
        var taken = new List<string>();
        world.Provider.Answer = email =>
        {
            if (away) return ValueTask.FromResult(HandOff.Unavailable("away", TimeSpan.FromMinutes(1)));
            lock (taken) taken.Add(email.To);
            return ValueTask.FromResult(HandOff.Accepted(null));
        };
        var campaign = await world.LaunchAsync();
        await world.PassAsync(TimeSpan.FromSeconds(10));
        var stats = await world.StatsAsync(campaign.Id);
        Assert.Equal(CampaignStatus.Paused, stats.Status);
        Assert.Contains("does not take messages", (await world.Desk.FindAsync(campaign.Id, default))!.Hold!.Why, StringComparison.Ordinal);
        away = false;
        await world.PassAsync(TimeSpan.FromMinutes(3), TimeSpan.FromSeconds(10));
        Assert.Empty(taken);
        await world.Desk.ResumeAsync(campaign.Id, "service:test", default);
        stats = await world.CompleteAsync(campaign.Id);
        Assert.Equal((300, 300), (stats.Selected, stats.Sent));
        Assert.Equal((300, 300), (taken.Count, taken.Distinct().Count()));
    }
}
