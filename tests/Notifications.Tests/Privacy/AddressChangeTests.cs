using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Privacy;
using Notifications.Storage;
using Notifications.Tests.Packages;
using Notifications.Tests.Sending;

namespace Notifications.Tests.Privacy;

/// <summary>A changed address, whose steps a store cuts off one after the other.</summary>
public sealed class AddressChangeTests
{
    private static readonly Address Old = PackagesWorld.Email("old@example.com");
    private static readonly Address New = PackagesWorld.Email("new@example.com");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task R33_A_change_of_address_that_any_write_cut_off_is_carried_on_and_stops_the_old_address_alone(bool written)
    {
        var cuts = 0;
        for (var fails = 1; ; fails++)
        {
            HookedStore store = null!;
            var world = new PackagesWorld(between: memory => (store = new HookedStore(memory), memory));
            var list = await BeforeAsync(world);
            var left = fails;
            if (written) store.AfterCommit = (_, result) => --left == 0 ? throw new StorageUnavailableException() : result;
            else store.BeforeCommit = _ => --left == 0 ? throw new StorageUnavailableException() : Task.CompletedTask;

            var desk = world.Get<PrivacyDesk>();
            ValueTask<PrivacyRequest> OpenAsync() => desk.OpenAsync(PrivacyRight.Rectification, [Old], null, null, new Rectification(NewAddress: New.Value), "agent:mia", default);
            try
            {
                await OpenAsync();
            }
            catch (StorageUnavailableException)
            {
                cuts++;
                if ((await desk.ListAsync(null, 10, default)).Count == 0) await OpenAsync(); // It was not even recorded.
            }

            await desk.RunAsync(default);
            (store.BeforeCommit, store.AfterCommit) = (null, null);
            await AfterAsync(world, list, $"The store failed at write {fails}.");
            if (left > 0) break; // It had fewer writes than that.
        }

        Assert.InRange(cuts, 8, 60);
    }

    [Fact]
    public async Task R34_A_change_to_an_erased_address_brings_nothing_back()
    {
        var world = new PackagesWorld();
        var list = await BeforeAsync(world);
        var desk = world.Get<PrivacyDesk>();
        await desk.OpenAsync(PrivacyRight.Erasure, [New], null, null, null, "agent:mia", default);
        var (erased, _) = await world.Book.LoadAsync(world.Ring.KeyOf(New), default);
        var done = await desk.OpenAsync(PrivacyRight.Rectification, [Old], null, null, new Rectification(NewAddress: New.Value), "agent:mia", default);
        Assert.Equal(PrivacyStatus.Completed, done.Status);
        Assert.Equal(erased, (await world.Book.LoadAsync(world.Ring.KeyOf(New), default)).State);
        Assert.DoesNotContain((await world.Get<ContactDesk>().GetAsync("c1", default))!.Addresses, a => a.Address == New);
        Assert.Null(await world.Get<ITableStore>().GetAsync(Tables.Lists, list, "member:" + world.Ring.KeyOf(New).Value));
        Assert.NotNull((await world.Book.LoadAsync(world.Ring.KeyOf(Old), default)).State!.Stopped);
    }

    [Fact]
    public async Task R34_Erasing_the_new_address_takes_it_out_of_the_request_that_brought_it()
    {
        var world = new PackagesWorld();
        await BeforeAsync(world);
        var desk = world.Get<PrivacyDesk>();
        var opened = await desk.OpenAsync(PrivacyRight.Rectification, [Old], null, null, new Rectification(Name: "Ana B.", NewAddress: New.Value), "agent:mia", default);
        await desk.OpenByHolderAsync(PrivacyRight.Erasure, New, default);
        var request = Assert.Single(await desk.ListAsync(null, 10, default), r => r.Id == opened.Id);
        Assert.Equal((new Rectification(Name: "Ana B."), PrivacyStatus.Completed), (request.Change, request.Status));
        Assert.Equal(["email:" + Old.Value], request.Addresses); // Whose data are not what this erasure is of.
    }

    private static async Task<string> BeforeAsync(PackagesWorld world)
    {
        var consents = world.Get<ConsentDesk>();
        var topics = world.Get<TopicCatalog>();
        foreach (var topic in new[] { TopicKey.Newsletter, TopicKey.PackageUpdates })
            await consents.OptInAsync(Old, topics.Find(topic)!, new LedgerDraft(LedgerAction.OptIn, topic, "form", "person"), confirmed: true, "de", default);
        await consents.OptOutAsync(Old, new LedgerDraft(LedgerAction.OptOut, TopicKey.Promotions, "page", "person"), default);
        await world.Book.ChangeAsync(world.Ring.KeyOf(Old), null, (state, _) => new Change(state with { Tags = ["gold"] }, []), null, default);
        await world.Get<ContactDesk>().PutAsync("c1", "Ana", "de", null, [Old], "service:x", default);
        var list = await world.Get<StaticLists>().CreateAsync("Friends", default);
        await world.Get<StaticLists>().AddAsync(list.Id, [world.Ring.KeyOf(Old)], default);
        return list.Id;
    }

    private static async Task AfterAsync(PackagesWorld world, string list, string when)
    {
        var (next, _) = await world.Book.LoadAsync(world.Ring.KeyOf(New), default);
        Assert.True(next is { Stopped: null, Suppression: null }, when);
        foreach (var topic in new[] { TopicKey.Newsletter, TopicKey.PackageUpdates }) Assert.True(next.StatusOf(topic) == SubscriptionStatus.Pending, $"{when} {topic} is {next.StatusOf(topic)}.");
        Assert.Equal(SubscriptionStatus.Unsubscribed, next.StatusOf(TopicKey.Promotions));
        Assert.Equal(["gold"], next.Tags);
        Assert.NotNull((await world.Book.LoadAsync(world.Ring.KeyOf(Old), default)).State!.Stopped);
        Assert.Equal([New], (await world.Get<ContactDesk>().GetAsync("c1", default))!.Addresses.Select(a => a.Address));
        var tables = world.Get<ITableStore>();
        Assert.NotNull(await tables.GetAsync(Tables.Lists, list, "member:" + world.Ring.KeyOf(New).Value));
        Assert.Null(await tables.GetAsync(Tables.Lists, list, "member:" + world.Ring.KeyOf(Old).Value));
        Assert.Equal(PrivacyStatus.Completed, Assert.Single(await world.Get<PrivacyDesk>().ListAsync(null, 10, default)).Status);
        await world.PumpAsync();
        Assert.Equal([New.Value], world.Outbox.Emails.Select(m => m.To)); // One confirmation, and it asks about both.
    }
}
