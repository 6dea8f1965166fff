using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Audit;
using Notifications.Storage;
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
        await product.PostAsync("/v1/privacy/requests", new { type = "access", email = "audited@example.com" });

        var reply = await product.GetAsync("/v1/audit");
        var entries = reply.Json.GetProperty("entries").EnumerateArray().ToList();
        Assert.Equal(["key.create", "key.revoke", "suppression.add", "suppression.lift", "contact.create", "contact.disable", "privacy.open", "privacy.complete"], entries.Select(e => e.GetProperty("action").GetString()));
        Assert.Equal("agent:mia", entries[2].GetProperty("actor").GetString());
        Assert.Equal(("active", "revoked"), (entries[1].GetProperty("before").GetString(), entries[1].GetProperty("after").GetString()));
        Assert.DoesNotContain("audited@example.com", reply.Text, StringComparison.Ordinal);
        Assert.True(reply.Json.GetProperty("verified").GetBoolean());
        Assert.Equal(2, (await product.GetAsync("/v1/audit?after=6")).Json.GetProperty("entries").GetArrayLength());

        var tables = product.Services.GetRequiredService<ITableStore>();
        var row = (await tables.GetAsync(Tables.Audit, "audit", "entry:000000000003"))!;
        var edited = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(row.Value.Span).Replace("agent:mia", "agent:eve", StringComparison.Ordinal));
        await tables.CommitAsync(Tables.Audit, "audit", [RowChange.Put(row.Key, edited)]);
        Assert.False((await product.GetAsync("/v1/audit")).Json.GetProperty("verified").GetBoolean());
        await tables.CommitAsync(Tables.Audit, "audit", [RowChange.Put(row.Key, row.Value)]);
        Assert.True(await product.Services.GetRequiredService<AuditLog>().VerifyAsync(default));
        await tables.CommitAsync(Tables.Audit, "audit", [RowChange.Delete("entry:000000000008")]);
        Assert.False(await product.Services.GetRequiredService<AuditLog>().VerifyAsync(default));
    }
}
