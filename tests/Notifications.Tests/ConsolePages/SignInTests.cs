using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Access;
using Notifications.Tests.Infrastructure;
using Notifications.Web.Console;

namespace Notifications.Tests.ConsolePages;

public sealed class SignInTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private ConsoleClient Client() => new(product.Anonymous);

    [Fact]
    public async Task M12_A_key_signs_in_and_the_cookie_is_bound_to_the_console_and_dies_with_the_key_within_five_seconds()
    {
        var keys = product.Get<ApiKeys>();
        var (key, secret) = await keys.CreateAsync("anna", [Scope.Admin], default);
        var browser = Client();
        var shown = await browser.SignInAsync(secret, "/console/keys");
        Assert.Equal((HttpStatusCode.SeeOther, "/console/keys"), (shown.Status, shown.Location));
        var cookie = browser.LastCookie!.ToLowerInvariant();
        Assert.Contains("path=/console", cookie, StringComparison.Ordinal);
        Assert.Contains("httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("samesite=strict", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain("secure", cookie, StringComparison.Ordinal); // Over http; with an https public URL it is.
        Assert.DoesNotContain(secret, cookie, StringComparison.Ordinal);
        Assert.Contains("anna", (await browser.GetAsync("/console/keys")).Text, StringComparison.Ordinal);

        await keys.RevokeAsync(key.Id, default);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("/console/keys")).Status);

        // Revoked by another instance, which cannot clear what this one remembers: five seconds later it is over too.
        var (_, second) = await keys.CreateAsync("otto", [Scope.Admin], default);
        await browser.SignInAsync(second);
        var elsewhere = new ApiKeys(
            product.Get<Notifications.Storage.ITableStore>(),
            product.Get<Notifications.Security.KeyRing>(), product.Time);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/console")).Status);
        await elsewhere.RevokeAsync((await elsewhere.ListAsync(default)).Single(k => k.Name == "otto").Id, default);
        product.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("/console")).Status);
    }

    [Fact]
    public async Task A_session_ends_by_itself_and_by_signing_out_and_an_altered_cookie_is_none()
    {
        var secret = await product.KeyAsync(Scope.All);
        var browser = Client();
        await browser.SignInAsync(secret);
        var kept = browser.Cookie!;
        browser.Cookie = kept[..^2] + (kept[^2] == 'A' ? "BA" : "AA");
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("/console")).Status);
        browser.Cookie = kept;
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/console")).Status);
        Assert.Equal("/console/sign-in", (await browser.PostAsync("/console/sign-out")).Location);
        Assert.Null(browser.Cookie);

        browser.Cookie = kept;
        product.Time.Advance(TimeSpan.FromHours(8) + TimeSpan.FromSeconds(1));
        Assert.Equal("/console/sign-in?to=%2Fconsole%2Faudit", (await browser.GetAsync("/console/audit")).Location);
    }

    [Fact]
    public async Task A_form_without_the_token_of_its_own_session_changes_nothing_and_neither_does_one_from_another_site()
    {
        var browser = Client();
        await browser.SignInAsync(await product.KeyAsync(Scope.All));
        var other = Client();
        await other.SignInAsync(await product.KeyAsync(Scope.All));
        var before = (await product.Get<ApiKeys>().ListAsync(default)).Count;
        (string, string)[] form = [("name", "evil"), ("scope-admin", "yes")];
        var mine = browser.Token;
        browser.Token = null;
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.PostAsync("/console/keys", form)).Status);
        browser.Token = other.Token;
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.PostAsync("/console/keys", form)).Status);
        using var content = new FormUrlEncodedContent([.. form.Select(f => KeyValuePair.Create(f.Item1, f.Item2)), new("form", mine!)]);
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await browser.SendAsync(HttpMethod.Post, "/console/keys", content, ("Sec-Fetch-Site", "cross-site"))).Status);
        Assert.Equal(before, (await product.Get<ApiKeys>().ListAsync(default)).Count);

        // The one that is right is taken, so the refusals above were not for another reason.
        browser.Token = mine;
        Assert.Equal(HttpStatusCode.OK, (await browser.PostAsync("/console/keys", form)).Status);
        Assert.Equal(before + 1, (await product.Get<ApiKeys>().ListAsync(default)).Count);
    }

    [Fact]
    public async Task Signing_in_comes_back_only_to_a_page_of_the_console()
    {
        foreach (var to in new[]
        {
            "https://evil.example",
            "//evil.example",
            "/console/../..//evil",
            "/console/../inbox",
            "/console/%2E%2e/inbox",
            "/consoleevil",
            "/console\\evil",
            "/console/sign-out",
        })
        {
            var answer = await Client().SignInAsync(await product.KeyAsync(Scope.Admin), to);
            Assert.Equal("/console", answer.Location);
        }
    }

    [Fact]
    public async Task Every_route_of_the_console_is_open_to_its_scope_alone_and_to_nobody_without_a_session()
    {
        var anonymous = Client();
        var allowed = new Dictionary<string, ConsoleClient>();
        var refused = new Dictionary<string, ConsoleClient>();
        foreach (var scope in Scope.All)
        {
            await (allowed[scope] = Client()).SignInAsync(await product.KeyAsync(scope));
            await (refused[scope] = Client()).SignInAsync(await product.KeyAsync([.. Scope.All.Where(s => s != scope)]));
        }

        var routes = product.Routes.Where(r => r.Metadata.GetMetadata<ConsoleRoute>() is not null).ToList();
        Assert.True(routes.Count > 20);
        foreach (var route in routes)
        {
            var path = string.Join('/', route.RoutePattern.RawText!.Split('/').Select(s => s.StartsWith('{') ? "x1" : s));
            var scope = route.Metadata.GetMetadata<ConsoleRoute>()!.Scope;
            foreach (var method in route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods)
            {
                var nobody = await anonymous.SendAsync(new HttpMethod(method), path, null);
                Assert.True(
                    nobody.Status == HttpStatusCode.SeeOther && nobody.Location!.StartsWith("/console/sign-in", StringComparison.Ordinal),
                    $"{method} {path} without a session: {nobody.Status}");
                Assert.Equal("no-store", nobody.Header("Cache-Control"));
                if (scope is null || path == "/console/sign-out") continue;
                var without = await refused[scope].SendAsync(new HttpMethod(method), path, null);
                Assert.True(without.Status == HttpStatusCode.Forbidden, $"{method} {path} without {scope}: {without.Status}");
                var with = await allowed[scope].SendAsync(new HttpMethod(method), path, null);
                Assert.True(
                    with.Status is not (HttpStatusCode.Forbidden or HttpStatusCode.SeeOther or HttpStatusCode.InternalServerError),
                    $"{method} {path} with {scope}: {with.Status}");
            }
        }

        // What a scope forbids is not shown: every link of a page leads to where this key may go.
        foreach (var scope in Scope.All)
        {
            var home = await allowed[scope].GetAsync("/console");
            foreach (System.Text.RegularExpressions.Match link in System.Text.RegularExpressions.Regex.Matches(
                home.Text, "href=\"(/console[^\"#]*)\""))
            {
                Assert.True(
                    (await allowed[scope].GetAsync(link.Groups[1].Value)).Status == HttpStatusCode.OK, $"{scope}: {link.Groups[1].Value}");
            }
        }
    }

    [Fact]
    public async Task R6_Only_the_console_sets_a_cookie_and_an_API_key_in_a_header_does_not_open_it()
    {
        foreach (var path in new[] { "/subscribe", "/find", "/u/x", "/assets/site.css", "/health/live" })
            Assert.False((await product.Anonymous.GetAsync(path)).Headers.Contains("Set-Cookie"), path);
        Assert.Equal(HttpStatusCode.SeeOther, (await product.Http.GetAsync("/console")).StatusCode);
    }

    [Fact]
    public async Task R61_A_page_of_the_console_is_not_kept_not_framed_and_runs_only_our_own_script()
    {
        var browser = Client();
        await browser.SignInAsync(product.Secret);
        var page = await browser.GetAsync("/console");
        Assert.Equal("no-store", page.Header("Cache-Control"));
        Assert.Equal("noindex", page.Header("X-Robots-Tag"));
        var policy = page.Header("Content-Security-Policy")!;
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotContain(" style=", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", page.Text, StringComparison.Ordinal);
        foreach (System.Text.RegularExpressions.Match asset in System.Text.RegularExpressions.Regex.Matches(
            page.Text, "(?:href|src)=\"(/assets/[^\"]+)\""))
        {
            var loaded = await product.Anonymous.GetAsync(asset.Groups[1].Value);
            Assert.Equal(HttpStatusCode.OK, loaded.StatusCode);
            Assert.Contains("immutable", loaded.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        }
    }
}

/// <summary>Apart: it spends the network's tries.</summary>
public sealed class SignInLimitTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task A_network_that_fails_again_and_again_is_told_to_wait_also_with_a_right_key()
    {
        var browser = new ConsoleClient(product.Anonymous);
        for (var i = 0; i < 10; i++) Assert.Equal(HttpStatusCode.Forbidden, (await browser.SignInAsync("nk_wrong" + i)).Status);

        // For longer than it takes the first part of a further try to grow back.
        for (var began =
            System.Diagnostics.Stopwatch.GetTimestamp(); System.Diagnostics.Stopwatch.GetElapsedTime(began)
                < TimeSpan.FromMilliseconds(500);)
        {
            var limited = await browser.SignInAsync(product.Secret);
            Assert.Equal(HttpStatusCode.TooManyRequests, limited.Status);
            Assert.Equal("30", limited.Header("Retry-After"));
        }

        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("/console")).Status);
    }
}

