using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Consent;
using Notifications.Privacy;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Privacy;

public sealed class LedgerSealTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task P10_A_ledger_that_does_not_verify_is_told_to_an_operator_with_the_nightly_seal()
    {
        var world = new Packages.PackagesWorld();
        await world.WatchAsync("ana@example.com");
        await world.Get<LedgerSeals>().SealAsync(default);
        Assert.Empty(await world.Get<Notifications.Events.OperatorAlerts>().TodayAsync(default));
        var (tables, key) = (world.Get<ITableStore>(), world.KeyOf("ana@example.com").Value);
        await tables.CommitAsync(Tables.Addresses, key, [RowChange.Delete(Rows.Ledger(1))]);
        await world.Get<LedgerSeals>().SealAsync(default);
        var alert = Assert.Single(await world.Get<Notifications.Events.OperatorAlerts>().TodayAsync(default));
        Assert.Equal("ledger-broken", alert.Kind);
        Assert.Contains(key, alert.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("ana@", alert.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("entry:000000000001")]
    [InlineData("entry:000000000002")]
    [InlineData("head")]
    [InlineData("head", "entry:000000000001", "entry:000000000002")]
    public async Task R68_An_audit_of_which_something_is_gone_is_told_to_an_operator_with_the_nightly_seal(params string[] gone)
    {
        var world = new Packages.PackagesWorld();
        var audit = world.Get<Notifications.Audit.AuditLog>();
        for (var i = 0; i < 2; i++) await audit.WriteAsync("service:test", "key.create", $"k{i}", null, null, default);
        await world.Get<LedgerSeals>().SealAsync(default);
        Assert.Empty(await world.Get<Notifications.Events.OperatorAlerts>().TodayAsync(default));
        await world.Get<ITableStore>().CommitAsync(Tables.Audit, "audit", [.. gone.Select(key => RowChange.Delete(key))]);
        world.Clock.Advance(TimeSpan.FromDays(1));
        await world.Get<LedgerSeals>().SealAsync(default);
        Assert.Equal("audit-broken", Assert.Single(await world.Get<Notifications.Events.OperatorAlerts>().TodayAsync(default)).Kind);
    }

    [Fact]
    public async Task P10_The_daily_seal_is_verified_offline_and_an_edit_or_a_cut_ledger_shows()
    {
        for (var i = 0; i < 5; i++)
            await product.PostAsync(
                "/v1/consents", new { email = $"seal{i}@example.com", topic = "newsletter", action = "opt-out", source = "form" });
        await product.PostAsync("/v1/privacy/requests", new { type = "erasure", email = "seal3@example.com" });
        var seals = product.Get<LedgerSeals>();
        await seals.SealAsync(default);
        var report = (await product.GetAsync("/v1/ledger/verify")).Json;
        Assert.True(report.GetProperty("verified").GetBoolean());
        Assert.Equal(5, report.GetProperty("addresses").GetInt32());
        var sealedRoot = report.GetProperty("lastSeal").GetProperty("root").GetString();
        Assert.Equal(await OfflineRootAsync(), sealedRoot);

        // A day has one seal: what changed since gives another root and leaves the seal.
        await product.PostAsync(
            "/v1/consents", new { email = "seal0@example.com", topic = "promotions", action = "opt-out", source = "form" });
        await seals.SealAsync(default);
        var later = (await product.GetAsync("/v1/ledger/verify")).Json;
        Assert.Equal(sealedRoot, later.GetProperty("lastSeal").GetProperty("root").GetString());
        Assert.NotEqual(sealedRoot, later.GetProperty("root").GetString());

        var tables = product.Get<ITableStore>();
        var (partition, row) = (await tables.ScanAsync(Tables.Addresses, null, 100)).First(r => r.Row.Key == Rows.Ledger(1));
        var entry = row.Read(CoreJson.Default.LedgerEntry);
        await tables.CommitAsync(
            Tables.Addresses, partition,
            [RowChange.Put(row.Key, entry with { Action = LedgerAction.OptIn }, CoreJson.Default.LedgerEntry)]);
        var broken = (await product.GetAsync("/v1/ledger/verify")).Json;
        Assert.False(broken.GetProperty("verified").GetBoolean());
        Assert.Equal(partition, broken.GetProperty("broken")[0].GetString());
        await tables.CommitAsync(Tables.Addresses, partition, [RowChange.Put(row.Key, row.Value)]);
        var (told, said) = (await tables.ScanAsync(Tables.Addresses, null, 100))
            .Where(r => r.Row.Key == Rows.Ledger(1))
            .Select(r => (r, r.Row.Read(CoreJson.Default.LedgerEntry)))
            .First(r => r.Item2.Detail is not null);
        await tables.CommitAsync(
            Tables.Addresses, told.Partition,
            [
                RowChange.Put(
                    told.Row.Key, said with { Detail = said.Detail! with { Wording = "Yes, everything." } }, CoreJson.Default.LedgerEntry),
            ]);
        Assert.False(
            (await product.GetAsync("/v1/ledger/verify")).Json.GetProperty("verified").GetBoolean(), "Other words than were agreed to.");
        await tables.CommitAsync(Tables.Addresses, told.Partition, [RowChange.Put(told.Row.Key, told.Row.Value)]);
        Assert.True((await product.GetAsync("/v1/ledger/verify")).Json.GetProperty("verified").GetBoolean());

        // In parts, where all of them at once would take too long.
        var (pages, addresses, entries, next) = (0, 0, 0L, "");
        do
        {
            var part = (await product.GetAsync($"/v1/ledger/verify?limit=2{(next.Length == 0 ? "" : "&after=" + next)}")).Json;
            Assert.True(part.GetProperty("verified").GetBoolean());
            (pages, addresses, entries) = (
                pages + 1, addresses + part.GetProperty("addresses").GetInt32(), entries + part.GetProperty("entries").GetInt64());
            next = part.TryGetProperty("next", out var more) ? more.GetString() ?? "" : "";
        }
        while (next.Length > 0);
        var all = (await product.GetAsync("/v1/ledger/verify")).Json;
        Assert.Equal((3, 5, all.GetProperty("entries").GetInt64()), (pages, addresses, entries));
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, (await product.GetAsync("/v1/ledger/verify?after=nobody")).Status);

        // Cut at either end, and cut to nothing: the head remembers.
        var (two, one) = (
            product.Key(CoreProduct.Email("seal0@example.com")).Value, product.Key(CoreProduct.Email("seal1@example.com")).Value);
        foreach (var (where, seq) in new[] { (two, 1), (two, 2), (one, 1) })
        {
            var cut = (await tables.GetAsync(Tables.Addresses, where, Rows.Ledger(seq)))!;
            await tables.CommitAsync(Tables.Addresses, where, [RowChange.Delete(cut.Key)]);
            var shorter = (await product.GetAsync("/v1/ledger/verify")).Json;
            Assert.False(shorter.GetProperty("verified").GetBoolean(), $"Entry {seq} is gone.");
            Assert.Equal([where], shorter.GetProperty("broken").EnumerateArray().Select(b => b.GetString()!));
            await tables.CommitAsync(Tables.Addresses, where, [RowChange.Put(cut.Key, cut.Value)]);
        }
    }

    [Fact]
    public void P10_The_offline_verifier_knows_every_action_by_its_number()
    {
        Assert.Equal(
            Enum.GetValues<LedgerAction>().ToDictionary(a => JsonSerializer.SerializeToElement(a).GetString()!, a => (long)a),
            OfflineVerifier.Actions);
    }

    /// <summary>Verifies every ledger of the raw rows, and gives the root of them all.</summary>
    private async Task<string> OfflineRootAsync()
    {
        var heads = new List<(string, JsonElement)>();
        foreach (var address in (await product.Get<ITableStore>().ScanAsync(
            Tables.Addresses, null, 1000)).GroupBy(r => r.Partition))
        {
            var head = JsonDocument.Parse(address.Single(r => r.Row.Key == Rows.State).Row.Value).RootElement.GetProperty("ledger");
            Assert.Null(OfflineVerifier.FaultOf(
                address.Where(
                    r => r.Row.Key.StartsWith(Rows.LedgerPrefix, StringComparison.Ordinal)).Select(
                        r => JsonDocument.Parse(r.Row.Value).RootElement),
                head));
            heads.Add((address.Key, head));
        }

        return OfflineVerifier.RootOf(heads);
    }
}
