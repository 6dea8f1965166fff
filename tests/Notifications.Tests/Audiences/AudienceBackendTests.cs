using Microsoft.Extensions.Logging.Abstractions;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Storage;

namespace Notifications.Tests.Audiences;

/// <summary>An audience on the real stores: followed, paged, counted, repaired.</summary>
[Collection(Azurite.Collection)]
public sealed class AudienceBackendTests(Azurite azurite)
{
    [Theory, OnSqlite, OnAzurite]
    public async Task An_audience_follows_is_walked_once_and_is_counted(Storage.Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        var ring = KeyRing.Parse(KeyRing.NewJson(), "test");
        var (time, topics, tables) = (TimeProvider.System, new TopicCatalog(), stores.Tables);
        var index = new AudienceIndex(tables, NullLogger<AudienceIndex>.Instance);
        var book = new AddressBook(tables, time, index);
        var lists = new StaticLists(tables, time);
        var reader = new AudienceReader(tables, new StoredSegments(tables, time), lists, time);
        var counter = new AudienceCounter(reader, book, topics, new SendingOptions(), time);
        var topic = topics.Find("newsletter")!;
        var draft = new LedgerDraft(LedgerAction.OptIn, "newsletter", "test", "service:test") { PolicyVersion = "1" };
        var people = new List<AddressKey>();
        for (var i = 0; i < 60; i++)
        {
            Assert.True(Address.TryParse(Channel.Email, $"p{i}@example.com", out var address, out _));
            people.Add(ring.KeyOf(address));
            await book.ChangeAsync(
                people[i], ConsentDesk.Blank(address) with { Tags = i % 2 == 0 ? ["even"] : [] },
                (state, now) => Transitions.OptIn(state, topic, draft, true, now), null, default);
        }

        var list = await lists.CreateAsync("Some", default);
        Assert.Equal(30, await lists.AddAsync(list.Id, people.Take(30).ToList(), default));
        await book.ChangeAsync(
            people[0], null, (state, now) => Transitions.OptOut(state, draft with { Action = LedgerAction.OptOut }, now), null, default);
        await book.ChangeAsync(
            people[2], null,
            (state, now) => Transitions.StopAll(state, draft with { Action = LedgerAction.StopAll, Topic = LedgerDraft.AllTopics }, now),
            null, default);

        var audience = new Audience("newsletter", Channel.Email);
        await Poll.UntilAsync(async () => (await WalkAsync(reader, audience, 2)).Count == 58, "both have left the audience");
        Assert.Equal(
            people.Except([people[0], people[2]]).Order(Comparer<AddressKey>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value))),
            await WalkAsync(reader, audience, 2));
        Assert.Equal(28, (await WalkAsync(reader, audience with { List = list.Id }, 1)).Count);
        Assert.Equal(30, (await WalkAsync(reader, audience with { Exclude = new AudienceExclusion { List = list.Id } }, 3)).Count);
        var evens = await counter.CountAsync(audience with { Segment = new SegmentRef(new TagIn(["even"])) }, default);
        Assert.Equal((28, 28), (evens.Selected, evens.Allowed));
        // What would be sent decides, not what they are subscribed to.
        var others = await counter.CountAsync(audience, default, TopicKey.Promotions);
        Assert.Equal((58, 0), (others.Selected, others.Allowed));
        Assert.Equal(
            new AudienceRepairReport(0, 0),
            await new AudienceRepair(index, lists, book, tables, NullLogger<AudienceRepair>.Instance).RunAsync(default));

        Assert.True(await lists.DeleteAsync(list.Id, default));
        await Assert.ThrowsAsync<AudienceException>(
            async () =>
                await reader.PageAsync(audience with { Exclude = new AudienceExclusion { List = list.Id } }, 'A', null, 10, default));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await counter.CountAsync(audience, cancelled.Token));
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task Of_somebody_who_follows_more_packages_than_an_answer_holds_all_are_counted(Storage.Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        var (ring, tables) = (KeyRing.Parse(KeyRing.NewJson(), "test"), stores.Tables);
        var index = new AudienceIndex(tables, NullLogger<AudienceIndex>.Instance);
        var book = new AddressBook(tables, TimeProvider.System, index);
        Assert.True(Address.TryParse(Channel.Email, "shop@example.com", out var address, out _));
        var key = ring.KeyOf(address);
        var draft = new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "test", "service:test") { PolicyVersion = "1" };
        await book.ChangeAsync(
            key, ConsentDesk.Blank(address),
            (state, now) => Transitions.OptIn(state, new TopicCatalog().Find(TopicKey.Newsletter)!, draft, true, now), null, default);
        foreach (var some in Enumerable.Range(0, 2100).Chunk(100))
        {
            await tables.CommitAsync(
                Tables.Addresses, key.Value,
                [
                    .. some.Select(
                        i => RowChange.Insert(
                            Rows.Watch($"ZZ{i:D6}TEST"),
                            new WatchRecord(i % 3 == 0 ? WatchStatus.Unwatched : WatchStatus.Active, DateTimeOffset.UnixEpoch),
                            CoreJson.Default.WatchRecord)),
                ]);
        }

        var repair = new AudienceRepair(
            index, new StaticLists(tables, TimeProvider.System), book, tables, NullLogger<AudienceRepair>.Instance);
        Assert.Equal(1, (await repair.RunAsync(default)).Counts);
        Assert.Equal(1400, (await book.LoadAsync(key, default)).State!.Watching);
        Assert.Equal(new AudienceRepairReport(0, 0), await repair.RunAsync(default));
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task A_list_too_long_for_one_request_is_gone_at_once_and_the_timer_takes_the_rest_of_its_members(Storage.Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        var tables = stores.Tables;
        var lists = new StaticLists(tables, TimeProvider.System) { MostAtOnce = 200 };
        var list = await lists.CreateAsync("Everybody", default);
        foreach (var some in Enumerable.Range(0, 500).Chunk(100))
            await tables.CommitAsync(
                Tables.Lists, list.Id, [.. some.Select(i => RowChange.Insert($"member:{i:D22}", "{}"u8.ToArray()))]);
        Assert.True(await lists.DeleteAsync(list.Id, default));
        Assert.Null(await lists.FindAsync(list.Id, default));
        Assert.Equal(300, (await tables.RangeAsync(Tables.Lists, list.Id, RowRange.All, 1000)).Count);

        var index = new AudienceIndex(tables, NullLogger<AudienceIndex>.Instance);
        var book = new AddressBook(tables, TimeProvider.System, index);
        await new AudienceRepair(index, lists, book, tables, NullLogger<AudienceRepair>.Instance).RunAsync(default);
        Assert.Empty(await tables.ScanAsync(Tables.Lists, null, 1000)); // Nor is the list itself there any more.
    }

    private static async Task<List<AddressKey>> WalkAsync(AudienceReader reader, Audience audience, int limit)
    {
        var members = new List<AddressKey>();
        foreach (var bucket in AudienceBuckets.All)
        {
            string? after = null;
            do
            {
                var page = await reader.PageAsync(audience, bucket, after, limit, default);
                members.AddRange(page.Members.Select(m => m.Key));
                after = page.Next;
            }
            while (after is not null);
        }

        return members;
    }
}