public sealed class AppServiceIdentityTests
{
    private static ConsoleUser? Find(ConsoleOptions options, object? principal)
    {
        var http = new DefaultHttpContext();
        if (principal is not null)
            http.Request.Headers["X-MS-CLIENT-PRINCIPAL"] = principal as string
                ?? Convert.ToBase64String(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(principal)));
        return new AppServiceIdentity(options).Find(http);
    }

    private static object Principal(params (string Type, string Value)[] claims) =>
        new { auth_typ = "aad", role_typ = "roles", claims = claims.Select(c => new { typ = c.Type, val = c.Value }) };

    [Fact]
    public void Roles_become_scopes_and_the_person_stands_as_an_object_id()
    {
        var options = new ConsoleOptions { AppServiceAuthentication = true, Roles = { ["Marketing"] = Scope.Campaigns } };
        var user = Find(
            options,
            Principal(
                ("http://schemas.microsoft.com/identity/claims/objectidentifier", "6f1a0c3e-1111-4222-8333-444455556666"),
                ("name", "Ana Lima"), ("preferred_username", "ana@example.com"), ("roles", "Marketing"), ("roles", "privacy"),
                ("roles", "Owner")))!;
        Assert.Equal([Scope.Campaigns, Scope.Privacy], user.Scopes);
        Assert.Equal("agent:6f1a0c3e-1111-4222-8333-444455556666", user.Actor);
        Assert.Equal("Ana Lima", user.Name);
        Assert.DoesNotContain("example.com", user.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_principal_that_cannot_be_read_or_names_nobody_is_nobody()
    {
        var options = new ConsoleOptions { AppServiceAuthentication = true };
        Assert.Null(Find(options, null));
        Assert.Null(Find(options, "not base64!"));
        Assert.Null(Find(options, Convert.ToBase64String("[1,2"u8)));
        Assert.Null(Find(options, Principal(("roles", "admin"))));
        Assert.Empty(Find(options, Principal(("oid", "6f1a0c3e-1111-4222-8333-444455556666")))!.Scopes);
    }

    [Fact]
    public async Task The_header_opens_nothing_where_the_configuration_does_not_say_that_the_platform_is_in_front()
    {
        var product = new ProductFixture();
        await product.InitializeAsync();
        try
        {
            var header =
                Convert.ToBase64String(
                    Encoding.UTF8.GetBytes(
                        JsonSerializer.Serialize(Principal(("oid", "6f1a0c3e-1111-4222-8333-444455556666"), ("roles", "admin")))));
            var browser = new ConsoleClient(product.Anonymous);
            Assert.Equal(
                HttpStatusCode.SeeOther,
                (await browser.SendAsync(HttpMethod.Get, "/console/keys", null, ("X-MS-CLIENT-PRINCIPAL", header))).Status);

            product.Get<ConsoleOptions>().AppServiceAuthentication = true;
            Assert.Equal(
                HttpStatusCode.OK,
                (await browser.SendAsync(HttpMethod.Get, "/console/keys", null, ("X-MS-CLIENT-PRINCIPAL", header))).Status);
            Assert.StartsWith("/.auth/login/aad", (await browser.GetAsync("/console/keys")).Location, StringComparison.Ordinal);
            Assert.Equal(
                HttpStatusCode.Forbidden,
                (await browser.SendAsync(HttpMethod.Get, "/console/people", null, ("X-MS-CLIENT-PRINCIPAL", header))).Status);
        }
        finally
        {
            await product.DisposeAsync();
        }
    }
}
