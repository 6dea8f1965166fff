using System.Net;
using AngleSharp.Html.Parser;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Web;

/// <summary>
/// The public URL may have a path, https://example.com/mail: then nothing of a page leads out of it, whether the proxy before the app
/// leaves the path in a request or takes it off.
/// </summary>
public sealed class PublicPathTests : IAsyncLifetime
{
    private const string Path = "/mail";
    private readonly ProductFixture _product = new() { Configure = o => o.PublicUrl = "https://example.com" + Path };

    public Task InitializeAsync() => _product.InitializeAsync();

    public Task DisposeAsync() => _product.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData(Path)]
    public async Task R21_R59_Every_link_form_and_asset_of_a_public_page_stays_under_the_path_of_the_public_URL(string arrives)
    {
        var links = _product.Get<Links>();
        var key = await _product.PersonAsync("ana@path.example");
        var token = links.UnsubscribeToken(key, Channel.Email, TopicKey.Newsletter, null, null);
        foreach (var path in new[]
        {
            "/subscribe", "/find", "/u/" + token, "/u/nonsense", "/p/" + links.PreferencesToken(key, Channel.Email),
            new Uri(links.Confirm(key, Channel.Email, TopicKey.Newsletter)).AbsolutePath[Path.Length..],
        })
            await LeadsAsync(await _product.OpenAsync(arrives + path), 1);

        // What a form answers, and what it leads on to.
        var erase = await _product.FormAsync(arrives + "/p/" + links.PreferencesToken(key, Channel.Email), "en", ("erase", "ask"));
        Assert.Contains($"href=\"{Path}/p/", erase.Body, StringComparison.Ordinal);
        var signed = await _product.FormAsync(
            arrives + "/subscribe", "en", ("email", "bea@path.example"), ("topic-email-newsletter", "yes"), ("age", "adult"));
        Assert.Equal(HttpStatusCode.OK, signed.Status);
        Assert.Contains($"href=\"{Path}/subscribe\"", signed.Body, StringComparison.Ordinal);
        Assert.Equal($"https://example.com{Path}/u/{token}", links.Unsubscribe(token));
        Assert.Equal(
            HttpStatusCode.OK, (await _product.FormAsync($"{arrives}/u/{token}", "en", ("List-Unsubscribe", "One-Click"))).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData(Path)]
    public async Task R61_Every_link_form_and_redirect_of_the_console_and_its_cookie_stay_under_the_path_of_the_public_URL(string arrives)
    {
        var (_, secret) = await _product.Get<ApiKeys>().CreateAsync("olga" + arrives.Trim('/'), Scope.All, default);
        var browser = new ConsoleClient(_product.Anonymous);
        var late = await browser.GetAsync(arrives + "/console/campaigns");
        Assert.StartsWith(Path + "/console/sign-in?to=%2Fconsole%2Fcampaigns", late.Location, StringComparison.Ordinal);
        await browser.GetAsync(arrives + "/console/sign-in");
        Assert.Contains($"path={Path}/console;", browser.LastCookie, StringComparison.Ordinal);
        var came = await browser.PostAsync(arrives + "/console/sign-in", ("key", secret), ("to", "/console/campaigns"));
        Assert.Equal(Path + "/console/campaigns", came.Location);
        Assert.Contains($"path={Path}/console;", browser.LastCookie, StringComparison.Ordinal);
        var campaign = (await _product.PostAsync(
            "/v1/campaigns", new { name = "Under it", topic = "newsletter", channel = "email", template = "newsletter" }))["id"];
        foreach (var screen in new[] { "", "/campaigns", "/campaigns/" + campaign, "/campaigns/new", "/requests", "/blocked", "/settings" })
        {
            var page = await browser.GetAsync($"{arrives}/console{screen}");
            await LeadsAsync(new Reply(page.Status, page.Response.Headers, "text/html", page.Text), 20);
        }

        var made = await browser.PostAsync(arrives + "/console/lists", ("name", "Under it"));
        Assert.StartsWith(Path + "/console/lists/", made.Location, StringComparison.Ordinal);
        Assert.Equal(Path + "/console/sign-in", (await browser.PostAsync(arrives + "/console/sign-out")).Location);
    }

    [Fact]
    public async Task What_the_API_names_in_a_header_and_where_its_description_says_it_is_stand_under_the_path_of_the_public_URL()
    {
        var made = await _product.PostAsync("/v1/lists", new { name = "Under it" });
        Assert.Equal($"{Path}/v1/lists/{made["id"]}", made.Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.OK, (await _product.GetAsync(made.Headers.Location.ToString())).Status);
        Assert.Equal(Path, (await _product.OpenAsync("/openapi/v1.json")).Json.GetProperty("servers")[0].GetProperty("url").GetString());
    }

    // Each is under the path, and is there.
    private async Task LeadsAsync(Reply reply, int atLeast)
    {
        var page = new HtmlParser().ParseDocument(reply.Text);
        var paths = new List<string>();
        foreach (var name in (string[])["href", "src", "action"])
            paths.AddRange(page.QuerySelectorAll($"[{name}]").Select(e => e.GetAttribute(name)!).Where(p => p.StartsWith('/')));
        Assert.True(paths.Count >= atLeast, reply.Text);
        Assert.All(paths, p => Assert.StartsWith(Path + "/", p, StringComparison.Ordinal));
        foreach (var asset in page.QuerySelectorAll("link[rel=stylesheet], script[src]"))
            Assert.Equal(
                HttpStatusCode.OK, (await _product.OpenAsync((asset.GetAttribute("href") ?? asset.GetAttribute("src"))!)).Status);
    }
}
