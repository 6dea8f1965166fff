using System.Net;
using Notifications.Access;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Security;

/// <summary>
/// Every method of every route, tried with no key, wrong ones, a revoked one, and one key for each scope alone. What each may do is written
/// down here once more, apart from the code.
/// </summary>
public sealed class RouteMatrixTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Anyone = "anyone", SignedIn = "signed in", OwnSecret = "own secret";

    // Path beginnings; the longest that fits counts, one with a method before one without. A new route under none of them fails the test
    // until somebody has decided who may use it.
    private static readonly (string Path, string Needs)[] Permissions =
    [
        ("/health/", Anyone), ("/assets/", Anyone), ("/openapi/", Anyone),
        ("/u/", Anyone), ("/p/", Anyone), ("/c/", Anyone), ("/subscribe", Anyone), ("/find", Anyone),
        ("/webhooks/", OwnSecret),

        ("/v1/messages", Scope.Send), ("/v1/decisions", Scope.Send), ("/v1/packages", Scope.Send),
        ("/v1/consents", Scope.Contacts), ("GET /v1/consents", Scope.Privacy), ("HEAD /v1/consents", Scope.Privacy),
        ("/v1/preferences", Scope.Contacts),
        ("/v1/contacts", Scope.Contacts), ("/v1/suppressions", Scope.Contacts), ("/v1/imports", Scope.Contacts),
        ("/v1/exports", Scope.Contacts),
        ("/v1/campaigns", Scope.Campaigns),
        ("/v1/templates", Scope.Campaigns), ("/v1/segments", Scope.Campaigns), ("/v1/audiences", Scope.Campaigns),
        ("/v1/lists", Scope.Campaigns),
        ("GET /v1/lists/{id}/members", Scope.Contacts), ("HEAD /v1/lists/{id}/members", Scope.Contacts),
        ("/v1/privacy", Scope.Privacy), ("/v1/explain", Scope.Privacy),
        ("/v1/audit", Scope.Admin),
        ("/v1/ledger", Scope.Admin), ("/v1/keys", Scope.Admin), ("/v1/review", Scope.Admin), ("/v1/dead-letters", Scope.Admin),

        ("/console/sign-in", Anyone), ("/console", SignedIn),
        ("/console/people", Scope.Privacy), ("/console/contacts", Scope.Privacy), ("/console/requests", Scope.Privacy),
        ("POST /console/people/{key}/", Scope.Contacts),
        ("POST /console/contacts/{id}/", Scope.Contacts), ("/console/blocked", Scope.Contacts), ("/console/imports", Scope.Contacts),
        ("/console/campaigns", Scope.Campaigns),
        ("/console/templates", Scope.Campaigns), ("/console/segments", Scope.Campaigns), ("/console/lists", Scope.Campaigns),
        ("/console/keys", Scope.Admin),
        ("/console/audit", Scope.Admin), ("/console/ledger", Scope.Admin), ("/console/review", Scope.Admin),
        ("/console/dead-letters", Scope.Admin), ("/console/alerts", Scope.Admin),
    ];

    private static string? Needs(Door door) => Permissions
        .Where(
            p => p.Path.Contains(' ', StringComparison.Ordinal)
                ? $"{door.Method} {door.Pattern}".StartsWith(p.Path, StringComparison.Ordinal)
                : door.Pattern.StartsWith(p.Path, StringComparison.Ordinal))
        .OrderByDescending(p => (p.Path.Contains(' ', StringComparison.Ordinal) ? 1000 : 0) + p.Path.Length).FirstOrDefault().Needs;

    [Fact]
    public void M12_Every_route_stands_in_the_table_of_permissions_and_every_line_of_the_table_is_of_a_route()
    {
        var doors = Door.All(product);
        Assert.Empty(doors.Where(d => Needs(d) is null).Select(d => $"{d} is in no line: who may use it?"));
        Assert.All(
            Permissions.Where(p => !p.Path.StartsWith("/console/", StringComparison.Ordinal)),
            p => Assert.Contains(
                doors,
                d => Needs(d) == p.Needs
                    && $"{d.Method} {d.Pattern}".Contains(p.Path[(p.Path.IndexOf(' ') + 1)..], StringComparison.Ordinal)));
    }

    [Fact]
    public async Task M12_Every_API_route_opens_to_its_own_scope_alone_and_to_no_missing_wrong_or_revoked_key()
    {
        var keys = product.Get<ApiKeys>();
        var (revoked, gone) = await keys.CreateAsync("gone", Scope.All, default);
        await keys.RevokeAsync(revoked.Id, default);
        var known = await product.KeyAsync(Scope.All);
        Visitor[] strangers =
            [
                .. new[]
                {
                    null,
                    "nk_unknown",
                    "",
                    " ",
                    gone,
                    known[..^1],
                    known + "A",
                    known.ToUpperInvariant(),
                    keys.HashOf(known),
                    ProductFixture.WebhookSecret,
                    new string('k', 290),
                }.Select(secret => new Visitor(product.Anonymous) { Bearer = secret }),
            ];
        var holders = new Dictionary<string, Visitor>();
        foreach (var scope in Scope.All) holders[scope] = new Visitor(product.Anonymous) { Bearer = await product.KeyAsync(scope) };

        var tried = 0;
        foreach (var door in Door.All(
            product).Where(d => Scope.All.Contains(Needs(d)) && !d.Pattern.StartsWith("/console", StringComparison.Ordinal)))
        {
            foreach (var stranger in strangers)
            {
                var answer = await stranger.KnockAsync(door.Method, door.Path);
                Assert.True(
                    answer.Status == HttpStatusCode.Unauthorized && answer.Header("WWW-Authenticate") == "Bearer",
                    $"{door} with '{stranger.Bearer}': {answer.Status}");
            }

            Assert.Equal(
                HttpStatusCode.Unauthorized,
                (await strangers[0].KnockAsync(
                    door.Method, door.Path, null,
                    ("Authorization", "Basic " + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes("x:" + known))))).Status);
            Assert.Equal(
                HttpStatusCode.Unauthorized,
                (await strangers[0].KnockAsync(
                    door.Method, door.Path + "?key=" + known, null, ("X-Api-Key", known), ("Cookie", "console=" + known))).Status);
            foreach (var (scope, holder) in holders)
            {
                var answer = await holder.KnockAsync(door.Method, door.Path);
                var mine = scope == Needs(door);
                Assert.True(
                    mine
                        ? answer.Status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) && (int)answer.Status < 500
                        : answer.Status == HttpStatusCode.Forbidden,
                    $"{door} with {scope}: {answer.Status}");
                tried++;
            }
        }

        Assert.True(tried > 400, $"{tried} tried.");
    }

    [Fact]
    public async Task M12_Every_route_of_the_console_opens_to_a_session_of_its_own_scope_alone()
    {
        var keys = product.Get<ApiKeys>();
        var (revoked, secret) = await keys.CreateAsync("gone", Scope.All, default);
        var gone = await SessionAsync(secret);
        await keys.RevokeAsync(revoked.Id, default);
        var holders = new Dictionary<string, Visitor>();
        foreach (var scope in Scope.All) holders[scope] = await SessionAsync(await product.KeyAsync(scope));
        var sealing = product.Get<Notifications.Security.DataSealer>();
        // Sealed by us, for another place.
        var elsewhere =
            System.Buffers.Text.Base64Url.EncodeToString(sealing.Seal(
                System.Text.Encoding.UTF8.GetBytes($"x:{keys.HashOf(product.Secret)}:99999999999"), "queue"u8));
        Visitor[] strangers =
            [
                new(product.Anonymous), new(product.Anonymous) { Bearer = product.Secret }, gone,
                .. new[]
                {
                    product.Secret,
                    keys.HashOf(product.Secret),
                    "",
                    "x",
                    elsewhere,
                    new string('A', 999),
                }.Select(c => new Visitor(product.Anonymous) { Cookie = c }),
            ];

        var tried = 0;
        foreach (var door in Door.All(product).Where(d => d.Pattern.StartsWith("/console", StringComparison.Ordinal) && Needs(d) != Anyone))
        {
            Assert.Contains(door.Method, (string[])["GET", "HEAD", "POST"]); // Others would pass by the check of forms.
            foreach (var stranger in strangers)
            {
                var answer = await stranger.KnockAsync(door.Method, door.Path);
                Assert.True(answer.SentToSignIn, $"{door} with {stranger.Cookie ?? stranger.Bearer}: {answer.Status}");
            }

            if (door.Pattern == "/console/sign-out") continue; // It would end the sessions.
            foreach (var (scope, holder) in holders)
            {
                var answer = await holder.KnockAsync(door.Method, door.Path);
                var mine = Needs(door) is SignedIn || scope == Needs(door);
                Assert.True(
                    mine
                        ? answer.Status != HttpStatusCode.Forbidden && !answer.SentToSignIn && (int)answer.Status < 500
                        : answer.Status == HttpStatusCode.Forbidden,
                    $"{door} with {scope}: {answer.Status}");
                tried++;
            }
        }

        Assert.True(tried > 150, $"{tried} tried.");
    }

    [Fact]
    public async Task R64_A_webhook_opens_to_its_own_secret_and_to_no_key()
    {
        var doors = Door.All(product).Where(d => Needs(d) == OwnSecret).ToList();
        Assert.NotEmpty(doors);
        foreach (var door in doors)
        {
            foreach (var bearer in new[]
            {
                null,
                product.Secret,
                "x",
                ProductFixture.WebhookSecret[..^1],
                ProductFixture.WebhookSecret + "x",
            })
            {
                var answer = await new Visitor(product.Anonymous) { Bearer = bearer }.KnockAsync(
                    door.Method, door.Path, Visitor.Json("[]"));
                Assert.True(answer.Status == HttpStatusCode.Unauthorized, $"{door} with {bearer}: {answer.Status}");
            }
        }
    }

    private async Task<Visitor> SessionAsync(string secret)
    {
        var browser = new ConsoleClient(product.Anonymous);
        await browser.SignInAsync(secret);
        return new Visitor(product.Anonymous) { Cookie = browser.Cookie };
    }
}
