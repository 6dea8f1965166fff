using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Packages;
using Notifications.Security;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Unsubscribe;
using Notifications.Unsubscribe;
using Notifications.Web.Pages;
using Notifications.Web.Subscribe;

namespace Notifications.Tests.Pages;

/// <summary>Every public page and every state of it in three languages and both schemes. Apart from the other pages' tests, so that both run at once.</summary>
public sealed class PageLanguageTests(PublicSite site, Browser browser) : IClassFixture<PublicSite>, IClassFixture<Browser>
{
    private const string OpenAll = "open every panel", SignUp = "sign up", Minor = "minor", Lift = "lift", Find = "find";

    // Everything is narrow: what fits into 320 pixels fits into any width, and the pictures of the other widths are for people to look at.
    private static readonly int[] Widths = Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 } ? [320, 768, 1280] : [320];

    // With pictures, one language more that is written without spaces.
    private static readonly string[] Languages = Widths.Length > 1 ? ["ar", "de", "en", "ja"] : ["ar", "de", "en"];

    [BrowserFact]
    public async Task R57_R59_Axe_finds_nothing_in_english_german_and_arabic_in_light_and_dark_and_nothing_is_clipped()
    {
        Assert.True(TrackingNumber.TryParse("RR123456785PT", out var number, out _));
        var page = await browser.PageAsync(320);
        var centre = "";
        foreach (var language in Languages)
        {
            await page.Context.SetExtraHTTPHeadersAsync(new Dictionary<string, string> { ["Accept-Language"] = language });
            var mail = $"bea-{language}@example.com"; // Their own for each: a language that is saved stays.
            var key = await site.PersonAsync(mail);
            Assert.True(Address.TryParse(Channel.Email, mail, out var address, out _));
            await site.Services.GetRequiredService<ContactDesk>().PutAsync("c-" + language, "Bea Moreira dos Santos", null, null, [address], "service:shop", default);
            await site.Services.GetRequiredService<Watches>().WatchAsync(new(number, address, "shop", "service:shop"), default);
            centre = new Uri(site.Links.Preferences(key, Channel.Email)).AbsolutePath;
            var waits = await WaitingAsync(language);
            (string Name, string Path, string? Press)[] pages =
            [
                ("subscribe", "/subscribe?package=RR123456785PT", null),
                ("subscribe-wrong", "/subscribe?package=RR123456785PT", ".primary"),
                ("subscribe-sent", "/subscribe", SignUp),
                ("subscribe-minor", "/subscribe", Minor),
                ("find", "/find", null),
                ("find-wrong", "/find", ".primary"),
                ("find-sent", "/find", Find),
                ("centre", centre, null),
                ("centre-open", centre, OpenAll),
                ("centre-topic-stopped", centre, "button[name=stop][value=promotions]"),
                ("centre-asked", centre, "button[name=subscribe][value=promotions]"),
                ("centre-daily", centre, "button[name=daily]"),
                ("centre-paused", centre, "button[name=pause]"),
                ("centre-stopped", centre, "button[name=stop][value='*']"),
                ("centre-resumed", centre, "button[name=resume]"),
                ("centre-objected", centre, "button[name=object]"),
                ("centre-restricted", centre, "button[name=restrict]"),
                ("lift", centre, "button[name=lift][value=ask]"),
                ("centre-lifted", centre, Lift),
                ("centre-disabled", centre, "button[name=disable]"),
                ("centre-enabled", centre, "button[name=enable]"),
                ("centre-changed", centre, "button[name=save]"),
                ("export", centre, "button[name=export][value=html]"),
                ("erase", centre, "button[name=erase]"),
                ("ask", site.UnsubscribePath(key, TopicKey.Newsletter), null),
                ("ask-package", site.UnsubscribePath(key, TopicKey.PackageUpdates, package: "RR123456785PT"), null),
                ("stopped-package", site.UnsubscribePath(key, TopicKey.PackageUpdates, package: "RR123456785PT"), ".primary"),
                ("stopped", site.UnsubscribePath(key, TopicKey.PackageUpdates), ".primary"),
                ("approve", new Uri(site.Links.Confirm(waits, Channel.Email, TopicKey.Newsletter)).AbsolutePath, null),
                ("approve-several", new Uri(site.Links.Confirm(waits, Channel.Email, null)).AbsolutePath, null),
                ("approved", new Uri(site.Links.Confirm(waits, Channel.Email, null)).AbsolutePath, ".primary"),
                ("nothing-pending", new Uri(site.Links.Confirm(waits, Channel.Email, null)).AbsolutePath, null),
                ("broken-link", "/p/nonsense", null),
            ];
            foreach (var (name, path, press) in pages)
            {
                await page.GotoAsync(new Uri(site.Url, path).ToString());
                await PressAsync(page, press);
                await CheckAsync(page, name, language);
            }
        }

        // What cannot be undone, and what holds for all who come after, stands last.
        await page.GotoAsync(new Uri(site.Url, centre).ToString());
        await PressAsync(page, "button[name=erase]");
        await page.Locator("button[name=erase][value=yes]").ClickAsync();
        await CheckAsync(page, "erased", Languages[^1]);
        for (var i = 0; i < 200 && (await site.Http.GetAsync(new Uri("/u/nonsense", UriKind.Relative))).StatusCode != System.Net.HttpStatusCode.TooManyRequests; i++) { }
        foreach (var language in Languages)
        {
            await page.Context.SetExtraHTTPHeadersAsync(new Dictionary<string, string> { ["Accept-Language"] = language });
            await page.GotoAsync(new Uri(site.Url, centre).ToString());
            await CheckAsync(page, "erased", language);
            await page.GotoAsync(new Uri(site.Url, "/u/nonsense").ToString());
            Assert.Equal(Texts.Find(language)!.TooManyHeading, await page.Locator("h1").InnerTextAsync());
            await CheckAsync(page, "too-many", language);
            site.StoreIsDown = true;
            await page.GotoAsync(new Uri(site.Url, centre).ToString());
            site.StoreIsDown = false;
            await CheckAsync(page, "unavailable", language);
        }

        await page.Context.CloseAsync();
    }

    /// <summary>Somebody whose mailbox was asked about two topics and then about a third.</summary>
    private async Task<AddressKey> WaitingAsync(string language)
    {
        Assert.True(Address.TryParse(Channel.Email, $"waiting-{language}@example.com", out var waiting, out _));
        var topics = site.Services.GetRequiredService<TopicCatalog>();
        var desk = site.Services.GetRequiredService<ConsentDesk>();
        await desk.OptInAsync(waiting, [.. new[] { TopicKey.Newsletter, TopicKey.Promotions }.Select(t => (topics.Find(t)!, new LedgerDraft(LedgerAction.OptIn, t, "form", "person")))], confirmed: false, null, default);
        await desk.OptInAsync(waiting, SubscribeEndpoint.Unproven(topics.Find(TopicKey.PackageUpdates)!), new LedgerDraft(LedgerAction.OptIn, TopicKey.PackageUpdates, "form", "person"), confirmed: false, null, default);
        return site.Services.GetRequiredService<KeyRing>().KeyOf(waiting);
    }

    private static async Task PressAsync(IPage page, string? press)
    {
        switch (press)
        {
            case null:
                return;
            case SignUp or Minor:
                await page.Locator("#email").FillAsync("somebody@example.com");
                await page.Locator("[name=topic-email-newsletter]").CheckAsync();
                await page.Locator($"[name=age][value={(press == Minor ? "minor" : "adult")}]").CheckAsync();
                await page.Locator(".primary").ClickAsync();
                return;
            case Find:
                await page.Locator("#address").FillAsync("bea@example.com");
                await page.Locator(".primary").ClickAsync();
                return;
        }

        await page.EvaluateAsync("document.querySelectorAll('details').forEach(d => d.open = true)");
        if (press == OpenAll) return;
        await page.Locator(press == Lift ? "button[name=lift][value=ask]" : press).First.ClickAsync();
        if (press == Lift) await page.Locator("button[name=lift][value=yes]").ClickAsync();
    }

    private static async Task CheckAsync(IPage page, string name, string language)
    {
        Assert.Equal(language, await page.GetAttributeAsync("html", "lang"));
        var found = await Axe.FindAsync(page);
        Assert.True(found.Length == 0, $"{name} {language} {found}");
        foreach (var width in Widths)
        {
            if (Widths.Length > 1) await page.SetViewportSizeAsync(width, 800);
            Assert.True(await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, $"{name} {language} scrolls sideways at {width}");
            await PageTests.SaveAsync(page, $"{name}-{language}-{width}");
        }

        if (Widths.Length > 1) await page.SetViewportSizeAsync(Widths[0], 800);
    }
}
