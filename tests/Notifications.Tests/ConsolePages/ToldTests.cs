using System.Net;
using Microsoft.Playwright;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Counting;
using Notifications.Sending;
using Notifications.Templates;
using Notifications.Tests.Campaigns;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Templates;
using Notifications.Tests.Unsubscribe;

namespace Notifications.Tests.ConsolePages;

/// <summary>What the console says is so, and no longer than it is so.</summary>
public sealed class ToldTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task A_language_that_somebody_saved_meanwhile_is_not_said_to_be_gone()
    {
        var source = Letters.Newsletter("told");
        await product.Get<TemplateDesk>().SaveAsync(source, 0, "test", default);
        await product.Get<TemplateDesk>().SaveAsync(source with { Subject = "Hello again" }, 1, "test", default);
        var browser = await product.SignedInAsync("told", Scope.Campaigns);
        var answer = await browser.PostAsync("/console/templates/told:email:en/delete", ("seen", "1"), ("sure", "yes"));
        Assert.Equal((HttpStatusCode.SeeOther, "/console/templates/told:email:en?said=stale"), (answer.Status, answer.Location));
        Assert.Contains(
            "Somebody changed it meanwhile; nothing was deleted.", (await browser.GetAsync(answer.Location!)).Text,
            StringComparison.Ordinal);

        // Where it is gone, that is said.
        await product.Get<TemplateDesk>().RemoveAsync("told", Channel.Email, "en", 2, "test", default);
        Assert.Equal(
            "/console/templates?said=gone",
            (await browser.PostAsync("/console/templates/told:email:en/delete", ("seen", "2"), ("sure", "yes"))).Location);
    }

    [Fact]
    public async Task Without_scripts_a_page_that_loads_itself_again_does_not_repeat_what_was_done()
    {
        await product.PersonAsync("told@example.com");
        var campaign = await product.Get<CampaignDesk>().DraftAsync("Told");
        await product.Get<CampaignDesk>().LaunchAsync(campaign.Id, null, "test", default);
        await product.Get<CampaignDesk>().PauseAsync(campaign.Id, null, "test", default);
        var path = "/console/campaigns/" + campaign.Id;
        var page = await (await product.SignedInAsync("told-again", Scope.Campaigns)).GetAsync(path + "?said=paused");
        Assert.Contains("Paused. No message begins", page.Text, StringComparison.Ordinal);
        Assert.Contains($"<meta http-equiv=\"refresh\" content=\"5; url={path}\">", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_the_mailboxes_refusing_at_the_hand_off_is_a_bounce_rate_of_a_half()
    {
        var statistics = product.Get<Statistics>();
        for (var i = 0; i < 4; i++)
        {
            statistics.Message(
                i < 2 ? MessageStatus.Sent : MessageStatus.Bounced, i < 2 ? Reason.Allowed : Reason.ProviderRejected, TopicKey.Promotions,
                Channel.Email);
            if (i >= 2) statistics.Report("bounce", Channel.Email);
        }

        await statistics.FlushAsync(default);
        var home = await (await product.SignedInAsync("told-home", Scope.Send)).GetAsync("/console");
        Assert.Contains(
            "<span class=\"label\">Bounces</span><strong>50.0%</strong><span class=\"note\">2 of 4;", home.Text, StringComparison.Ordinal);
        Assert.Contains("<span class=\"label\">Sent</span><strong>4</strong>", home.Text, StringComparison.Ordinal);
    }
}

/// <summary>The same in Chromium, where the page follows a campaign by its events.</summary>
public sealed class ToldInBrowserTests(PublicSite site, Browser browser) : IClassFixture<PublicSite>, IClassFixture<Browser>
{
    [BrowserFact]
    public async Task Paused_is_not_said_of_a_campaign_that_a_colleague_has_resumed()
    {
        foreach (var who in (string[])["one", "two"]) await site.PersonAsync(who + "-told@example.com");
        var desk = site.Get<CampaignDesk>();
        var campaign = await desk.DraftAsync("Told", d => d with { Throttle = new CampaignThrottle(1) });
        await desk.LaunchAsync(campaign.Id, null, "test", default);
        await desk.PauseAsync(campaign.Id, null, "test", default);
        var page = await browser.PageAsync();
        await site.SignInAsync(page, "told", Scope.Campaigns);
        await site.OpenAsync(page, $"/console/campaigns/{campaign.Id}?said=paused");
        await page.GetByRole(AriaRole.Status).GetByText("Paused.").WaitForAsync();
        Assert.True((await desk.ResumeAsync(campaign.Id, "colleague", default)).Done);
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).WaitForAsync();
        Assert.Equal(0, await page.GetByRole(AriaRole.Status).GetByText("Paused.").CountAsync());
        await page.Context.CloseAsync();
    }
}
