using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Privacy;
using Notifications.Sending;
using Notifications.Tests.Campaigns;
using Notifications.Tests.Sending;

namespace Notifications.Tests.Privacy;

/// <summary>Why somebody on a break, or at their cap, gets nothing: told as the send path decides.</summary>
public sealed class BreakExplainedTests
{
    private const string OnBreak =
        "The person was taking a break from marketing.", AtCap = "The person had received as many messages as allowed for now.";
    private static readonly Address Ana = CampaignWorld.Person(0);

    [Fact]
    public async Task P2_A_break_is_told_while_it_lasts_and_for_every_moment_of_it_afterwards()
    {
        var world = new CampaignWorld();
        await SubscribeAsync(world);
        var before = Pass(world);
        await BreakTests.PauseAsync(world.Get<AddressBook>(), world.Ring.KeyOf(Ana), world.Clock.GetUtcNow().AddDays(90));
        var during = Pass(world);
        Assert.Equal((Verdict.Defer, Reason.FrequencyCap, OnBreak), await WhyAsync(world, null));
        Assert.Equal((Verdict.Defer, Reason.FrequencyCap, OnBreak), await WhyAsync(world, during));
        Assert.Equal(Verdict.Allow, (await WhyAsync(world, during.AddDays(91))).Decision);

        var campaign = await world.LaunchAsync();
        await world.PumpAsync();
        var why = await world.Get<Explainer>().CampaignAsync(Ana, campaign, Newsletter(world), default);
        Assert.Equal((Verdict.Defer, OnBreak), (why.Decision, why.Text));

        await BreakTests.PauseAsync(world.Get<AddressBook>(), world.Ring.KeyOf(Ana), null);
        var ended = Pass(world);
        Assert.Equal(Verdict.Allow, (await WhyAsync(world, null)).Decision);
        Assert.Equal(Verdict.Allow, (await WhyAsync(world, ended)).Decision);
        Assert.Equal((Verdict.Defer, Reason.FrequencyCap, OnBreak), await WhyAsync(world, during));
        Assert.Equal(Verdict.Allow, (await WhyAsync(world, before)).Decision);
    }

    [Fact]
    public async Task P2_At_the_cap_it_is_said_that_nothing_would_be_sent_now()
    {
        var world = new CampaignWorld(o => o.Sending.MarketingCapCount = 1);
        await SubscribeAsync(world);
        Assert.Equal(Verdict.Allow, (await WhyAsync(world, null)).Decision);
        await world.LaunchAsync();
        await world.PumpAsync();
        Pass(world);
        Assert.Equal((Verdict.Defer, Reason.FrequencyCap, AtCap), await WhyAsync(world, null));
    }

    [Fact]
    public void P2_R52_Where_it_is_night_and_a_break_runs_both_are_told_since_the_break_is_what_lasts()
    {
        (string, Reason)[] night = [("quiet-hours", Reason.QuietHours)];
        Assert.DoesNotContain("break", Explainer.Words(Reason.QuietHours, night), StringComparison.Ordinal);
        Assert.Contains(
            "also taking a break", Explainer.Words(Reason.QuietHours, [.. night, ("pause", Reason.FrequencyCap)]), StringComparison.Ordinal);
    }

    private static Topic Newsletter(CampaignWorld world) => world.Get<TopicCatalog>().Find(TopicKey.Newsletter)!;

    private static async Task SubscribeAsync(CampaignWorld world) =>
        await world.Get<ConsentDesk>().OptInAsync(
            Ana, Newsletter(world),
            new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person") { Evidence = """{"confirmed":true}""" },
            confirmed: true, null, default);

    private static async Task<(Verdict? Decision, Reason? Reason, string Text)> WhyAsync(CampaignWorld world, DateTimeOffset? at) =>
        await world.Get<Explainer>().TopicAsync(Ana, Newsletter(world), at, default) is var why
            ? (why.Decision, why.Reason, why.Text)
            : default;

    /// <summary>This moment, which is a minute ago then.</summary>
    private static DateTimeOffset Pass(CampaignWorld world)
    {
        var now = world.Clock.GetUtcNow();
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        return now;
    }
}
