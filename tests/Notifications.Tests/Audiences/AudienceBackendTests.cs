using Microsoft.Extensions.Logging.Abstractions;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Sending;
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
        var evens = await counter.CountAsync(audience with { Segment = new SegmentRef(new TagIn(["even"])) }, null, default);
        Assert.Equal((28, 28), (evens.Selected, evens.Allowed));
        // What would be sent decides, not what they are subscribed to.
        var others = await counter.CountAsync(audience, null, default, TopicKey.Promotions);
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
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await counter.CountAsync(audience, null, cancelled.Token));
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
