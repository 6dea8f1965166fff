using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;

namespace Notifications.Tests.Privacy;

/// <summary>A changed address, whose steps a store cuts off one after the other.</summary>
public sealed class AddressChangeTests
{
    private static readonly Address Old = CoreProduct.Email("old@example.com");
    private static readonly Address New = CoreProduct.Email("new@example.com");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task R33_A_change_of_address_that_any_write_cut_off_is_carried_on_and_stops_the_old_address_alone(bool written)
    {
        var cuts = 0;
        for (var fails = 1; ; fails++)
        {
            var (world, store) = PackagesWorld.Hooked();
            var list = await BeforeAsync(world);
            var left = fails;
            if (written) store.AfterCommit = (_, result) => --left == 0 ? throw new StorageUnavailableException() : result;
            else store.BeforeCommit = _ => --left == 0 ? throw new StorageUnavailableException() : Task.CompletedTask;

            var desk = world.Get<PrivacyDesk>();
            ValueTask<PrivacyRequest> OpenAsync() =>
                desk.OpenAsync(
                    PrivacyRight.Rectification, [Old], null, null, new Rectification(NewAddress: New.Value), "agent:mia", default);
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
    public async Task M16_R33_A_block_that_comes_along_with_a_change_of_address_stands_in_the_list_of_blocked_addresses()
    {
        var world = new PackagesWorld();
        await BeforeAsync(world);
        var draft = new LedgerDraft(LedgerAction.Suppress, LedgerDraft.AllTopics, "api", "agent:mia");
        await world.Get<Suppressions>().AddAsync(Old, SuppressionReason.Complaint, null, draft, default);
        await world.Get<PrivacyDesk>().OpenAsync(
            PrivacyRight.Rectification, [Old], null, null, new Rectification(NewAddress: New.Value), "agent:mia", default);
        Assert.NotNull((await world.StateAsync(New)).Suppression);
        Assert.Contains(await BlockedAsync(world), b => b == New.Value);
    }

    [Fact]
    public async Task M16_R32_A_block_that_comes_with_a_person_who_is_taken_in_stands_in_the_list_too()
    {
        var (there, here) = (new PackagesWorld(), new PackagesWorld());
        await there.WatchAsync(Old.Value);
        var draft = new LedgerDraft(LedgerAction.Suppress, LedgerDraft.AllTopics, "api", "agent:mia");
        await there.Get<Suppressions>().AddAsync(Old, SuppressionReason.Complaint, null, draft, default);
        var export = await there.Get<PersonExports>().ReadAsync([Old], null, default);
        Assert.Equal(ImportResult.Done, await here.Get<PersonImports>().ImportAsync(export, "service:x", default));
        Assert.Equal([Old.Value], await BlockedAsync(here));
    }

    private static async Task<List<string?>> BlockedAsync(PackagesWorld world) =>
        [.. (await world.Get<Suppressions>().ListAsync(null, 100, default)).Select(b => b.Row.Address)];

    [Theory]
    [InlineData("START by text")]
    [InlineData("the link of its preference page")]
    public async Task P6_R33_An_address_that_was_declared_wrong_gets_nothing_back_by_taking_the_stop_back(string way)
    {
        var (world, phone) = (new PackagesWorld(), CoreProduct.Phone("+14155552671"));
        var key = world.Ring.KeyOf(phone);
        await world.SubscribeAsync(phone, TopicKey.Promotions);
        await world.Watches.WatchAsync(new WatchRequest(PackagesWorld.Parse(PackagesWorld.Number), phone, "shop", "service:shop"), default);
        await world.Get<PrivacyDesk>().OpenAsync(
            PrivacyRight.Rectification, [phone], null, null, new Rectification(NewAddress: "+14155552672"), "agent:mia", default);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        var draft = new LedgerDraft(LedgerAction.Resume, LedgerDraft.AllTopics, "page", "person");
        await world.Book.ChangeAsync(
            key, null,
            (state, now) =>
                way.StartsWith("START", StringComparison.Ordinal)
                    ? Transitions.ResumeByText(state, draft, now)
                    : Transitions.Resume(state, draft),
            null, default);

        var left = (await world.Book.LoadAsync(key, default)).State!;
        Assert.Equal((null, SubscriptionStatus.Unsubscribed), (left.Stopped, left.StatusOf(TopicKey.Promotions)));
        Assert.Equal(WatchStatus.Unwatched, Assert.Single(await world.Watches.OfAsync(key, default)).Watch.Status);
    }

    [Fact]
    public async Task R33_A_followed_package_is_asked_about_at_the_new_address_whoever_asks_and_not_where_that_has_stopped_everything()
    {
        var world = new PackagesWorld();
        await world.Watches.WatchAsync(
            new WatchRequest(PackagesWorld.Parse(PackagesWorld.Number), Old, "shop", "service:shop") { Daily = true }, default);
        await world.Watches.WatchAsync(new WatchRequest(PackagesWorld.Parse("JD0002"), Old, "shop", "service:shop"), default);
        await world.Watches.UnwatchAsync(world.Ring.KeyOf(Old), "JD0002", "page", "person", null, default);
        var done = await world.Get<PrivacyDesk>().OpenAsync(
            PrivacyRight.Rectification, [Old], null, null, new Rectification(NewAddress: New.Value), "agent:mia", default);
        Assert.Contains("each followed package", done.Outcome, StringComparison.Ordinal);
        var (number, watch) = Assert.Single(await world.Watches.OfAsync(world.Ring.KeyOf(New), default));
        Assert.Equal((PackagesWorld.Number, WatchStatus.Pending, true), (number, watch.Status, watch.Daily));
        await world.PumpAsync();
        Assert.Equal(New.Value, Assert.Single(world.Outbox.Emails).To);

        var (third, stopped) = (CoreProduct.Email("third@example.com"), CoreProduct.Email("stopped@example.com"));
        await world.Watches.WatchAsync(new WatchRequest(PackagesWorld.Parse(PackagesWorld.Number), third, "shop", "service:shop"), default);
        await world.Book.ChangeAsync(
            world.Ring.KeyOf(stopped), ConsentDesk.Blank(stopped),
            (state, now) => Transitions.StopAll(state, new LedgerDraft(LedgerAction.StopAll, LedgerDraft.AllTopics, "page", "person"), now),
            null, default);
        await world.Get<PrivacyDesk>().OpenAsync(
            PrivacyRight.Rectification, [third], null, null, new Rectification(NewAddress: stopped.Value), "agent:mia", default);
        Assert.Empty(await world.Watches.OfAsync(world.Ring.KeyOf(stopped), default));
    }

    [Fact]
    public async Task R33_A_change_to_an_address_of_another_account_moves_nothing_and_says_so_until_it_can_be_done()
    {
        var world = new PackagesWorld();
        await BeforeAsync(world);
        var (desk, contacts) = (world.Get<PrivacyDesk>(), world.Get<ContactDesk>());
        await contacts.PutAsync("c2", "Bea", null, null, [New], "service:x", default);
        var waits = await desk.OpenAsync(
            PrivacyRight.Rectification, [Old], null, null, new Rectification(NewAddress: New.Value), "agent:mia", default);
        Assert.Equal(PrivacyStatus.Running, waits.Status);
        Assert.Contains("belongs to another account", waits.Outcome, StringComparison.Ordinal);
        Assert.Null((await world.StateAsync(Old)).Stopped);
        Assert.Empty((await world.StateAsync(New)).Subscriptions);
        await desk.RunAsync(default);
        Assert.Equal(PrivacyStatus.Running, (await desk.FindAsync(waits.Id, default))!.Status);

        var second = await desk.OpenAsync(
            PrivacyRight.Rectification, [Old], null, null, new Rectification(NewAddress: New.Value), "agent:mia", default);
        var ended = (await desk.CompleteAsync(second, "It is the same as the first.", "agent:mia", default))!;
        Assert.Equal(PrivacyStatus.Completed, ended.Status);
        Assert.StartsWith("Ended by hand: The new address belongs to another account", ended.Outcome, StringComparison.Ordinal);

        await contacts.PutAsync("c2", "Bea", null, null, [], "service:x", default);
        await desk.RunAsync(default);
        Assert.StartsWith("Corrected.", (await desk.FindAsync(waits.Id, default))!.Outcome, StringComparison.Ordinal);
        Assert.Equal([New], (await contacts.GetAsync("c1", default))!.Addresses.Select(a => a.Address));
    }

    [Fact]
    public async Task R33_A_new_address_that_another_account_takes_while_it_is_moved_there_is_reported()
    {
        var (world, store) = PackagesWorld.Hooked();
        await BeforeAsync(world);
        store.BeforeCommit = async rows =>
        {
            // The old address leaves; what was asked of the new one before is done.
            if (!rows.Any(r => r.Key.StartsWith("member:", StringComparison.Ordinal))) return;
            store.BeforeCommit = null;
            await world.Get<ContactDesk>().PutAsync("c2", "Bea", null, null, [New], "service:x", default);
        };
        var waits = await world.Get<PrivacyDesk>().OpenAsync(
            PrivacyRight.Rectification, [Old], null, null, new Rectification(NewAddress: New.Value), "agent:mia", default);
        Assert.Equal(PrivacyStatus.Running, waits.Status);
        Assert.Contains("belongs to another account", waits.Outcome, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R35_R33_A_restriction_goes_along_to_the_new_address_and_lifting_it_frees_both()
    {
        var world = new PackagesWorld();
        await BeforeAsync(world);
        var desk = world.Get<PrivacyDesk>();
        var restriction = await desk.OpenAsync(PrivacyRight.Restriction, [Old], null, null, null, "agent:mia", default);
        await desk.OpenAsync(PrivacyRight.Rectification, [Old], null, null, new Rectification(NewAddress: New.Value), "agent:mia", default);
        foreach (var address in new[] { Old, New })
            Assert.NotNull((await world.StateAsync(address)).RestrictedSince);
        Assert.NotNull(await desk.LiftAsync((await desk.FindAsync(restriction.Id, default))!, "Told.", "agent:mia", default));
        foreach (var address in new[] { Old, New })
            Assert.Null((await world.StateAsync(address)).RestrictedSince);
    }

    [Fact]
    public async Task R34_A_change_to_an_erased_address_brings_nothing_back()
    {
        var world = new PackagesWorld();
        var list = await BeforeAsync(world);
        var desk = world.Get<PrivacyDesk>();
        await desk.OpenAsync(PrivacyRight.Erasure, [New], null, null, null, "agent:mia", default);
        var (erased, _) = await world.Book.LoadAsync(world.Ring.KeyOf(New), default);
        var done = await desk.OpenAsync(
            PrivacyRight.Rectification, [Old], null, null, new Rectification(NewAddress: New.Value), "agent:mia", default);
        Assert.Equal(PrivacyStatus.Completed, done.Status);
        Assert.Equal(erased, (await world.Book.LoadAsync(world.Ring.KeyOf(New), default)).State);
        Assert.DoesNotContain((await world.Get<ContactDesk>().GetAsync("c1", default))!.Addresses, a => a.Address == New);
        Assert.Null(await world.Get<ITableStore>().GetAsync(Tables.Lists, list, "member:" + world.Ring.KeyOf(New).Value));
        Assert.NotNull((await world.StateAsync(Old)).Stopped);
    }

    [Fact]
    public async Task R34_Erasing_the_new_address_takes_it_out_of_the_request_that_brought_it()
    {
        var world = new PackagesWorld();
        await BeforeAsync(world);
        var desk = world.Get<PrivacyDesk>();
        var opened = await desk.OpenAsync(
            PrivacyRight.Rectification, [Old], null, null, new Rectification(Name: "Ana B.", NewAddress: New.Value), "agent:mia", default);
        await desk.OpenByHolderAsync(PrivacyRight.Erasure, New, default);
        var request = Assert.Single(await desk.ListAsync(null, 10, default), r => r.Id == opened.Id);
        // The name was the account's, and has gone with the account's last address.
        Assert.Equal((new Rectification(), PrivacyStatus.Completed), (request.Change, request.Status));
        Assert.Equal(["email:" + Old.Value], request.Addresses); // Whose data are not what this erasure is of.
    }

    private static async Task<string> BeforeAsync(PackagesWorld world)
    {
        var consents = world.Get<ConsentDesk>();
        var topics = world.Get<TopicCatalog>();
        foreach (var topic in new[] { TopicKey.Newsletter, TopicKey.PackageUpdates })
            await consents.OptInAsync(
                Old, topics.Find(topic)!, new LedgerDraft(LedgerAction.OptIn, topic, "form", "person"), confirmed: true, "de", default);
        await consents.OptOutAsync(Old, new LedgerDraft(LedgerAction.OptOut, TopicKey.Promotions, "page", "person"), default);
        await world.Book.ChangeAsync(
            world.Ring.KeyOf(Old), null, (state, _) => new Change(state with { Tags = ["gold"] }, []), null, default);
        await world.Get<ContactDesk>().PutAsync("c1", "Ana", "de", null, [Old], "service:x", default);
        var list = await world.Get<StaticLists>().CreateAsync("Friends", default);
        await world.Get<StaticLists>().AddAsync(list.Id, [world.Ring.KeyOf(Old)], default);
        return list.Id;
    }

    private static async Task AfterAsync(PackagesWorld world, string list, string when)
    {
        var (next, _) = await world.Book.LoadAsync(world.Ring.KeyOf(New), default);
        Assert.True(next is { Stopped: null, Suppression: null }, when);
        foreach (var topic in new[] { TopicKey.Newsletter, TopicKey.PackageUpdates })
            Assert.True(next.StatusOf(topic) == SubscriptionStatus.Pending, $"{when} {topic} is {next.StatusOf(topic)}.");
        Assert.Equal(SubscriptionStatus.Unsubscribed, next.StatusOf(TopicKey.Promotions));
        Assert.Equal(["gold"], next.Tags);
        Assert.NotNull((await world.StateAsync(Old)).Stopped);
        Assert.Equal([New], (await world.Get<ContactDesk>().GetAsync("c1", default))!.Addresses.Select(a => a.Address));
        var tables = world.Get<ITableStore>();
        Assert.NotNull(await tables.GetAsync(Tables.Lists, list, "member:" + world.Ring.KeyOf(New).Value));
        Assert.Null(await tables.GetAsync(Tables.Lists, list, "member:" + world.Ring.KeyOf(Old).Value));
        Assert.Equal(PrivacyStatus.Completed, Assert.Single(await world.Get<PrivacyDesk>().ListAsync(null, 10, default)).Status);
        await world.PumpAsync();
        Assert.Equal([New.Value], world.Outbox.Emails.Select(m => m.To)); // One confirmation, and it asks about both.
    }
}
