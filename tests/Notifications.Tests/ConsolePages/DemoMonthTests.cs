using System.Diagnostics;
using Microsoft.AspNetCore.Routing;
using Notifications.Access;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Imports;
using Notifications.Local.Demo;
using Notifications.Privacy;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Unsubscribe;
using Notifications.Web.Console;
using Xunit.Abstractions;

namespace Notifications.Tests.ConsolePages;

/// <summary>
/// Every screen of the console, full of the demo's month: in Chromium, in both colours and widths, and against the clock. With
/// <c>SCREENSHOTS</c> set, each screen is kept as a picture.
/// </summary>
public sealed class DemoMonthTests(PublicSite site, Browser browser, ITestOutputHelper output)
    : IClassFixture<PublicSite>, IClassFixture<Browser>
{
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
            var page = await browser.PageAsync(width, dark: dark);
            await site.SignInAsync(page, "anna", Scope.All);
            foreach (var path in paths)
            {
                var answer = await site.OpenAsync(page, path);
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
                var overflow = await page.OverflowAsync();
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

    /// <summary>What stands for the holes of a screen's route in the demo's month.</summary>
    private async Task<Dictionary<string, string[]>> SamplesAsync()
    {
        var privacy = await site.Get<PrivacyDesk>().ListAsync(null, 10, default);
        var people = await site.Get<CampaignDesk>().RecipientsAsync("de30000000000002", null, null, null, 1, default);
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
}
