using System.Globalization;
using System.Net;
using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Web;

/// <summary>
/// Where a key is missing from the ring, rows that none opens stand side by side: a list read the whole table for one page then, and named
/// every one of them.
/// </summary>
public sealed class LongUnreadableListTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const int Shut = 45;

    [Fact]
    public async Task R66_A_page_ends_at_twenty_rows_that_no_key_opens_and_the_next_goes_on_until_every_other_row_is_listed_and_every_such_named()
    {
        var segment = (await product.PostAsync("/v1/segments", new { name = "Behind them", filter = new { locale = "de" } }))["id"]!;
        var list = (await product.PostAsync("/v1/lists", new { name = "Behind them" }))["id"]!;
        var request = (await product.PostAsync("/v1/privacy/requests", new { type = "access", email = "behind@example.com" }))["id"]!;
        await product.PostAsync("/v1/suppressions", new { email = "behind@example.com", reason = "manual" });
        await product.PostAsync(
            "/v1/templates", new { name = "zz", topic = "newsletter", channel = "email", locale = "en", subject = "x", text = "x" });
        await product.PostAsync("/v1/templates", new { name = "zz", topic = "newsletter", channel = "sms", locale = "en", text = "x" });
        var campaign = (await product.PostAsync(
            "/v1/campaigns", new { name = "Behind them", topic = "newsletter", channel = "email", template = "newsletter" }))["id"]!;
        await product.Get<DeadLetters>().KeepAsync(Queues.ProviderEvents, "{}"u8.ToArray(), 5, default);
        var listed = (await product.PostAsync("/v1/lists", new { name = "Members" }))["id"]!;
        await product.PostAsync(
            $"/v1/lists/{listed}/members",
            new { add = Enumerable.Range(0, Shut + 1).Select(i => new { email = $"member{i}@example.com" }).ToArray() });
        var members = Enumerable.Range(0, Shut + 1).Select(KeyOf).ToList();

        foreach (var (path, table, partition, key, behind) in ((string, string, string, Func<int, string>, string)[])[
            ("segments", Tables.Segments, "segments", i => $"{i:x12}", segment),
            ("lists", Tables.Lists, "index", i => $"{i:x12}", list),
            ("imports", Tables.Imports, "imports", i => $"{i:x23}", ""),
            ("privacy/requests", Tables.Requests, "requests", i => $"{i:D15}-00000000", request),
            ("review", Tables.Review, "items", i => $"open:{i:D15}-{new string('A', 22)}", ""),
            ("dead-letters", Tables.DeadLetters, Queues.Send, i => $"{i:D4}-a", Queues.ProviderEvents),
            ("dead-letters?queue=inbound", Tables.DeadLetters, Queues.Inbound, i => $"{i:D4}-a", ""),
            ("suppressions", Tables.Suppressions, "-", i => $"-{i:D4}".PadRight(22, 'A'), "behind@example.com"),
            ("templates", Tables.Templates, Rows.TemplatePartition, i => $"{Rows.TemplateHeadPrefix}a{i:D2}:email", "zz:sms:en"),
            ($"lists/{list}/members", Tables.Lists, list, i => $"member:{i:D4}".PadRight(29, 'A'), ""),
        ])
        {
            for (var i = 0; i < Shut; i++) await ShutAsync(table, partition, key(i));
            await ReadAsync(path, [.. Enumerable.Range(0, Shut).Select(i => $"{table}/{partition}/{key(i)}")], behind);
        }

        // What can be read before them is of the first page.
        var half = (await product.PostAsync("/v1/lists", new { name = "Half" }))["id"]!;
        await product.PostAsync(
            $"/v1/lists/{half}/members",
            new { add = Enumerable.Range(0, 5).Select(i => new { email = $"half{i}@example.com" }).ToArray() });
        for (var i = 0; i < Shut; i++) await ShutAsync(Tables.Lists, half, $"member:zzzz{i:D4}".PadRight(29, 'A'));
        Assert.Equal(5, (await ReadAsync($"lists/{half}/members", null, ""))[0].GetProperty("members").GetArrayLength());

        // What a list shows may stand elsewhere.
        var campaigns = Enumerable.Range(0, Shut).Select(i => $"{i:x16}").ToList();
        for (var i = 0; i < Shut; i++)
        {
            var at = Rows.CampaignListed(product.Time.GetUtcNow().AddDays(1 + i), campaigns[i]);
            await product.Get<ITableStore>().CommitAsync(Tables.Campaigns, Rows.CampaignList, [RowChange.Put(at, "{}"u8.ToArray())]);
            await ShutAsync(Tables.Campaigns, campaigns[i], Rows.Campaign);
            await ShutAsync(Tables.Addresses, members[i].Value, Rows.State);
        }

        await ReadAsync("campaigns", [.. campaigns.Select(c => $"{Tables.Campaigns}/{c}/{Rows.Campaign}")], campaign);
        for (var i = 0; i < Shut; i++)
        {
            var at = Rows.CampaignListed(product.Time.GetUtcNow().AddDays(1 + i), campaigns[i]);
            await ShutAsync(Tables.Campaigns, Rows.CampaignList, at);
        }

        await ReadAsync("campaigns", null, campaign);
        await ReadAsync(
            $"lists/{listed}/members", [.. members.Take(Shut).Select(k => $"{Tables.Addresses}/{k.Value}/{Rows.State}")],
            members[Shut].Value);
    }

    [Fact]
    public async Task R23_R66_The_versions_of_a_template_are_listed_behind_those_that_no_key_opens()
    {
        await product.PostAsync(
            "/v1/templates", new { name = "old", topic = "newsletter", channel = "sms", locale = "en", text = "x" });
        for (var seen = 1; seen < Shut + 2; seen++)
        {
            using var again = new HttpRequestMessage(HttpMethod.Put, "/v1/templates/old:sms:en")
            {
                Content = new StringContent("""{"topic":"newsletter","text":"x"}""", null, "application/json"),
                Headers = { { "If-Match", $"\"{seen}\"" } },
            };
            using var answer = await product.Http.SendAsync(again);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        var names = Enumerable.Range(2, Shut).Select(i => Rows.TemplateVersion("old", Channel.Sms, i)).ToList();
        foreach (var name in names) await ShutAsync(Tables.Templates, Rows.TemplatePartition, name);
        await ReadAsync(
            "templates/old:sms:en/versions", [.. names.Select(n => $"{Tables.Templates}/{Rows.TemplatePartition}/{n}")], "\"version\":1,");
    }

    [Fact]
    public async Task R66_R68_The_audit_is_read_to_its_end_behind_entries_that_no_key_opens()
    {
        var own = new ProductFixture();
        await own.InitializeAsync();
        try
        {
            for (var i = 0; i < Shut + 5; i++) await own.PostAsync("/v1/lists", new { name = $"Act {i}" });
            var names = Enumerable.Range(3, Shut).Select(i => $"entry:{i:D12}").ToList();
            foreach (var name in names) await own.Store.CommitAsync(Tables.Audit, "audit", [RowChange.Put(name, RawStorage.Shut)]);
            await ReadAsync(own, "audit", [.. names.Select(n => "audit/audit/" + n)], $"\"seq\":{Shut + 5},");
            Assert.False((await own.GetAsync("/v1/audit?verify=true")).Json.GetProperty("verified").GetBoolean());
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    [Fact]
    public async Task R66_A_list_that_is_read_whole_for_a_page_names_twenty_rows_that_no_key_opens_and_says_how_many_there_are()
    {
        for (var i = 0; i < Shut; i++) await ShutAsync(Tables.Keys, "keys", $"!{i:D3}");
        var keys = (await product.GetAsync("/v1/keys")).Json;
        Assert.Equal((20, Shut), (keys.GetProperty("unreadable").GetArrayLength(), keys.GetProperty("unreadableRows").GetInt32()));
        Assert.NotEmpty(keys.GetProperty("keys").EnumerateArray());

        const string email = "long.ledger@example.com";
        var key = product.Get<KeyRing>().KeyOf(CoreProduct.Email(email)).Value;
        for (var i = 0; i < Shut + 1; i++)
            await product.PostAsync(
                "/v1/consents",
                new { email, topic = "newsletter", action = i % 2 == 0 ? "opt-out" : "opt-in", source = "form", wording = "x" });
        for (var i = 1; i <= Shut; i++) await ShutAsync(Tables.Addresses, key, Rows.Ledger(i));
        var ledger = (await product.GetAsync($"/v1/consents?email={email}&limit=10")).Json;
        Assert.Equal(
            (false, 20, Shut),
            (ledger.GetProperty("verified").GetBoolean(), ledger.GetProperty("unreadable").GetArrayLength(),
                ledger.GetProperty("unreadableRows").GetInt32()));
        Assert.NotEmpty(ledger.GetProperty("entries").EnumerateArray());
    }

    [Fact]
    public async Task R66_The_recipients_of_a_campaign_are_all_listed_where_the_records_and_batches_of_many_are_shut()
    {
        var people = Enumerable.Range(0, Shut).Select(i => CoreProduct.Email($"r{i}@recipients.example")).ToList();
        foreach (var person in people) await product.SubscribedAsync(person, TopicKey.Promotions);
        var campaign = (await product.PostAsync(
            "/v1/campaigns", new { name = "Long", topic = "promotions", channel = "email", template = "promotions" }))["id"]!;
        Assert.Equal(HttpStatusCode.OK, (await product.PostAsync($"/v1/campaigns/{campaign}/launch", new { })).Status);
        await product.WorkAsync();
        var keys = people.Select(p => product.Get<KeyRing>().KeyOf(p).Value).ToList();
        foreach (var key in keys) await ShutAsync(Tables.Addresses, key, Rows.State);
        var path = $"campaigns/{campaign}/recipients";
        var pages = await ReadAsync(path, [.. keys.Select(k => $"addresses/{k}/state")], "");
        Assert.Equal(
            people.Count,
            pages.SelectMany(p => p.GetProperty("recipients").EnumerateArray().Select(r => r.GetProperty("messageId").GetString()))
                .Distinct()
                .Count());

        foreach (var row in await product.Store.RangeAsync(Tables.Campaigns, campaign, RowRange.Prefix(Rows.Batch("")), 100))
            await ShutAsync(Tables.Campaigns, campaign, row.Key);
        Assert.All(
            await ReadAsync(path, null, ""), p => Assert.InRange(p.GetProperty("unreadable").GetArrayLength(), 1, 20));
    }

    private Task<List<JsonElement>> ReadAsync(string path, string[]? shut, string behind) => ReadAsync(product, path, shut, behind);

    /// <summary>Reads a list to its end, a page after the other.</summary>
    private static async Task<List<JsonElement>> ReadAsync(ProductFixture of, string path, string[]? shut, string behind)
    {
        var (pages, named, found) = (new List<JsonElement>(), new HashSet<string>(), 0);
        for (string? after = ""; after is not null;)
        {
            var answer = await of.GetAsync($"/v1/{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit=30{after}");
            Assert.True(answer.Status == HttpStatusCode.OK, $"{path}{after}: {answer.Text}");
            pages.Add(answer.Json);
            if (behind.Length > 0 && answer.Text.Contains(behind, StringComparison.Ordinal)) found++;
            var unreadable = answer.Json.TryGetProperty("unreadable", out var rows)
                ? rows.EnumerateArray().Select(r => r.GetString()!).ToList()
                : [];
            Assert.InRange(unreadable.Count, 0, 20);
            named.UnionWith(unreadable);
            after = answer.Json.TryGetProperty("next", out var next) && next.ValueKind != JsonValueKind.Null
                ? "&after=" + Uri.EscapeDataString(next.ToString())
                : null;
            Assert.InRange(pages.Count, 1, 20);
        }

        Assert.True(behind.Length == 0 || found == 1, $"{path}: {found} pages with {behind}");
        if (shut is not null) Assert.Equal(shut.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
        return pages;
    }

    private AddressKey KeyOf(int member) =>
        product.Get<KeyRing>().KeyOf(CoreProduct.Email(string.Create(CultureInfo.InvariantCulture, $"member{member}@example.com")));

    private async Task ShutAsync(string table, string partition, string row) =>
        await product.Store.CommitAsync(table, partition, [RowChange.Put(row, RawStorage.Shut)]);
}
