using Microsoft.Playwright;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Local.Demo;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Unsubscribe;

namespace Notifications.Tests.Pages;

/// <summary>The pages as a browser shows them. With <c>SCREENSHOTS</c> set to a directory, each is kept there as a picture.</summary>
public sealed class PageTests(PublicSite site, Browser browser) : IClassFixture<PublicSite>, IClassFixture<Browser>
{
    [BrowserFact]
    public async Task R57_Axe_finds_nothing_on_the_inbox_in_light_and_dark_and_nothing_scrolls_sideways_at_320_pixels()
    {
        await Company.SeedAsync(site.Services);
        var inbox = site.Get<Notifications.Local.Inbox.InboxStore>();
        var mail = await Poll.UntilAsync(
            async () => (await inbox.ListAsync("ana@example.com", null, 10, default)).Find(m => m.Subject == "Your parcels this winter"));
        var text = await Poll.UntilAsync(async () => (await inbox.ListAsync("+14155550101", null, 10, default)).FirstOrDefault());
        await inbox.AddAsync(
            new("in-1", Channel.Sms, "+14155550101", "+18005550100", null, "STOP", null, new Dictionary<string, string>(),
                TimeProvider.System.GetUtcNow())
            {
                Incoming = true,
            },
            default);
        await site.Get<Notifications.Local.Inbox.InboxSender>().SendAsync(
            Text("Parcel Post: you will get no more texts from us. Reply START to take this back."), default);
        foreach (var width in new[] { 320, 1280 }) // Beside each other where it is wide, one after the other where it is not.
        {
            var page = await browser.PageAsync(width);
            foreach (var (name, path) in new[]
            {
                ("inbox", "/inbox"),
                ("inbox-mail", "/inbox/mails/" + mail.Id),
                ("inbox-thread", "/inbox/phones/" + inbox.KeyOf(text)),
            })
            {
                await site.OpenAsync(page, path);
                var found = await Axe.FindAsync(page);
                await SaveAsync(page, $"{name}-{width}");
                Assert.True(found.Length == 0, $"{name} at {width} {found}");
                var overflow = await page.OverflowAsync();
                Assert.True(overflow <= 0, $"{name} at {width} scrolls sideways by {overflow}");
            }

            await page.Context.CloseAsync();
        }
    }

    [BrowserFact]
    public async Task R21_R28_R58_M4_M6_M9_A_whole_life_without_scripts_sign_up_confirm_change_undo_export_and_erase()
    {
        var page = await browser.PageAsync(320, scripts: false);
        await site.OpenAsync(page, "/subscribe");
        await page.Locator("#email").FillAsync("journey@example.com");
        await page.Locator("[name=topic-email-newsletter]").CheckAsync();
        await page.Locator("[name=topic-email-promotions]").CheckAsync();
        await page.GetByLabel("I am 18 or older").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign up" }).ClickAsync();
        await page.GetByText("Please check your messages").WaitForAsync();
        Assert.DoesNotContain("journey", page.Url, StringComparison.Ordinal);
        var inbox = site.Get<Notifications.Local.Inbox.InboxStore>();
        var mail =
            Assert.Single(
                await Poll.UntilAsync(
                    async () => await inbox.ListAsync("journey@example.com", null, 10, default) is { Count: > 0 } mails ? mails : null));
        Assert.Equal("Please confirm: Promotions, Newsletter", mail.Subject);

        Assert.True(Address.TryParse(Channel.Email, "journey@example.com", out var address, out _));
        var key = site.Get<Notifications.Security.KeyRing>().KeyOf(address);
        await page.GotoAsync(new Uri(
            site.Url,
            new Uri(System.Text.RegularExpressions.Regex.Match(mail.Text!, "https?://\\S+/c/\\S+").Value).AbsolutePath).ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "Yes, confirm" }).ClickAsync();
        await page.GetByRole(AriaRole.Status).WaitForAsync();
        Assert.Equal(SubscriptionStatus.Subscribed, (await site.StateAsync(key)).StatusOf(TopicKey.Newsletter));

