using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notifications.Tests.Imports;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Privacy;

namespace Notifications.Tests.Web;

/// <summary>
/// A client that was written from DESIGN section 7 alone: it reads each member that stands there by its name, gives back what it was given,
/// pages every list, and leaves out what may be left out.
/// </summary>
public sealed class DesignShapeTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private static readonly Dictionary<string, string[]> Design = new()
    {
        ["MessageView"] = ["id", "topic", "channel", "status", "reason", "receipt", "timeline"],
        ["ReceiptView"] = ["ledgerSeq", "ledgerHash", "policyVersion", "rules", "at"],
        ["RuleView"] = ["rule", "result"],
        ["TimelineView"] = ["at", "event", "detail"],
        ["LedgerView"] = ["verified", "entries"],
        ["LedgerEntryView"] =
            ["seq", "at", "topic", "channel", "action", "source", "actor", "policyVersion", "wording", "evidence", "hash"],
        ["PreferencesView"] = ["address", "subscriptions", "suppression", "preferencesUrl"],
        ["SubscriptionView"] = ["topic", "channel", "status", "since", "source"],
        ["ImportView"] = ["status", "rows", "accepted", "rejected", "lowered", "errorsUrl"],
        ["TemplateView"] = ["name", "topic", "channel", "locale", "subject", "html", "text"],
        ["CampaignView"] = ["name", "topic", "channel", "template", "audience", "schedule", "throttle", "status"],
        ["CampaignStats"] =
            [
                "status", "selected", "sent", "skipped", "deferred", "delivered", "bounced", "complained", "unsubscribed", "failed",
                "unknown", "forecast",
            ],
    };

    [Fact]
    public async Task P2_A_message_has_every_member_of_the_design_while_it_waits_and_once_it_is_decided()
    {
        var queued = (await product.PostAsync("/v1/messages", new { topic = "newsletter", to = new { email = "wait@naive.example" } }))["id"];
        var waits = Has("MessageView", (await product.GetAsync("/v1/messages/" + queued)).Json);
        Assert.Equal(JsonValueKind.Null, waits.GetProperty("topic").ValueKind);
        Assert.Empty(waits.GetProperty("timeline").EnumerateArray());
        var scheduled = await product.PostAsync(
            "/v1/messages",
            new { topic = "newsletter", to = new { email = "later@naive.example" }, sendAt = product.Time.GetUtcNow().AddDays(7) });
        var later = Has("MessageView", (await product.GetAsync("/v1/messages/" + scheduled["id"])).Json);
        Assert.Equal(
            ("newsletter", "email", "queued"),
            (later.GetProperty("topic").GetString(), later.GetProperty("channel").GetString(),
                Has("TimelineView", later.GetProperty("timeline")[0]).GetProperty("event").GetString()));

        await product.WorkAsync();
        var skipped = Has("MessageView", (await product.GetAsync("/v1/messages/" + queued)).Json);
        var receipt = Has("ReceiptView", skipped.GetProperty("receipt"));
        Assert.Equal(JsonValueKind.Null, receipt.GetProperty("policyVersion").ValueKind);
        foreach (var rule in receipt.GetProperty("rules").EnumerateArray()) Has("RuleView", rule);
        foreach (var line in skipped.GetProperty("timeline").EnumerateArray()) Has("TimelineView", line);
    }

    [Fact]
    public async Task Ledgers_preferences_imports_templates_and_campaigns_have_every_member_of_the_design()
    {
        await product.DoAsync("/v1/consents", new { email = "all@naive.example", topic = "newsletter", action = "opt-out" });
        var ledger = Has("LedgerView", (await product.GetAsync("/v1/consents?email=all@naive.example")).Json);
        Has("LedgerEntryView", Assert.Single(ledger.GetProperty("entries").EnumerateArray()));
        var preferences = Has("PreferencesView", (await product.GetAsync("/v1/preferences?email=all@naive.example")).Json);
        foreach (var one in preferences.GetProperty("subscriptions").EnumerateArray()) Has("SubscriptionView", one);
        Has("ImportView", await product.ImportAsync(ImportWorld.Header + ImportWorld.Agreed("import@naive.example")));
        await CampaignAsync();
        var campaign = Has("CampaignView", (await product.GetAsync("/v1/campaigns")).Json.GetProperty("campaigns")[0]);
        Has("CampaignStats", (await product.GetAsync($"/v1/campaigns/{campaign.GetProperty("id")}/stats")).Json);
        var text = await product.PostAsync(
            "/v1/templates", new { name = "naive-sms", topic = "package-updates", channel = "sms", locale = "en", text = "Hello." });
        Has("TemplateView", (await product.GetAsync("/v1/templates/" + text["id"])).Json);
    }

    [Fact]
    public async Task The_description_says_of_every_member_of_the_design_that_it_is_always_there()
    {
        var schemas = (await product.GetAsync("/openapi/v1.json")).Json.GetProperty("components").GetProperty("schemas");
        foreach (var (schema, members) in Design)
            Assert.Superset(
                members.ToHashSet(),
                schemas.GetProperty(schema).GetProperty("required").EnumerateArray().Select(r => r.GetString()!).ToHashSet());
    }

    [Fact]
    public async Task Every_list_takes_a_limit_and_what_it_gives_as_the_next()
    {
        var lists = product.Routes
            .Where(r => r.Metadata.GetMetadata<Notifications.Web.Http.ApiDoc>() is { } doc
                && doc.Answers[0].Body?.IsSubclassOf(typeof(Notifications.Web.Http.Listed)) == true)
            .Select(r => r.Metadata.GetMetadata<Notifications.Web.Http.ApiDoc>()!)
            .ToList();
        Assert.True(lists.Count > 13, $"{lists.Count} lists");
        Assert.All(lists, doc => Assert.Superset(new HashSet<string>(["limit", "after"]), doc.Query.Select(q => q.Name).ToHashSet()));

        for (var i = 0; i < 3; i++) await product.PostAsync("/v1/keys", new { name = "page-" + i, scopes = new[] { "send" } });
        var all = Ids((await product.GetAsync("/v1/keys")).Json);
        Assert.True(all.Count > 3);
        var paged = new List<string>();
        var after = "";
        while (true)
        {
            var page = (await product.GetAsync("/v1/keys?limit=2" + after)).Json;
            paged.AddRange(Ids(page));
            if (!page.TryGetProperty("next", out var next)) break;
            after = "&after=" + next.GetString();
        }

        Assert.Equal(all, paged);
        Assert.Equal(["after"], (await product.GetAsync("/v1/keys?after=nobody")).Fields);
        Assert.Equal(["limit"], (await product.GetAsync("/v1/keys?limit=0")).Fields);
        static List<string> Ids(JsonElement keys) =>
            [.. keys.GetProperty("keys").EnumerateArray().Select(k => k.GetProperty("id").GetString()!)];
    }

    [Fact]
    public async Task What_a_GET_has_answered_can_be_put_back_under_its_own_id_and_with_no_unknown_field()
    {
        await product.SendAsync(
            HttpMethod.Put, "/v1/contacts/back",
            new
            {
                name = "Ana", locale = "pt", timeZone = "Europe/Lisbon", tags = new[] { "vip" },
                addresses = new object[] { new { phone = "+14155550188" }, new { email = "b@naive.example" }, new { email = "a@naive.example" } },
            });
        var paths = new List<string> { "/v1/contacts/back", await CampaignAsync() };
        foreach (var (path, body) in new (string, object)[]
        {
            ("/v1/templates",
                new
                {
                    name = "back", topic = "newsletter", channel = "email", locale = "pt-BR", subject = "s", html = "<p>t</p>",
                    text = "t", layout = "standard",
                }),
            ("/v1/segments", new { name = "Back", filter = new { locale = "pt" } }), ("/v1/lists", new { name = "Back" }),
        })
            paths.Add($"{path}/{(await product.PostAsync(path, body))["id"]}");
        foreach (var path in paths)
        {
            var got = await product.GetAsync(path);
            var back = await PutAsync(path, got.Text);
            Assert.True(back.Status == HttpStatusCode.OK, $"{path}: {back.Text}");
            Assert.Equal(Said(got), Said(back));
            var other = JsonNode.Parse(got.Text)!.AsObject();
            other["id"] = "other";
            Assert.Equal((path, "id"), (path, string.Join(' ', (await PutAsync(path, other.ToJsonString())).Fields)));
            other["id"] = got["id"];
            other["nonsense"] = 1;
            Assert.Equal((path, "nonsense"), (path, string.Join(' ', (await PutAsync(path, other.ToJsonString())).Fields)));
            foreach (var broken in (string[])["", "[]", got.Text[..^1], got.Text + "}"])
                Assert.Equal((path, HttpStatusCode.BadRequest), (path, (await PutAsync(path, broken)).Status));
        }

        // And where nothing exists yet, an id is nobody's to choose.
        Assert.Equal(["id"], (await product.PostAsync("/v1/lists", new { id = "mine", name = "Mine" })).Fields);
    }

    [Fact]
    public async Task The_addresses_of_a_contact_come_in_one_order_and_go_in_as_they_come_out()
    {
        string[] emails = [.. Enumerable.Range(0, 8).Select(i => $"order{i}@naive.example")];
        await product.SendAsync(
            HttpMethod.Put, "/v1/contacts/order",
            new { addresses = emails.Reverse().Select(email => new { email }).Append<object>(new { phone = "+14155550189" }) });
        var shown = (await product.GetAsync("/v1/contacts/order")).Json.GetProperty("addresses");
        Assert.Equal(
            [.. emails, "+14155550189"], shown.EnumerateArray().Select(a => a.GetProperty("address").GetString()!));
        foreach (var (address, field) in new (object, string)[]
        {
            (new { channel = "sms", address = "x@naive.example" }, "addresses[0].channel"),
            (new { channel = "sms", email = "x@naive.example" }, "addresses[0].channel"),
            (new { address = "x@naive.example", email = "x@naive.example" }, "addresses[0].address"),
            (new { address = "nobody" }, "addresses[0].address"),
            (new { channel = "email" }, "addresses[0].email"),
        })
            Assert.Equal(
                [field], (await product.SendAsync(HttpMethod.Put, "/v1/contacts/order", new { addresses = new[] { address } })).Fields);
    }

    [Fact]
    public async Task The_address_of_preferences_to_change_stands_in_the_query_as_that_of_those_to_see_or_in_the_body()
    {
        const string path = "/v1/preferences?email=query@naive.example";
        var stopped = await product.SendAsync(HttpMethod.Patch, path, new { stopAll = true });
        Assert.True(stopped.Status == HttpStatusCode.OK, stopped.Text);
        Assert.Equal("query@naive.example", stopped["address"]);
        Assert.NotEqual(JsonValueKind.Null, (await product.GetAsync(path)).Json.GetProperty("stopAll").ValueKind);
        Assert.Equal(["email"], (await product.SendAsync(HttpMethod.Patch, path, new { email = "b@naive.example", stopAll = true })).Fields);
        Assert.Equal(["email"], (await product.SendAsync(HttpMethod.Patch, "/v1/preferences", new { stopAll = true })).Fields);
    }

    [Fact]
    public async Task A_contact_with_one_address_is_answered_as_that_address_and_one_with_several_by_address()
    {
        await product.PutAsync("one", new { addresses = new[] { new { email = "one@naive.example" } } });
        await product.PutAsync("two", new { addresses = new[] { new { email = "two@naive.example" }, new { email = "twice@naive.example" } } });
        var (one, two) = (Body("one"), Body("two"));
        var decision = (await product.PostAsync("/v1/decisions", one)).Json;
        foreach (var member in (string[])["decision", "reason", "rules"]) Assert.True(decision.TryGetProperty(member, out _), member);
        Assert.Equal("queued", (await product.PostAsync("/v1/messages", one))["status"]);
        Assert.NotNull((await product.PostAsync("/v1/messages", one))["id"]);
        Assert.Equal(2, (await product.PostAsync("/v1/decisions", two)).Json.GetProperty("decisions").GetArrayLength());
        Assert.Equal(2, (await product.PostAsync("/v1/messages", two)).Json.GetProperty("messages").GetArrayLength());
        static object Body(string contactId) => new { topic = "newsletter", to = new { contactId } };
    }

    [Fact]
    public async Task A_POST_without_a_body_is_one_with_an_empty_object_and_is_told_what_it_lacks()
    {
        var template = (await product.PostAsync(
            "/v1/templates",
            new
                {
                    name = "empty", topic = "newsletter", channel = "email", locale = "en", subject = "s", html = "<p>t</p>",
                    text = "t", layout = "standard",
                }))["id"];
        await product.PutAsync("empty", new { });
        foreach (var (path, fields) in new (string, string)[]
        {
            ($"/v1/templates/{template}/preview", ""), ("/v1/contacts/empty/disable", ""), ("/v1/messages", "topic to"),
            ("/v1/messages/batch", "messages"), ("/v1/decisions", "topic to"),
            ("/v1/privacy/requests/x/lift", "notice"), ("/v1/privacy/requests/x/extend", "notice"), ("/v1/lists", "name"),
        })
        {
            using var nothing = new HttpRequestMessage(HttpMethod.Post, path);
            using var typed = new HttpRequestMessage(HttpMethod.Post, path)
            {
                Content = new StringContent("", Encoding.UTF8, "application/json"),
            };
            foreach (var request in (HttpRequestMessage[])[nothing, typed])
            {
                using var answer = await product.Http.SendAsync(request);
                var reply = new Reply(answer.StatusCode, answer.Headers, null, await answer.Content.ReadAsStringAsync());
                Assert.True(reply.Status == (fields == "" ? HttpStatusCode.OK : HttpStatusCode.BadRequest), $"{path}: {reply.Text}");
                Assert.Equal((path, fields), (path, string.Join(' ', reply.Fields)));
            }
        }

        // What would empty a contact is not taken for nothing said.
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await product.SendAsync(HttpMethod.Put, "/v1/contacts/empty")).Status);
    }

    [Theory]
    [InlineData("""x\r\nBcc: q@example.com""")]
    [InlineData("""x\n""")]
    [InlineData("""\rx""")]
    public async Task R2_A_break_in_the_subject_that_data_give_is_refused_by_its_name(string subject)
    {
        var data = $$"""{"subject":"{{subject}}"}""";
        var message = $$"""{"topic":"newsletter","to":{"email":"break@naive.example"},"data":{{data}}}""";
        foreach (var path in (string[])["/v1/messages", "/v1/decisions"])
            Assert.Equal((path, "data.subject"), (path, string.Join(' ', (await product.PostAsync(path, message)).Fields)));
        var batch = await product.PostAsync("/v1/messages/batch", $"[{message}]");
        Assert.Equal(
            "data.subject",
            batch.Json.GetProperty("results")[0].GetProperty("problem").GetProperty("errors")[0].GetProperty("field").GetString());
        Assert.Equal(
            ["data.subject"],
            (await product.PostAsync(
                "/v1/campaigns", $$"""{"name":"n","topic":"newsletter","channel":"email","template":"newsletter","data":{{data}}}""")).Fields);
        await product.PostAsync(
            "/v1/templates",
            new
                {
                    name = "break", topic = "newsletter", channel = "email", locale = "en", subject = "s", html = "<p>t</p>",
                    text = "t", layout = "standard",
                });
        Assert.Equal(
            ["data.subject"], (await product.PostAsync("/v1/templates/break:email:en/preview", $$"""{"data":{{data}}}""")).Fields);
        Assert.Equal(
            ["data.subject"],
            (await product.PostAsync("/v1/templates/break:email:en/test", $$"""{"to":["a@naive.example"],"data":{{data}}}""")).Fields);
    }

    [Fact]
    public async Task M1_A_watch_takes_one_word_or_a_list_of_statuses_and_of_choices_in_any_case()
    {
        var others = 0; // A watch that there is may keep its own.
        async Task<Reply> FollowAsync(object statuses) => await product.PostAsync(
            "/v1/packages/RA123456785GB/watches", new { email = $"follow{others++}@naive.example", source = "shop", statuses });
        async Task<string> SaidAsync(object statuses) => (await FollowAsync(statuses)).Json.GetProperty("statuses").GetRawText();

        Assert.Equal("""["Delivered"]""", await SaidAsync(new[] { "delivered" }));
        Assert.Equal("""["InTransit","Exception"]""", await SaidAsync(new[] { "EXCEPTION", "in transit", "Exception" }));
        Assert.Equal("""["problems","Delivered"]""", await SaidAsync(new[] { "Delivered", "problems" }));
        Assert.Equal("\"delivery\"", await SaidAsync(new[] { "Delivery" }));
        Assert.Equal("\"all\"", await SaidAsync(new[] { "Delivered", "all" }));
        Assert.Equal("\"problems\"", await SaidAsync("problems"));
        Assert.Equal("""["OutForDelivery"]""", await SaidAsync("OutForDelivery"));
        Assert.Equal(["statuses[1]"], (await FollowAsync(new[] { "Delivered", "nonsense" })).Fields);
        Assert.Equal(["statuses[0]"], (await FollowAsync(new[] { "Exception_Lost" })).Fields);
        Assert.Equal(["statuses[0]"], (await FollowAsync(new[] { 1 })).Fields);
        Assert.Equal(["statuses"], (await FollowAsync(Array.Empty<string>())).Fields);
        Assert.Equal(["statuses"], (await FollowAsync(new { })).Fields);
    }

    private static JsonElement Has(string shape, JsonElement json)
    {
        Assert.Superset(Design[shape].ToHashSet(), json.EnumerateObject().Select(m => m.Name).ToHashSet());
        return json;
    }

    /// <summary>What a change leaves as it is.</summary>
    private static string Said(Reply reply)
    {
        var json = JsonNode.Parse(reply.Text)!.AsObject();
        foreach (var moves in (string[])["updatedAt", "changedAt", "savedAt", "version", "setVersion", "pinned", "findings"])
            json.Remove(moves);
        return json.ToJsonString();
    }

    private async Task<string> CampaignAsync()
    {
        var made = await product.PostAsync(
            "/v1/campaigns",
            new
            {
                name = "Naive", topic = "newsletter", channel = "email", template = "newsletter", data = new { subject = "News" },
                audience = new { segment = new { locale = "pt" } }, throttle = new { perHour = 1000, rampUp = new { from = 10, days = 3 } },
                schedule = new { at = "2026-12-01T09:30:00", zone = "Europe/Lisbon" },
                subjectTest = new { subjects = new[] { "a", "b" }, share = 10, decideAfterMinutes = 60 },
            });
        Assert.True(made.Status == HttpStatusCode.Created, made.Text);
        return "/v1/campaigns/" + made["id"];
    }

    private async Task<Reply> PutAsync(string path, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, path)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (path.StartsWith("/v1/templates", StringComparison.Ordinal)) request.Headers.Add("If-Match", "*");
        using var answer = await product.Http.SendAsync(request);
        return new Reply(answer.StatusCode, answer.Headers, null, await answer.Content.ReadAsStringAsync());
    }
}
