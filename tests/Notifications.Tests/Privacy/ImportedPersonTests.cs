using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;
using Notifications.Tests.Sending;

namespace Notifications.Tests.Privacy;

/// <summary>An export of another installation that is taken in here.</summary>
public sealed class ImportedPersonTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");

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
        Assert.Equal(
            ImportResult.Done, await here.Get<PersonImports>().ImportAsync(await ExportAsync(there, account), "service:x", default));
        var desk = here.Get<PrivacyDesk>();
        var request = Assert.Single(await desk.ListAsync(null, 10, default));
        Assert.Equal(
            (PrivacyRight.Restriction, account ? request.Id : null),
            (request.Type, (await here.Get<ContactDesk>().GetAsync("c1", default))?.Profile.RestrictedBy));
        Assert.NotNull((await here.StateAsync(Ana)).RestrictedSince);
        Assert.NotNull(await desk.LiftAsync(request, "Told by letter.", "agent:mia", default));
        Assert.Null((await here.StateAsync(Ana)).RestrictedSince);
        Assert.Null((await here.Get<ContactDesk>().GetAsync("c1", default))?.Profile.RestrictedBy);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task R32_R35_An_import_that_any_write_cut_off_is_completed_by_the_same_again_under_one_restriction(bool written)
    {
        var export = await RestrictedAsync();
        var cuts = 0;
        for (var fails = 1; ; fails++)
        {
            var (here, store) = PackagesWorld.Hooked();
            var left = fails;
            if (written) store.AfterCommit = (_, result) => --left == 0 ? throw new StorageUnavailableException() : result;
            else store.BeforeCommit = _ => --left == 0 ? throw new StorageUnavailableException() : Task.CompletedTask;
            ValueTask<ImportResult> ImportAsync() => here.Get<PersonImports>().ImportAsync(export, "service:x", default);
            var result = ImportResult.NotValid;
            try
            {
                result = await ImportAsync();
            }
            catch (StorageUnavailableException)
            {
                cuts++;
                (store.BeforeCommit, store.AfterCommit) = (null, null);
                result = await ImportAsync();
            }

            (store.BeforeCommit, store.AfterCommit) = (null, null);
            // Only the answer of the very end was lost.
            if (written && result == ImportResult.Known)
                Assert.Empty(await here.Store.RangeAsync(Tables.Requests, "imports", RowRange.All, 10));
            else Assert.Equal(ImportResult.Done, result);
            var request = Assert.Single(await here.Get<PrivacyDesk>().ListAsync(null, 10, default));
            var contact = (await here.Get<ContactDesk>().GetAsync("c1", default))!;
            Assert.Equal((request.Id, 2), (contact.Profile.RestrictedBy, contact.Addresses.Count));
            foreach (var (key, address) in contact.Addresses)
            {
                var state = (await here.Book.LoadAsync(key, default)).State!;
                Assert.True(
                    LedgerChain.Verify(await here.Book.LedgerAsync(key, default), state.Ledger),
                    $"The ledger of {address.Value} after write {fails}.");
            }

            Assert.NotNull(await here.Store.GetAsync(Tables.Packages, PackagesWorld.Number, Rows.Watcher(here.Ring.KeyOf(Ana).Value)));
            Assert.NotNull(await here.Get<PrivacyDesk>().LiftAsync(request, "Told.", "agent:mia", default));
            foreach (var (key, _) in contact.Addresses) Assert.Null((await here.Book.LoadAsync(key, default)).State!.RestrictedSince);
            if (left > 0) break; // It had fewer writes than that.
        }

        Assert.InRange(cuts, 8, 60);
    }

    [Fact]
    public async Task R35_An_import_that_somebody_was_faster_than_leaves_no_restriction_that_nobody_asked_for()
    {
        var (here, store) = PackagesWorld.Hooked();
        store.BeforeCommit = async rows =>
        {
            if (!rows.Any(r => r.Key == Rows.State)) return;
            store.BeforeCommit = null;
            await here.WatchAsync(Ana.Value);
        };
        Assert.Equal(ImportResult.Known, await here.Get<PersonImports>().ImportAsync(await RestrictedAsync(), "service:x", default));
        Assert.Equal([], await here.Get<PrivacyDesk>().StillOpenAsync(default).ToListAsync());
        Assert.Null((await here.StateAsync(Ana)).RestrictedSince);
        Assert.True(LedgerChain.Verify(
            await here.Book.LedgerAsync(here.Ring.KeyOf(Ana), default),
            (await here.StateAsync(Ana)).Ledger));
        Assert.Empty(await here.Store.RangeAsync(Tables.Requests, "imports", RowRange.All, 10));
    }

    [Fact]
    public async Task R35_An_import_that_was_cut_off_and_never_repeated_restricts_only_what_came_of_it()
    {
        var (here, store) = PackagesWorld.Hooked();
        store.BeforeCommit = rows => rows.Any(r => r.Key == Rows.State) ? throw new StorageUnavailableException() : Task.CompletedTask;
        var export = await RestrictedAsync();
        await Assert.ThrowsAsync<StorageUnavailableException>(
            async () => await here.Get<PersonImports>().ImportAsync(export, "service:x", default));
        store.BeforeCommit = null;
        var desk = here.Get<PrivacyDesk>();
        await desk.RunAsync(default);
        Assert.Single(await desk.StillOpenAsync(default).ToListAsync()); // It may be sent again.
        here.Clock.Advance(TimeSpan.FromDays(2));
        await desk.RunAsync(default);
        Assert.Empty(await desk.StillOpenAsync(default).ToListAsync());
        // Nothing is known of the person.
        Assert.Equal(ImportResult.Done, await here.Get<PersonImports>().ImportAsync(export, "service:x", default));
    }

    [Fact]
    public async Task R45_An_opt_out_finds_its_place_in_an_address_whose_import_was_cut_off_anywhere()
    {
        var export = await RestrictedAsync();
        for (var fails = 1; fails < 12; fails++)
        {
            var left = fails;
            var (here, store) = PackagesWorld.Hooked();
            store.BeforeCommit = _ => --left == 0 ? throw new StorageUnavailableException() : Task.CompletedTask;
            await Assert.ThrowsAsync<StorageUnavailableException>(
                async () => await here.Get<PersonImports>().ImportAsync(export, "service:x", default));
            store.BeforeCommit = null;
            await here.Get<ConsentDesk>().OptOutAsync(
                Ana, new LedgerDraft(LedgerAction.OptOut, TopicKey.Newsletter, "page", "person"), default);
            Assert.Equal(
                SubscriptionStatus.Unsubscribed,
                (await here.StateAsync(Ana)).StatusOf(TopicKey.Newsletter));
        }
    }

    [Fact]
    public async Task R32_An_import_takes_nothing_from_another_account_that_has_its_id_here()
    {
        var here = new PackagesWorld();
        var other = CoreProduct.Email("eve@example.com");
        await here.Get<ContactDesk>().PutAsync("c1", "Eve", null, null, [other], "service:x", default);
        Assert.Equal(ImportResult.Known, await here.Get<PersonImports>().ImportAsync(await RestrictedAsync(), "service:x", default));
        Assert.Equal(
            ("Eve", other),
            ((await here.Get<ContactDesk>().GetAsync("c1", default))!.Profile.Name,
                Assert.Single((await here.Get<ContactDesk>().GetAsync("c1", default))!.Addresses).Address));
    }

    /// <summary>An account of two addresses, of which one follows a package, restricted as a whole.</summary>
    internal static async Task<PersonExport> RestrictedAsync()
    {
        var there = new PackagesWorld();
        var phone = CoreProduct.Phone("+14155552671");
        await there.WatchAsync(Ana.Value);
        await there.Get<ContactDesk>().PutAsync("c1", "Ana", null, null, [Ana, phone], "service:x", default);
        await there.Get<PrivacyDesk>().OpenAsync(PrivacyRight.Restriction, [Ana, phone], "c1", null, null, "agent:mia", default);
        return await there.Get<PersonExports>().ReadAsync([Ana, phone], "c1", default);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task R33_R32_A_former_address_comes_in_beside_the_account_and_not_under_it_again(bool restricted)
    {
        var (there, next) = (new PackagesWorld(), CoreProduct.Email("next@example.com"));
        await there.WatchAsync(Ana.Value);
        await there.Get<ContactDesk>().PutAsync("c1", "Ana", null, null, [Ana], "service:x", default);
        var rights = there.Get<PrivacyDesk>();
        await rights.OpenAsync(
            PrivacyRight.Rectification, [Ana], null, null, new Rectification(NewAddress: next.Value), "agent:mia", default);
        if (restricted) await rights.OpenAsync(PrivacyRight.Restriction, [next], "c1", null, null, "agent:mia", default);
        var access = await rights.OpenAsync(PrivacyRight.Access, [next], "c1", null, null, "agent:mia", default);
        var export = (await rights.ExportAsync(access, default))!;
        Assert.Equal(2, export.Addresses.Count);

        var here = new PackagesWorld();
        Assert.Equal(ImportResult.Done, await here.Get<PersonImports>().ImportAsync(export, "service:x", default));
        Assert.Equal(next, Assert.Single((await here.Get<ContactDesk>().GetAsync("c1", default))!.Addresses).Address);
        var former = await here.StateAsync(Ana);
        Assert.Equal((Ana.Value, null, null), (former.Value, former.ContactId, former.RestrictedSince));
        Assert.NotNull(former.Stopped);
        if (restricted)
            Assert.Equal(
                ["email:" + next.Value], Assert.Single(await here.Get<PrivacyDesk>().ListAsync(null, 10, default)).Addresses);
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
        Assert.Equal(
            ImportResult.Done,
            await here.Get<PersonImports>().ImportAsync(
                export with { Addresses = [one with { Watches = [typed, .. one.Watches] }] }, "service:x", default));
        Assert.Equal([PackagesWorld.Number], (await here.Watches.OfAsync(here.Ring.KeyOf(Ana), default)).Select(w => w.Number));
        Assert.NotNull(await here.Store.GetAsync(Tables.Packages, PackagesWorld.Number, Rows.Watcher(here.Ring.KeyOf(Ana).Value)));
    }

    [Theory]
    [InlineData(WatchStatus.Active), InlineData(WatchStatus.Pending)]
    public async Task P6_No_package_is_followed_that_the_ledger_says_nothing_of_be_it_under_a_stop(WatchStatus status)
    {
        var there = new PackagesWorld();
        await there.WatchAsync(Ana.Value);
        var export = await ExportAsync(there, false);
        var one = export.Addresses[0];
        var watch = one.Watches[0].Watch with
        {
            Status = status, CoveredSince = status == WatchStatus.Pending ? one.Watches[0].Watch.Since : null,
        };
        Assert.Equal(
            ImportResult.NotValid,
            await new PackagesWorld().Get<PersonImports>().ImportAsync(
                export with { Addresses = [one with { Watches = [new WatchExport("RR123456785PT", watch)] }] }, "service:x", default));
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
            one with
            {
                State = one.State.With(new Subscription(
                    TopicKey.Newsletter, SubscriptionStatus.Pending, one.Ledger[0].At, "form", AlsoHolds: new Restraint(null, null!))),
            },
        ];
        var here = new PackagesWorld();
        foreach (var address in wrong)
            Assert.Equal(
                ImportResult.NotValid,
                await here.Get<PersonImports>().ImportAsync(export with { Addresses = [address] }, "service:x", default));
        Assert.Empty(await here.Store.ScanAsync(Tables.Addresses, null, 10));
    }

    private static async Task<PersonExport> ExportAsync(PackagesWorld world, bool account) =>
        await world.Get<PersonExports>().ReadAsync([Ana], account ? "c1" : null, default);
}
