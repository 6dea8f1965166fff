using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Access;
using Notifications.Audit;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Sending;

namespace Notifications.Tests.Security;

/// <summary>A secret goes in and never comes out again, and no comparison with one tells how much of it was right (M12).</summary>
public sealed partial class SecretTests
{
    private const string CarrierKey = "carrier-key-canary-5521";

    [Fact]
    public async Task M12_No_answer_of_any_route_and_no_row_repeats_a_key_a_webhooks_secret_or_the_key_ring()
    {
        var product = new ProductFixture { Configure = o => o.Packages.SeventeenTrackKey = CarrierKey };
        await product.InitializeAsync();
        try
        {
            var made = await product.PostAsync("/v1/keys", new { name = "shown-once", scopes = new[] { "send" } }, "k-1");
            var once = made["secret"]!;
            var browser = new ConsoleClient(product.Anonymous);
            await browser.SignInAsync(product.Secret);
            var shown = await browser.PostAsync("/console/keys", ("name", "shown-once-too"), ("scope-send", "yes"));
            var twice = ShownKey().Match(shown.Text).Groups[1].Value;
            Assert.True(once.Length > 40 && twice.Length > 40);
            var ring = JsonDocument.Parse(product.Get<KeyRing>().RotatedJson()).RootElement;
            string[] secrets =
                [
                    once, twice, product.Secret, ProductFixture.WebhookSecret, CarrierKey, ring.GetProperty("lookup").GetString()!,
                    ring.GetProperty("keys").GetProperty("1").GetString()!,
                ];

            var replayed = await product.PostAsync("/v1/keys", new { name = "shown-once", scopes = new[] { "send" } }, "k-1");
            Assert.Equal(HttpStatusCode.Created, replayed.Status);
            Without(secrets, replayed.Text, "a replay");
            var answers = 0;
            foreach (var visitor in new[]
            {
                new Visitor(product.Anonymous),
                new Visitor(product.Anonymous) { Bearer = product.Secret },
                new Visitor(product.Anonymous) { Cookie = browser.Cookie },
            })
            {
                foreach (var door in Door.All(product).Where(d => d.Method == "GET"))
                {
                    var answer = await visitor.KnockAsync("GET", door.LinkPath(product) + "?secret=x");
                    Without(secrets, answer.Text + string.Join('\n', answer.Headers.SelectMany(h => h.Value)), door.ToString());
                    answers++;
                }
            }

            Assert.True(answers > 150, $"{answers} answers.");
            foreach (var table in Tables.All)
            {
                foreach (var row in await product.Get<ITableStore>().ScanAsync(table, null, 1000))
                    // Opened: not even inside the seal.
                    Without(secrets, row.Partition + row.Row.Key + Encoding.UTF8.GetString(row.Row.Value.Span), table);
            }
        }
        finally
        {
            await product.DisposeAsync();
        }

        static void Without(string[] secrets, string text, string where) =>
            Assert.All(secrets, secret => Assert.False(text.Contains(secret, StringComparison.Ordinal), $"{where} shows a secret."));
    }

    [Fact]
    public async Task A_key_that_was_revoked_is_not_brought_back_by_a_start_with_it_unless_it_is_the_only_way_in()
    {
        var store = new MemoryStore(TimeProvider.System);
        var keys = new ApiKeys(store, KeyRing.Parse(KeyRing.NewJson(), "test"), TimeProvider.System);
        var audit = new AuditLog(store, TimeProvider.System);
        await keys.EnsureAsync("nk_first-of-all", "first", audit, default);
        var first = (await keys.FindAsync("nk_first-of-all", default))!;
        var (other, _) = await keys.CreateAsync("other", [Scope.Admin], default);
        await keys.RevokeAsync(first.Id, default);
        await keys.EnsureAsync("nk_first-of-all", "first", audit, default);
        Assert.NotNull((await keys.FindAsync("nk_first-of-all", default))!.RevokedAt);
        await keys.RevokeAsync(other.Id, default);
        await keys.EnsureAsync("nk_first-of-all", "first", audit, default);
        Assert.Null((await keys.FindAsync("nk_first-of-all", default))!.RevokedAt);
    }

