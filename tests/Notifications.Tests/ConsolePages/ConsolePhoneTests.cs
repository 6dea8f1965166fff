using Microsoft.Playwright;
using Notifications.Access;
using Notifications.Audiences;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Unsubscribe;

namespace Notifications.Tests.ConsolePages;

/// <summary>The console on a phone, and with letters twice as large.</summary>
public sealed class ConsolePhoneTests(PublicSite site, Browser browser) : IClassFixture<PublicSite>, IClassFixture<Browser>
{
    private async Task<IPage> SignedInAsync(string name, int width = 320, int height = 640)
    {
        var page = await browser.PageAsync(width, height);
        await site.SignInAsync(page, name, Scope.All);
        return page;
    }

    [BrowserFact]
    public async Task R57_A_long_key_name_and_letters_twice_as_large_widen_no_page()
    {
        await site.BlockAsync("wide@phone.example");
        var page = await SignedInAsync(new string('w', 64));
        foreach (var path in (string[])["/console", "/console/keys", "/console/blocked", "/console/audit", "/console/campaigns"])
        {
            await site.OpenAsync(page, path);
            Assert.Equal((path, 0), (path, await page.OverflowAsync()));
        }

        // WCAG 1.4.4: text alone, in a window that is as wide as before.
        foreach (var width in (int[])[1280, 320])
        {
            await page.SetViewportSizeAsync(width, 800);
            foreach (var path in (string[])["/console/keys", "/console/blocked", "/console/audit", "/console/settings", "/console/segments/new"])
            {
                await site.OpenAsync(page, path);
                await page.EvaluateAsync("document.documentElement.style.fontSize = '200%'");
                Assert.Equal((width, path, 0), (width, path, await page.OverflowAsync()));
            }
        }

        await page.Context.CloseAsync();
    }

    [BrowserFact]
    public async Task R57_On_a_phone_a_new_key_is_wholly_seen_a_button_does_not_repeat_its_label_and_tabs_stand_in_one_row()
    {
        var page = await SignedInAsync("phone-key");
        await site.OpenAsync(page, "/console/keys");
        Assert.Equal(
            "none",
            await page.Locator("td", new() { Has = page.Locator("form.act") }).First.EvaluateAsync<string>(
                "cell => getComputedStyle(cell, '::before').content"));
        await page.Locator("#name").FillAsync("phone-made");
        await page.Locator("[name=scope-send]").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the key" }).ClickAsync();
        var hidden = await page.Locator("#secret").EvaluateAsync<int>(
            "key => Math.max(key.scrollWidth - key.clientWidth, key.scrollHeight - key.clientHeight)");
        Assert.InRange(hidden, int.MinValue, 0);
        Assert.NotNull(await site.Get<ApiKeys>().FindAsync(await page.Locator("#secret").InputValueAsync(), default));

        await site.OpenAsync(page, "/console/campaigns?status=cancelled");
        Assert.Equal(
            1, await page.EvaluateAsync<int>("new Set([...document.querySelectorAll('.tabs a')].map(a => a.getBoundingClientRect().top)).size"));
        Assert.Equal(0, await page.OverflowAsync());
        await page.Context.CloseAsync();
    }

    [BrowserFact]
    public async Task R57_On_a_phone_no_line_ends_within_a_word_of_an_address()
    {
        const string email = "theodora.papadopoulou+parcels@mailboxes.phone.example";
        await site.BlockAsync(email);
        var key = await site.PersonAsync(email);
        var page = await SignedInAsync("phone-address");
        foreach (var path in (string[])["/console/blocked", "/console/people/" + key.Value])
        {
            await site.OpenAsync(page, path);
            var broken = await page.EvaluateAsync<string[]>(
                """
                () => [...document.querySelectorAll('.address')].flatMap(a => {
                  const found = [];
                  const walk = document.createTreeWalker(a, NodeFilter.SHOW_TEXT);
                  while (walk.nextNode()) for (const word of walk.currentNode.data.matchAll(/[\p{L}\d]{1,14}/gu)) {
                    const range = document.createRange();
                    range.setStart(walk.currentNode, word.index);
                    range.setEnd(walk.currentNode, word.index + word[0].length);
                    if (new Set([...range.getClientRects()].map(r => Math.round(r.top))).size > 1) found.push(word[0]);
                  }
                  return found;
                })
                """);
            Assert.Empty(broken);
            Assert.Equal(email, await page.Locator(".address", new() { HasText = email }).First.TextContentAsync());
            Assert.Equal(0, await page.OverflowAsync());
        }

        await page.Context.CloseAsync();
    }

