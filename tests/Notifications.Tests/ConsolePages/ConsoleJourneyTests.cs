using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Audit;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Imports;
using Notifications.Local.Demo;
using Notifications.Privacy;
using Notifications.Review;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Unsubscribe;
using Notifications.Web.Console;
using Xunit.Abstractions;

namespace Notifications.Tests.ConsolePages;

/// <summary>
/// What an operator and a marketer do all day, in Chromium, with and without scripts. With <c>SCREENSHOTS</c> set, each screen is kept as a
/// picture.
/// </summary>
public sealed class ConsoleJourneyTests(PublicSite site, Browser browser, ITestOutputHelper output)
    : IClassFixture<PublicSite>, IClassFixture<Browser>
{
    private async Task<(IPage Page, string Secret)> SignedInAsync(int width = 1280, bool dark = false, bool scripts = true)
    {
        var (_, secret) = await site.Get<ApiKeys>().CreateAsync("anna", Scope.All, default);
        var page = await browser.PageAsync(width, dark: dark, scripts: scripts);
        page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
        await OpenAsync(page, "/console");
        await page.Locator("#key").FillAsync(secret);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Today", Exact = true }).WaitForAsync();
        return (page, secret);
    }

    private Task<IResponse?> OpenAsync(IPage page, string path) => page.GotoAsync(new Uri(site.Url, path).ToString());

    private static Task PressAsync(IPage page, string name) =>
        page.Locator("main").GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).First.ClickAsync();

    [BrowserFact]
    public Task The_operators_day_with_scripts() => OperatorAsync(true);

    [BrowserFact]
    public Task The_operators_day_without_scripts() => OperatorAsync(false);

    private async Task OperatorAsync(bool scripts)
    {
        var who = scripts ? "with" : "without";
        var (page, _) = await SignedInAsync(scripts: scripts);
        var email = $"operator-{who}@example.com";
        var key = await site.PersonAsync(email);
        var reviews = site.Get<ReviewDesk>();
        var at = TimeProvider.System.UtcNowMs();
        await reviews.OpenAsync(
            new ReviewItem
            {
                Id = reviews.IdOf("event-" + who, at),
                Channel = Channel.Email,
                AddressKey = key.Value,
                From = email,
                Text = "Enough of this, thank you",
                At = at,
            },
            default);
        await site.Get<DeadLetters>().KeepAsync(
            Queues.Inbound, System.Text.Encoding.UTF8.GetBytes("nothing that is understood " + who), 5, default);

        // Look somebody up: the address is typed, and stands in no URL (R61).
        await page.Locator("#find").FillAsync(email);
        await page.Locator(".find button").ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = email }).WaitForAsync();
        Assert.EndsWith("/console/people/" + key.Value, page.Url, StringComparison.Ordinal);
        await page.GetByText("Verified").WaitForAsync();

        // R42: they have called.
        await page.Locator("select[name=topic]").Last.SelectOptionAsync(TopicKey.Newsletter);
        await page.Locator("form[action$='/stop'] [name=note]").FillAsync("Called at ten");
        await PressAsync(page, "Record the stop");
        await page.GetByRole(AriaRole.Status).GetByText("Recorded.").WaitForAsync();
        Assert.Equal(SubscriptionStatus.Unsubscribed, (await site.StateAsync(key)).StatusOf(TopicKey.Newsletter));
        var entry = (await site.LedgerAsync(key))[^1];
        Assert.Equal(("agent:anna", "console-phone", "Called at ten"), (entry.Detail!.Actor, entry.Detail.Source, entry.Detail.Wording));

        await OpenAsync(page, "/console/review");
        var item = page.Locator("article", new() { HasText = email });
        await item.Locator("button[value=revoke]").ClickAsync();
        await PressAsync(page, "Stop everything");
        await page.GetByRole(AriaRole.Status).GetByText("Decided.").WaitForAsync();
        Assert.NotNull((await site.StateAsync(key)).Stopped);

        await OpenAsync(page, "/console/dead-letters");
        await page.Locator("main button").First.ClickAsync();
        await page.GetByRole(AriaRole.Status).GetByText("Put back on its queue.").WaitForAsync();

        await OpenAsync(page, "/console/keys");
        await page.Locator("#name").FillAsync("rotated-" + who);
        await page.Locator("[name=scope-send]").CheckAsync();
        await PressAsync(page, "Make the key");
        var secret = await page.Locator("#secret").InputValueAsync();
        Assert.True((await site.Get<ApiKeys>().FindAsync(secret, default))!.May(Scope.Send));
        await page.GetByRole(AriaRole.Link, new() { Name = "I have kept it" }).ClickAsync();
        Assert.DoesNotContain(secret, await page.ContentAsync(), StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke: rotated-" + who }).ClickAsync();
        await PressAsync(page, "Revoke rotated-" + who);
        await page.GetByRole(AriaRole.Status).GetByText("The key is revoked.").WaitForAsync();
        Assert.NotNull((await site.Get<ApiKeys>().FindAsync(secret, default))!.RevokedAt);

        // R68: each of it is in the audit, with what was before and after, and the chain holds.
        await OpenAsync(page, "/console/audit");
        await page.GetByText("The chain of this page holds").WaitForAsync();
        await PressAsync(page, "Verify the whole chain now");
        await page.GetByText("The whole chain holds").WaitForAsync();
        var audit = site.Get<AuditLog>();
        var acts = (await audit.ListAsync(0, 1000, default)).Where(a => a.Actor == "agent:anna").ToList();
        foreach (var act in new[]
        {
            "consent.revoke",
            "review.decide",
            "dead-letter.replay",
            "key.create",
            "key.revoke",
            "console.sign-in",
        })
        {
            Assert.Contains(acts, a => a.Action == act);
        }

        Assert.Contains(
            acts, a => a is { Action: "consent.revoke", Before: "subscribed", After: "unsubscribed" } && a.Subject == key.Value);
        await page.Context.CloseAsync();
    }

    [BrowserFact]
    public Task The_marketers_day_with_scripts() => MarketerAsync(true);

    [BrowserFact]
    public Task The_marketers_day_without_scripts() => MarketerAsync(false);

    private async Task MarketerAsync(bool scripts)
    {
        var who = scripts ? "with" : "without";
        var (page, _) = await SignedInAsync(scripts: scripts);

        // Import: the columns and the first rows are shown before anything is kept; with scripts as soon as the file is chosen.
        var file = $"email,topic,status,source,policyVersion,wording,at,confirmed,tags\n"
            + string.Concat(Enumerable.Range(
                0,
                30).Select(
                    i => $"m{i}-{who}@example.com,newsletter,subscribed,shop,2026-01-01,Yes please,2026-06-01T10:00:00Z,true,{who}\n"))
            + "broken,newsletter,subscribed,shop,2026-01-01,Yes,2026-06-01T10:00:00Z,true,x\n";
        var upload = new FilePayload { Name = "people.csv", MimeType = "text/csv", Buffer = System.Text.Encoding.UTF8.GetBytes(file) };
        await OpenAsync(page, "/console/imports");
        await page.Locator("#file").SetInputFilesAsync(upload);
        if (!scripts) await PressAsync(page, "Go on");
        await page.GetByRole(AriaRole.Heading, new() { Name = "The first rows" }).WaitForAsync();
        Assert.Equal("tags", await page.GetByLabel("tags is read as").InputValueAsync());
        await page.Locator("[name=act][value=import]").CheckAsync();
        if (!scripts) await page.Locator("#file").SetInputFilesAsync(upload);
        await PressAsync(page, "Go on");
        await page.Locator("h1 .badge", new() { HasText = "completed" }).WaitForAsync(); // The page loads itself again until then.
        await page.GetByText("30 of 31 rows").Or(page.GetByText("31 of 31 rows")).First.WaitForAsync();
        await page.GetByText("What was wrong, row by row").WaitForAsync();

        // Segment, template with its preview.
        await OpenAsync(page, "/console/segments/new");
        await page.Locator("#name").FillAsync("Imported " + who);
        await page.Locator("#among").SelectOptionAsync("newsletter/email");
        await page.Locator("#tag").FillAsync(who);
        if (!scripts) await PressAsync(page, "Count");
        await page.Locator("#count .stat", new() { HasText = "In the audience" }).GetByText("30", new() { Exact = true }).WaitForAsync();
        await PressAsync(page, "Make the segment");
        await page.GetByRole(AriaRole.Heading, new() { Name = "Imported " + who }).WaitForAsync();
        Assert.Equal(who, await page.Locator("#tag").InputValueAsync());
        await OpenAsync(page, "/console/templates/new");
        await page.Locator("#name").FillAsync("spring-" + who);
        await page.Locator("#topic").SelectOptionAsync("newsletter");
        await page.Locator("#subject").FillAsync("Spring is here");
        await page.Locator("#html").FillAsync("<h1>Spring</h1><p>Lockers stay open all night.</p>");
        if (!scripts) await PressAsync(page, "Check and preview");
        await page.FrameLocator("iframe[title=Desktop]").GetByRole(AriaRole.Heading, new() { Name = "Spring" }).WaitForAsync();
        await PressAsync(page, "Save");
        await page.GetByRole(AriaRole.Status).GetByText("Saved").WaitForAsync();

        // Campaign: draft, count, dry run, test, schedule, launch, watch, pause, resume, report.
        await OpenAsync(page, "/console/campaigns/new");
        await page.Locator("#name").FillAsync("Spring " + who);
        await page.Locator("#topic").SelectOptionAsync("newsletter");
        await page.Locator("#template").SelectOptionAsync("spring-" + who);
        await page.Locator("#per-hour").FillAsync("3600");
        await page.Locator("#segment").SelectOptionAsync(new SelectOptionValue { Label = "Imported " + who });
        if (!scripts) await PressAsync(page, "Count the audience");
        await page.Locator("#count .stat", new() { HasText = "In the audience" }).GetByText("30", new() { Exact = true }).WaitForAsync();
        await PressAsync(page, "Save the draft");
        await PressAsync(page, "Dry run");
        await page.GetByRole(AriaRole.Status).GetByText("Counted.").WaitForAsync();
        await page.Locator("#to").FillAsync($"tester-{who}@example.com");
        await PressAsync(page, "Send the test");
        await page.GetByRole(AriaRole.Status).GetByText("The test is on its way.").WaitForAsync();
        await page.Locator(
            "#at").FillAsync(TimeProvider.System.GetUtcNow()
                .AddDays(40)
                .ToString("yyyy-MM-ddT09:00", System.Globalization.CultureInfo.InvariantCulture));
        await page.Locator("#zone").SelectOptionAsync("Europe/Lisbon");
        await PressAsync(page, "Schedule…");
        await PressAsync(page, "Yes, schedule to 30");
        await page.GetByRole(AriaRole.Status).GetByText("Scheduled.").WaitForAsync();
        await PressAsync(page, "Launch…");
        await PressAsync(page, "Yes, launch to 30");
        await page.GetByRole(AriaRole.Status).GetByText("Launched.").WaitForAsync();

        // It moves by itself: by events with scripts, by loading again without.
        await page.GetByText(new System.Text.RegularExpressions.Regex("[1-9][0-9]* of 30 settled")).WaitForAsync();
        await PressAsync(page, "Pause");
        await page.GetByRole(AriaRole.Status).GetByText("Paused.").WaitForAsync();
        await PressAsync(page, "Resume");
        await page.GetByRole(AriaRole.Status).GetByText("It goes on.").WaitForAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Forecast and outcome" }).WaitForAsync();
        await PressAsync(page, "Cancel the campaign");
        await page.GetByRole(AriaRole.Heading, new() { Name = $"Cancel the campaign Spring {who}?" }).WaitForAsync();
        await PressAsync(page, "Cancel the campaign");
        await page.GetByRole(AriaRole.Status).GetByText("Cancelled.").WaitForAsync();
        await page.GetByText("The campaign was paused or cancelled.").First.WaitForAsync();
        await page.Locator("a.stat", new() { HasText = "Selected" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Recipients" }).WaitForAsync();
        var download = await page.RunAndWaitForDownloadAsync(() => PressAsync(page, "Download as CSV"));
        using var csv = new StreamReader(await download.CreateReadStreamAsync());
        Assert.Equal(31, (await csv.ReadToEndAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        await page.Context.CloseAsync();
    }

    /// <summary>What stands for the holes of a screen's route in the demo's month.</summary>
    private async Task<Dictionary<string, string[]>> SamplesAsync()
    {
        var privacy = await site.Get<PrivacyDesk>().ListAsync(null, 10, default);
        var people = await site.Get<CampaignDesk>().RecipientsAsync(
            "de30000000000002", null, null, null, 1, default);
        Assert.True(MessageId.TryParse(people!.Recipients[0].MessageId, out var message));
        var imports = await site.Get<ImportDesk>().ListAsync(null, 10, default);
        return new(StringComparer.Ordinal)
        {
            ["/console/campaigns/{id}"] =
            [
                "/console/campaigns/de30000000000002", "/console/campaigns/de30000000000003", "/console/campaigns/de30000000000006",
            ],
            ["/console/campaigns/{id}/live"] = [], // Not a page: the events of the one above.
            ["/console/campaigns/{id}/recipients"] = ["/console/campaigns/de30000000000002/recipients"],
            ["/console/campaigns/{id}/edit"] = ["/console/campaigns/de30000000000006/edit"],
            ["/console/templates/{id}"] = ["/console/templates/monthly-letter:email:en", "/console/templates/offer-text:sms:en"],
            ["/console/templates/{id}/versions"] = ["/console/templates/monthly-letter:email:en/versions"],
            ["/console/lists/{id}"] =
            [
                "/console/lists/" + (await site.Get<StaticLists>().ListAsync(null, 1, default)).Lists[0].Id,
            ],
            ["/console/segments/{id}"] =
            [
                "/console/segments/" + (await site.Get<StoredSegments>().ListAsync(null, 1, default))[0].Id,
            ],
            ["/console/imports/{id}"] = ["/console/imports/" + imports.First(i => i.Rejected > 0).Id],
            ["/console/imports/{id}/errors"] = [], // A file.
            ["/console/people/{key}"] = ["/console/people/" + message.Address.Value],
            ["/console/people/{key}/messages/{suffix}"] = [$"/console/people/{message.Address.Value}/messages/{message.Suffix}"],
            ["/console/contacts/{id}"] = ["/console/contacts/c-1001"],
            ["/console/requests/{id}"] = ["/console/requests/" + privacy[0].Id],
            ["/console/{**rest}"] = [], // What is not there.
        };
    }

    // Words of letters that a line breaks in two, but for those of code and addresses, and for longer ones than people read at a glance.
    private const string Broken =
        """
        () => {
          const found = new Set();
          const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
          while (walk.nextNode()) {
            const text = walk.currentNode;
            if (text.parentElement.closest('code, pre, .address, .hidden, textarea, select, svg, [title]')) continue;
            for (const word of text.data.matchAll(/[\p{L}\d@._+:-]+/gu)) {
              if (!/^\p{L}{2,16}[.:]?$/u.test(word[0])) continue;
              const range = document.createRange();
              range.setStart(text, word.index);
              range.setEnd(text, word.index + word[0].length);
              if (new Set([...range.getClientRects()].map(r => Math.round(r.top))).size > 1) found.add(word[0]);
            }
          }
          return [...found];
        }
        """;

    [BrowserFact]
    public async Task R57_Axe_finds_nothing_on_any_screen_of_the_demos_month_in_light_and_dark_and_nothing_scrolls_sideways_or_breaks_a_word()
    {
        await Month.LiveAsync(site.Services);
        await Company.SeedAsync(site.Services);
        var samples = await SamplesAsync();
        (await site.Http.GetAsync("/console")).Dispose(); // The console is composed at the first request that asks for it.
        var screens = site.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(
                r => r.Metadata.GetMetadata<ConsoleRoute>() is not null
                    && r.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Contains("GET"))
            .Select(r => r.RoutePattern.RawText!);
        Assert.NotEmpty(screens);
        var paths = screens.SelectMany(pattern => pattern.Contains('{', StringComparison.Ordinal) ? samples[pattern] : [pattern]).ToList();
        var faults = new List<string>();
        var pictures = Environment.GetEnvironmentVariable("SCREENSHOTS");
        foreach (var (width, dark) in new[] { (1280, false), (320, true) })
        {
            var (page, _) = await SignedInAsync(width, dark);
            foreach (var path in paths)
            {
                var answer = await page.GotoAsync(new Uri(site.Url, path).ToString());
                if (answer!.Status != 200) faults.Add($"{path} answers {answer.Status}");
                if (pictures is { Length: > 0 })
                    await page.ScreenshotAsync(
                        new()
                        {
                            Path = Path.Combine(pictures, $"{path[1..].Replace('/', '-').Replace(':', '-')}-{width}.png"),
                            FullPage = true,
                        });
                // The narrow layout is one for all screens: a few show it.
                var looks = width == 1280 || path is "/console" or "/console/campaigns/new" or "/console/imports" or "/console/audit";
                if (looks && await Axe.FindAsync(page) is { Length: > 0 } found) faults.Add($"{path} at {width} {found}");
                var overflow = await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
                if (overflow > 0) faults.Add($"{path} at {width} scrolls sideways by {overflow}");
                if (await page.EvaluateAsync<string[]>(Broken) is { Length: > 0 } broken)
                    faults.Add($"{path} at {width} breaks {string.Join(", ", broken)}");
            }

            await page.Context.CloseAsync();
        }

        Assert.True(faults.Count == 0, string.Join("\n", faults));
    }

    [Fact]
    public async Task R31_The_request_that_runs_in_the_demos_month_is_among_the_open_ones_of_the_home()
    {
        await Month.LiveAsync(site.Services);
        var open = new List<PrivacyRequest>();
        await foreach (var request in site.Get<PrivacyRequests>().OpenAsync(default)) open.Add(request);
        Assert.Contains(open, r => r is { Type: PrivacyRight.Portability, Note: "By phone; called back at the number on file." });
    }

    [Fact]
    public async Task A_screen_of_the_demos_month_is_made_quickly()
    {
        await Month.LiveAsync(site.Services);
        var (_, secret) = await site.Get<ApiKeys>().CreateAsync("clock", Scope.All, default);
        using var http = site.Client();
        var client = new ConsoleClient(http);
        await client.SignInAsync(secret);
        foreach (var path in new[]
        {
            "/console",
            "/console/campaigns",
            "/console/campaigns/de30000000000002",
            "/console/campaigns/de30000000000002/recipients",
            "/console/audit",
            "/console/blocked",
        })
        {
            var best = TimeSpan.MaxValue;
            for (var i = 0; i < 20; i++)
            {
                var start = Stopwatch.GetTimestamp();
                Assert.Equal(System.Net.HttpStatusCode.OK, (await client.GetAsync(path)).Status);
                if (Stopwatch.GetElapsedTime(start) is var took && took < best) best = took;
            }

            output.WriteLine($"{path}: {best.TotalMilliseconds:0.0} ms at best");
            // Loosely: the machine may be busy. The aim is 50 ms, and the figure is printed.
            Assert.True(best < TimeSpan.FromMilliseconds(250), $"{path} took {best} at best of twenty");
        }
    }
}
