using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Storage;
using Notifications.Tests.Packages;

namespace Notifications.Tests.Privacy;

/// <summary>An export of another installation that is taken in here.</summary>
public sealed class ImportedPersonTests
{
    private static readonly Address Ana = PackagesWorld.Email("ana@example.com");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task R35_What_comes_restricted_stays_so_until_it_is_lifted_here(bool account)
    {
        var there = new PackagesWorld();
        await there.WatchAsync(Ana.Value);
        if (account) await there.Get<ContactDesk>().PutAsync("c1", "Ana", null, null, [Ana], "service:x", default);
        await there.Get<PrivacyDesk>().OpenAsync(PrivacyRight.Restriction, [Ana], account ? "c1" : null, null, null, "agent:mia", default);
        var here = new PackagesWorld();
        Assert.Equal(ImportResult.Done, await here.Get<PersonExports>().ImportAsync(await ExportAsync(there, account), "service:x", default));
        var desk = here.Get<PrivacyDesk>();
        var request = Assert.Single(await desk.ListAsync(null, 10, default));
        Assert.Equal((PrivacyRight.Restriction, account ? request.Id : null), (request.Type, (await here.Get<ContactDesk>().GetAsync("c1", default))?.Profile.RestrictedBy));
        Assert.NotNull((await here.Book.LoadAsync(here.Ring.KeyOf(Ana), default)).State!.RestrictedSince);
        Assert.NotNull(await desk.LiftAsync(request, "Told by letter.", "agent:mia", default));
        Assert.Null((await here.Book.LoadAsync(here.Ring.KeyOf(Ana), default)).State!.RestrictedSince);
        Assert.Null((await here.Get<ContactDesk>().GetAsync("c1", default))?.Profile.RestrictedBy);
    }

    [Fact]
    public async Task R32_A_package_is_followed_under_its_number_as_we_write_it_and_once()
    {
        var there = new PackagesWorld();
        await there.WatchAsync(Ana.Value);
        var export = await ExportAsync(there, false);
        var one = Assert.Single(export.Addresses);
        var typed = new WatchExport("lx 123456785-cn", one.Watches[0].Watch);
        var here = new PackagesWorld();
        Assert.Equal(ImportResult.Done, await here.Get<PersonExports>().ImportAsync(export with { Addresses = [one with { Watches = [typed, .. one.Watches] }] }, "service:x", default));
        Assert.Equal([PackagesWorld.Number], (await here.Watches.OfAsync(here.Ring.KeyOf(Ana), default)).Select(w => w.Number));
        Assert.NotNull(await here.Store.GetAsync(Tables.Packages, PackagesWorld.Number, Rows.Watcher(here.Ring.KeyOf(Ana).Value)));
    }

    [Fact]
    public async Task R32_What_is_no_whole_export_is_refused_and_nothing_is_written()
    {
        var there = new PackagesWorld();
        await there.WatchAsync(Ana.Value);
        var export = await ExportAsync(there, false);
        var one = export.Addresses[0];
        var entry = one.Ledger[0] with { Detail = one.Ledger[0].Detail! with { Evidence = "no JSON" } };
        entry = entry with { DetailDigest = LedgerChain.Digest(entry.Detail!) };
        entry = entry with { Hash = LedgerChain.Hash(entry) };
        AddressExport[] wrong =
        [
            one with { Ledger = [.. one.Ledger, null!] },
            one with { Ledger = [entry], State = one.State with { Ledger = new LedgerHead(1, entry.Hash) } },
            one with { Watches = [null!] },
            one with { Messages = [null!] },
            one with { State = one.State with { Subscriptions = null! } },
            one with { State = one.State with { Ledger = null! } },
        ];
        var here = new PackagesWorld();
        foreach (var address in wrong) Assert.Equal(ImportResult.NotValid, await here.Get<PersonExports>().ImportAsync(export with { Addresses = [address] }, "service:x", default));
        Assert.Empty(await here.Store.ScanAsync(Tables.Addresses, null, 10));
    }

    private static async Task<PersonExport> ExportAsync(PackagesWorld world, bool account) => await world.Get<PersonExports>().ReadAsync([Ana], account ? "c1" : null, default);
}
