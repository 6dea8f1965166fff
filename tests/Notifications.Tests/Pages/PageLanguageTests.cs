using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Local.Demo;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Unsubscribe;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Pages;

/// <summary>Every public page and every state of it in three languages and both schemes. Apart from the other pages' tests, so that both run at once.</summary>
public sealed class PageLanguageTests(PublicSite site, Browser browser) : IClassFixture<PublicSite>, IClassFixture<Browser>
{
    [BrowserFact]
    public async Task R57_R59_Axe_finds_nothing_in_english_german_and_arabic_and_nothing_is_clipped()
    {
        var key = await site.PersonAsync("bea@example.com");
        Assert.True(Notifications.Packages.TrackingNumber.TryParse("RR123456785PT", out var number, out _));
        Assert.True(Address.TryParse(Channel.Email, "bea@example.com", out var address, out _));
        Assert.True(Address.TryParse(Channel.Email, "waiting@example.com", out var waiting, out _));
        await site.Services.GetRequiredService<Notifications.Packages.Watches>().WatchAsync(new(number, address, "shop", "service:shop"), default);
        await site.Services.GetRequiredService<Notifications.Contacts.ContactDesk>().PutAsync("c-bea", "Bea Moreira dos Santos", null, null, [address], "service:shop", default);
        var topics = site.Services.GetRequiredService<TopicCatalog>();
        var chosen = new[] { TopicKey.Newsletter, TopicKey.Promotions }.Select(t => (topics.Find(t)!, new LedgerDraft(LedgerAction.OptIn, t, "form", "person"))).ToList();
        await site.Services.GetRequiredService<ConsentDesk>().OptInAsync(waiting, chosen, confirmed: false, null, default);
        await site.Services.GetRequiredService<ConsentDesk>().OptInAsync(waiting, SubscribeTopic(topics), new LedgerDraft(LedgerAction.OptIn, TopicKey.PackageUpdates, "form", "person"), confirmed: false, null, default);
        var waits = site.Services.GetRequiredService<Notifications.Security.KeyRing>().KeyOf(waiting);
        var centre = new Uri(site.Links.Preferences(key, Channel.Email)).AbsolutePath;
        const string openAll = "open every panel";
        (string Name, string Path, string? Press)[] pages =
        [
            ("subscribe", "/subscribe?package=RR123456785PT", null),
            ("subscribe-wrong", "/subscribe", ".primary"),
            ("subscribe-sent", "/subscribe", "sign up"),
            ("subscribe-minor", "/subscribe", "minor"),
            ("find", "/find", null),
            ("find-wrong", "/find", ".primary"),
            ("centre", centre, null),
            ("centre-open", centre, openAll),
            ("centre-paused", centre, "button[name=pause]"),
            ("centre-stopped", centre, "button[name=stop][value='*']"),
            ("centre-resumed", centre, "button[name=resume]"),
            ("centre-objected", centre, "button[name=object]"),
            ("centre-restricted", centre, "button[name=restrict]"),
            ("lift", centre, "button[name=lift][value=ask]"),
            ("centre-lifted", centre, "lift"),
            ("centre-disabled", centre, "button[name=disable]"),
            ("centre-enabled", centre, "button[name=enable]"),
            ("export", centre, "button[name=export][value=html]"),
            ("erase", centre, "button[name=erase]"),
            ("ask", site.UnsubscribePath(key, TopicKey.Newsletter), null),
            ("approve", new Uri(site.Links.Confirm(key, Channel.Email, TopicKey.Newsletter)).AbsolutePath, null),
            ("approve-several", new Uri(site.Links.Confirm(waits, Channel.Email, null)).AbsolutePath, null),
            ("nothing-pending", new Uri(site.Links.Confirm(key, Channel.Email, null)).AbsolutePath, null),
            ("broken-link", "/p/nonsense", null),
        ];
        foreach (var (language, width, dark) in new[] { ("ar", 320, true), ("de", 768, false), ("en", 1280, true) })
        {
            var page = await browser.PageAsync(width, dark: dark);
            await page.Context.SetExtraHTTPHeadersAsync(new Dictionary<string, string> { ["Accept-Language"] = language });
            foreach (var (name, path, press) in pages)
            {
                await page.GotoAsync(new Uri(site.Url, path).ToString());
                await PressAsync(page, press);
                await CheckAsync(page, $"{name} {language} at {width} dark {dark}", language);
                foreach (var wide in new[] { 320, 768, 1280 })
                {
                    await page.SetViewportSizeAsync(wide, 800);
                    Assert.True(await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, $"{name} {language} scrolls sideways at {wide}");
                    await PageTests.SaveAsync(page, $"{name}-{language}-{wide}{(dark ? "-dark" : "")}");
                }

                await page.SetViewportSizeAsync(width, 800);
            }

            await page.Context.CloseAsync();
            await site.PersonAsync("bea@example.com");
        }

        // What cannot be undone comes last.
        var last = await browser.PageAsync(320);
        await last.GotoAsync(new Uri(site.Url, centre).ToString());
        await PressAsync(last, "button[name=erase]");
        await last.Locator("button[name=erase][value=yes]").ClickAsync();
        await PageTests.SaveAsync(last, "erased-en-320");
        await CheckAsync(last, "erased", "en");
        for (var i = 0; i < 200 && (await site.Http.GetAsync(new Uri("/u/nonsense", UriKind.Relative))).StatusCode != System.Net.HttpStatusCode.TooManyRequests; i++) { }
        await last.GotoAsync(new Uri(site.Url, "/u/nonsense").ToString());
        Assert.Equal("Please wait a moment", await last.Locator("h1").InnerTextAsync());
        await PageTests.SaveAsync(last, "too-many-en-320");
        await CheckAsync(last, "too many", "en");
        site.StoreIsDown = true;
        await last.GotoAsync(new Uri(site.Url, centre).ToString());
        site.StoreIsDown = false;
        await PageTests.SaveAsync(last, "unavailable-en-320");
        await CheckAsync(last, "unavailable", "en");
        await last.Context.CloseAsync();

        static Topic SubscribeTopic(TopicCatalog topics) => Notifications.Web.Subscribe.SubscribeEndpoint.Unproven(topics.Find(TopicKey.PackageUpdates)!);

        static async Task PressAsync(IPage page, string? press)
        {
            if (press is null) return;
            if (press is "sign up" or "minor")
            {
                await page.Locator("#email").FillAsync("somebody@example.com");
                await page.Locator("[name=topic-email-newsletter]").CheckAsync();
                await page.Locator($"[name=age][value={(press == "minor" ? "minor" : "adult")}]").CheckAsync();
                await page.Locator(".primary").ClickAsync();
                return;
            }

            await page.EvaluateAsync("document.querySelectorAll('details').forEach(d => d.open = true)");
            if (press == openAll) return;
            await page.Locator(press == "lift" ? "button[name=lift][value=ask]" : press).First.ClickAsync();
            if (press == "lift") await page.Locator("button[name=lift][value=yes]").ClickAsync();
        }
    }

    private static async Task CheckAsync(IPage page, string what, string language)
    {
        Assert.Equal(language, await page.GetAttributeAsync("html", "lang"));
        var found = await page.RunAxe(new AxeRunOptions { ResultTypes = PageTests.Violations });
        Assert.True(found.Violations.Length == 0, $"{what}: {string.Join("; ", found.Violations.Select(v => $"{v.Id}: {v.Help} {string.Join(' ', v.Nodes.Select(n => n.Html))}"))}");
        var overflow = await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Assert.True(overflow <= 0, $"{what} scrolls sideways by {overflow}");
    }
}
