using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Events;
using Notifications.Privacy;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;
using Notifications.Tests.Sending;

namespace Notifications.Tests.Privacy;

/// <summary>An import of a person that was cut off, and what becomes of it after that.</summary>
public sealed class CutImportTests : IDisposable
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");
    private static readonly Address Phone = CoreProduct.Phone("+14155552671");

    private HookedStore _store = null!;

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task P10_A_long_ledger_that_an_import_left_without_its_beginning_is_told_once_and_completed_by_the_same_file_whenever_it_comes()
    {
        var (here, export) = (Here(), await LongAsync(Ana));
        await CutAsync(here, export, states: 1);
        Assert.False(await VerifiesAsync(here, Ana));
        for (var day = 0; day < 3; day++)
        {
            here.Clock.Advance(TimeSpan.FromDays(1.5));
            await here.Get<PrivacyDesk>().RunAsync(default);
        }

        var alert = Assert.Single(await here.Get<OperatorAlerts>().SinceAsync(DateTimeOffset.UnixEpoch, 10, default));
        Assert.Equal("import-cut-off", alert.Kind);
        Assert.Contains(here.Ring.KeyOf(Ana).Value, alert.Detail, StringComparison.Ordinal);
        Assert.Equal(ImportResult.Done, await ImportAsync(here, export));
        Assert.True(await VerifiesAsync(here, Ana));
        Assert.Empty(await here.Store.RangeAsync(Tables.Requests, "imports", RowRange.All, 10));
    }

    [Fact]
    public async Task P10_What_was_begun_of_one_address_is_completed_where_another_one_was_erased_meanwhile()
    {
        var (here, export) = (Here(), await LongAsync(Ana, Phone));
        await CutAsync(here, export, states: 2);
        await here.Get<PrivacyDesk>().OpenByHolderAsync(PrivacyRight.Erasure, Ana, default);
        Assert.False(await VerifiesAsync(here, Phone));
        Assert.Equal(ImportResult.Known, await ImportAsync(here, export));
        Assert.True(await VerifiesAsync(here, Phone));
        Assert.Equal(ContactStatus.Erased, (await here.StateAsync(Ana)).Contact);
        Assert.Empty(await here.Store.RangeAsync(Tables.Requests, "imports", RowRange.All, 10));
    }

    [Theory]
    [InlineData("completed")]
    [InlineData("cut off again and settled")]
    public async Task R35_What_comes_in_after_its_restriction_was_lifted_is_free(string end)
    {
        var (here, export) = (Here(), await ImportedPersonTests.RestrictedAsync());
        var desk = here.Get<PrivacyDesk>();
        await CutAsync(here, export, states: 1);
        Assert.NotNull(await desk.LiftAsync(
            Assert.Single(await desk.StillOpenAsync(default).ToListAsync()), "Told by letter.", "agent:mia", default));
        if (end == "completed")
        {
            Assert.Equal(ImportResult.Done, await ImportAsync(here, export));
            Assert.Equal(
                (null, 2),
                ((await here.Get<ContactDesk>().GetAsync("c1", default))!.Profile.RestrictedBy,
                    (await here.Get<ContactDesk>().GetAsync("c1", default))!.Addresses.Count));
        }
        else
        {
            await CutAsync(here, export, states: 1); // The second address's.
            here.Clock.Advance(TimeSpan.FromDays(2));
            await desk.RunAsync(default);
        }

        foreach (var address in new[] { Ana, Phone })
        {
            Assert.Null((await here.StateAsync(address)).RestrictedSince);
            Assert.Equal(LedgerAction.Unrestrict, (await here.Book.LedgerAsync(here.Ring.KeyOf(address), default))[^1].Action);
            Assert.True(await VerifiesAsync(here, address));
        }

        Assert.Empty(await desk.StillOpenAsync(default).ToListAsync());
        Assert.Empty(await here.Store.RangeAsync(Tables.Requests, "imports", RowRange.All, 10));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(10)]
    public async Task R32_Entries_that_an_earlier_version_wrote_before_it_was_cut_off_do_not_keep_the_person_out(int written)
    {
        var (here, export) = (Here(), await LongAsync(Ana));
        var key = here.Ring.KeyOf(Ana);
        foreach (var entry in export.Addresses[0].Ledger.TakeLast(written)) // It is the newest that go together with the state.
            await here.Get<ITableStore>().CommitAsync(
                Tables.Addresses, key.Value, [RowChange.Insert(Rows.Ledger(entry.Seq), entry, CoreJson.Default.LedgerEntry)]);
        Assert.Equal(ImportResult.Done, await ImportAsync(here, export));
        Assert.True(await VerifiesAsync(here, Ana));
    }

    private PackagesWorld Here() => new(between: memory => (_store = new HookedStore(memory), memory));

    private static ValueTask<ImportResult> ImportAsync(PackagesWorld here, PersonExport export) =>
        here.Get<PersonImports>().ImportAsync(export, "service:x", default);

    /// <summary>The import dies as soon as it has written so many states.</summary>
    private async Task CutAsync(PackagesWorld here, PersonExport export, int states)
    {
        _store.AfterCommit =
            (rows, result) =>
                result.Committed && rows.Any(r => r.Key == Rows.State) && --states == 0 ? throw new StorageUnavailableException() : result;
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await ImportAsync(here, export));
        _store.AfterCommit = null;
    }

    private static async Task<bool> VerifiesAsync(PackagesWorld here, Address address) =>
        LedgerChain.Verify(
            await here.Book.LedgerAsync(here.Ring.KeyOf(address), default),
            (await here.StateAsync(address)).Ledger);

    /// <summary>Addresses of so many changes of mind that their ledgers come in several writes.</summary>
    private static async Task<PersonExport> LongAsync(params Address[] addresses)
    {
        var there = new PackagesWorld();
        var (consents, newsletter) = (there.Get<ConsentDesk>(), there.Get<TopicCatalog>().Find(TopicKey.Newsletter)!);
        foreach (var address in addresses)
        {
            for (var i = 0; i < 30; i++)
            {
                await consents.OptInAsync(
                    address, newsletter, new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person"), confirmed: true, null,
                    default);
                await consents.OptOutAsync(address, new LedgerDraft(LedgerAction.OptOut, TopicKey.Newsletter, "page", "person"), default);
            }
        }

        var export = await there.Get<PersonExports>().ReadAsync(addresses, null, default);
        Assert.All(export.Addresses, a => Assert.Equal(60, a.Ledger.Count));
        return export;
    }
}
