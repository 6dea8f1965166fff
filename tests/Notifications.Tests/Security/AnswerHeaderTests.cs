using System.Net;
using Notifications.Access;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Security;

/// <summary>What every answer of every route carries, and what a caller's headers cannot change.</summary>
public sealed class AnswerHeaderTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R61_Every_answer_of_every_route_is_unframed_unsniffed_unkept_and_sets_no_cookie_outside_the_console()
    {
        int pages = 0, others = 0;
        foreach (var visitor in await VisitorsAsync())
        {
            foreach (var door in Door.All(product).Where(d => d.Pattern != "/console/sign-out"))
            {
                foreach (var path in new[] { door.Path, door.LinkPath(product) }.Distinct())
                {
                    var answer = await visitor.KnockAsync(door.Method, path);
                    var where = $"{door} as {visitor.Bearer ?? visitor.Cookie ?? "nobody"}: {(int)answer.Status}";
                    Assert.True(answer.Header("X-Content-Type-Options") == "nosniff", where);
                    Assert.True(answer.Header("X-Powered-By") is null, where);
                    Assert.True(answer.Header("Referrer-Policy") is "no-referrer" or "same-origin", where);
                    var asset = door.Pattern.StartsWith("/assets/", StringComparison.Ordinal) && answer.Status == HttpStatusCode.OK;
                    if (!asset) Assert.True(answer.Header("Cache-Control") == "no-store", where);

                    var policy = answer.Header("Content-Security-Policy") ?? "";
                    if (!asset)
                        Assert.True(
                            policy.Contains("frame-ancestors 'none'", StringComparison.Ordinal)
                                || (visitor.Cookie is not null && policy.Contains("frame-ancestors 'self'", StringComparison.Ordinal)),
                            where);
                    Assert.True(
                        policy.Contains("default-src 'none'", StringComparison.Ordinal)
                            && !policy.Contains("script-src 'unsafe", StringComparison.Ordinal)
                            && !policy.Contains('*', StringComparison.Ordinal)
                            && !policy.Contains("http", StringComparison.Ordinal),
                        where);
                    if (answer.IsHtml)
                    {
                        pages++;
                        Assert.True(answer.Header("X-Robots-Tag") == "noindex", where);
                        Assert.DoesNotMatch("(?i)<script(?![^>]* src=\"/assets/)|\\son[a-z]+\\s*=\\s*[\"']|javascript:", answer.Text);
                        Assert.DoesNotMatch("(?i)(src|href|action)=\"(https?:)?//(?!mail\\.example\\.com)", answer.Text);
                    }
                    else others++;

                    if (answer.Header("Set-Cookie") is { } cookie)
                    {
                        Assert.True(door.Pattern.StartsWith("/console", StringComparison.Ordinal), where);
                        Assert.All(
                            (string[])["path=/console", "httponly", "samesite=strict"],
                            part => Assert.Contains(part, cookie, StringComparison.OrdinalIgnoreCase));
                    }
                }
            }
        }

        Assert.True(pages > 50 && others > 150, $"{pages} pages, {others} others.");
    }

    [Fact]
    public async Task Where_links_begin_with_https_a_browser_is_told_to_stay_there_and_elsewhere_it_is_not()
    {
        Assert.Null((await new Visitor(product.Anonymous).KnockAsync("GET", "/subscribe")).Header("Strict-Transport-Security"));
        var secure = new ProductFixture { Configure = o => o.PublicUrl = "https://mail.example.com" };
        await secure.InitializeAsync();
        try
        {
            foreach (var path in new[] { "/subscribe", "/u/x", "/v1/keys", "/console", "/nowhere" })
                Assert.Equal(
                    "max-age=31536000", (await new Visitor(secure.Anonymous).KnockAsync("GET", path)).Header("Strict-Transport-Security"));
            var browser = new ConsoleClient(secure.Anonymous);
            await browser.GetAsync("/console/sign-in");
            Assert.Contains("secure", browser.LastCookie!, StringComparison.OrdinalIgnoreCase);
        }
        finally
        {
            await secure.DisposeAsync();
        }
    }

    [Fact]
    public async Task No_answer_and_no_mail_repeats_the_host_that_a_caller_claims()
    {
        (string, string)[] claims =
            [
                ("Host", "evil.example"), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "gopher"),
                ("Forwarded", "host=evil.example"), ("X-Original-URL", "/v1/keys"), ("X-Rewrite-URL", "/v1/keys"),
                ("X-HTTP-Method-Override", "DELETE"), ("Referer", "https://evil.example/"), ("Origin", "https://evil.example"),
            ];
        foreach (var visitor in await VisitorsAsync())
        {
            foreach (var door in Door.All(product).Where(d => d.Pattern != "/console/sign-out"))
            {
                var path = door.LinkPath(product);
                var plain = await visitor.KnockAsync(door.Method, path);
                var claimed = await visitor.KnockAsync(door.Method, path, null, claims);
                var both = string.Join('\n', claimed.Headers.Concat(claimed.Content).SelectMany(h => h.Value).Append(claimed.Text));
                Assert.False(both.Contains("evil.example", StringComparison.OrdinalIgnoreCase), $"{door}: {both}");
                Assert.True(
                    plain.Status == claimed.Status || claimed.Status == HttpStatusCode.TooManyRequests,
                    $"{door}: {plain.Status} and then {claimed.Status}");
            }
        }

        var owner = new Visitor(product.Anonymous) { Bearer = product.Secret };
        Assert.Equal(
            HttpStatusCode.Accepted,
            (await owner.KnockAsync(
                "POST", "/v1/messages",
                Visitor.Json("""{"topic":"package-updates","to":{"email":"host@example.com"},"content":{"subject":"s","text":"t"}}"""),
                claims)).Status);
        await new Visitor(product.Anonymous).KnockAsync(
            "POST", "/subscribe", Visitor.Form(("email", "host2@example.com"), ("topic-email-newsletter", "yes"), ("age", "adult")),
            claims);
        await product.WorkAsync();
        Assert.Contains(
            product.Sent.Emails,
            m => m.To == "host2@example.com" && m.Text.Contains("http://mail.example.com/c/", StringComparison.Ordinal));
        foreach (var mail in product.Sent.Emails)
            Assert.DoesNotContain(
                "evil.example", mail.Html + mail.Text + mail.Subject + string.Join(' ', mail.Headers.Select(h => h.Value)),
                StringComparison.OrdinalIgnoreCase);
    }

    private async Task<Visitor[]> VisitorsAsync()
    {
        var browser = new ConsoleClient(product.Anonymous);
        await browser.SignInAsync(await product.KeyAsync(Scope.All));
        return [
            new(product.Anonymous), new(product.Anonymous) { Bearer = product.Secret }, new(product.Anonymous) { Cookie = browser.Cookie },
        ];
    }
}
