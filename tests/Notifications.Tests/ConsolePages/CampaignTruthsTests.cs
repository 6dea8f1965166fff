using System.Net;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Templates;
using Notifications.Tests.Campaigns;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Templates;
using Notifications.Tests.Unsubscribe;

namespace Notifications.Tests.ConsolePages;

/// <summary>
/// What the screens of campaigns, lists, segments and templates say is so, and what their keys and fields do is what is meant.
/// </summary>
public sealed class CampaignTruthsTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private Task<Campaign> DraftAsync(string template = "newsletter", string? list = null) =>
        product.Get<CampaignDesk>().DraftAsync("Truth", d => d with { Template = template, Audience = d.Audience with { List = list } });

    [Fact]
    public async Task P2_Of_whom_nothing_is_decided_it_is_said_and_the_sent_are_all_that_the_report_calls_sent()
    {
        var campaign = await DraftAsync();
        Outcome[] outcomes =
            [
                default, new(MessageStatus.Queued, Reason.ProviderUnavailable), new(MessageStatus.Sent, Reason.Allowed),
                new(MessageStatus.Delivered, Reason.Allowed), new(MessageStatus.Bounced, Reason.SuppressedBounce),
                new(MessageStatus.Skipped, Reason.Unsubscribed),
            ];
        var bytes = new byte[outcomes.Length * Outcome.Bytes];
        for (var i = 0; i < outcomes.Length; i++) outcomes[i].Write(bytes, i);
        var keys = new byte[outcomes.Length * AddressKey.Bytes];
        new Random(7).NextBytes(keys);
        keys[2 * AddressKey.Bytes] = 0xF8; // The key of the one that is sent begins with a hyphen.
        var name = Rows.BatchName("0", 0);
        await product.Get<ITableStore>().CommitAsync(
            Tables.Campaigns, campaign.Id,
            [
                RowChange.Insert(Rows.Batch(name), new BatchRow { Size = outcomes.Length, Outcomes = bytes }, CoreJson.Default.BatchRow),
                RowChange.Insert(Rows.Members(name), keys),
            ]);

        var browser = await product.SignedInAsync("truth-recipients", Scope.Campaigns);
        var path = $"/console/campaigns/{campaign.Id}/recipients";
        string[] Told(Screen screen) =>
            [.. screen.Document.QuerySelectorAll("tbody tr td[data-label='Why']").Select(c => c.TextContent)];
        var told = Told(await browser.GetAsync(path));
        Assert.Equal(
            [
                "It waits for its turn; nothing is decided yet.", "The provider did not take it yet, or its template may not be sent as it is; it is tried again.",
                "Every rule allows it.",
            ],
            told[..3]);
        Assert.Equal(3, Told(await browser.GetAsync(path + "?status=sent")).Length);
        Assert.Equal(
            3,
            (await product.GetAsync($"/v1/campaigns/{campaign.Id}/recipients?status=sent")).Json
                .GetProperty("recipients")
                .GetArrayLength());
        Assert.Contains(
            $"href=\"{path}?status=sent\"",
            Notifications.Web.Console.CampaignProgress.Render(
                campaign, (await product.Get<CampaignDesk>().StatsAsync(campaign.Id, default))!).Value,
            StringComparison.Ordinal);

        // An id that a spreadsheet would run has a quote in front, and is found with it.
        var lines = (await browser.PostAsync(path)).Text.Split("\r\n");
        Assert.StartsWith("'-", lines[3], StringComparison.Ordinal);
        Assert.True(MessageId.TryParseCopied(lines[3].Split(',')[0], out _));
    }

    [Fact]
    public async Task A_line_that_is_wrong_is_named_by_its_number_and_a_phone_number_from_a_file_of_ours_is_one()
    {
        var list = await product.Get<StaticLists>().CreateAsync("Lines", default);
        var browser = await product.SignedInAsync("truth-lines", Scope.All);
        var path = "/console/lists/" + list.Id;
        Assert.Contains(
            "Line 4 ", (await browser.PostAsync(path, ("addresses", "\na@example.com, b@example.com\n\nnobody\n"), ("act", "add"))).Text,
            StringComparison.Ordinal);
        Assert.Contains(
            "Line 3 of the test ",
            (await browser.PostAsync($"/console/campaigns/{(await DraftAsync()).Id}/test", ("to", "\n\nnobody"))).Text,
            StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.PostAsync(path, ("addresses", "'+14155550101"), ("act", "add"))).Status);
        Assert.Equal(1, await product.Get<StaticLists>().SizeAsync(list.Id, default));
    }

    [Fact]
    public async Task Errors_of_a_campaign_and_a_segment_are_said_in_the_words_of_the_page()
    {
        var browser = await product.SignedInAsync("truth-words", Scope.Campaigns);
        (string, string)[] draft =
            [
                ("name", "Words"), ("topic", "newsletter"), ("channel", "email"), ("template", "newsletter"), ("share", "20"),
                ("decide", "60"), ("by", "opens"), ("act", "save"),
            ];
        var refused = await browser.PostAsync(
            "/console/campaigns/new",
            [.. draft, ("subject", "One"), ("subjects", "Fine\n{{ broken\n"), ("ramp-from", "10"), ("ramp-days", "3")]);
        foreach (var words in (string[])[
            "subjects-hint\" class=\"fault\">line 2 must be valid Liquid",
            "subject-hint\" class=\"fault\">must be empty where subjects are tried",
            "per-hour-hint\" class=\"fault\">is required to begin slower",
        ])
        {
            Assert.Contains(words, refused.Text, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("subjectTest", refused.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("perMinute", refused.Text, StringComparison.Ordinal);
        var schedule = await browser.PostAsync(
            $"/console/campaigns/{(await DraftAsync()).Id}/schedule", ("at", "2026-12-01T09:00"), ("clock", "recipient"), ("zone", ""),
            ("confirm", "-1"));
        Assert.Contains("zone-hint\" class=\"fault\">must be an IANA time zone", schedule.Text, StringComparison.Ordinal);
        Assert.Contains(
            "subscribedSince-hint\" class=\"fault\">must be",
            (await browser.PostAsync("/console/segments/new", ("name", "Words"), ("subscribedSince", "yesterday"), ("act", "save"))).Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_campaign_is_not_said_to_be_paused()
    {
        await product.PersonAsync("truth-paused@example.com");
        var campaign = await DraftAsync();
        var desk = product.Get<CampaignDesk>();
        Assert.True((await desk.LaunchAsync(campaign.Id, null, "test", default)).Done);
        Assert.True((await desk.PauseAsync(campaign.Id, null, "test", default)).Done);
        var browser = await product.SignedInAsync("truth-paused", Scope.Campaigns);
        var path = "/console/campaigns/" + campaign.Id;
        Assert.Contains("Paused by hand.", (await browser.GetAsync(path)).Text, StringComparison.Ordinal);
        Assert.True((await desk.CancelAsync(campaign.Id, null, "test", default)).Done);
        Assert.DoesNotContain("Paused by hand.", (await browser.GetAsync(path)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Enter_in_a_field_of_a_campaign_or_a_segment_saves_it()
    {
        var browser = await product.SignedInAsync("truth-enter", Scope.Campaigns);
        foreach (var path in (string[])["/console/campaigns/new", "/console/segments/new"])
            // HTML 4.10.21.2: the first of them is what Enter presses.
            Assert.Equal(
                "save",
                (await browser.GetAsync(path)).Document
                    .QuerySelector($"form[action='{path}'] button")!.GetAttribute("value"));
    }

    [Fact]
    public async Task P1_A_test_to_somebody_who_gets_none_is_not_said_to_be_on_its_way()
    {
        var campaign = await DraftAsync();
        await product.BlockAsync(CoreProduct.Email("truth-blocked@example.com"));
        var refused = await (await product.SignedInAsync(
            "truth-test",
            Scope.Campaigns)).PostAsync(
                $"/console/campaigns/{campaign.Id}/test", ("to", "truth-fine@example.com\ntruth-blocked@example.com"));
        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Contains("<li>truth-blocked@example.com: An operator had blocked the address.</li>", refused.Text, StringComparison.Ordinal);
        await product.WorkAsync();
        Assert.DoesNotContain(product.Sent.Emails, e => e.To.StartsWith("truth-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_launch_to_nobody_is_not_offered_and_what_a_new_campaign_proposes_can_be_saved()
    {
        var browser = await product.SignedInAsync("truth-nobody", Scope.Campaigns);
        var empty = await DraftAsync(list: (await product.Get<StaticLists>().CreateAsync("Nobody", default)).Id);
        var refused = await browser.PostAsync($"/console/campaigns/{empty.Id}/launch", ("confirm", "-1"));
        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Contains("Nobody is in the audience, so there is nothing to launch.", refused.Text, StringComparison.Ordinal);
        const string path = "/console/campaigns/new";
        Assert.Equal(
            HttpStatusCode.SeeOther,
            (await browser.PostAsync(
                path, (await browser.GetAsync(path)).Fields(path), ("name", "As proposed"), ("subjects", ""), ("act", "save"))).Status);
    }

    [Fact]
    public async Task A_version_of_a_language_that_is_gone_is_still_shown_and_what_is_scheduled_with_it_is_told_before_it_goes()
    {
        await product.Get<TemplateDesk>().SaveAsync(Letters.Newsletter("truth") with { Subject = "Hello once" }, 0, "test", default);
        var campaign = await DraftAsync("truth");
        Assert.True(
            (await product.Get<CampaignDesk>().ScheduleAsync(
                campaign.Id, new CampaignSchedule(new DateTime(2026, 12, 1, 9, 0, 0), "Etc/UTC"), null, "test", default)).Done);
        var browser = await product.SignedInAsync("truth-gone", Scope.Campaigns);
        const string path = "/console/templates/truth:email:en";
        var asked = await browser.PostAsync(path + "/delete", ("seen", "1"));
        Assert.Contains("what is scheduled with it would not launch: Truth.", asked.Text, StringComparison.Ordinal);
        Assert.Equal(
            "/console/templates?said=language-gone", (await browser.PostAsync(path + "/delete", asked.Fields(path + "/delete"))).Location);

        Assert.Contains($"href=\"{path}?version=1\"", (await browser.GetAsync(path + "/versions")).Text, StringComparison.Ordinal);
        var old = await browser.GetAsync(path + "?version=1");
        Assert.Equal(HttpStatusCode.OK, old.Status);
        Assert.Contains("The language was deleted since; saving brings it back.", old.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(path)).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.PostAsync(path, old.Fields(path), ("act", "save"))).Status);
        Assert.Contains("Hello once", (await browser.GetAsync(path)).Text, StringComparison.Ordinal);
        Assert.Contains("package.trackingNumber", old.Text, StringComparison.Ordinal);
    }
}

/// <summary>The same in Chromium: what its colours and widths make of it.</summary>
public sealed class CampaignLooksTests(PublicSite site, Browser browser) : IClassFixture<PublicSite>, IClassFixture<Browser>
{
    [BrowserFact]
    public async Task R57_A_template_is_shown_as_in_light_and_in_dark_whatever_the_marketers_own_colours_and_fits_320_pixels_and_a_long_word_hides_no_column()
    {
        const string letter =
            "<style>p { color: #111111 } @media (prefers-color-scheme: dark) { p { color: #eeeeee !important } }</style><p>Hello</p>";
        await site.Get<TemplateDesk>().SaveAsync(Letters.Newsletter("looks") with { Html = letter }, 0, "test", default);
        await site.Get<CampaignDesk>().DraftAsync(new string('W', 60), d => d with { Template = "looks" });
        var page = await browser.PageAsync(dark: true);
        await site.SignInAsync(page, "looks", Scope.Campaigns);
        await site.OpenAsync(page, "/console/templates/looks:email:en");
        foreach (var (title, colour) in new[]
        {
            ("Desktop", "rgb(17, 17, 17)"),
            ("Phone", "rgb(17, 17, 17)"),
            ("Dark", "rgb(238, 238, 238)"),
        })
            Assert.Equal(
                colour,
                await page.FrameLocator($"iframe[title={title}]")
                    .GetByText("Hello", new() { Exact = true })
                    .EvaluateAsync<string>("p => getComputedStyle(p).color"));

        await page.SetViewportSizeAsync(320, 800);
        Assert.Equal(0, await page.OverflowAsync());
        await page.SetViewportSizeAsync(1000, 800);
        await site.OpenAsync(page, "/console/campaigns");
        Assert.Equal(0, await page.Locator(".tablebox").EvaluateAsync<int>("box => box.scrollWidth - box.clientWidth"));
        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 } pictures)
            await page.ScreenshotAsync(new() { Path = Path.Combine(pictures, "long-word.png") });
        await page.Context.CloseAsync();
    }
}
