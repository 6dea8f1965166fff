using System.Globalization;
using System.Net;
using Notifications.Access;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.ConsolePages;

/// <summary>A list goes on behind a row that no key of the ring opens, and says that something is missing.</summary>
public sealed class ShutListTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R66_Every_list_of_the_console_shows_what_stands_behind_a_row_that_no_key_opens_and_says_that_one_is_missing()
    {
        var console = await product.SignedInAsync("olga", Scope.All);
        var segment = await product.PostAsync("/v1/segments", new { name = "Behind it", filter = new { locale = "de" } });
        var campaign = await product.PostAsync(
            "/v1/campaigns", new { name = "Behind it", topic = "newsletter", channel = "email", template = "newsletter" });
        var request = await product.PostAsync("/v1/privacy/requests", new { type = "access", email = "behind@example.com" });
        await product.PostAsync("/v1/lists", new { name = "Behind it" });
        await product.PostAsync(
            "/v1/templates", new { name = "behind", topic = "newsletter", channel = "sms", locale = "en", text = "x" });
        await product.Get<OperatorAlerts>().RaiseAsync("behind-it", "Behind it", null, default);
        var other = await product.PostAsync(
            "/v1/campaigns", new { name = "Shut", topic = "newsletter", channel = "email", template = "newsletter" });

        await ShutAsync(Tables.Segments, "segments", "!shut");
        await ShutAsync(Tables.Lists, "index", "!shut");
        await ShutAsync(Tables.Requests, "requests", "000000000000000-00000000");
        await ShutAsync(Tables.Alerts, "alerts", "~shut");
        await ShutAsync(Tables.Campaigns, other["id"]!, "campaign");
        await ShutAsync(Tables.Imports, "imports", "!shut");
        await ShutAsync(Tables.DeadLetters, Queues.Inbound, "!shut");
        await ShutAsync(Tables.Review, "items", "open:!shut");
        await ShutAsync(Tables.Keys, "keys", "!shut");
        foreach (var (path, shows) in new[]
        {
            ("/console/segments", segment["id"]!), ("/console/campaigns", campaign["id"]!), ("/console/requests", request["id"]!),
            ("/console/lists", "Behind it"), ("/console/alerts", "behind-it"), ("/console/imports", ""), ("/console/dead-letters", ""),
            ("/console/review", ""), ("/console/keys", "olga"), ("/console", ""),
        })
        {
            var screen = await console.GetAsync(path);
            Assert.True(screen.Status == HttpStatusCode.OK, $"{path}: {screen.Status}");
            Assert.Contains(shows, screen.Text, StringComparison.Ordinal);
            Assert.True(screen.Text.Contains("that no key of the ring opens", StringComparison.Ordinal), path);
        }

        // What is missing from one page is not missing from another.
        Assert.DoesNotContain(
            "that no key of the ring opens", (await console.GetAsync("/console/templates")).Text, StringComparison.Ordinal);
        // A form that is shown again after a POST is a screen too.
        var again = await console.PostAsync(
            "/console/campaigns/new", ("name", ""), ("topic", "newsletter"), ("channel", "email"), ("template", "newsletter"),
            ("act", "save"));
        Assert.Equal(HttpStatusCode.BadRequest, again.Status);
        Assert.Contains("Behind it", again.Text, StringComparison.Ordinal);
        Assert.Contains("that no key of the ring opens", again.Text, StringComparison.Ordinal);

        // A program that reads a list is shown the others too, and told which row is missing.
        await product.PostAsync("/v1/suppressions", new { email = "behind@example.com", reason = "manual" });
        await ShutAsync(Tables.Suppressions, "-", "-shut");
        var list = (await product.PostAsync("/v1/lists", new { name = "Members" }))["id"]!;
        await product.PostAsync(
            $"/v1/lists/{list}/members", new { add = new[] { new { email = "shut@members.example" }, new { email = "in@members.example" } } });
        var member = product.Get<KeyRing>().KeyOf(CoreProduct.Email("shut@members.example")).Value;
        await ShutAsync(Tables.Addresses, member, Rows.State);
        var half = (await product.PostAsync("/v1/lists", new { name = "Half" }))["id"]!;
        var kept = product.Get<KeyRing>().KeyOf(CoreProduct.Email("in@members.example")).Value;
        await product.PostAsync($"/v1/lists/{half}/members", new { add = new[] { new { email = "in@members.example" } } });
        await ShutAsync(Tables.Lists, half, "member:!shut");
        foreach (var screen in (string[])[list, half])
            Assert.Equal(HttpStatusCode.OK, (await console.GetAsync("/console/lists/" + screen)).Status);
        var version = Rows.TemplateVersion("behind", Notifications.Addresses.Channel.Sms, 1);
        await product.PostAsync(
            "/v1/templates", new { name = "behind", topic = "newsletter", channel = "sms", locale = "de", text = "x" });
        await ShutAsync(Tables.Templates, Rows.TemplatePartition, version);
        await ShutAsync(Tables.Templates, Rows.TemplatePartition, Rows.TemplateHeadPrefix + "!shut");
        foreach (var (path, shows, row) in new[]
        {
            ("segments", segment["id"]!, "segments/segments/!shut"), ("campaigns", campaign["id"]!, $"campaigns/{other["id"]}/campaign"),
            ("privacy/requests", request["id"]!, "requests/requests/000000000000000-00000000"), ("lists", "Behind it", "lists/index/!shut"),
            ("imports", "", "imports/imports/!shut"), ("dead-letters", "", $"deadletters/{Queues.Inbound}/!shut"),
            ("review", "", "review/items/open:!shut"), ("keys", "olga", "keys/keys/!shut"),
            ("suppressions", "behind@example.com", "suppressions/-/-shut"),
            ($"lists/{list}/members", member, $"addresses/{member}/state"), ($"lists/{half}/members", kept, $"lists/{half}/member:!shut"),
            ("templates", "behind:sms:en", $"templates/{Rows.TemplatePartition}/{Rows.TemplateHeadPrefix}!shut"),
            ("templates/behind:sms:en/versions", "\"version\":2", $"templates/{Rows.TemplatePartition}/{version}"),
        })
        {
            var answer = await product.GetAsync("/v1/" + path);
            Assert.True(answer.Status == HttpStatusCode.OK, $"{path}: {answer.Status}");
            Assert.Contains(shows, answer.Text, StringComparison.Ordinal);
            Assert.Equal([row], answer.Json.GetProperty("unreadable").EnumerateArray().Select(r => r.GetString()));
        }

        // One that misses nothing says nothing of it.
        Assert.False((await product.GetAsync("/v1/review?status=resolved")).Json.TryGetProperty("unreadable", out _));
    }

    [Fact]
    public async Task P2_R66_A_person_is_shown_behind_what_no_key_opens_and_nothing_is_told_from_a_ledger_with_a_hole()
    {
        const string email = "hole@example.com";
        await product.PostAsync("/v1/consents", new { email, topic = "newsletter", action = "opt-in", source = "form", wording = "yes" });
        await product.PostAsync("/v1/consents", new { email, topic = "newsletter", action = "opt-out", source = "phone" });
        var key = product.Get<KeyRing>().KeyOf(CoreProduct.Email(email)).Value;
        product.Time.Advance(TimeSpan.FromHours(2));
        var then = product.Time.GetUtcNow().AddHours(-1).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var person = "/console/people/" + key;
        var console = await product.SignedInAsync("otto", Scope.All);
        var whole = await console.GetAsync($"{person}?topic=newsletter&at={then}");
        Assert.Contains("It would not have been sent.", whole.Text, StringComparison.Ordinal);

        foreach (var row in (string[])[Rows.Ledger(2), Rows.MessagePrefix + "!shut", Rows.WatchPrefix + "!shut"])
            await ShutAsync(Tables.Addresses, key, row);
        var screen = await console.GetAsync($"{person}?topic=newsletter&at={then}");
        Assert.Equal(HttpStatusCode.OK, screen.Status);
        foreach (var words in (string[])["3 entries that no key of the ring opens", "Does not verify", "It cannot be told: no key"])
            Assert.Contains(words, screen.Text, StringComparison.Ordinal);
        Assert.Equal(
            HttpStatusCode.InternalServerError, (await product.GetAsync($"/v1/explain?email={email}&topic=newsletter&at={then}")).Status);
        var ledger = (await product.GetAsync("/v1/consents?email=" + email)).Json;
        Assert.Equal((false, 1), (ledger.GetProperty("verified").GetBoolean(), ledger.GetProperty("entries").GetArrayLength()));
        Assert.Equal($"addresses/{key}/{Rows.Ledger(2)}", ledger.GetProperty("unreadable")[0].GetString());
    }

    [Fact]
    public async Task R66_R68_The_audit_is_shown_behind_an_act_that_no_key_opens_and_its_chain_is_said_to_be_broken()
    {
        var console = await product.SignedInAsync("otis", Scope.All);
        for (var i = 0; i < 3; i++) await product.PostAsync("/v1/lists", new { name = $"Act {i}" });
        await ShutAsync(Tables.Audit, "audit", "entry:000000000002");
        foreach (var (screen, says) in new[]
        {
            (await console.GetAsync("/console/audit"), "The chain of this page is broken"),
            (await console.PostAsync("/console/audit"), "The chain is broken"),
        })
        {
            Assert.Equal(HttpStatusCode.OK, screen.Status);
            foreach (var words in (string[])[says, "Act 2", "that no key of the ring opens"])
                Assert.Contains(words, screen.Text, StringComparison.Ordinal);
        }

        var listed = (await product.GetAsync("/v1/audit")).Json;
        Assert.False(listed.GetProperty("verified").GetBoolean());
        Assert.Equal("audit/audit/entry:000000000002", listed.GetProperty("unreadable")[0].GetString());
    }

    [Fact]
    public async Task R66_The_recipients_of_a_campaign_are_shown_beside_one_that_no_key_opens_and_behind_a_batch_that_none_does()
    {
        var console = await product.SignedInAsync("oleg", Scope.All);
        foreach (var name in (string[])["shut", "open"])
            await product.SubscribedAsync(CoreProduct.Email(name + "@recipients.example"), TopicKey.Promotions);
        var campaign = (await product.PostAsync(
            "/v1/campaigns", new { name = "Recipients", topic = "promotions", channel = "email", template = "promotions" }))["id"]!;
        Assert.Equal(HttpStatusCode.OK, (await product.PostAsync($"/v1/campaigns/{campaign}/launch", new { })).Status);
        await product.WorkAsync();
        var path = $"/console/campaigns/{campaign}/recipients";
        Assert.Contains("shut@recipients.example", (await console.GetAsync(path)).Text, StringComparison.Ordinal);

        var key = product.Get<KeyRing>().KeyOf(CoreProduct.Email("shut@recipients.example")).Value;
        await ShutAsync(Tables.Addresses, key, Rows.State);
        var screen = await console.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, screen.Status);
        foreach (var words in (string[])["open@recipients.example", "that no key of the ring opens"])
            Assert.Contains(words, screen.Text, StringComparison.Ordinal);
        var recipients = await product.GetAsync($"/v1/campaigns/{campaign}/recipients");
        Assert.Contains("open@recipients.example", recipients.Text, StringComparison.Ordinal);
        Assert.Contains(
            $"addresses/{key}/state", recipients.Json.GetProperty("unreadable").EnumerateArray().Select(r => r.GetString()));

        foreach (var row in await product.Store.RangeAsync(Tables.Campaigns, campaign, RowRange.Prefix(Rows.Members("")), 100))
            await ShutAsync(Tables.Campaigns, campaign, row.Key);
        Assert.Equal(HttpStatusCode.OK, (await console.GetAsync(path)).Status);
        foreach (var row in await product.Store.RangeAsync(Tables.Campaigns, campaign, RowRange.Prefix(Rows.Batch("")), 100))
            await ShutAsync(Tables.Campaigns, campaign, row.Key);
        screen = await console.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, screen.Status);
        Assert.Contains("that no key of the ring opens", screen.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R66_A_list_that_is_shown_again_after_a_mistake_goes_on_behind_a_row_that_no_key_opens_as_before_it()
    {
        var console = await product.SignedInAsync("oona", Scope.All);
        await product.BlockAsync(CoreProduct.Email("seen@mistakes.example"));
        await product.PostAsync("/v1/lists", new { name = "Seen beside a mistake" });
        var list = (await product.PostAsync("/v1/lists", new { name = "Mistakes" }))["id"]!;
        await product.PostAsync(
            $"/v1/lists/{list}/members",
            new { add = new[] { new { email = "seen@mistakes.example" }, new { email = "shut@mistakes.example" } } });
        await product.PersonAsync("shut@mistakes.example");
        await ShutAsync(Tables.Suppressions, "-", "-shut");
        await ShutAsync(Tables.Lists, "index", "!shut");
        await ShutAsync(Tables.Keys, "keys", "!shut");
        await ShutAsync(
            Tables.Addresses, product.Get<KeyRing>().KeyOf(CoreProduct.Email("shut@mistakes.example")).Value, Rows.State);
        foreach (var (path, mistake, shows) in ((string, (string, string)[], string)[])[
            ("/console/blocked", [("who", "nobody")], "seen@mistakes.example"),
            ("/console/lists", [("name", "a\u0007b")], "Seen beside a mistake"),
            ("/console/lists/" + list, [("addresses", "nobody"), ("act", "add")], "seen@mistakes.example"),
            ("/console/keys", [("name", "not a name"), ("scope-send", "yes")], "oona"),
        ])
        {
            foreach (var (screen, status) in new[]
            {
                (await console.GetAsync(path), HttpStatusCode.OK),
                (await console.PostAsync(path, mistake), HttpStatusCode.BadRequest),
            })
            {
                Assert.True(screen.Status == status, $"{path}: {screen.Status} {screen.Text}");
                Assert.Contains(shows, screen.Text, StringComparison.Ordinal);
                Assert.Contains("that no key of the ring opens", screen.Text, StringComparison.Ordinal);
            }
        }

        // What was typed stands there still.
        var again = await console.PostAsync("/console/lists", ("name", "a\u0007b"));
        Assert.Equal("a\u0007b", again.Document.GetElementById("name")!.GetAttribute("value"));
    }

    private async Task ShutAsync(string table, string partition, string row) =>
        await product.Store.CommitAsync(table, partition, [RowChange.Put(row, RawStorage.Shut)]);
}
