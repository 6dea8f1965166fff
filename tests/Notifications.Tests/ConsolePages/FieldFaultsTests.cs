using Microsoft.Playwright;
using Notifications.Access;
using Notifications.Templates;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Templates;
using Notifications.Tests.Unsubscribe;

namespace Notifications.Tests.ConsolePages;

/// <summary>What is wrong with a field is told while the form is filled in, and goes as it is mended.</summary>
public sealed class FieldFaultsTests(PublicSite site, Browser browser) : IClassFixture<PublicSite>, IClassFixture<Browser>
{
    private async Task<IPage> OpenAsync(string name, string path)
    {
        var page = await browser.PageAsync();
        await site.SignInAsync(page, name, Scope.All);
        await site.OpenAsync(page, path);
        return page;
    }

    private static async Task FaultAsync(IPage page, string field, string? says)
    {
        var fault = page.Locator($"#{field}-hint.fault");
        if (says is not null) await Assertions.Expect(fault).ToHaveTextAsync(says);
        else await Assertions.Expect(fault).ToHaveCountAsync(0);
        Assert.Equal(says is null ? null : "true", await page.Locator("#" + field).GetAttributeAsync("aria-invalid"));
    }

    [BrowserFact]
    public async Task The_fault_of_a_segments_field_goes_as_it_is_mended_and_comes_when_the_field_is_left()
    {
        var page = await OpenAsync("faults-segment", "/console/segments/new");
        const string wrong = "must be language tags such as de or pt-BR, and none is German";
        await page.Locator("#locale").FillAsync("German");
        await page.GetByRole(AriaRole.Button, new() { Name = "Count", Exact = true }).ClickAsync();
        await FaultAsync(page, "locale", wrong);
        await page.Locator("#locale").FillAsync("de");
        await FaultAsync(page, "locale", null);
        Assert.Equal("Such as de, pt-BR; any of them will do.", await page.Locator("#locale-hint").TextContentAsync());

        // While somebody types there, what is not finished is not wrong; nor is a name that nobody has come to yet.
        var counted = page.WaitForResponseAsync("**/console/segments/new");
        await page.Locator("#subscribedSince").FillAsync("2026-");
        await (await counted).FinishedAsync();
        await FaultAsync(page, "subscribedSince", null);
        await page.Locator("#subscribedSince").BlurAsync();
        await FaultAsync(page, "subscribedSince", "must be a date such as 2026-01-31, or a time back such as 90 days");
        await FaultAsync(page, "name", null);
        await page.Context.CloseAsync();
    }

    [BrowserFact]
    public async Task That_a_segment_says_nothing_goes_with_the_first_field_and_a_missing_name_stays_missing()
    {
        var page = await OpenAsync("faults-empty", "/console/segments/new");
        await page.Locator("#name").FillAsync(" ");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the segment" }).ClickAsync();
        await FaultAsync(page, "name", "is required");
        var nothing = page.GetByText("Fill in one of the fields at least");
        await nothing.WaitForAsync();
        await page.Locator("#tag").FillAsync("vip");
        await nothing.WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await FaultAsync(page, "name", "is required");
        await page.Context.CloseAsync();
    }

    [BrowserFact]
    public async Task A_language_that_is_none_is_told_at_the_field_of_a_new_template()
    {
        var page = await OpenAsync("faults-template", "/console/templates/new");
        await page.Locator("#locale").FillAsync("Deutsch");
        await page.Locator("#locale").BlurAsync();
        await FaultAsync(page, "locale", "must be a language tag such as en or pt-BR, and none is Deutsch");
        await page.Locator("#locale").FillAsync("de");
        await FaultAsync(page, "locale", null);
        await page.Context.CloseAsync();
    }

    [BrowserFact]
    public async Task R24_A_template_that_does_not_fit_a_campaign_is_told_as_soon_as_topic_or_template_is_chosen()
    {
        await site.Get<TemplateDesk>().SaveAsync(Letters.Newsletter("faulty"), 0, "test", default);
        var page = await OpenAsync("faults-campaign", "/console/campaigns/new");
        const string wrong = "is for Newsletter, email: choose another, or that topic and channel";
        await page.Locator("#template").SelectOptionAsync("faulty");
        await FaultAsync(page, "template", wrong);
        await page.Locator("#topic").SelectOptionAsync("newsletter");
        await FaultAsync(page, "template", null);
        Assert.Equal("Newsletter, email", await page.Locator("#template optgroup").First.GetAttributeAsync("label"));
        Assert.Equal("faulty", await page.Locator("#template").InputValueAsync());
        await page.Locator("#channel").SelectOptionAsync("sms");
        await FaultAsync(page, "template", wrong);
        await page.Context.CloseAsync();
    }
}
