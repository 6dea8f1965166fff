using System.Net;
using Microsoft.Playwright;
using Notifications.Access;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Unsubscribe;

namespace Notifications.Tests.ConsolePages;

/// <summary>The console names things as it shows them, takes what it writes, and says what it does not do.</summary>
public sealed class ConsoleWordsTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task A_check_of_every_row_ends_as_a_check_and_says_that_nothing_was_written()
    {
        var browser = await product.SignedInAsync("checks", Scope.Contacts);
        async Task<Screen> UploadAsync(string act)
        {
            using var upload = new MultipartFormDataContent
            {
                { new StringContent(browser.Token!), "form" },
                { new StringContent(act), "act" },
                {
                    new ByteArrayContent("email,topic,status,locale\nchecked@words.example,newsletter,unsubscribed,de_DE\n"u8.ToArray()),
                    "file", "people.csv"
                },
            };
            var taken = await browser.SendAsync(HttpMethod.Post, "/console/imports", upload);
            await product.WorkAsync();
            return await browser.GetAsync(taken.Location!);
        }

        var looked = await UploadAsync("validate");
        string[] says = ["Checked, nothing was written", "Would be accepted", "Would be rejected", "Rows with columns passed over"];
        foreach (var words in says) Assert.Contains(words, looked.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(">Accepted<", looked.Text, StringComparison.Ordinal);
        Assert.Contains("/errors\">What was wrong, row by row (CSV)</a>", looked.Text, StringComparison.Ordinal);
        var done = await UploadAsync("import");
        Assert.Contains(">Accepted<", done.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("nothing was written", done.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1,000", 1000)]
    [InlineData("1,250,000", 1_250_000)]
    [InlineData("1000", 1000)]
    [InlineData("1,00", null)]
    [InlineData("1,5", null)]
    [InlineData(",000", null)]
    public async Task A_rate_is_taken_as_the_console_writes_it_and_what_could_be_another_number_is_not(string typed, int? perHour)
    {
        var browser = await product.SignedInAsync("rates", Scope.Campaigns);
        var saved = await browser.PostAsync(
            "/console/campaigns/new", ("name", "Rate"), ("topic", "newsletter"), ("channel", "email"), ("template", "newsletter"),
            ("per-hour", typed), ("act", "save"));
        Assert.Equal(perHour is null ? HttpStatusCode.BadRequest : HttpStatusCode.SeeOther, saved.Status);
        if (perHour is null) return;
        var id = saved.Location!.Split('/', '?')[3];
        var campaign = await product.Get<CampaignDesk>().FindAsync(id, default);
        Assert.Equal(perHour, campaign!.Definition.Throttle!.PerHour);
    }

    [Fact]
    public async Task R31_What_is_wrong_with_a_rights_request_is_said_at_its_fields()
    {
        var refused = await (await product.SignedInAsync("rights", Scope.Privacy)).PostAsync(
            "/console/requests", ("type", "rectification"), ("who", "rita@words.example"), ("receivedAt", "2031-01-01T10:00"),
            ("locale", "de_DE"), ("timeZone", "Mars"), ("newAddress", "nobody"));
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        var page = refused.Document;
        foreach (var name in (string[])["receivedAt", "locale", "timeZone", "newAddress"])
            Assert.StartsWith("must ", page.QuerySelector($"#{name}-hint.fault")!.TextContent, StringComparison.Ordinal);
        Assert.True(page.QuerySelector("#newAddress")!.Closest("details")!.HasAttribute("open"));
    }

    [Fact]
    public async Task The_data_to_try_a_template_with_stand_after_it_was_saved_and_sending_the_save_again_saves_nothing()
    {
        var browser = await product.SignedInAsync("tries", Scope.Campaigns);
        (string, string)[] typed =
            [
                ("name", "tried"), ("channel", "email"), ("locale", "en"), ("topic", "newsletter"), ("subject", "Hello"),
                ("html", "<p>{{ data.title }}</p>"), ("layout", "standard"), ("data", """{"title":"Spring is here"}"""), ("act", "save"),
            ];
        var saved = await browser.PostAsync("/console/templates/new", typed);
        const string path = "/console/templates/tried:email:en";
        Assert.Equal(HttpStatusCode.OK, saved.Status);
        Assert.Contains("<p class=\"said\" role=\"status\">Saved, with warnings", saved.Text, StringComparison.Ordinal);
        var stands = saved.Fields(path);
        Assert.Equal(("1", """{"title":"Spring is here"}"""), (stands["seen"], stands["data"]));
        Assert.Contains("srcdoc=", saved.Text, StringComparison.Ordinal);
        Assert.Contains("Spring is here&lt;", saved.Text, StringComparison.Ordinal);

        var again = await browser.PostAsync(path, stands, ("html", "<p>{{ data.title }}!</p>"), ("act", "save"));
        Assert.Equal((HttpStatusCode.OK, "2"), (again.Status, again.Fields(path)["seen"]));
        var repeated = await browser.PostAsync(path, stands, ("act", "save"));
        Assert.Equal(HttpStatusCode.BadRequest, repeated.Status);
        Assert.Contains("was saved by somebody else meanwhile", repeated.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<p><img src=\"https://cdn.example/a.png\" alt=\"A\"></p>", true)]
    [InlineData("<p>Only words</p>", false)]
    public async Task A_preview_says_that_it_loads_no_images_from_elsewhere_where_there_are_any(string html, bool says)
    {
        var shown = await (await product.SignedInAsync("images", Scope.Campaigns)).PostAsync(
            "/console/templates/new", ("name", "images"), ("channel", "email"), ("locale", "en"), ("topic", "newsletter"),
            ("subject", "Hello"), ("html", html), ("layout", "standard"), ("act", "preview"));
        Assert.Contains("srcdoc=", shown.Text, StringComparison.Ordinal);
        Assert.Equal(says, shown.Text.Contains("Images from elsewhere are not loaded here", StringComparison.Ordinal));
    }
}

/// <summary>The same in Chromium: where words and frames stand.</summary>
public sealed class ConsoleLooksTests(PublicSite site, Browser browser) : IClassFixture<PublicSite>, IClassFixture<Browser>
{
    private async Task<IPage> SignedInAsync(string name, int width)
    {
        var page = await browser.PageAsync(width);
        await site.SignInAsync(page, name, Scope.All);
        return page;
    }

    [BrowserFact]
    public async Task R57_A_link_that_is_an_address_is_underlined_and_a_badge_of_two_lines_holds_its_words()
    {
        await site.BlockAsync("underlined@words.example");
        var page = await SignedInAsync("underlined", 1280);
        await site.OpenAsync(page, "/console/blocked");
        Assert.Contains(
            "underline",
            await page.Locator("a > .address").First.EvaluateAsync<string>("a => getComputedStyle(a).textDecorationLine"),
            StringComparison.Ordinal);
        var round = await page.Locator(".badge").First.EvaluateAsync<double>("b => parseFloat(getComputedStyle(b).borderTopLeftRadius)");
        Assert.InRange(round, 8, 16);
        await page.Context.CloseAsync();
    }

    [BrowserFact]
    public async Task R57_On_a_phone_what_is_wrong_with_a_template_stands_above_its_form_and_the_button_to_sign_out_beside_the_brand()
    {
        foreach (var (width, above) in ((int, bool)[])[(320, true), (1280, false)])
        {
            var page = await SignedInAsync("lettera" + width, width);
            await site.OpenAsync(page, "/console/templates/new");
            await page.Locator("#name").FillAsync("broken-phone");
            await page.Locator("#html").FillAsync("<h1>{{ data.title </h1>");
            await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
            await page.GetByText("It was not saved: these errors must be mended first.").WaitForAsync();
            var (found, form) = (await TopAsync(page, ".findings"), await TopAsync(page, ".editor > form"));
            Assert.Equal(above, found < form);
            Assert.InRange(found, 0, 640);
            Assert.InRange(await TopAsync(page, ".who button") - await TopAsync(page, ".bar .brand"), -40, 40);
            await page.Context.CloseAsync();
        }

        static Task<double> TopAsync(IPage page, string of) =>
            page.Locator(of).First.EvaluateAsync<double>("e => e.getBoundingClientRect().top");
    }

    [BrowserFact]
    public async Task R57_The_words_somebody_agreed_to_are_readable_at_320_pixels()
    {
        var key = await site.PersonAsync("narrow@words.example");
        var topic = site.Get<TopicCatalog>().Find(TopicKey.Newsletter)!;
        await site.Get<ConsentDesk>().OptInAsync(
            CoreProduct.Email("narrow@words.example"), topic,
            new LedgerDraft(LedgerAction.OptIn, topic.Key, "form", "person")
            {
                PolicyVersion = "2026-01",
                Wording = "Send me the newsletter with news of the lockers.",
                Evidence = """{"ip":"203.0.113.7"}""",
            },
            confirmed: true, "en", default);
        var page = await SignedInAsync("narrow", 320);
        await site.OpenAsync(page, "/console/people/" + key.Value);
        await page.EvaluateAsync("document.querySelectorAll('details').forEach(d => d.open = true)");
        var narrowest = await page.EvaluateAsync<double>(
            "Math.min(...[...document.querySelectorAll('.grid .facts > div')].map(d => d.getBoundingClientRect().width))");
        Assert.InRange(narrowest, 120, 320);
        await page.Context.CloseAsync();
    }
}
