using Notifications.Consent;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;

namespace Notifications.Tests.Privacy;

/// <summary>"We keep your data but do not use them": nor does any timer delete them meanwhile (R35).</summary>
public sealed class RestrictedKeptTests
{
    private const string Ana = "ana@example.com";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task R35_What_is_restricted_is_kept_whole_until_that_is_lifted(bool restricted)
    {
        var world = new PackagesWorld();
        var key = world.KeyOf(Ana);
        await world.WatchAsync(Ana);
        await world.HappensAsync("e1", ParcelStatus.Delivered);
        await world.PumpAsync();
        await world.WatchAsync(Ana, "JD0002", source: WatchOptions.PublicForm);
        await world.Get<ConsentDesk>().OptInAsync(
            CoreProduct.Email(Ana), world.Get<TopicCatalog>().Find(TopicKey.Newsletter)!,
            new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person"), confirmed: false, null, default);
        await world.PumpAsync();
        var at = world.Clock.GetUtcNow();
        await world.Get<ITableStore>().CommitAsync(
            Tables.Addresses, key.Value,
            [RowChange.Insert(Rows.Event("text"), new InboundText(SmsIntent.Stop, at, null, at, null), CoreJson.Default.InboundText)]);
        var desk = world.Get<PrivacyDesk>();
        var request = restricted ? await desk.OpenByHolderAsync(PrivacyRight.Restriction, CoreProduct.Email(Ana), default) : null;
        var before = await RowsAsync();

        world.Clock.Advance(TimeSpan.FromDays(500));
        await TimersAsync();
        if (restricted)
        {
            Assert.Equal(before, await RowsAsync());
            await desk.LiftAsync(request!, "Told by letter.", "agent:mia", default);
            await TimersAsync();
        }

        var left = await RowsAsync();
        Assert.DoesNotContain(
            left,
            r => r.StartsWith(Rows.WatchPrefix, StringComparison.Ordinal)
                || r.StartsWith(Rows.MessagePrefix, StringComparison.Ordinal)
                || r.StartsWith(Rows.EventPrefix, StringComparison.Ordinal));

        async Task TimersAsync()
        {
            await world.Repair.RunAsync(default);
            await world.Get<Retention>().RunAsync(default);
        }

        async Task<List<string>> RowsAsync() =>
            [.. (await world.Store.RangeAsync(Tables.Addresses, key.Value, RowRange.All, 100)).Select(r => r.Key)];
    }

    [Fact]
    public async Task R65_The_note_of_a_text_is_kept_ninety_days_however_short_messages_are()
    {
        var world = new PackagesWorld(o => o.Privacy.MessageDays = 1);
        var (partition, at) = (world.KeyOf(Ana).Value, world.Clock.GetUtcNow());
        await world.Get<ITableStore>().CommitAsync(
            Tables.Addresses, partition,
            [RowChange.Insert(Rows.Event("text"), new InboundText(SmsIntent.Stop, at, null, at, null), CoreJson.Default.InboundText)]);
        foreach (var (day, kept) in ((int, int)[])[(89, 1), (2, 0)])
        {
            world.Clock.Advance(TimeSpan.FromDays(day));
            await world.Get<Retention>().RunAsync(default);
            Assert.Equal(kept, (await world.Store.RangeAsync(Tables.Addresses, partition, RowRange.All, 10)).Count);
        }
    }
}
