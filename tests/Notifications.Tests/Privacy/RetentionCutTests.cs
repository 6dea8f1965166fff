using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Privacy;

/// <summary>A pass of the retention that is cut off, as the Azure host does it to whatever takes too long.</summary>
public sealed class RetentionCutTests
{
    private readonly CoreProduct _product = new();

    [Fact]
    public async Task R28_Runs_that_are_cut_off_one_after_the_other_come_to_the_end_and_the_next_begins_anew()
    {
        for (var i = 0; i < 12; i++)
        {
            await AskAsync(i, confirmed: false);
            await AskAsync(100 + i, confirmed: true); // These stay, and are passed over again by a run that begins at the beginning.
        }

        _product.Time.Advance(TimeSpan.FromDays(40));
        var cut = await CutStore.ToTheEndAsync(
            _product.Get<ITableStore>(), scans: 2, async store => await Retention(store).RunAsync(default));
        Assert.True(cut > 1);
        Assert.Equal(12, (await _product.Store.ScanAsync(Tables.Addresses, null, 1000)).DistinctBy(r => r.Partition).Count());
        Assert.Empty(await _product.Store.ScanAsync(Tables.Keys, null, 1000)); // The place is not kept when there is none.

        await AskAsync(0, confirmed: false);
        _product.Time.Advance(TimeSpan.FromDays(40));
        Assert.Equal((0, 1), await Retention(_product.Get<ITableStore>()).RunAsync(default));
    }

    private Retention Retention(ITableStore store) =>
        new(store, new AddressBook(store, _product.Time), new PrivacyOptions(), new WatchOptions(), _product.Sending, _product.Time)
        {
            Page = 5,
        };

    /// <summary>An opt-in, and nothing else.</summary>
    private async Task AskAsync(int number, bool confirmed)
    {
        var draft = new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person");
        await _product.Consents.OptInAsync(
            CoreProduct.Email($"asked{number}@example.com"), _product.Topics.Find(TopicKey.Newsletter)!, draft, confirmed, null, default);
    }
}
