using System.Net;
using System.Text;
using Notifications.Access;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;
using Notifications.Web.Console;

namespace Notifications.Tests.Security;

/// <summary>
/// What a page of another site can make a browser do: send forms with our cookie, frame us, ask across origins, lead people away.
/// </summary>
public sealed class CrossSiteTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task No_form_of_the_console_is_taken_without_the_token_of_its_own_session_or_from_another_site()
    {
        var me = new ConsoleClient(product.Anonymous);
        await me.SignInAsync(await product.KeyAsync(Scope.All));
        var other = new ConsoleClient(product.Anonymous);
        await other.SignInAsync(await product.KeyAsync(Scope.All));
        var visitor = new Visitor(product.Anonymous) { Cookie = me.Cookie };
        (string, string)[] hostile =
            [
                ("name", "evil"), ("scope-admin", "yes"), ("who", "ana@example.com"), ("reason", "x"), ("note", "x"), ("confirm", "1"),
                ("topic", "newsletter"),
            ];
        var before = await product.StoredAsync();
        var tried = 0;
        foreach (var door in Door.All(product).Where(d => d.IsConsole && d.Method == "POST"))
        {
            foreach (var (what, content, site) in Forgeries(me.Token!, other.Token!, hostile))
            {
                (string, string)[] headers = site is null ? [] : [("Sec-Fetch-Site", site)];
                var answer = await visitor.KnockAsync("POST", door.Path, content, headers);
                var refused = answer.Status == HttpStatusCode.BadRequest
                    || (!door.Route.Metadata.GetMetadata<ConsoleRoute>()!.ReadsForm && (int)answer.Status is > 400 and < 500);
                Assert.True(refused, $"{door} {what}: {answer.Status}");
                tried++;
            }
        }

        // The one form that streams a file reads its token itself.
        foreach (var token in (string?[])[null, "", other.Token, me.Token![..^1]])
        {
            using var upload = new MultipartFormDataContent
            {
                { new StringContent("import"), "act" },
                { new ByteArrayContent(
                    "email,topic,status\nevil@example.com,newsletter,unsubscribed\n"u8.ToArray()), "file", "people.csv" },
            };
            using var signed = new MultipartFormDataContent { { new StringContent(token ?? ""), "form" } };
            foreach (var part in upload) signed.Add(part);
            var answer = await visitor.KnockAsync("POST", "/console/imports", token is null ? upload : signed);
            Assert.True(answer.Status == HttpStatusCode.BadRequest, $"The file with '{token}': {answer.Status}");
        }

        Assert.True(tried > 100, $"{tried} tried.");
        Assert.Equal(before, await product.StoredAsync());
        Assert.DoesNotContain(await product.Get<ApiKeys>().ListAsync(default), k => k.Name == "evil");
        // The same form with its own token is taken.
        Assert.Equal(
            HttpStatusCode.OK, (await visitor.KnockAsync("POST", "/console/keys", Visitor.Form([.. hostile, ("form", me.Token!)]))).Status);
    }

    private static IEnumerable<(string What, HttpContent? Content, string? Site)> Forgeries(
        string mine, string others, (string, string)[] fields)
    {
        yield return ("without a body", null, null);
        yield return ("without a token", Visitor.Form(fields), null);
        yield return ("with an empty token", Visitor.Form([.. fields, ("form", "")]), null);
        yield return ("with another session's token", Visitor.Form([.. fields, ("form", others)]), null);
        yield return ("with the token twice", Visitor.Form([.. fields, ("form", mine), ("form", mine)]), null);
        yield return ("with an altered token", Visitor.Form([.. fields, ("form", mine[..^1] + (mine[^1] == 'A' ? 'B' : 'A'))]), null);
        yield return ("as plain text", new StringContent("form=" + mine, Encoding.UTF8, "text/plain"), null);
        yield return ("as JSON", Visitor.Json($$"""{"form":"{{mine}}"}"""), null);
        yield return ("from another site", Visitor.Form([.. fields, ("form", mine)]), "cross-site");
        yield return ("from a sibling site", Visitor.Form([.. fields, ("form", mine)]), "same-site");
    }

    [Fact]
    public async Task Nobody_is_signed_in_by_another_sites_form()
    {
        var secret = await product.KeyAsync(Scope.All);
        var victim = new ConsoleClient(product.Anonymous);
        await victim.GetAsync("/console/sign-in");
        var attacker = new ConsoleClient(product.Anonymous);
        await attacker.GetAsync("/console/sign-in");
        foreach (var (cookie, token) in new[] { (null, attacker.Token), (victim.FormCookie, null), (victim.FormCookie, attacker.Token) })
        {
            var answer = await new Visitor(product.Anonymous) { FormCookie = cookie }.KnockAsync(
                "POST", "/console/sign-in", Visitor.Form(("key", secret), ("form", token ?? "")));
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        }

        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await new Visitor(product.Anonymous) { FormCookie = victim.FormCookie }.KnockAsync(
                "POST", "/console/sign-in", Visitor.Form(("key", secret), ("form", victim.Token!)),
                ("Sec-Fetch-Site", "cross-site"))).Status);
    }

    [Fact]
    public async Task No_route_lets_another_origin_read_an_answer()
    {
        foreach (var door in Door.All(product))
        {
            var visitor = new Visitor(product.Anonymous) { Bearer = product.Secret };
            foreach (var (method, path) in new[] { (door.Method, door.Path), ("OPTIONS", door.Path) })
            {
                var answer = await visitor.KnockAsync(
                    method, path, null, ("Origin", "https://evil.example"), ("Access-Control-Request-Method", door.Method),
                    ("Access-Control-Request-Headers", "authorization"));
                Assert.False(
                    answer.Headers.Any(h => h.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase)), $"{method} {path}");
            }
        }
    }

    [Fact]
    public async Task No_answer_leads_to_another_site_whatever_its_path_query_and_form_ask_for()
    {
        var me = new ConsoleClient(product.Anonymous);
        await me.SignInAsync(await product.KeyAsync(Scope.All));
        string[] targets =
            [
                "https://evil.example", "//evil.example", "/\\evil.example", "/console//evil.example", "/console/\t//evil.example",
                "/console/é", "javascript:alert(1)", "/console/%0d%0aLocation:%20https://evil.example",
            ];
        var redirected = 0;
        foreach (var door in Door.All(product).Where(d => !d.IsApi && d.Pattern != "/console/sign-out"))
        {
            foreach (var target in targets)
            {
                var query =
                    $"?to={Uri.EscapeDataString(target)}&url={Uri.EscapeDataString(target)}&return={Uri.EscapeDataString(target)}&next={Uri.EscapeDataString(target)}";
                foreach (var visitor in new[] { new Visitor(product.Anonymous), new Visitor(product.Anonymous) { Cookie = me.Cookie } })
                {
                    var content = door.Method == "POST" ? Visitor.Form(("to", target), ("url", target), ("form", me.Token!)) : null;
                    var answer = await visitor.KnockAsync(door.Method, door.Path + query, content);
                    Assert.True((int)answer.Status < 500, $"{door} {target}: {answer.Status}");
                    if (answer.Header("Location") is not { } location) continue;
                    redirected++;
                    var leads = new Uri(new Uri("https://us.example/console/x"), location);
                    Assert.True(
                        leads.Host == "us.example" && leads.Scheme == "https" && location.StartsWith('/'), $"{door} {target}: {location}");
                }
            }
        }

        Assert.True(redirected > 100, $"{redirected} redirects.");
        foreach (var target in targets)
        {
            var signedIn = await new ConsoleClient(product.Anonymous).SignInAsync(product.Secret, target);
            Assert.True(
                signedIn.Status == HttpStatusCode.SeeOther
                    && signedIn.Location!.StartsWith("/console", StringComparison.Ordinal)
                    && new Uri(new Uri("https://us.example"), signedIn.Location).Host == "us.example",
                $"{target}: {signedIn.Status} {signedIn.Location}");
        }
    }
}

