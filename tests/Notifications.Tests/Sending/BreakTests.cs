using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Campaigns;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Sending;

/// <summary>What waits for the end of a person's break, when the person says something before.</summary>
public sealed class BreakTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");

    [Fact]
    public async Task P5_A_break_that_is_ended_early_lets_go_what_waited_for_it_within_six_hours()
    {
        var (product, letters) = await WaitingAsync();
        await PauseAsync(product.Book, product.Ring.KeyOf(Ana), null);
        await PassAsync(product, Looks.Every);
        Assert.Equal(letters.Count, product.Outbox.Emails.Count);
        foreach (var letter in letters)
            Assert.Equal((MessageStatus.Sent, null), (await product.RecordAsync(letter.Id)) is { } r ? (r.Status, r.DueAt) : default);
        Assert.Empty(await product.Store.ScanAsync(Tables.Schedule, null, 10));
    }

    [Fact]
    public async Task R15_A_stop_during_a_break_settles_what_waited_for_its_end_within_six_hours()
    {
        var (product, letters) = await WaitingAsync();
        await product.Consents.OptOutAsync(Ana, new LedgerDraft(LedgerAction.OptOut, TopicKey.Newsletter, "link", "person"), default);
        await PassAsync(product, Looks.Every);
        foreach (var letter in letters)
            Assert.Equal(
                (MessageStatus.Skipped, Reason.Unsubscribed),
                (await product.RecordAsync(letter.Id)) is { } r ? (r.Status, r.Reason) : default);
        Assert.Empty(product.Outbox.Emails);
    }

    [Fact]
    public async Task P2_While_the_break_lasts_each_look_writes_nothing_and_the_message_says_until_when_it_waits()
    {
        var (product, letters) = await WaitingAsync();
        var before = (await product.RecordAsync(letters[0].Id))!;
        Assert.Equal(product.Now.AddDays(90), before.DueAt);
        await PassAsync(product, TimeSpan.FromDays(2));
        var after = (await product.RecordAsync(letters[0].Id))!;
        Assert.Equal((before.DueAt, before.Receipt!.At), (after.DueAt, after.Receipt!.At));
        Assert.Equal(["queued", "deferred"], after.Timeline.Select(e => e.Event));
        Assert.Equal(
            letters.Count, (await product.Store.ScanAsync(Tables.Schedule, null, 10)).Count + await product.Store.CountAsync(Queues.Send));
    }

    [Fact]
    public void P5_The_looks_are_spread_and_two_items_of_one_message_meet_at_the_same()
    {
        var (product, now) = (new CoreProduct(), new DateTimeOffset(2026, 6, 3, 19, 0, 0, TimeSpan.Zero));
        var ids = Enumerable.Range(0, 1200).Select(_ => product.Ids.New(product.Ring.KeyOf(Ana))).ToList();
        var looks = ids.ConvertAll(id => Looks.Next(id, DateTimeOffset.MaxValue, now));
        Assert.All(looks, l => Assert.InRange(l, now.AddTicks(1), now + Looks.Every));
        for (var hour = 0; hour < 6; hour++)
            Assert.InRange(looks.Count(l => l > now.AddHours(hour) && l <= now.AddHours(hour + 1)), 100, 300);
        Assert.Equal(looks[0], Looks.Next(ids[0], DateTimeOffset.MaxValue, looks[0].AddMilliseconds(-1)));
        Assert.Equal(looks[0] + Looks.Every, Looks.Next(ids[0], DateTimeOffset.MaxValue, looks[0]));
        Assert.Equal(now.AddMilliseconds(1), Looks.Next(ids[0], now.AddMilliseconds(1), now));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task P9_A_campaign_completes_within_hours_of_the_end_of_the_last_break_or_of_a_stop_during_it_and_looks_count_no_batch_anew(
        bool stopped)
    {
        HookedStore hooked = null!;
        var world = new CampaignWorld(between: store => (hooked = new HookedStore(store), store));
        await world.SubscribeAsync(0, 3);
        var (book, key) = (world.Get<AddressBook>(), world.Ring.KeyOf(CampaignWorld.Person(0)));
        await PauseAsync(book, key, world.Clock.GetUtcNow().AddDays(90));
        var campaign = await world.LaunchAsync();
        await world.PassAsync(TimeSpan.FromHours(1), TimeSpan.FromMinutes(10));
        var noted = Noted(hooked);
        await world.PassAsync(TimeSpan.FromDays(1), TimeSpan.FromMinutes(30));
        Assert.Equal(noted, Noted(hooked));
        var waiting = await world.StatsAsync(campaign.Id);
        Assert.Equal((Notifications.Campaigns.CampaignStatus.Running, 2L, 1L), (waiting.Status, waiting.Sent, waiting.Deferred));
        if (stopped) await world.OptOutAsync(CampaignWorld.Person(0));
        else await PauseAsync(book, key, null);
        await world.PassAsync(Looks.Every + TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(10));
        var done = await world.StatsAsync(campaign.Id);
        Assert.Equal((Notifications.Campaigns.CampaignStatus.Completed, stopped ? 2L : 3L, 0L), (done.Status, done.Sent, done.Deferred));
    }

    private static int Noted(HookedStore store) =>
        store.Committed.Count(c => c.Any(r => r.Key.StartsWith(Rows.StalePrefix, StringComparison.Ordinal)));

    /// <summary>Three letters that wait for the end of a break of 90 days.</summary>
    private static async Task<(CoreProduct Product, List<SendRequest> Letters)> WaitingAsync()
    {
        var product = new CoreProduct();
        await product.SubscribeAsync(Ana, null, TopicKey.Newsletter);
        await PauseAsync(product.Book, product.Ring.KeyOf(Ana), product.Now.AddDays(90));
        var letters = Enumerable.Range(0, 3).Select(_ => product.Message(Ana, TopicKey.Newsletter)).ToList();
        foreach (var letter in letters)
            Assert.Equal(
                (MessageStatus.Deferred, Reason.FrequencyCap), (await product.SendAsync(letter)) is { } r ? (r.Status, r.Reason) : default);
        return (product, letters);
    }

    internal static async Task PauseAsync(AddressBook book, AddressKey key, DateTimeOffset? until) =>
        await book.ChangeAsync(
            key, null,
            (state, _) =>
                AddressTransitions.Pause(
                    state, until,
                    new LedgerDraft(until is null ? LedgerAction.Unpause : LedgerAction.Pause, LedgerDraft.AllTopics, "page", "person")),
            null, default);

    private static async Task PassAsync(CoreProduct product, TimeSpan span)
    {
        for (var passed = TimeSpan.Zero; passed < span; passed += TimeSpan.FromMinutes(30))
        {
            product.Time.Advance(TimeSpan.FromMinutes(30));
            await product.PumpAsync();
        }
    }
}
