using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Audit;
using Notifications.Storage;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Privacy;

/// <summary>Ledgers and an audit that are more than one request can verify: it says how far it came, and the next goes on.</summary>
public sealed class LongVerifyTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task P10_Ledgers_that_one_request_cannot_verify_are_verified_by_several_over_the_API_and_in_the_console()
    {
        for (var i = 0; i < 4; i++)
            await product.PostAsync(
                "/v1/consents", new { email = $"long{i}@example.com", topic = "newsletter", action = "opt-out", source = "form" });
        var console = await product.SignedInAsync("lena", Notifications.Access.Scope.All);
        Slow(Tables.Addresses);
        try
        {
            var (turns, addresses, entries, next) = (0, 0, 0, "");
            do
            {
                var part = (await product.GetAsync("/v1/ledger/verify" + (next.Length == 0 ? "" : "?after=" + next))).Json;
                Assert.True(part.GetProperty("verified").GetBoolean());
                (turns, addresses, entries) = (
                    turns + 1, addresses + part.GetProperty("addresses").GetInt32(), entries + part.GetProperty("entries").GetInt32());
                next = part.TryGetProperty("next", out var more) ? more.GetString() ?? "" : "";
            }
            while (next.Length > 0 && turns < 10);
            Assert.Equal((4, 4, 4), (turns, addresses, entries));

            var screen = (await console.PostAsync("/console/ledger")).Text;
            Assert.Contains("Every ledger so far verifies", screen, StringComparison.Ordinal);
            for (turns = 1; screen.Contains("Go on with the next", StringComparison.Ordinal) && turns < 10; turns++)
                screen = (await console.PostAsync(
                    "/console/ledger",
                    [.. Regex.Matches(screen, """name="(after|addresses|entries|broken)" value="([^"]*)""")
                        .Select(m => (m.Groups[1].Value, m.Groups[2].Value))])).Text;
            Assert.Equal(4, turns);
            Assert.Contains("Every ledger verifies", screen, StringComparison.Ordinal);
        }
        finally
        {
            product.Faults.Reading = null;
        }
    }

    [Fact]
    public async Task R68_An_audit_that_one_request_cannot_verify_is_verified_by_several_over_the_API_and_in_the_console()
    {
        var console = await product.SignedInAsync("lars", Notifications.Access.Scope.All);
        var audit = product.Get<AuditLog>();
        for (var i = 0; i < 2100; i++) await audit.WriteAsync("service:test", "contact.create", "c" + i, null, "active", default);
        Slow(Tables.Audit);
        try
        {
            var (turns, verify) = (0, "true");
            for (; verify.Length > 0 && turns < 10; turns++)
            {
                var part = (await product.GetAsync("/v1/audit?limit=1&verify=" + verify)).Json;
                Assert.True(part.GetProperty("verified").GetBoolean());
                Assert.Equal(1, part.GetProperty("entries")[0].GetProperty("seq").GetInt32());
                verify = part.TryGetProperty("verifyNext", out var next) ? next.GetRawText() : "";
            }

            Assert.Equal(3, turns);

            var screen = (await console.PostAsync("/console/audit")).Text;
            Assert.Contains("The chain holds up to no. 1000", screen, StringComparison.Ordinal);
            screen = (await console.PostAsync("/console/audit", ("from", "1000"))).Text;
            Assert.Contains("""name="from" value="2000""", screen, StringComparison.Ordinal);
            screen = (await console.PostAsync("/console/audit", ("from", "2000"))).Text;
            Assert.Contains("The whole chain holds", screen, StringComparison.Ordinal);

            // What is changed past the product behind the first turn shows in its own.
            await product.Store.CommitAsync(Tables.Audit, "audit", [RowChange.Delete("entry:000000001500")]);
            Assert.False((await product.GetAsync("/v1/audit?verify=1000")).Json.GetProperty("verified").GetBoolean());
            Assert.Contains(
                "The chain is broken", (await console.PostAsync("/console/audit", ("from", "1000"))).Text, StringComparison.Ordinal);
        }
        finally
        {
            product.Faults.Reading = null;
        }
    }

    // Every reading of many rows takes a request's whole turn.
    private void Slow(string table) => product.Faults.Reading = read =>
    {
        if (read == table) product.Time.Advance(TimeSpan.FromSeconds(25));
    };
}
