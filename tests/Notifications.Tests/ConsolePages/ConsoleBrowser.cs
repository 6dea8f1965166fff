using Microsoft.Playwright;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Unsubscribe;

namespace Notifications.Tests.ConsolePages;

/// <summary>The console in Chromium.</summary>
internal static class ConsoleBrowser
{
    /// <summary>Signs a page in with a new key, gives its secret, and waits for the home of the console.</summary>
    public static async Task<string> SignInAsync(this PublicSite site, IPage page, string name, params string[] scopes)
    {
        var (_, secret) = await site.Get<ApiKeys>().CreateAsync(name, scopes, default);
        await site.OpenAsync(page, "/console");
        await page.Locator("#key").FillAsync(secret);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Today", Exact = true }).WaitForAsync();
        return secret;
    }

    /// <summary>Somebody to whom nothing is sent.</summary>
    public static async Task BlockAsync(this PublicSite site, string email) =>
        await site.Get<Suppressions>().AddAsync(
            CoreProduct.Email(email), SuppressionReason.Manual, null,
            new LedgerDraft(LedgerAction.Suppress, LedgerDraft.AllTopics, "test", "test"), default);
}
