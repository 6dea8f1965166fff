using Microsoft.Playwright;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Review;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Unsubscribe;

namespace Notifications.Tests.ConsolePages;

/// <summary>Many a person presses twice what needs one press.</summary>
public sealed class DoublePressTests(PublicSite site, Browser browser) : IClassFixture<PublicSite>, IClassFixture<Browser>
{
    [BrowserFact]
    public async Task M12_R68_A_button_that_is_pressed_twice_in_a_moment_acts_once_and_a_new_key_is_shown()
    {
        var page = await browser.PageAsync();
        await site.SignInAsync(page, "presses", Scope.All);
        await site.OpenAsync(page, "/console/keys");
        await page.Locator("#name").FillAsync("pressed");
        await page.Locator("[name=scope-send]").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the key" }).DblClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "The key pressed is made" }).WaitForAsync();
        Assert.StartsWith("nk_", await page.Locator("#secret").InputValueAsync(), StringComparison.Ordinal);

        await site.OpenAsync(page, "/console/lists");
        await page.Locator("#name").FillAsync("Pressed twice");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the list" }).DblClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Pressed twice" }).WaitForAsync();
        var (lists, _) = await site.Get<StaticLists>().ListAsync(null, 100, default);
        Assert.Single(lists, l => l.Name == "Pressed twice");
    }

    [BrowserFact]
    public async Task R41_Who_presses_twice_without_scripts_is_not_told_that_somebody_else_had_decided()
    {
        var reviews = site.Get<ReviewDesk>();
        foreach (var (by, said) in ((string, string)[])[
            ("agent:decides", "Decided. It is in the ledger and in the audit."), ("agent:other", "Somebody had decided this before you"),
        ])
        {
            var at = TimeProvider.System.UtcNowMs();
            var item = new ReviewItem { Id = reviews.IdOf("twice " + by, at), Channel = Channel.Email, Text = "Enough " + by, At = at };
            await reviews.OpenAsync(item, default);
            var page = await browser.PageAsync(scripts: false);
            await site.SignInAsync(page, "decides", Scope.All);
            await site.OpenAsync(page, "/console/review");
            // The first of two presses, whose answer the browser drops for that of the second.
            Assert.Equal(ReviewResult.Done, await reviews.ResolveAsync(item.Id, ReviewVerdict.NotARevocation, by, default));
            await page.Locator($"form[action='/console/review/{item.Id}'] button[value=not-a-revocation]").ClickAsync();
            await page.GetByText(said).WaitForAsync();
        }
    }
}
