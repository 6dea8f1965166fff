using System.Net;
using System.Text;
using Notifications.Access;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Web;

/// <summary>Contacts, suppressions, keys and dead letters.</summary>
public sealed class AdministrationApiTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task M8_A_contact_is_made_changed_disabled_enabled_and_forgotten()
    {
        var made = await product.SendAsync(
            HttpMethod.Put, "/v1/contacts/ana.1",
            new
            {
                name = "Ana",
                addresses = new object[] { new { email = "Ana@Example.com" }, new { phone = "+1 415 555 2675" } },
                locale = "pt",
            });
        Assert.Equal((HttpStatusCode.Created, "/v1/contacts/ana.1"), (made.Status, made.Headers.Location?.ToString()));
        Assert.Equal(
            ["+14155552675", "ana@example.com"],
            made.Json.GetProperty("addresses").EnumerateArray().Select(a => a.GetProperty("address").GetString()).Order());
        var changed = await product.SendAsync(HttpMethod.Put, "/v1/contacts/ana.1", new { name = "Ana Lima" });
        Assert.Equal(
            (HttpStatusCode.OK, "Ana Lima", 2), (changed.Status, changed["name"], changed.Json.GetProperty("addresses").GetArrayLength()));

        Assert.Equal("disabled", (await product.SendAsync(HttpMethod.Post, "/v1/contacts/ana.1/disable"))["status"]);
        Assert.Equal(
            "account-disabled",
            (await product.PostAsync("/v1/decisions", new { topic = "newsletter", to = new { email = "ana@example.com" } }))["reason"]);
        Assert.Equal(
            "active", (await product.PostAsync("/v1/contacts/ana.1/enable", new { source = "phone call", agent = "bo" }))["status"]);
        var ledger = (await product.GetAsync("/v1/consents?email=ana@example.com")).Json.GetProperty("entries");
        Assert.Equal(["disable", "enable"], ledger.EnumerateArray().Select(e => e.GetProperty("action").GetString()));
        Assert.Equal("agent:bo", ledger[1].GetProperty("actor").GetString());

        Assert.Equal(HttpStatusCode.NoContent, (await product.SendAsync(HttpMethod.Delete, "/v1/contacts/ana.1")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await product.GetAsync("/v1/contacts/ana.1")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await product.SendAsync(HttpMethod.Delete, "/v1/contacts/ana.1")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await product.SendAsync(HttpMethod.Post, "/v1/contacts/ana.1/disable")).Status);
    }

    [Fact]
    public async Task An_address_of_one_contact_cannot_be_given_to_another()
    {
        await product.SendAsync(HttpMethod.Put, "/v1/contacts/owner", new { addresses = new[] { new { email = "owned@example.com" } } });
        var taken = await product.SendAsync(
            HttpMethod.Put, "/v1/contacts/thief", new { addresses = new[] { new { email = "owned@example.com" } } });
        Assert.Equal((HttpStatusCode.Conflict, "urn:notifications:problem:address-taken"), (taken.Status, taken["type"]));
    }

    [Theory]
    [InlineData("a%20b", "{}", "id")]
    [InlineData("a%2Fb", "{}", "id")]
    [InlineData("ok", """{"addresses":[{}]}""", "addresses[0].email")]
    [InlineData("ok", """{"addresses":[null]}""", "addresses[0]")]
    [InlineData("ok", """{"addresses":[{"email":"x"}]}""", "addresses[0].email")]
    [InlineData("ok", """{"addresses":"a@example.com"}""", "addresses")]
    [InlineData("ok", """{"timeZone":"here"}""", "timeZone")]
    [InlineData("ok", """{"name":"a\u0007b"}""", "name")]
    [InlineData("ok", """{"status":"active"}""", "status")]
    public async Task A_wrong_contact_is_named(string id, string body, string field)
    {
        var reply = await product.SendAsync(HttpMethod.Put, "/v1/contacts/" + id, body);
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Contains(field, reply.Fields);
        Assert.Equal(HttpStatusCode.NotFound, (await product.GetAsync("/v1/contacts/" + new string('a', 65))).Status);
    }

    [Fact]
    public async Task An_address_is_blocked_listed_and_unblocked()
    {
        var blocked = await product.PostAsync("/v1/suppressions", new { email = "s1@example.com", reason = "bounce", note = "550" });
        Assert.Equal((HttpStatusCode.OK, "bounce", "s1@example.com"), (blocked.Status, blocked["reason"], blocked["address"]));
        Assert.Equal(
            "bounce", (await product.PostAsync("/v1/suppressions", new { email = "s1@example.com", reason = "manual" }))["reason"]);
        Assert.Equal(
            "suppressed-bounce",
            (await product.PostAsync("/v1/decisions", new { topic = "newsletter", to = new { email = "s1@example.com" } }))["reason"]);
        Assert.Equal(
            "bounce",
            (await product.GetAsync("/v1/preferences?email=s1@example.com")).Json
                .GetProperty("suppression")
                .GetProperty("reason")
                .GetString());

        for (var i = 0; i < 5; i++) await product.PostAsync("/v1/suppressions", new { email = $"list{i}@example.com", reason = "manual" });
        var seen = new List<string>();
        string? after = null;
        do
        {
            var page = await product.GetAsync("/v1/suppressions?limit=2" + (after is null ? "" : "&after=" + after));
            seen.AddRange(page.Json.GetProperty("suppressions").EnumerateArray().Select(s => s.GetProperty("address").GetString()!));
            after = page["next"];
        }
        while (after is not null);
        Assert.Equal(
            ["list0@example.com", "list1@example.com", "list2@example.com", "list3@example.com", "list4@example.com", "s1@example.com"],
            seen.Order());

        var own = await product.SendAsync(HttpMethod.Delete, "/v1/suppressions?email=s1@example.com&reason=manual");
        Assert.Equal((HttpStatusCode.OK, "bounce"), (own.Status, own["reason"]));
        Assert.Equal(
            HttpStatusCode.NoContent, (await product.SendAsync(HttpMethod.Delete, "/v1/suppressions?email=s1@example.com")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await product.SendAsync(HttpMethod.Delete, "/v1/suppressions?email=s1@example.com")).Status);
    }

    [Fact]
    public async Task R34_The_block_of_an_erased_person_can_neither_be_made_nor_lifted_here()
    {
        Assert.Equal(["reason"], (await product.PostAsync("/v1/suppressions", new { email = "e1@example.com", reason = "erased" })).Fields);
        await product.BlockAsync(CoreProduct.Email("e1@example.com"), Notifications.Addresses.SuppressionReason.Erased);
        var refused = await product.SendAsync(HttpMethod.Delete, "/v1/suppressions?email=e1@example.com");
        Assert.Equal((HttpStatusCode.Conflict, "urn:notifications:problem:erased"), (refused.Status, refused["type"]));
    }

    [Fact]
    public async Task M12_A_key_is_shown_once_works_within_its_scopes_and_is_revoked()
    {
        var made = await product.PostAsync("/v1/keys", new { name = "shop", scopes = new[] { "send", "send" } }, "key-1");
        Assert.Equal(HttpStatusCode.Created, made.Status);
        var secret = made["secret"]!;
        var replay = await product.PostAsync("/v1/keys", new { name = "shop", scopes = new[] { "send", "send" } }, "key-1");
        Assert.Equal((HttpStatusCode.Created, made["id"], null), (replay.Status, replay["id"], replay["secret"]));
        Assert.DoesNotContain(secret, (await product.GetAsync("/v1/keys")).Text, StringComparison.Ordinal);
        Assert.Equal(["name"], (await product.PostAsync("/v1/keys", new { name = "product:campaigns", scopes = new[] { "send" } })).Fields);
        // R68: the audit knows it by its name.
        Assert.Equal(
            "urn:notifications:problem:name-taken",
            (await product.PostAsync("/v1/keys", new { name = "Shop", scopes = new[] { "send" } }))["type"]);

        using var shop = product.ClientOf(secret);
        Assert.Equal(HttpStatusCode.NotFound, (await shop.GetAsync("/v1/messages/x")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await shop.GetAsync("/v1/keys")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await product.SendAsync(HttpMethod.Delete, "/v1/keys/" + made["id"])).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await shop.GetAsync("/v1/messages/x")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await product.SendAsync(HttpMethod.Delete, "/v1/keys?id=nonsense")).Status);
        Assert.Equal(["id"], (await product.SendAsync(HttpMethod.Delete, "/v1/keys")).Fields);
    }

    [Fact]
    public async Task R68_Of_two_keys_that_are_made_with_one_name_at_the_same_moment_one_is_refused()
    {
        var keys = product.Get<ApiKeys>();
        var told = new List<string>();
        var slower = await keys.TryCreateAsync("twin", [Scope.Send], default, async planned =>
        {
            told.Add("made " + planned.Id);
            Assert.NotNull(await keys.TryCreateAsync("Twin", [Scope.Send], default));
        }, "planned", lost =>
        {
            told.Add("lost " + lost.Id);
            return ValueTask.CompletedTask;
        });
        Assert.Null(slower);
        Assert.Equal(["made planned", "lost planned"], told); // What the audit says was to be made, it says was not.
        Assert.Single(await keys.ListAsync(default), k => k.Name.Equals("twin", StringComparison.OrdinalIgnoreCase));
        Assert.NotNull(await keys.TryCreateAsync("third", [Scope.Send], default)); // Another name is nobody's.
    }

    [Fact]
    public async Task The_key_in_use_cannot_be_revoked_with_itself()
    {
        var (key, secret) = await product.Get<ApiKeys>().CreateAsync("own", ["admin"], default);
        using var own = product.ClientOf(secret);
        Assert.Equal(HttpStatusCode.Conflict, (await own.DeleteAsync("/v1/keys?id=" + key.Id)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await own.GetAsync("/v1/keys")).StatusCode);
    }

    [Theory]
    [InlineData("""{"scopes":["send"]}""", "name")]
    [InlineData("""{"name":"a b","scopes":["send"]}""", "name")]
    [InlineData("""{"name":"a"}""", "scopes")]
    [InlineData("""{"name":"a","scopes":[]}""", "scopes")]
    [InlineData("""{"name":"a","scopes":["send","root"]}""", "scopes[1]")]
    [InlineData("""{"name":"a","scopes":["send","send","root"]}""", "scopes[2]")]
    [InlineData("""{"name":"a","scopes":[null]}""", "scopes[0]")]
    [InlineData("""{"name":"a","scopes":"send"}""", "scopes")]
    public async Task A_wrong_key_is_named(string body, string field) =>
        Assert.Contains(field, (await product.PostAsync("/v1/keys", body)).Fields);

    [Fact]
    public async Task P5_Every_dead_letter_can_be_let_go_whatever_the_characters_of_its_name()
    {
        for (var i = 0; i < 40; i++)
            await product.Get<DeadLetters>().KeepAsync(Queues.Packages, Encoding.UTF8.GetBytes($"item {i}"), 5, default);
        foreach (var letter in (await product.GetAsync("/v1/dead-letters?queue=packages&limit=100")).Json
            .GetProperty("deadLetters")
            .EnumerateArray())
        {
            Assert.Equal(
                HttpStatusCode.OK,
                (await product.SendAsync(
                    HttpMethod.Post, $"/v1/dead-letters/packages/{letter.GetProperty("id").GetString()}/discard")).Status);
        }

        Assert.Empty((await product.GetAsync("/v1/dead-letters?queue=packages")).Json.GetProperty("deadLetters").EnumerateArray());
    }

    [Fact]
    public async Task A_dead_letter_is_shown_without_its_content_and_replayed_once()
    {
        var message = await product.PostAsync("/v1/messages", new { topic = "newsletter", to = new { email = "dead@example.com" } });
        var item =
            Assert.Single(await product.Get<IWorkQueue>().ReceiveAsync(Queues.Send, 1, TimeSpan.FromHours(1)));
        await product.Get<DeadLetters>().KeepAsync(Queues.Send, item.Body, 5, default);
        await product.Get<IWorkQueue>().CompleteAsync(item);
        await product.Get<DeadLetters>().KeepAsync(Queues.Inbound, "garbage"u8.ToArray(), 5, default);

        var list = await product.GetAsync("/v1/dead-letters?queue=send");
        Assert.DoesNotContain("dead@example.com", list.Text, StringComparison.Ordinal);
        var letter = list.Json.GetProperty("deadLetters")[0];
        Assert.Equal(
            (message["id"], "newsletter", 5),
            (letter.GetProperty("messageId").GetString(), letter.GetProperty("topic").GetString(),
                letter.GetProperty("deliveries").GetInt32()));
        Assert.Equal(2, (await product.GetAsync("/v1/dead-letters")).Json.GetProperty("deadLetters").GetArrayLength());

        var path = $"/v1/dead-letters/send/{letter.GetProperty("id").GetString()}/replay";
        Assert.Equal(HttpStatusCode.Accepted, (await product.SendAsync(HttpMethod.Post, path)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await product.SendAsync(HttpMethod.Post, path)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await product.SendAsync(HttpMethod.Post, "/v1/dead-letters/nonsense/1/replay")).Status);

        // What Event Grid delivered and nobody could read is kept under its own queue's name, and can be listed and put back too.
        await product.Get<DeadLetters>().KeepAsync(Queues.ProviderEvents, "{}"u8.ToArray(), 5, default);
        var raw =
            Assert.Single((await product.GetAsync("/v1/dead-letters?queue=provider-events")).Json
                .GetProperty("deadLetters")
                .EnumerateArray());
        Assert.Equal(
            HttpStatusCode.Accepted,
            (await product.SendAsync(
                HttpMethod.Post, $"/v1/dead-letters/provider-events/{raw.GetProperty("id").GetString()}/replay")).Status);
        Assert.Equal(1, await product.Store.CountAsync(Queues.ProviderEvents));
        await product.WorkAsync();
        Assert.Equal("skipped", (await product.GetAsync("/v1/messages/" + message["id"]))["status"]);
    }

    [Fact]
    public async Task M12_That_a_persons_export_was_read_stands_in_the_audit_and_a_HEAD_reads_nothing()
    {
        await product.PostAsync(
            "/v1/consents", new { email = "head@example.com", topic = "newsletter", action = "opt-out", source = "form" });
        var path =
            $"/v1/privacy/requests/{(await product.PostAsync("/v1/privacy/requests", new { type = "access", email = "head@example.com" }))["id"]}/export";
        Assert.Equal(HttpStatusCode.OK, (await product.SendAsync(HttpMethod.Head, path)).Status);
        Assert.DoesNotContain("privacy.export", (await product.GetAsync("/v1/audit?limit=1000")).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await product.GetAsync(path)).Status);
        Assert.Contains("privacy.export", (await product.GetAsync("/v1/audit?limit=1000")).Text, StringComparison.Ordinal);
    }
}
