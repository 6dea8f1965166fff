using System.Net;
using Microsoft.Playwright;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Packages;
using Notifications.Security;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Unsubscribe;
using Notifications.Web.Pages;

namespace Notifications.Tests.Pages;

/// <summary>
/// Every public page and every state of it in three languages and both schemes. Apart from the other pages' tests, so that both run at
/// once.
/// </summary>
public sealed class PageLanguageTests(PublicSite site, Browser browser) : IClassFixture<PublicSite>, IClassFixture<Browser>
{
    // What fits into 320 pixels fits into any width; the pictures of the other widths are for people to look at.
    private static readonly int[] Widths = Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 } ? [320, 768, 1280] : [320];

    // With pictures, one language more that is written without spaces.
    private static readonly string[] Languages = Widths.Length > 1 ? ["ar", "de", "en", "ja"] : ["ar", "de", "en"];

    [BrowserFact]
    public async Task R57_R59_Axe_finds_nothing_in_english_german_and_arabic_in_light_and_dark_and_nothing_is_clipped()
    {
        Assert.True(TrackingNumber.TryParse("RR123456785PT", out var number, out _));
        var page = await browser.PageAsync(320);
        await site.OpenAsync(page, "/find");
        var centre = "";
        foreach (var language in Languages)
        {
            var mail = $"bea-{language}@example.com"; // Their own for each: a language that is saved stays.
            var key = await site.PersonAsync(mail);
            Assert.True(Address.TryParse(Channel.Email, mail, out var address, out _));
            await site.Get<ContactDesk>().PutAsync(
                "c-" + language, "Bea Moreira dos Santos", null, null, [address], "service:shop", default);
            await site.Get<Watches>().WatchAsync(new(number, address, "shop", "service:shop"), default);
            centre = new Uri(site.Links.Preferences(key, Channel.Email)).AbsolutePath;
            var waits = await WaitingAsync(language);
            var (ask, askPackage) = (
                site.UnsubscribePath(key, TopicKey.Newsletter), site.UnsubscribePath(key, TopicKey.PackageUpdates, package: number.Value));
            var (approve, approveAll) = (
                new Uri(site.Links.Confirm(waits, Channel.Email, TopicKey.Newsletter)).AbsolutePath,
                new Uri(site.Links.Confirm(waits, Channel.Email, null)).AbsolutePath);
            var approvePackage = new Uri(site.Links.Confirm(waits, Channel.Email, TopicKey.PackageUpdates, number.Value)).AbsolutePath;
            var waiting = new Uri(site.Links.Preferences(waits, Channel.Email)).AbsolutePath;
            (string Name, string Path, (string, string)[] Form)[] pages =
            [
                ("subscribe", "/subscribe?package=RR123456785PT", []),
                ("subscribe-wrong", "/subscribe", [("package", number.Value), ("email", "bea@")]),
                ("subscribe-sent", "/subscribe", [("email", "somebody@example.com"), ("topic-email-newsletter", "yes"), ("age", "adult")]),
                ("subscribe-minor", "/subscribe", [("email", "somebody@example.com"), ("topic-email-newsletter", "yes"), ("age", "minor")]),
                ("find", "/find", []),
                ("find-wrong", "/find", [("address", "bea")]),
                ("find-sent", "/find", [("address", mail)]),
                ("ask", ask, []),
                ("ask-package", askPackage, []),
                ("centre", centre, []),
                ("centre-topic-stopped", centre, [("stop", TopicKey.Promotions)]),
                ("centre-asked", centre, [("subscribe", TopicKey.Promotions)]),
                ("centre-waiting", waiting, []),
                ("centre-daily", centre, [("daily", "yes")]),
                ("centre-packages-stopped", centre, [("stop", TopicKey.PackageUpdates)]),
                ("centre-paused", centre, [("pause", "30")]),
                ("centre-stopped", centre, [("stop", "*")]),
                ("centre-resumed", centre, [("resume", "yes")]),
                ("centre-objected", centre, [("object", "yes")]),
                ("centre-restricted", centre, [("restrict", "yes")]),
                ("lift", centre, [("lift", "ask")]),
                ("centre-lifted", centre, [("lift", "yes")]),
                ("centre-disabled", centre, [("disable", "yes")]),
                ("centre-enabled", centre, [("enable", "yes")]),
                ("centre-wrong", centre, [("move", "yes"), ("address", "bea")]),
                ("centre-saved", centre, [("save", "details"), ("language", language), ("name", "Bea")]),
                ("export", centre, [("export", "html")]),
                ("erase", centre, [("erase", "ask")]),
                ("stopped-package", askPackage, [("scope", "named")]),
                ("stopped-package-already", askPackage, []),
                ("stopped", ask, [("scope", "named")]),
                ("stopped-already", ask, []),
                ("stopped-all", ask, [("scope", "all")]),
                ("stopped-all-already", ask, []),
                ("approve", approve, []),
                ("approve-several", approveAll, []),
                ("approved", approveAll, [("confirm", "yes"), ("topic-newsletter", "yes"), ("topic-promotions", "yes")]),
                ("approved-already", approveAll, []),
                ("nothing-pending", approvePackage, []),
                ("nothing-said", ask, [("scope", "?")]),
                ("broken-link", "/p/nonsense", []),
            ];
            foreach (var (name, path, form) in pages) await CheckAsync(page, name, language, path, form);
        }

        // What cannot be undone, and what holds for all who come after, stands last.
        await CheckAsync(page, "erased", Languages[^1], centre, ("erase", "yes"));
        foreach (var language in Languages)
        {
            await CheckAsync(page, "erased", language, centre);
            await LookAsync(page, "too-many", language, await TooManyAsync(language));
            Assert.Equal(Texts.Find(language)!.TooManyHeading, await page.Locator("h1").InnerTextAsync());
            site.StoreIsDown = true;
            await CheckAsync(page, "unavailable", language, centre);
            site.StoreIsDown = false;
        }

        await page.Context.CloseAsync();
    }

    [BrowserFact]
    public async Task R59_No_line_of_a_Korean_page_ends_in_the_middle_of_a_word()
    {
        var page = await browser.PageAsync(320);
        await page.GotoAsync(new Uri(site.Url, "/find").ToString());
        foreach (var path in (string[])["/subscribe?package=RR123456785PT", "/find"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Accept-Language", "ko");
            using var answer = await site.Http.SendAsync(request);
            await Axe.ShowAsync(page, await answer.Content.ReadAsStringAsync());
            Assert.Equal("", await page.EvaluateAsync<string>(
                """
                () => {
                  const words = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT), at = document.createRange();
                  for (let node; (node = words.nextNode());) {
                    let before = null;
                    for (let i = 0; i < node.data.length; i++) {
                      at.setStart(node, i);
                      at.setEnd(node, i + 1);
                      const top = /[가-힣]/.test(node.data[i]) ? at.getBoundingClientRect().top : null;
                      if (top !== null && before !== null && top - before > 5) return node.data.slice(0, i) + '|' + node.data.slice(i);
                      before = top;
                    }
                  }
                  return '';
                }
                """));
        }

        await page.Context.CloseAsync();
    }

    /// <summary>Somebody whose mailbox was asked about two topics and then about a third.</summary>
    private async Task<AddressKey> WaitingAsync(string language)
    {
        Assert.True(Address.TryParse(Channel.Email, $"waiting-{language}@example.com", out var waiting, out _));
        var topics = site.Get<TopicCatalog>();
        var desk = site.Get<ConsentDesk>();
        await desk.OptInAsync(
            waiting,
            [
                .. new[]
                {
                    TopicKey.Newsletter,
                    TopicKey.Promotions,
                }.Select(t => (topics.Find(t)!, new LedgerDraft(LedgerAction.OptIn, t, "form", "person"))),
            ],
            confirmed: false, null, default);
        await desk.OptInAsync(
            waiting, topics.Find(TopicKey.PackageUpdates)!.Unproven(),
            new LedgerDraft(LedgerAction.OptIn, TopicKey.PackageUpdates, "form", "person"), confirmed: false, null, default);
        return site.Get<KeyRing>().KeyOf(waiting);
    }

    /// <summary>
    /// The page that says it is enough. The very answer: while axe looks, and between two requests, the budget fills up again.
    /// </summary>
    private async Task<string> TooManyAsync(string language)
    {
        for (var i = 0; i < 1000; i++)
        {
            using var answer = await AskAsync(language, "/u/nonsense");
            if (answer.StatusCode == HttpStatusCode.TooManyRequests) return await answer.Content.ReadAsStringAsync();
        }

        throw new InvalidOperationException("A thousand broken links in a row were all looked up.");
    }

    /// <summary>Opens a page, or sends it a form, and looks at the answer.</summary>
    private async Task CheckAsync(IPage page, string name, string language, string path, params (string Name, string Value)[] form)
    {
        using var answer = await AskAsync(language, path, form);
        await LookAsync(page, name, language, await answer.Content.ReadAsStringAsync());
    }

    private async Task<HttpResponseMessage> AskAsync(string language, string path, params (string Name, string Value)[] form)
    {
        using var request = new HttpRequestMessage(form.Length == 0 ? HttpMethod.Get : HttpMethod.Post, path);
        if (form.Length > 0) request.Content = new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        request.Headers.TryAddWithoutValidation("Accept-Language", language);
        return await site.Http.SendAsync(request);
    }

    /// <summary>Looks at a page with everything on it unfolded.</summary>
    private static async Task LookAsync(IPage page, string name, string language, string html)
    {
        await Axe.ShowAsync(page, html);
        Assert.Equal(language, await page.GetAttributeAsync("html", "lang"));
        if (name == "centre") await PageTests.SaveAsync(page, $"{name}-folded-{language}-320");
        await page.EvaluateAsync("document.querySelectorAll('details').forEach(d => d.open = true)");
        var found = await Axe.FindAsync(page);
        Assert.True(found.Length == 0, $"{name} {language} {found}");
        Assert.True( // It would go through the heading: a fieldset's box begins at the middle of its legend.
            await page.EvaluateAsync<bool>(
                "[...document.querySelectorAll('fieldset')].every(f => getComputedStyle(f).boxShadow === 'none')"),
            $"{name} {language} frames a fieldset");
        foreach (var width in Widths)
        {
            if (Widths.Length > 1) await page.SetViewportSizeAsync(width, 800);
            Assert.True(
                await page.OverflowAsync() <= 0,
                $"{name} {language} scrolls sideways at {width}");
            await PageTests.SaveAsync(page, $"{name}-{language}-{width}");
        }

        if (Widths.Length > 1) await page.SetViewportSizeAsync(Widths[0], 800);

        // Text of twice the size on the narrowest screen still needs no scrolling sideways.
        await page.EvaluateAsync("document.documentElement.style.fontSize = '200%'");
        Assert.True(
            await page.OverflowAsync() <= 0,
            $"{name} {language} scrolls sideways at twice the size");
        await PageTests.SaveAsync(page, $"{name}-{language}-{Widths[0]}-large");
        await page.EvaluateAsync("document.documentElement.style.fontSize = ''");
    }
}