        await page.GotoAsync(new Uri(site.Url, new Uri(site.Links.Preferences(key, Channel.Email)).AbsolutePath).ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause for 30 days" }).ClickAsync();
        Assert.NotNull((await site.StateAsync(key)).PausedUntil);
        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        Assert.Null((await site.StateAsync(key)).PausedUntil);
        var before = await site.StateAsync(key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop all marketing" }).ClickAsync();
        Assert.Equal(SubscriptionStatus.Unsubscribed, (await site.StateAsync(key)).StatusOf(TopicKey.Promotions));
        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        Assert.Equal([.. before.Subscriptions], (await site.StateAsync(key)).Subscriptions.AsEnumerable());
        await page.Locator("button[name=stop][value='*']").ClickAsync();
        Assert.NotNull((await site.StateAsync(key)).Stopped);
        await page.GetByRole(AriaRole.Button, new() { Name = "Take the stop back" }).ClickAsync();
        Assert.Equal([.. before.Subscriptions], (await site.StateAsync(key)).Subscriptions.AsEnumerable());

        // A panel opens without a script, by keyboard as by touch.
        await page.GetByText("Language and time zone").ClickAsync();
        await page.Locator("#language").SelectOptionAsync("pt");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        Assert.Equal("pt", await page.GetAttributeAsync("html", "lang"));
        await page.GetByText("Ver ou levar os seus dados").ClickAsync();
        var download = await page.RunAndWaitForDownloadAsync(
            () => page.GetByRole(AriaRole.Button, new() { Name = "Fazer download (JSON)" }).ClickAsync());
        Assert.Equal("my-data.json", download.SuggestedFilename);
        await using (var file = await download.CreateReadStreamAsync())
        {
            var export = (await System.Text.Json.JsonSerializer.DeserializeAsync(file, CoreJson.Default.PersonExport))!;
            Assert.Equal("journey@example.com", Assert.Single(export.Addresses).Address);
            Assert.True(export.Addresses[0].Verified);
        }

        await page.GetByRole(AriaRole.Button, new() { Name = "Ler aqui" }).ClickAsync();
        await page.GetByText("journey@example.com").First.WaitForAsync();
        await page.GotoAsync(new Uri(site.Url, new Uri(site.Links.Preferences(key, Channel.Email)).AbsolutePath).ToString());
        await page.GetByText("Apagar os seus dados").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Continuar" }).ClickAsync();
        await page.GetByText("O que fica").WaitForAsync();
        Assert.NotNull((await site.StateAsync(key)).Value);
        await page.GetByRole(AriaRole.Button, new() { Name = "Apagar para sempre" }).ClickAsync();
        await page.GetByRole(AriaRole.Status).WaitForAsync();
        Assert.Null((await site.StateAsync(key)).Value);
        Assert.Empty(await page.Context.CookiesAsync());
        Assert.Empty(await inbox.ListAsync("journey@example.com", null, 10, default));
        await page.Context.CloseAsync();
    }

    [BrowserFact]
    public async Task R57_R59_A_person_without_a_mouse_or_scripts_unsubscribes_and_hears_the_result()
    {
        var key = await site.PersonAsync("keyboard@example.com");
        var page = await browser.PageAsync(scripts: false);
        await site.OpenAsync(page, site.UnsubscribePath(key, TopicKey.Newsletter));
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Status).GetByText("You are unsubscribed").WaitForAsync();
        Assert.Empty(await page.Context.CookiesAsync());
        Assert.Equal(SubscriptionStatus.Unsubscribed, (await site.StateAsync(key)).StatusOf(TopicKey.Newsletter));
        await page.Context.CloseAsync();
    }

