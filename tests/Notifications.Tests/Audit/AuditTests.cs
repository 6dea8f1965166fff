using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Audit;
using Notifications.Storage;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Audit;

public sealed class AuditTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R68_Administrative_acts_are_audited_with_actor_before_and_after_and_an_edit_breaks_the_chain()
    {
        var made = await product.PostAsync("/v1/keys", new { name = "shop", scopes = new[] { "send" } });
        await product.SendAsync(HttpMethod.Delete, "/v1/keys/" + made["id"]);
        await product.PostAsync("/v1/suppressions", new { email = "audited@example.com", reason = "manual", agent = "mia" });
        await product.SendAsync(HttpMethod.Delete, "/v1/suppressions?email=audited@example.com");
        await product.SendAsync(HttpMethod.Put, "/v1/contacts/a1", new { name = "A" });
        await product.PostAsync("/v1/contacts/a1/disable", new { agent = "mia" });
        var access = await product.PostAsync("/v1/privacy/requests", new { type = "access", email = "audited@example.com" });
        await product.PostAsync($"/v1/privacy/requests/{access["id"]}/complete", new { notice = "Sent by letter.", agent = "mia" });

        var reply = await product.GetAsync("/v1/audit");
        var entries = reply.Json.GetProperty("entries").EnumerateArray().ToList();
        Assert.Equal(
            [
                "key.create", "key.revoke", "suppression.add", "suppression.lift", "contact.create", "contact.disable", "privacy.open",
                "privacy.complete",
            ],
            entries.Select(e => e.GetProperty("action").GetString()));
        Assert.Equal("agent:mia", entries[2].GetProperty("actor").GetString());
        Assert.Equal(("active", "revoked"), (entries[1].GetProperty("before").GetString(), entries[1].GetProperty("after").GetString()));
        Assert.DoesNotContain("audited@example.com", reply.Text, StringComparison.Ordinal);
        Assert.True(reply.Json.GetProperty("verified").GetBoolean());
        Assert.Equal(2, (await product.GetAsync("/v1/audit?after=6")).Json.GetProperty("entries").GetArrayLength());

        var tables = product.Get<ITableStore>();
        var row = (await tables.GetAsync(Tables.Audit, "audit", "entry:000000000003"))!;
        var edited =
            Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(row.Value.Span).Replace("agent:mia", "agent:eve", StringComparison.Ordinal));
        await tables.CommitAsync(Tables.Audit, "audit", [RowChange.Put(row.Key, edited)]);
        Assert.False(await VerifiedAsync(""));
        Assert.False(await VerifiedAsync("?after=3")); // The fourth follows it.

        // A page answers for itself, so that it costs what it shows; the whole chain is verified where that is asked for.
        Assert.True(await VerifiedAsync("?after=4"));
        Assert.True(await VerifiedAsync("?limit=2"));
        Assert.False(await VerifiedAsync("?after=4&verify=true"));
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, (await product.GetAsync("/v1/audit?verify=perhaps")).Status);
        var console = await product.SignedInAsync("olga", Notifications.Access.Scope.All);
        Assert.Contains("The chain of this page is broken", (await console.GetAsync("/console/audit")).Text, StringComparison.Ordinal);
        Assert.Contains("The chain is broken", (await console.PostAsync("/console/audit")).Text, StringComparison.Ordinal);
        await tables.CommitAsync(Tables.Audit, "audit", [RowChange.Put(row.Key, row.Value)]);
        Assert.True((await product.Get<AuditLog>().VerifyAsync(default)).Holds);
        Assert.Contains("The whole chain holds", (await console.PostAsync("/console/audit")).Text, StringComparison.Ordinal);
        Assert.True(await VerifiedAsync("?after=9999999"));
        var newest = (await product.Get<AuditLog>().NewestAsync(default)).Seq;
        Assert.True(await VerifiedAsync("?after=" + newest));
        await tables.CommitAsync(Tables.Audit, "audit", [RowChange.Delete($"entry:{newest:D12}")]);
        Assert.False((await product.Get<AuditLog>().VerifyAsync(default)).Holds);
        Assert.False(await VerifiedAsync("?after=7"));
        Assert.False(await VerifiedAsync("?after=" + newest));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task R68_A_head_that_was_taken_away_or_set_back_shows_for_ever_and_keeps_nobody_from_acting(int at)
    {
        var (store, time) = (new MemoryStore(TimeProvider.System), TimeProvider.System);
        var audit = new AuditLog(store, time);
        for (var i = 0; i < 5; i++)
        {
            await audit.WriteAsync("service:test", "key.create", $"k{i}", null, null, default);
            if (i + 1 != at) continue;
            _older = (await store.GetAsync(Tables.Audit, "audit", "head"))!.Value;
        }

        var rows = new List<RowChange> { at == 0 ? RowChange.Delete("head") : RowChange.Put("head", _older) };
        await store.CommitAsync(Tables.Audit, "audit", rows);
        Assert.False((await audit.VerifyAsync(default)).Holds);
        Assert.False((await audit.PageAsync(0, 100, default)).Verified);
        Assert.False((await audit.PageAsync(4, 100, default)).Verified);
        await audit.WriteAsync("service:test", "key.revoke", "k1", null, null, default);
        await audit.WriteAsync("service:test", "key.revoke", "k2", null, null, default);
        Assert.Equal(7, (await audit.ListAsync(0, 100, default)).Count);
        Assert.False((await audit.VerifyAsync(default)).Holds);
        Assert.False((await audit.PageAsync(0, 100, default)).Verified);
        Assert.True((await audit.PageAsync(6, 100, default)).Verified); // What came after it follows again.
    }

    private ReadOnlyMemory<byte> _older;

    private async Task<bool> VerifiedAsync(string query) =>
        (await product.GetAsync("/v1/audit" + query)).Json.GetProperty("verified").GetBoolean();
}
