using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Sending;

/// <summary>The process died, or the store failed, between a message's end and what follows it.</summary>
public sealed class AfterTheEndTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");

    [Fact]
    public async Task P5_A_given_up_message_that_is_found_again_is_given_up_again_and_has_one_letter_whichever_of_its_items_brings_it()
    {
        var world = new World(new SendingOptions { MaxAttempts = 1 });
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        world.Email.Answer = _ => HandOff.Unavailable("away", TimeSpan.FromMinutes(1));
        var request = world.Request(Ana, TopicKey.Newsletter);
        foreach (var redelivered in (bool[])[false, true, false]) // The last as an item that began anew.
            Assert.Equal(WorkOutcome.GiveUp("away"), await world.Dispatcher.SendAsync(request, redelivered, default));
        Assert.Equal(1, world.Email.HandOffs);
        foreach (var item in (SendRequest[])[request, request, request with { Attempt = 3, Recorded = true }])
            await world.DeadLetters.KeepAsync(Queues.Send, SendQueue.BodyOf(item), 1, default);
        await world.DeadLetters.KeepAsync(Queues.Send, SendQueue.BodyOf(world.Request(Ana, TopicKey.Newsletter)), 1, default);
        Assert.Equal(2, (await world.DeadLetters.ListAsync(Queues.Send, null, 10, default)).Count);

        world.Email.Answer = _ => HandOff.Accepted("back");
        Assert.Equal((2, 0), await world.DeadLetters.ReplayAllAsync(Queues.Send, default));
        foreach (var item in await world.TakeQueuedAsync())
            Assert.Equal(WorkOutcome.Done, await world.Dispatcher.SendAsync(item, false, default));
        Assert.Equal(WorkOutcome.Done, await world.Dispatcher.SendAsync(request, true, default));
        Assert.Equal(3, world.Email.HandOffs);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task P5_Another_item_of_a_message_whose_letter_was_dealt_with_makes_no_letter_until_it_is_given_up_anew(bool replayed)
    {
        var (world, request, letter) = await GivenUpAsync();
        Assert.True(
            replayed
                ? await world.DeadLetters.ReplayAsync(Queues.Send, letter, default)
                : await world.DeadLetters.DiscardAsync(Queues.Send, letter, default));
        var late = request with { Attempt = 3, Recorded = true };
        Assert.Equal(WorkOutcome.GiveUp("away"), await world.Dispatcher.SendAsync(late, false, default));
        await KeepAsync(world, late);
        Assert.Empty(await world.DeadLetters.ListAsync(Queues.Send, null, 10, default));
        if (!replayed) return;
        var again = Assert.Single(await world.TakeQueuedAsync());
        world.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(WorkOutcome.GiveUp("away"), await world.Dispatcher.SendAsync(again, false, default));
        foreach (var item in (SendRequest[])[again, late]) await KeepAsync(world, item);
        Assert.NotEqual(letter, Assert.Single(await world.DeadLetters.ListAsync(Queues.Send, null, 10, default)).Id);
    }

    [Fact]
    public async Task P5_A_replay_that_fails_before_it_has_changed_anything_has_its_letter_again()
    {
        var (world, _, letter) = await GivenUpAsync();
        Assert.True(await world.DeadLetters.ReplayAsync(Queues.Send, letter, default));
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await KeepAsync(world, Assert.Single(await world.TakeQueuedAsync()));
        Assert.NotEqual(letter, Assert.Single(await world.DeadLetters.ListAsync(Queues.Send, null, 10, default)).Id);
    }

    [Fact]
    public async Task P5_What_was_left_of_before_ends_no_replay_that_is_under_way_and_an_item_of_the_replay_does()
    {
        var (world, request, letter) = await GivenUpAsync();
        Assert.True(await world.DeadLetters.ReplayAsync(Queues.Send, letter, default));
        var next = Assert.Single(await world.TakeQueuedAsync());
        world.Email.Answer = _ =>
        {
            KeepAsync(world, request).GetAwaiter().GetResult(); // While it is being handed off.
            return HandOff.Throttled(TimeSpan.FromSeconds(5));
        };
        await world.Dispatcher.SendAsync(next, false, default);
        await KeepAsync(world, request); // And while it waits.
        Assert.Equal(MessageStatus.Queued, (await world.RecordAsync(request))!.Status);
        Assert.Empty(await world.DeadLetters.ListAsync(Queues.Send, null, 10, default));
        world.Time.Advance(TimeSpan.FromSeconds(10));
        await KeepAsync(world, Assert.Single(await world.TakeQueuedAsync()));
        Assert.Equal(MessageStatus.Failed, (await world.RecordAsync(request))!.Status);
        Assert.Single(await world.DeadLetters.ListAsync(Queues.Send, null, 10, default));
    }

    [Fact]
    public async Task P5_What_is_left_of_a_replay_offers_nothing_once_its_message_was_given_up_anew_and_the_next_replay_does()
    {
        var (world, request, letter) = await GivenUpAsync();
        Assert.True(await world.DeadLetters.ReplayAsync(Queues.Send, letter, default));
        var replay = Assert.Single(await world.TakeQueuedAsync());
        world.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(WorkOutcome.GiveUp("away"), await world.Dispatcher.SendAsync(replay, false, default));
        await KeepAsync(world, replay);
        world.Email.Answer = _ => HandOff.Accepted("back");
        Assert.Equal(WorkOutcome.GiveUp("away"), await world.Dispatcher.SendAsync(replay, true, default)); // It was put back twice.
        Assert.Equal(2, world.Email.HandOffs);
        var again = Assert.Single(await world.DeadLetters.ListAsync(Queues.Send, null, 10, default)).Id;
        Assert.True(await world.DeadLetters.ReplayAsync(Queues.Send, again, default));
        var next = Assert.Single(await world.TakeQueuedAsync());
        Assert.True(next.ReplayOf > replay.ReplayOf);
        Assert.Equal(WorkOutcome.GiveUp("away"), await world.Dispatcher.SendAsync(replay, false, default)); // Also while the next waits.
        Assert.Equal(WorkOutcome.Done, await world.Dispatcher.SendAsync(next, false, default));
        foreach (var left in (SendRequest[])[replay, next, request])
            Assert.Equal(WorkOutcome.Done, await world.Dispatcher.SendAsync(left, true, default));
        Assert.Equal(3, world.Email.HandOffs);
    }

    [Fact]
    public async Task P5_A_replay_that_came_twice_and_failed_before_it_had_changed_anything_has_one_letter_also_once_that_was_dealt_with()
    {
        var (world, request, letter) = await GivenUpAsync();
        Assert.True(await world.DeadLetters.ReplayAsync(Queues.Send, letter, default));
        var replay = Assert.Single(await world.TakeQueuedAsync());
        for (var i = 0; i < 2; i++)
        {
            world.Time.Advance(TimeSpan.FromMinutes(1));
            await KeepAsync(world, replay);
        }

        var again = Assert.Single(await world.DeadLetters.ListAsync(Queues.Send, null, 10, default)).Id;
        Assert.Equal(
            [MessageRecord.Replayed, MessageRecord.GivenUp], (await world.RecordAsync(request))!.Timeline[^2..].Select(e => e.Event));
        Assert.True(await world.DeadLetters.DiscardAsync(Queues.Send, again, default));
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await KeepAsync(world, replay);
        Assert.Empty(await world.DeadLetters.ListAsync(Queues.Send, null, 10, default));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)] // The other is only about to be given up.
    public async Task P5_Two_items_of_a_message_that_are_given_up_at_the_same_moment_are_one_letter(bool replayed, bool noting)
    {
        var (world, item) = (new World(), (SendRequest?)null);
        if (replayed)
        {
            (world, _, var letter) = await GivenUpAsync();
            Assert.True(await world.DeadLetters.ReplayAsync(Queues.Send, letter, default));
            item = Assert.Single(await world.TakeQueuedAsync());
        }

        item ??= world.Request(Ana, TopicKey.Newsletter);
        world.Time.Advance(TimeSpan.FromMinutes(1));
        world.Store.BeforeCommit = async rows =>
        {
            if (rows is not [{ Key.Length: GivenUpNotes.NameLength }]) return;
            world.Store.BeforeCommit = null;
            world.Time.Advance(TimeSpan.FromMilliseconds(3));
            await KeepAsync(world, item);
        };
        if (noting)
            await new GivenUpNotes(world.Tables, world.Ring, world.Time).AddAsync(Queues.Send, SendQueue.BodyOf(item), "away");
        world.Time.Advance(TimeSpan.FromMilliseconds(3));
        await KeepAsync(world, item with { Attempt = 1 });
        Assert.Null(world.Store.BeforeCommit);
        Assert.Single(await world.DeadLetters.ListAsync(Queues.Send, null, 10, default));
    }

    private static async Task<(World World, SendRequest Request, string Letter)> GivenUpAsync()
    {
        var world = new World(new SendingOptions { MaxAttempts = 1 });
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        world.Email.Answer = _ => HandOff.Unavailable("away", TimeSpan.FromMinutes(1));
        var request = world.Request(Ana, TopicKey.Newsletter);
        Assert.Equal(WorkOutcome.GiveUp("away"), await world.Dispatcher.SendAsync(request, false, default));
        await KeepAsync(world, request);
        return (world, request, Assert.Single(await world.DeadLetters.ListAsync(Queues.Send, null, 10, default)).Id);
    }

    private static Task KeepAsync(World world, SendRequest item) =>
        world.DeadLetters.KeepAsync(Queues.Send, SendQueue.BodyOf(item), 1, default).AsTask();

    [Fact]
    public async Task P5_Two_items_that_name_no_message_of_ours_are_two_letters()
    {
        var world = new World();
        foreach (var topic in (string[])["a", "b"])
            await world.DeadLetters.KeepAsync(
                Queues.Send, SendQueue.BodyOf(world.Request(Ana, topic) with { Id = "made-up" }), 1, default);
        Assert.Equal(2, (await world.DeadLetters.ListAsync(Queues.Send, null, 10, default)).Count);
    }

    [Fact]
    public async Task P9_A_given_up_message_ends_failed_also_where_somebody_else_writes_its_record_meanwhile()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        world.Email.Answer = _ => HandOff.Throttled(TimeSpan.FromSeconds(5));
        var request = world.Request(Ana, TopicKey.Newsletter);
        await world.Dispatcher.SendAsync(request, false, default);
        Assert.True(MessageId.TryParse(request.Id, out var id));
        var raced = false;
        world.Store.BeforeCommit = async changes =>
        {
            if (raced || !changes.Any(c => c.Key == Rows.Message(id.Suffix))) return;
            raced = true;
            var row = (await world.Memory.GetAsync(Tables.Addresses, id.Address.Value, Rows.Message(id.Suffix)))!;
            await world.Memory.CommitAsync(Tables.Addresses, id.Address.Value, [RowChange.Put(row.Key, row.Value)]);
        };
        await world.DeadLetters.KeepAsync(Queues.Send, SendQueue.BodyOf(request), 5, default);
        Assert.True(raced);
        Assert.Equal(MessageStatus.Failed, (await world.RecordAsync(request))!.Status);
    }

    [Fact]
    public async Task R20_P2_A_refusal_is_known_though_the_store_fails_at_the_bookkeeping_and_that_is_done_when_it_comes_back()
    {
        var world = new World(new SendingOptions { MarketingCapCount = 1 });
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        world.Email.Answer = _ => HandOff.Rejected(
            "no such user",
            new Refusal(new ReportOutcome(MessageStatus.Bounced, ReportEffect.Suppress, false, "No such user."), "email-refused", "550"));
        var request = world.Request(Ana, TopicKey.Newsletter);
        world.Store.BeforeCommit = changes => world.Email.HandOffs > 0 && changes is [{ Key: Rows.State }]
            ? throw new StorageUnavailableException()
            : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await world.Dispatcher.SendAsync(request, false, default));
        world.Store.BeforeCommit = null;
        var record = (await world.RecordAsync(request))!;
        Assert.Equal((MessageStatus.Bounced, Reason.ProviderRejected), (record.Status, record.Reason));
        Assert.Equal(SuppressionReason.Bounce, (await world.StateAsync(Ana)).Suppression!.Reason);
        Assert.Single((await world.StateAsync(Ana)).Recent);
        Assert.Equal(WorkOutcome.Done, await world.Dispatcher.SendAsync(request, true, default));
        Assert.Empty((await world.StateAsync(Ana)).Recent);
    }
}