    [BrowserFact]
    public async Task R57_A_wrong_field_has_the_focus_without_scripts_and_an_address_stays_whole_on_a_phone()
    {
        var key = await site.PersonAsync("focus@post.example.com");
        var page = await browser.PageAsync(320, scripts: false);
        await page.GotoAsync(new Uri(site.Url, new Uri(site.Links.Preferences(key, Channel.Email)).AbsolutePath).ToString());
        // One line of it, however the sentence around it wraps.
        Assert.InRange((await page.Locator(".lead .address").BoundingBoxAsync())!.Height, 16, 40);
        await page.GetByText("Get this at another email address too").ClickAsync();
        await page.Locator("#address").FillAsync("bea");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask the new address" }).ClickAsync();
        await page.Locator("#address:focus").WaitForAsync();
        Assert.Equal("bea", await page.Locator("#address").InputValueAsync());
        await page.GetByRole(AriaRole.Alert).GetByRole(AriaRole.Link).ClickAsync();
        Assert.EndsWith("#address", page.Url, StringComparison.Ordinal);

        await site.OpenAsync(page, "/subscribe");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign up" }).ClickAsync();
        await page.Locator("#topic-email-package-updates:focus").WaitForAsync();
        await page.Context.CloseAsync();
    }

    [BrowserFact]
    public async Task R8_Opening_the_page_with_scripts_running_and_waiting_for_it_to_settle_changes_nothing()
    {
        var key = await site.PersonAsync("prefetch@example.com");
        var page = await browser.PageAsync();
        for (var i = 0; i < 3; i++)
            await page.GotoAsync(
                new Uri(site.Url, site.UnsubscribePath(key, TopicKey.Newsletter)).ToString(),
                new() { WaitUntil = WaitUntilState.NetworkIdle });
        Assert.Equal(SubscriptionStatus.Subscribed, (await site.StateAsync(key)).StatusOf(TopicKey.Newsletter));
        await page.Context.CloseAsync();
    }

    [BrowserFact]
    public async Task R57_Every_target_is_at_least_24_pixels_high()
    {
        var key = await site.PersonAsync("targets@example.com");
        var page = await browser.PageAsync(320);
        foreach (var path in new[]
        {
            site.UnsubscribePath(key, TopicKey.Newsletter),
            new Uri(site.Links.Preferences(key, Channel.Email)).AbsolutePath,
            "/inbox",
            "/subscribe",
            "/find",
        })
        {
            await site.OpenAsync(page, path);
            var seen = 0;
            foreach (var target in await page.QuerySelectorAllAsync("a, button, input:not([type=hidden]), summary"))
            {
                if (await target.BoundingBoxAsync() is not { } box) continue;
                Assert.True(
                    box.Height >= 24 && box.Width >= 24,
                    $"{path}: {await target.EvaluateAsync<string>("e => e.outerHTML")} is {box.Width} x {box.Height}");
                seen++;
            }

            Assert.True(seen > 0, $"Nothing on {path} can be pressed.");
        }

        await page.Context.CloseAsync();
    }

    private Notifications.Sending.OutgoingSms Text(string text)
    {
        Assert.True(PhoneNumber.TryParse("+14155550101", out var phone, out _));
        var key = site.Get<Notifications.Security.KeyRing>().KeyOf(Address.Of(phone));
        return new(site.Get<Notifications.Sending.MessageIds>().New(key), "+18005550100", phone.Value, text);
    }

    /// <summary>Keeps the page as a picture, in light and, where it is narrow, in dark, where somebody asked for pictures.</summary>
    internal static async Task SaveAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is not { Length: > 0 } directory) return;
        ColorScheme[] schemes = page.ViewportSize!.Width > 320 ? [ColorScheme.Light] : [ColorScheme.Light, ColorScheme.Dark];
        foreach (var scheme in schemes)
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            await page.ScreenshotAsync(
                new() { Path = Path.Combine(directory, $"{name}{(scheme == ColorScheme.Dark ? "-dark" : "")}.png"), FullPage = true });
        }
    }
}
