using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Sending;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Consent;

public sealed class ConsentDeskTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");

    [Fact]
    public async Task R28_Double_opt_in_asks_once_and_permits_nothing_before_the_answer()
    {
        var world = new World();
        var (result, state) = await SignUpAsync(world);
        Assert.Equal((ConsentResult.Recorded, SubscriptionStatus.Pending), (result, state.StatusOf(TopicKey.Newsletter)));
        var ask = Assert.Single(await world.TakeQueuedAsync());
        Assert.Equal((MessagePurpose.Confirmation, "ana@example.com"), (ask.Purpose, ask.To));
        await world.Dispatcher.SendAsync(ask, false, default);
        Assert.Equal(1, world.Email.HandOffs);
        var news = world.Request(Ana, TopicKey.Newsletter);
        await world.Dispatcher.SendAsync(news, false, default);
        Assert.Equal(Reason.Unconfirmed, (await world.RecordAsync(news))!.Reason);

        var key = world.Ring.KeyOf(Ana);
        var confirm = new LedgerDraft(LedgerAction.Confirm, TopicKey.Newsletter, "link", "person");
        Assert.Equal(ConsentResult.Recorded, (await world.Consents.ConfirmAsync(key, TopicKey.Newsletter, confirm, default)).Result);
        Assert.Equal(ConsentResult.Unchanged, (await world.Consents.ConfirmAsync(key, TopicKey.Newsletter, confirm, default)).Result);
        Assert.Equal(ConsentResult.NothingPending, (await world.Consents.ConfirmAsync(key, TopicKey.Promotions, confirm, default)).Result);
        Assert.Equal(
            ConsentResult.NothingPending,
            (await world.Consents.ConfirmAsync(
                world.Ring.KeyOf(CoreProduct.Email("eve@example.com")), TopicKey.Newsletter, confirm, default)).Result);
        Assert.Equal([LedgerAction.OptIn, LedgerAction.Confirm], (await world.Book.LedgerAsync(key, default)).Select(e => e.Action));
    }

    [Fact]
    public async Task R63_A_thousand_sign_ups_of_one_address_send_one_confirmation_per_window()
    {
        var world = new World();
        for (var i = 0; i < 1000; i++)
        {
            var (_, state) = await SignUpAsync(world);
            Assert.Equal(SubscriptionStatus.Pending, state.StatusOf(TopicKey.Newsletter));
            if (i % 100 == 0) await DrainAsync(world);
        }

        await DrainAsync(world);
        Assert.Equal(1, world.Email.HandOffs);
        Assert.Single(await world.Book.LedgerAsync(world.Ring.KeyOf(Ana), default));

        world.Time.Advance(world.Options.ConfirmationWindow);
        await SignUpAsync(world);
        await SignUpAsync(world);
        await DrainAsync(world);
        Assert.Equal(2, world.Email.HandOffs);
        Assert.Equal(2, world.Email.Emails.Select(e => e.Id).Distinct().Count());
    }

    [Fact]
    public async Task R63_Sign_ups_at_the_same_time_send_one_confirmation()
    {
        var world = new World();
        world.Store.Before = async () => await Task.Yield();
        await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => Task.Run(async () => await SignUpAsync(world))));
        world.Store.Before = null;
        await DrainAsync(world);
        Assert.Equal(1, world.Email.HandOffs);
    }

    [Fact]
    public async Task P5_A_crash_before_the_confirmation_was_queued_is_made_good_by_the_next_sign_up()
    {
        var world = new World();
        await SignUpAsync(world);
        _ = await world.TakeQueuedAsync(); // It never got there.
        await SignUpAsync(world);
        await DrainAsync(world);
        Assert.Equal(1, world.Email.HandOffs);
    }

    [Fact]
    public async Task A_topic_without_double_opt_in_and_one_confirmed_elsewhere_hold_at_once()
    {
        var world = new World();
        Assert.Equal(
            SubscriptionStatus.Subscribed, (await SignUpAsync(world, TopicKey.PackageUpdates)).State.StatusOf(TopicKey.PackageUpdates));
        Assert.Equal(SubscriptionStatus.Subscribed, (await world.SubscribeAsync(Ana, TopicKey.Newsletter)).StatusOf(TopicKey.Newsletter));
        Assert.Empty(await world.TakeQueuedAsync());
    }

    [Fact]
    public async Task R10_A_hundred_opt_outs_at_the_same_time_are_one_entry()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        world.Store.Before = async () => await Task.Yield();
        var token = new LinkToken(LinkPurpose.Unsubscribe, world.Ring.KeyOf(Ana), Channel.Email) { Topic = TopicKey.Newsletter };
        var results =
            await Task.WhenAll(Enumerable.Range(
                0,
                100).Select(
                    _ => Task.Run(async () => await world.Unsubscriber.StopAsync(token, UnsubscribeScope.Named, "one-click", default))));
        Assert.All(results, r => Assert.Equal(SubscriptionStatus.Unsubscribed, r.State.StatusOf(TopicKey.Newsletter)));
        Assert.Single(results, r => r.Changed);
        Assert.Equal(2, (await world.Book.LedgerAsync(token.Address, default)).Count);
    }

    [Fact]
    public async Task R10_A_package_left_a_hundred_times_at_the_same_time_is_one_entry()
    {
        var world = new World();
        world.Store.Before = async () => await Task.Yield();
        var token = new LinkToken(LinkPurpose.Unsubscribe, world.Ring.KeyOf(Ana), Channel.Email)
        {
            Topic = TopicKey.PackageUpdates,
            TrackingNumber = "RB123456789CN",
        };
        var results =
            await Task.WhenAll(Enumerable.Range(
                0,
                100).Select(
                    _ => Task.Run(async () => await world.Unsubscriber.StopAsync(token, UnsubscribeScope.Named, "one-click", default))));
        Assert.Single(results, r => r.Changed);
        Assert.Equal(LedgerAction.Unwatch, Assert.Single(await world.Book.LedgerAsync(token.Address, default)).Action);
        var other = await world.Unsubscriber.StopAsync(
            token with { TrackingNumber = "RB987654321CN" }, UnsubscribeScope.Named, "one-click", default);
        Assert.True(other.Changed);
        Assert.Equal(SubscriptionStatus.None, other.State.StatusOf(TopicKey.PackageUpdates));
    }

    [Fact]
    public async Task R3_A_token_alone_stops_an_address_nothing_is_known_of_and_a_later_sign_up_fills_it_in()
    {
        var world = new World();
        var token = new LinkToken(LinkPurpose.Unsubscribe, world.Ring.KeyOf(Ana), Channel.Email)
        {
            Topic = TopicKey.Newsletter,
            Message = "AAAAAAAAAAAAAAAAAAAAAAAA",
        };
        await world.Unsubscriber.StopAsync(token, UnsubscribeScope.Named, "one-click", default);
        var (state, _) = await world.Book.LoadAsync(token.Address, default);
        Assert.Equal((null, SubscriptionStatus.Unsubscribed), (state!.Value, state.StatusOf(TopicKey.Newsletter)));
        Assert.Contains(
            "AAAAAAAAAAAAAAAAAAAAAAAA", Assert.Single(await world.Book.LedgerAsync(token.Address, default)).Detail!.Evidence,
            StringComparison.Ordinal);
        Assert.Equal("ana@example.com", (await SignUpAsync(world)).State.Value);
    }

    [Fact]
    public async Task R34_A_sign_up_of_an_erased_person_stores_no_address_and_sends_nothing()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var erase = new LedgerDraft(LedgerAction.Suppress, LedgerDraft.AllTopics, "erasure", "agent:x");
        await world.Book.ChangeAsync(
            world.Ring.KeyOf(Ana), null,
            (s, now) =>
                AddressTransitions.Suppress(s, SuppressionReason.Erased, null, erase, now) is var c
                    ? c with { State = c.State with { Value = null } }
                    : c,
            null, default);
        var (_, state) = await SignUpAsync(world, TopicKey.Promotions);
        Assert.Null(state.Value);
        await DrainAsync(world);
        Assert.Equal(0, world.Email.HandOffs);
    }

    [Fact]
    public async Task Suppressions_are_listed_and_a_lifted_one_is_not()
    {
        var world = new World();
        var people = Enumerable.Range(0, 30).Select(i => CoreProduct.Email($"p{i}@example.com")).ToList();
        var block = new LedgerDraft(LedgerAction.Suppress, LedgerDraft.AllTopics, "api", "service:x");
        foreach (var person in people) await world.Suppressions.AddAsync(person, SuppressionReason.Manual, null, block, default);
        await world.Suppressions.AddAsync(people[0], SuppressionReason.Complaint, null, block, default);
        await world.Suppressions.RemoveAsync(people[1], block with { Action = LedgerAction.Unsuppress }, default);
        Assert.Null(await world.Suppressions.RemoveAsync(people[1], block with { Action = LedgerAction.Unsuppress }, default));
        var listed = new List<(AddressKey Key, SuppressionIndexRow Row)>();
        while (await world.Suppressions.ListAsync(listed.Count == 0 ? null : listed[^1].Key, 7, default) is { Count: > 0 } page)
            listed.AddRange(page);
        Assert.Equal(people.Where((_, i) => i != 1).Select(p => p.Value).Order(), listed.Select(l => l.Row.Address).Order());
        Assert.Equal(SuppressionReason.Complaint, listed.Single(l => l.Row.Address == people[0].Value).Row.Suppression.Reason);
        Assert.Equal(listed.Select(l => l.Key.Value).Order(StringComparer.Ordinal), listed.Select(l => l.Key.Value));
    }

    private static async Task<(ConsentResult Result, AddressState State)> SignUpAsync(World world, string topic = TopicKey.Newsletter) =>
        await world.Consents.OptInAsync(
            Ana, world.Topics.Find(topic)!,
            new LedgerDraft(LedgerAction.OptIn, topic, "form", "person") { PolicyVersion = "v1", Wording = "Send me news" }, false, "en",
            default);

    private static async Task DrainAsync(World world)
    {
        while (await world.TakeQueuedAsync() is { Count: > 0 } requests)
            foreach (var request in requests) await world.Dispatcher.SendAsync(request, false, default);
    }
}