    [Fact]
    public async Task R68_A_key_that_the_settings_name_is_none_while_the_audit_does_not_take_it()
    {
        var store = new HookedStore(new MemoryStore(TimeProvider.System));
        var keys = new ApiKeys(store, KeyRing.Parse(KeyRing.NewJson(), "test"), TimeProvider.System);
        var audit = new AuditLog(store, TimeProvider.System);
        store.BeforeCommit = changes =>
            changes.Any(c => c.Key.StartsWith("entry:", StringComparison.Ordinal))
                ? throw new StorageUnavailableException()
                : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await keys.EnsureAsync("nk_first", "first", audit, default));
        Assert.Empty(await keys.ListAsync(default));
        store.BeforeCommit = null;
        for (var start = 0; start < 2; start++) await keys.EnsureAsync("nk_first", "first", audit, default);
        var made = Assert.Single(await audit.ListAsync(0, 10, default));
        Assert.Equal(
            ("product:settings", "key.create", Assert.Single(await keys.ListAsync(default)).Id), (made.Actor, made.Action, made.Subject));
    }

    [Fact]
    public async Task R68_Of_several_instances_that_start_together_with_the_secret_one_makes_the_key()
    {
        var store = new HookedStore(new MemoryStore(TimeProvider.System));
        var ring = KeyRing.Parse(KeyRing.NewJson(), "test");
        var audit = new AuditLog(store, TimeProvider.System);
        var (one, other) = (new ApiKeys(store, ring, TimeProvider.System), new ApiKeys(store, ring, TimeProvider.System));
        var begun = false;
        store.BeforeCommit = async changes =>
        {
            if (begun || !changes.Any(c => c.Key == one.HashOf("nk_first"))) return;
            begun = true;
            await other.EnsureAsync("nk_first", "first", audit, default); // It comes in between.
        };
        await one.EnsureAsync("nk_first", "first", audit, default);
        var key = Assert.Single(await one.ListAsync(default));
        Assert.All(await audit.ListAsync(0, 10, default), e => Assert.Equal(("key.create", key.Id), (e.Action, e.Subject)));
    }

    [Fact]
    public async Task R68_A_first_key_that_was_rotated_has_a_name_of_its_own()
    {
        var store = new MemoryStore(TimeProvider.System);
        var keys = new ApiKeys(store, KeyRing.Parse(KeyRing.NewJson(), "test"), TimeProvider.System);
        foreach (var secret in new[] { "nk_first-of-all", "nk_first-rotated-once", "nk_first-of-all" })
            await keys.EnsureAsync(secret, "first", new AuditLog(store, TimeProvider.System), default);
        Assert.Equal(["first", "first-2"], (await keys.ListAsync(default)).Select(k => k.Name).Order());
    }

    [Fact]
    public void R60_No_secret_signature_or_hash_of_one_is_compared_but_in_constant_time()
    {
        var compared = 0;
        var wrong = new List<string>();
        foreach (var file in Directory.EnumerateFiles(
            Path.Combine(Repository.Root, "src"), "*.cs",
            SearchOption.AllDirectories).Where(
                f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)))
        {
            var number = 0;
            foreach (var line in File.ReadLines(file))
            {
                number++;
                if (line.Contains("FixedTimeEquals", StringComparison.Ordinal)) compared++;
                else if (Compares().IsMatch(line.Split("//")[0])) wrong.Add($"{Path.GetFileName(file)}:{number}: {line.Trim()}");
            }
        }

        Assert.Empty(wrong);
        Assert.True(compared >= 5, $"{compared} comparisons in constant time."); // Links, message ids, sessions' forms, both webhooks.
    }

    [Theory]
    [InlineData("if (given == secret) return;", true)]
    [InlineData("return mac.SequenceEqual(expected);", true)]
    [InlineData("string.Equals(options.WebhookSecret, text)", true)]
    [InlineData("signature != computed", true)]
    [InlineData("if (apiKey.Equals(other)) x();", true)]
    [InlineData("if (secret == null) return;", false)]
    [InlineData("if (secret is null || secret.Length == 0) return;", false)]
    public void The_search_for_other_comparisons_finds_them(string line, bool found) => Assert.Equal(found, Compares().IsMatch(line));

    // A name of something secret beside an operator or a method that stops at the first difference; compared with null, a length or a
    // literal number it tells nothing.
    [GeneratedRegex("""(?i)\b\w*(secret|password|signature|apikey|hmac|\bmac)\b\s*(==|!=)(?>\s*)(?!null\b|""|[0-9])|(==|!=)\s*\w*(\.\w+)*?(secret|password|signature|apikey|hmac)\b(?!\.Length)|\b\w*(secret|password|signature|apikey|hmac|\bmac)(\.Span)?\.(SequenceEqual|Equals|CompareTo|StartsWith|EndsWith)\(|(string\.Equals|SequenceEqual|string\.Compare)\([^)]*\b\w*(secret|password|signature|apikey|hmac)\b""")]
    private static partial Regex Compares();

    [GeneratedRegex("id=\"secret\"[^>]*>([^<]+)<")]
    private static partial Regex ShownKey();
}