/// <summary>Apart: the other tests spend what a network may ask for.</summary>
public sealed class PublicFormTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R6_A_public_form_needs_no_cookie_and_a_cookie_gives_it_nothing()
    {
        var me = new ConsoleClient(product.Anonymous);
        await me.SignInAsync(await product.KeyAsync(Scope.All));
        foreach (var door in Door.All(
            product).Where(d => d.IsPublic && d.Method == "POST" && !d.Pattern.StartsWith("/console", StringComparison.Ordinal)))
        {
            var path = door.LinkPath(product); // One that works: what a broken link is answered depends on how many there were.
            foreach (var form in new (string, string)[][]
            {
                [("x", "y")],
                [
                    ("List-Unsubscribe", "One-Click"), ("stop", "*"), ("confirm", "yes"), ("address", "known@example.com"),
                    ("email", "known@example.com"), ("topic-email-newsletter", "yes"), ("age", "adult"),
                ],
            })
            {
                // So that what it asks for is done, and both below find the same.
                await new Visitor(product.Anonymous).KnockAsync("POST", path, Visitor.Form(form));
                var without = await new Visitor(product.Anonymous).KnockAsync(
                    "POST", path, Visitor.Form(form), ("Sec-Fetch-Site", "cross-site"));
                var with = await new Visitor(product.Anonymous) { Cookie = me.Cookie }.KnockAsync(
                    "POST", path, Visitor.Form(form), ("Sec-Fetch-Site", "cross-site"));
                Assert.Equal((without.Status, without.Text), (with.Status, with.Text));
                Assert.Null(with.Header("Set-Cookie"));
            }
        }
    }
}
