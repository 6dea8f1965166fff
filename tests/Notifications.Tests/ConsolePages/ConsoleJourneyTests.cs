using Microsoft.Playwright;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Consent;
using Notifications.Review;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Unsubscribe;

namespace Notifications.Tests.ConsolePages;

/// <summary>What an operator and a marketer do all day, in Chromium, with and without scripts.</summary>
public sealed class ConsoleJourneyTests(PublicSite site, Browser browser) : IClassFixture<PublicSite>, IClassFixture<Browser>
{
    private async Task<(IPage Page, string Secret)> SignedInAsync(bool scripts)
    {
        var page = await browser.PageAsync(scripts: scripts);
        page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
        return (page, await site.SignInAsync(page, "anna", Scope.All));
    }

    private static Task PressAsync(IPage page, string name) =>
        page.Locator("main").GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).First.ClickAsync();

    [BrowserFact]
    public Task What_an_operator_does_all_day_is_done_with_scripts() => OperatorAsync(true);

    [BrowserFact]
    public Task What_an_operator_does_all_day_is_done_without_scripts() => OperatorAsync(false);

    private async Task OperatorAsync(bool scripts)
    {
        var who = scripts ? "with" : "without";
        var (page, _) = await SignedInAsync(scripts);
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

        await site.OpenAsync(page, "/console/review");
        var item = page.Locator("article", new() { HasText = email });
        await item.Locator("button[value=revoke]").ClickAsync();
        await PressAsync(page, "Stop everything");
        await page.GetByRole(AriaRole.Status).GetByText("Decided.").WaitForAsync();
        Assert.NotNull((await site.StateAsync(key)).Stopped);

        await site.OpenAsync(page, "/console/dead-letters");
        await page.Locator("main button").First.ClickAsync();
        await page.GetByRole(AriaRole.Status).GetByText("Put back on its queue.").WaitForAsync();

        await site.OpenAsync(page, "/console/keys");
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
        await site.OpenAsync(page, "/console/audit");
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
    public Task What_a_marketer_does_all_day_is_done_with_scripts() => MarketerAsync(true);

    [BrowserFact]
    public Task What_a_marketer_does_all_day_is_done_without_scripts() => MarketerAsync(false);

    private async Task MarketerAsync(bool scripts)
    {
        var who = scripts ? "with" : "without";
        var (page, _) = await SignedInAsync(scripts);

        // Import: the columns and the first rows are shown before anything is kept; with scripts as soon as the file is chosen.
        var file = $"email,topic,status,source,policyVersion,wording,at,confirmed,tags\n"
            + string.Concat(Enumerable.Range(
                0,
                30).Select(
                    i => $"m{i}-{who}@example.com,newsletter,subscribed,shop,2026-01-01,Yes please,2026-06-01T10:00:00Z,true,{who}\n"))
            + "broken,newsletter,subscribed,shop,2026-01-01,Yes,2026-06-01T10:00:00Z,true,x\n";
        var upload = new FilePayload { Name = "people.csv", MimeType = "text/csv", Buffer = System.Text.Encoding.UTF8.GetBytes(file) };
        await site.OpenAsync(page, "/console/imports");
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
        await site.OpenAsync(page, "/console/segments/new");
        await page.Locator("#name").FillAsync("Imported " + who);
        await page.Locator("#among").SelectOptionAsync("newsletter/email");
        await page.Locator("#tag").FillAsync(who);
        if (!scripts) await PressAsync(page, "Count");
        await page.Locator("#count .stat", new() { HasText = "In the audience" }).GetByText("30", new() { Exact = true }).WaitForAsync();
        await PressAsync(page, "Make the segment");
        await page.GetByRole(AriaRole.Heading, new() { Name = "Imported " + who }).WaitForAsync();
        Assert.Equal(who, await page.Locator("#tag").InputValueAsync());
        await site.OpenAsync(page, "/console/templates/new");
        await page.Locator("#name").FillAsync("spring-" + who);
        await page.Locator("#topic").SelectOptionAsync("newsletter");
        await page.Locator("#subject").FillAsync("Spring is here");
        await page.Locator("#html").FillAsync("<h1>Spring</h1><p>Lockers stay open all night.</p>");
        if (!scripts) await PressAsync(page, "Check and preview");
        await page.FrameLocator("iframe[title=Desktop]").GetByRole(AriaRole.Heading, new() { Name = "Spring" }).WaitForAsync();
        await PressAsync(page, "Save");
        await page.GetByRole(AriaRole.Status).GetByText("Saved").WaitForAsync();

        // Campaign: draft, count, dry run, test, schedule, launch, watch, pause, resume, report.
        await site.OpenAsync(page, "/console/campaigns/new");
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
}