    [BrowserFact]
    public async Task R57_A_page_with_something_wrong_opens_where_that_is()
    {
        for (var i = 0; i < 25; i++) await site.BlockAsync($"below{i}@phone.example");
        var list = await site.Get<StaticLists>().CreateAsync("Phone", default);
        for (var i = 0; i < 25; i++)
            await site.Get<StaticLists>().AddAsync(list.Id, [await site.PersonAsync($"on{i}@phone.example")], default);
        foreach (var width in (int[])[320, 1280])
        {
            var page = await SignedInAsync("phone-wrong-" + width, width);
            foreach (var (path, field, typed, button) in ((string, string, string, string)[])
            [
                ("/console/blocked", "#who", "nobody", "Block"), ("/console/lists/" + list.Id, "#addresses", "nobody", "Put on the list"),
                ("/console/keys", "#name", "no name", "Make the key"),
            ])
            {
                await site.OpenAsync(page, path);
                await page.Locator(field).FillAsync(typed);
                await page.Locator("main").GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
                await page.Locator("main [aria-invalid]").First.WaitForAsync();
                await page.WaitForFunctionAsync(
                    """
                    field => {
                      const box = document.activeElement.getBoundingClientRect();
                      return document.activeElement.matches(field) && box.top >= 0 && box.bottom <= innerHeight;
                    }
                    """,
                    field);
            }

            await page.Context.CloseAsync();
        }
    }

    [BrowserFact]
    public async Task R57_On_a_phone_an_act_of_the_audit_is_two_short_lines_that_open_for_its_details_without_scripts()
    {
        for (var i = 0; i < 5; i++) await site.Get<StaticLists>().CreateAsync("Phone audit " + i, default);
        var page = await browser.PageAsync(320, 640, scripts: false);
        await site.SignInAsync(page, "phone-audit", Scope.All);
        await site.OpenAsync(page, "/console/audit");
        var rows = page.Locator("tbody tr");
        Assert.InRange(await rows.CountAsync(), 2, 100);
        var first = rows.First;
        Assert.InRange((await first.BoundingBoxAsync())!.Height, 24, 80);
        foreach (var row in await rows.AllAsync()) Assert.InRange((await row.BoundingBoxAsync())!.Height, 24, 100);
        Assert.Equal("signed in", await first.Locator("summary strong").TextContentAsync());
        var hash = page.Locator("td[data-label=Hash]");
        Assert.False(await hash.First.IsVisibleAsync());
        await first.Locator("summary").ClickAsync();
        Assert.True(await hash.First.IsVisibleAsync());
        Assert.False(await hash.Nth(1).IsVisibleAsync());
        Assert.Equal(0, await page.OverflowAsync());

        await page.SetViewportSizeAsync(1280, 800);
        Assert.True(await hash.Nth(1).IsVisibleAsync());
        Assert.False(await first.Locator("summary").IsVisibleAsync());
        await page.Context.CloseAsync();
    }

    [BrowserFact]
    public async Task R57_On_a_phone_a_row_is_its_name_with_the_rest_in_running_lines_and_a_ledger_entry_opens()
    {
        await site.BlockAsync("short@phone.example");
        var key = await site.PersonAsync("short@phone.example");
        var page = await SignedInAsync("phone-rows");
        await site.OpenAsync(page, "/console/blocked");
        var row = page.Locator("tbody tr", new() { HasText = "short@phone.example" });
        Assert.InRange((await row.BoundingBoxAsync())!.Height, 24, 140);
        var (channel, reason) = (row.Locator("td[data-label=Channel]"), row.Locator("td[data-label=Reason]"));
        Assert.Equal((await channel.BoundingBoxAsync())!.Y, (await reason.BoundingBoxAsync())!.Y, 6f);
        const string label = "cell => getComputedStyle(cell, '::before').content";
        Assert.Contains("Channel", await channel.EvaluateAsync<string>(label), StringComparison.Ordinal);
        Assert.Equal("none", await reason.EvaluateAsync<string>(label));

        await site.OpenAsync(page, "/console/people/" + key.Value);
        var entry = page.Locator("tbody tr", new() { Has = page.Locator(".brief") }).First;
        Assert.InRange((await entry.BoundingBoxAsync())!.Height, 24, 80);
        Assert.False(await entry.Locator("td[data-label=Hash]").IsVisibleAsync());
        await entry.Locator("summary").First.ClickAsync();
        Assert.True(await entry.Locator("td[data-label=Hash]").IsVisibleAsync());
        Assert.Equal(0, await page.OverflowAsync());
        await page.Context.CloseAsync();
    }
}
