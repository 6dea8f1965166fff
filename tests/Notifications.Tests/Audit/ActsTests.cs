using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Access;
using Notifications.Audit;
using Notifications.Security;
using Notifications.Storage.Sqlite;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Audit;

/// <summary>What the audit says of single acts of the API: what was before, and what is after.</summary>
public sealed class ActsTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R68_A_block_of_the_API_is_audited_with_the_block_before_it()
    {
        const string email = "blocked-twice@example.com";
        foreach (var reason in (string[])["manual", "complaint", "bounce"])
            await product.PostAsync("/v1/suppressions", new { email, reason, agent = "mia" });
        await product.SendAsync(HttpMethod.Delete, "/v1/suppressions?email=" + email);
        var key = product.Key(CoreProduct.Email(email)).Value;
        Assert.Equal(
            [
                ("suppression.add", null, "manual"), ("suppression.add", "manual", "complaint, manual"),
                ("suppression.add", "complaint, manual", "complaint, manual"), ("suppression.lift", "complaint, manual", "manual"),
            ],
            await ActsAsync(key));
    }

    [Fact]
    public async Task R68_M12_M16_An_export_is_the_same_entry_whether_the_API_gives_it_out_or_the_console()
    {
        var console = await product.SignedInAsync("olga", Notifications.Access.Scope.All);
        var request = (await product.PostAsync("/v1/privacy/requests", new { type = "access", email = "exports@example.com" }))["id"]!;
        foreach (var format in (string[])["html", "json"])
        {
            await product.GetAsync($"/v1/privacy/requests/{request}/export?format={format}");
            await console.PostAsync($"/console/requests/{request}/export", ("as", format));
        }

        Assert.Equal(
            [
                ("privacy.export", null, "html"), ("privacy.export", null, "html"), ("privacy.export", null, "json"),
                ("privacy.export", null, "json"),
            ],
            (await ActsAsync(request)).Where(a => a.Item1 == "privacy.export"));

        var campaign = (await product.PostAsync(
            "/v1/campaigns", new { name = "Exports", topic = "newsletter", channel = "email", template = "newsletter" }))["id"]!;
        using var csv = new HttpRequestMessage(HttpMethod.Get, $"/v1/campaigns/{campaign}/recipients?status=sent&reason=unsubscribed");
        csv.Headers.Accept.ParseAdd("text/csv");
        (await product.Http.SendAsync(csv)).Dispose();
        await console.PostAsync($"/console/campaigns/{campaign}/recipients", ("status", "sent"), ("reason", "unsubscribed"));
        Assert.Equal(
            [("campaign.export", null, "sent, unsubscribed"), ("campaign.export", null, "sent, unsubscribed")],
            (await ActsAsync(campaign)).Where(a => a.Item1 == "campaign.export"));
    }

    [Fact]
    public async Task R68_A_key_that_is_revoked_twice_is_revoked_once_in_the_audit()
    {
        var id = (await product.PostAsync("/v1/keys", new { name = "twice", scopes = new[] { "send" } }))["id"]!;
        foreach (var _ in new[] { 1, 2 })
            Assert.Equal(HttpStatusCode.NoContent, (await product.SendAsync(HttpMethod.Delete, "/v1/keys/" + id)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await product.SendAsync(HttpMethod.Delete, "/v1/keys/000000000000")).Status);
        Assert.Equal(["key.create", "key.revoke"], (await ActsAsync(id)).Select(a => a.Item1));
    }

    [Fact]
    public async Task R68_What_the_audit_does_not_take_is_not_done()
    {
        const string email = "unaudited@example.com";
        var id = (await product.PostAsync("/v1/keys", new { name = "stays", scopes = new[] { "send" } }))["id"]!;
        await product.SendAsync(HttpMethod.Put, "/v1/contacts/stays", new { name = "A" });
        const string restricted = "unaudited-restricted@example.com";
        var restriction = (await product.PostAsync("/v1/privacy/requests", new { type = "restriction", email = restricted }))["id"];
        var console = await product.SignedInAsync("olga", Notifications.Access.Scope.All);
        product.Faults.WithoutTable = Notifications.Storage.Tables.Audit;
        try
        {
            Assert.Equal(
                HttpStatusCode.ServiceUnavailable,
                (await product.PostAsync("/v1/keys", new { name = "unaudited", scopes = new[] { "send" } })).Status);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await product.SendAsync(HttpMethod.Delete, "/v1/keys/" + id)).Status);
            Assert.Equal(
                HttpStatusCode.ServiceUnavailable, (await product.PostAsync("/v1/suppressions", new { email, reason = "manual" })).Status);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await product.PostAsync("/v1/contacts/stays/disable", new { })).Status);
            Assert.Equal(
                HttpStatusCode.ServiceUnavailable,
                (await product.SendAsync(HttpMethod.Put, "/v1/contacts/stays", new { name = "B" })).Status);
            Assert.Equal(
                HttpStatusCode.ServiceUnavailable,
                (await product.SendAsync(HttpMethod.Put, "/v1/contacts/unaudited", new { name = "B" })).Status);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await product.SendAsync(HttpMethod.Delete, "/v1/contacts/stays")).Status);
            foreach (var type in new[] { "objection", "restriction" })
                Assert.Equal(
                    HttpStatusCode.ServiceUnavailable, (await product.PostAsync("/v1/privacy/requests", new { type, email })).Status);
            Assert.Equal(
                HttpStatusCode.ServiceUnavailable,
                (await product.PostAsync($"/v1/privacy/requests/{restriction}/lift", new { notice = "Told." })).Status);
            Assert.Equal(
                HttpStatusCode.ServiceUnavailable,
                (await console.PostAsync("/console/contacts/stays/status", ("to", "disabled"), ("sure", "yes"))).Status);
            Assert.Equal(
                HttpStatusCode.ServiceUnavailable,
                (await console.PostAsync("/console/blocked", ("who", email), ("reason", "manual"))).Status);
            Assert.Equal(
                HttpStatusCode.ServiceUnavailable,
                (await console.PostAsync(
                    $"/console/people/{product.Key(CoreProduct.Email(restricted)).Value}/stop", ("topic", "newsletter"),
                    ("source", "phone"))).Status);
        }
        finally
        {
            product.Faults.WithoutTable = null;
        }

        var keys = (await product.GetAsync("/v1/keys")).Json.GetProperty("keys").EnumerateArray().ToList();
        Assert.DoesNotContain(keys, k => k.GetProperty("name").GetString() == "unaudited");
        Assert.False(keys.Single(k => k.GetProperty("id").GetString() == id).TryGetProperty("revokedAt", out _));
        var stays = await product.GetAsync("/v1/contacts/stays");
        Assert.Equal(("active", "A"), (stays["status"], stays["name"]));
        Assert.Equal(HttpStatusCode.NotFound, (await product.GetAsync("/v1/contacts/unaudited")).Status);
        Assert.Null(await product.StateAsync(CoreProduct.Email(email)));
        var held = (await product.StateAsync(CoreProduct.Email(restricted)))!;
        Assert.NotNull(held.RestrictedSince);
        Assert.Empty(held.Subscriptions);
    }

    [Fact]
    public async Task R68_M12_Every_change_of_a_contact_is_audited_with_its_addresses_as_keys_and_no_word_of_the_person()
    {
        var (first, second) = (
            product.Key(CoreProduct.Email("c1@example.com")).Value, product.Key(CoreProduct.Phone("+14155550177")).Value);
        await PutAsync(new { name = "Ana Canary", locale = "pt", addresses = new[] { new { email = "c1@example.com" } } });
        await PutAsync(new { name = "Ana Canary", locale = "pt" }); // Nothing is changed: no act.
        await PutAsync(
            new
            {
                name = "Bea Canary",
                locale = "pt",
                tags = new[] { "canary" },
                addresses = new object[] { new { email = "c1@example.com" }, new { phone = "+14155550177" } },
            });
        await product.PostAsync("/v1/contacts/acts/disable", new { agent = "mia" });
        await product.PostAsync("/v1/contacts/acts/enable", new { agent = "mia" });
        Assert.Equal(HttpStatusCode.NoContent, (await product.SendAsync(HttpMethod.Delete, "/v1/contacts/acts")).Status);
        // Nothing was done.
        Assert.Equal(HttpStatusCode.NotFound, (await product.SendAsync(HttpMethod.Delete, "/v1/contacts/acts")).Status);
        var both = string.Join(' ', new[] { first, second }.Order(StringComparer.Ordinal));
        Assert.Equal(
            [
                ("contact.create", null, $"active: {first}"),
                ("contact.update", $"active: {first}", $"active: {both} (changed: name, tags, addresses)"),
                ("contact.disable", "active", "disabled"),
                ("contact.enable", "disabled", "active"),
                ("contact.delete", $"active: {both}", null),
            ],
            await ActsAsync(product.Get<KeyRing>().LookupHash("contact", "acts")));
        Assert.DoesNotContain("canary", (await product.GetAsync("/v1/audit?limit=500")).Text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task R68_A_change_of_a_contact_that_is_refused_is_no_act()
    {
        await product.SendAsync(HttpMethod.Put, "/v1/contacts/holder", new { addresses = new[] { new { email = "held@example.com" } } });
        Assert.Equal(
            HttpStatusCode.Conflict,
            (await product.SendAsync(
                HttpMethod.Put, "/v1/contacts/refused", new { addresses = new[] { new { email = "held@example.com" } } })).Status);
        Assert.Empty(await ActsAsync(product.Get<KeyRing>().LookupHash("contact", "refused")));
    }

    [Fact]
    public async Task R68_Revocations_of_one_key_at_once_are_one_act_and_one_whose_request_died_is_another()
    {
        var world = new CoreProduct();
        var (keys, audit) = (world.Get<ApiKeys>(), world.Get<AuditLog>());
        var (key, _) = await keys.CreateAsync("leaked", [Scope.Send], default);
        await audit.WriteOnceAsync("service:died", "key.revoke", key.Id, "active", "revoked", default);
        world.Time.Advance(TimeSpan.FromHours(1));
        // All have read the key while it was active.
        foreach (var actor in (string[])["service:a", "service:b", "service:c", "service:d"])
            await world.Get<KeyDesk>().RevokeAsync(key, actor);
        Assert.Equal(
            [("service:died", key.Id), ("service:a", key.Id)],
            (await audit.ListAsync(0, 100, default)).Where(e => e.Action == "key.revoke").Select(e => (e.Actor, e.Subject)));
        Assert.NotNull(Assert.Single(await keys.ListAsync(default)).RevokedAt);
        Assert.Equal((true, null), await audit.VerifyAsync(default));
    }

    [Fact]
    public async Task R68_Three_hundred_acts_at_once_are_all_audited()
    {
        var directory = Directory.CreateTempSubdirectory("notifications-");
        try
        {
            await using var store = SqliteStore.Open(directory.FullName, TimeProvider.System);
            var audit = new AuditLog(store, TimeProvider.System);
            await Task.WhenAll(Enumerable.Range(
                0, 300).Select(i => audit.WriteAsync("service:test", "contact.create", "c" + i, null, "active", default).AsTask()));
            Assert.Equal((300, (true, null)), ((await audit.NewestAsync(default)).Seq, await audit.VerifyAsync(default)));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private Task<Reply> PutAsync(object contact) => product.SendAsync(HttpMethod.Put, "/v1/contacts/acts", contact);

    private async Task<IEnumerable<(string, string?, string?)>> ActsAsync(string subject) =>
        (await product.Get<AuditLog>().ListAsync(0, 1000, default))
            .Where(e => e.Subject == subject)
            .Select(e => (e.Action, e.Before, e.After))
            .ToList();
}
