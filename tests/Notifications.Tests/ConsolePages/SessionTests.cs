using System.Buffers.Text;
using System.Net;
using System.Text;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.ConsolePages;

/// <summary>How a sign-in lives on, how it ends, and what becomes of what was sent meanwhile.</summary>
public sealed class SessionTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private ConsoleClient Client() => new(product.Anonymous);

    [Fact]
    public async Task R68_A_copy_of_the_cookie_is_over_once_its_owner_has_signed_out()
    {
        var browser = Client();
        await browser.SignInAsync(await product.KeyAsync(Scope.All));
        var copy = browser.Cookie;
        await browser.PostAsync("/console/sign-out");
        browser.Cookie = copy;
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("/console")).Status);
    }

    [Fact]
    public async Task A_cookie_of_another_version_is_none()
    {
        var browser = Client();
        var sealer = product.Get<DataSealer>();
        foreach (var place in new[] { "console-session", "console-session-2" })
        {
            browser.Cookie =
                Base64Url.EncodeToString(sealer.Seal(Encoding.UTF8.GetBytes("name:hash:9999999999"), Encoding.UTF8.GetBytes(place)));
            Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/console/sign-in")).Status);
        }
    }

    [Fact]
    public async Task What_was_signed_out_already_is_said_nothing_more_of()
    {
        var out_ = await Client().PostAsync("/console/sign-out");
        Assert.Equal((HttpStatusCode.SeeOther, "/console/sign-in?to=%2Fconsole%3Fsaid%3Dsigned-out"), (out_.Status, out_.Location));
    }

    [Fact]
    public async Task A_link_from_another_site_signs_nobody_out_and_leads_to_its_page()
    {
        var browser = Client();
        await browser.SignInAsync(await product.KeyAsync(Scope.All));

        // The browser keeps a strict cookie back where another site leads here, and takes what is set.
        var cookie = browser.Cookie;
        browser.Cookie = null;
        var bounced = await browser.SendAsync(HttpMethod.Get, "/console/audit?after=5", null, ("Sec-Fetch-Site", "cross-site"));
        Assert.Equal(HttpStatusCode.OK, bounced.Status);
        Assert.Contains("http-equiv=\"refresh\" content=\"0; url=/console/audit?after=5\"", bounced.Text, StringComparison.Ordinal);
        await browser.GetAsync("/console/sign-in");
        Assert.Null(browser.Cookie);
        browser.Cookie = cookie;
        Assert.Equal(
            HttpStatusCode.OK,
            (await browser.SendAsync(HttpMethod.Get, "/console/audit?after=5", null, ("Sec-Fetch-Site", "same-origin"))).Status);

        // Who is signed in is not asked again.
        Assert.Equal("/console/keys", (await browser.GetAsync("/console/sign-in?to=%2Fconsole%2Fkeys")).Location);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/console")).Status);
    }

    [Fact]
    public async Task A_sign_in_goes_on_while_it_is_used_for_a_day_in_all()
    {
        var browser = Client();
        await browser.SignInAsync(await product.KeyAsync(Scope.All));
        var form = browser.Token;
        for (var hour = 5; hour < 24; hour += 5)
        {
            product.Time.Advance(TimeSpan.FromHours(5));
            Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/console")).Status);
            Assert.Equal(form, browser.Token); // The forms of pages that are open still hold.
        }

        product.Time.Advance(TimeSpan.FromHours(4));
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("/console")).Status);
    }

    [Fact]
    public async Task What_is_sent_after_the_sign_in_has_ended_is_not_done_and_not_lost()
    {
        var keys = product.Get<ApiKeys>();
        var (_, secret) = await keys.CreateAsync("late", [Scope.Admin], default);
        var browser = Client();
        await browser.SignInAsync(secret);
        product.Time.Advance(TimeSpan.FromHours(9));
        var late = await SendAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, late.Status);
        Assert.Contains("Nothing was done.", late.Text, StringComparison.Ordinal);
        var asked = await browser.PostAsync("/console/sign-in", late.Fields("/console/sign-in"), ("key", secret));
        Assert.Equal(HttpStatusCode.OK, asked.Status);
        Assert.DoesNotContain(await keys.ListAsync(default), k => k.Name == "kept-key");
        // The screen is told by its name, and leaving the question leads back to it.
        Assert.Contains("What you had sent in “API keys” was not done", asked.Text, StringComparison.Ordinal);
        Assert.Contains("href=\"/console/keys?said=made\">Leave it</a>", asked.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await browser.PostAsync("/console/keys", asked.Fields("/console/keys"))).Status);
        Assert.Contains(await keys.ListAsync(default), k => k.Name == "kept-key");

        // Another site's form is told no more than that; and one of an earlier sign-in asks as well.
        browser.Token = "stale";
        var stale = await SendAsync();
        Assert.Equal((HttpStatusCode.BadRequest, "kept-key"), (stale.Status, stale.Fields("/console/keys")["name"]));
        browser.Cookie = null;
        Assert.DoesNotContain("kept-key", (await SendAsync("cross-site")).Text, StringComparison.Ordinal);

        Task<Screen> SendAsync(string site = "same-origin") => browser.SendAsync(HttpMethod.Post, "/console/keys",
            new FormUrlEncodedContent([new("name", "kept-key"), new("scope-send", "yes"), new("form", browser.Token!)]),
            ("Sec-Fetch-Site", site), ("Referer", "https://console.example/console/keys?said=made"));
    }

    [Fact]
    public async Task What_was_sent_from_the_answer_to_a_form_leaves_to_the_page_of_that_form_which_can_be_got()
    {
        var campaign = await product.Get<CampaignDesk>().CreateAsync(
            new CampaignDefinition
            {
                Name = "Late",
                Topic = TopicKey.Newsletter,
                Channel = Channel.Email,
                Template = "newsletter",
                Audience = new Audience(TopicKey.Newsletter, Channel.Email),
            },
            null, "test", default);
        var path = "/console/campaigns/" + campaign.Id;
        var (_, secret) = await product.Get<ApiKeys>().CreateAsync("late-answer", [Scope.Campaigns], default);
        var browser = Client();
        await browser.SignInAsync(secret);
        // A test to nobody is refused on a page whose path only takes that form.
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.PostAsync(path + "/test", ("to", "nobody"))).Status);
        product.Time.Advance(TimeSpan.FromHours(9));
        foreach (var (from, back) in ((string, string)[])
        [
            (path + "/test", path), (path + "/schedule?said=saved", path), (path + "/recipients?status=sent", path + "/recipients?status=sent"),
            ("/console/dead-letters/send/1/replay", "/console/dead-letters"), ("/console/nowhere/at/all", "/console"),
        ])
        {
            var late = await browser.SendAsync(
                HttpMethod.Post, path + "/test", new FormUrlEncodedContent([new("to", "rita@example.com"), new("form", browser.Token!)]),
                ("Sec-Fetch-Site", "same-origin"), ("Referer", "https://console.example" + from));
            Assert.Equal(HttpStatusCode.Unauthorized, late.Status);
            Assert.Equal(back, late.Fields("/console/sign-in")["to"]);
        }

        await browser.SignInAsync(secret);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(path)).Status);
    }

    [Fact]
    public async Task R68_A_name_that_an_active_key_has_is_refused_so_that_the_audit_tells_them_apart_and_a_page_loaded_again_makes_no_second_key()
    {
        var browser = await product.SignedInAsync("names", Scope.Admin);
        Assert.Equal(HttpStatusCode.OK, (await browser.PostAsync("/console/keys", ("name", "twin"), ("scope-send", "yes"))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.PostAsync("/console/keys", ("name", "Twin"), ("scope-send", "yes"))).Status);
        var keys = product.Get<ApiKeys>();
        var twin = Assert.Single(await keys.ListAsync(default), k => k.Name == "twin");

        // Revoking asks first, without a script.
        var asked = await browser.PostAsync($"/console/keys/{twin.Id}/revoke");
        Assert.Equal(HttpStatusCode.OK, asked.Status);
        Assert.Null((await keys.ListAsync(default)).Single(k => k.Id == twin.Id).RevokedAt);
        await browser.PostAsync($"/console/keys/{twin.Id}/revoke", asked.Fields($"/console/keys/{twin.Id}/revoke"), ("sure", "yes"));
        Assert.NotNull((await keys.ListAsync(default)).Single(k => k.Id == twin.Id).RevokedAt);
        Assert.Equal(HttpStatusCode.OK, (await browser.PostAsync("/console/keys", ("name", "twin"), ("scope-send", "yes"))).Status);
    }

    [Fact]
    public async Task R69_While_the_store_is_away_the_console_says_so_in_a_page()
    {
        var browser = await product.SignedInAsync("away", Scope.Admin);
        product.Faults.Down = true;
        var answer = await browser.PostAsync("/console/keys", ("name", "away-key"), ("scope-send", "yes"));
        product.Faults.Down = false;
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, "text/html"), (answer.Status, answer.Response.Content.Headers.ContentType!.MediaType));
        Assert.Equal("5", answer.Header("Retry-After"));
    }
}
