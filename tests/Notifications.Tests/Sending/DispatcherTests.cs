using Microsoft.Extensions.Logging.Abstractions;
using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Sending;

public sealed class DispatcherTests
{
    private static readonly Address Ana = World.Mail("ana@example.com");

    [Fact]
    public async Task P1_The_claim_writes_the_message_and_the_record_in_one_commit()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        world.Store.Committed.Clear();
        var request = world.Request(Ana, TopicKey.Newsletter);
        Assert.Equal(WorkOutcome.Done, await world.Dispatcher.SendAsync(request, false, default));
        var claim = world.Store.Committed[0];
        Assert.Equal(RowChangeKind.Insert, claim[0].Kind);
        Assert.StartsWith(Rows.MessagePrefix, claim[0].Key, StringComparison.Ordinal);
        Assert.Equal((RowChangeKind.Replace, Rows.State), (claim[1].Kind, claim[1].Key));
        var record = await world.RecordAsync(request);
        Assert.Equal((MessageStatus.Sent, Reason.Allowed, "provider-1"), (record!.Status, record.Reason, record.ProviderId));
        Assert.Equal(["queued", "claimed", "accepted"], record.Timeline.Select(e => e.Event));
    }

    [Fact]
    public async Task A_message_that_goes_out_costs_three_table_operations()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var before = world.Store.Operations;
        await world.Dispatcher.SendAsync(world.Request(Ana, TopicKey.Newsletter), false, default);
        Assert.Equal(3, world.Store.Operations - before);
    }

    [Fact]
    public async Task P1_An_opt_out_between_reading_and_claiming_stops_the_hand_off()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var once = true;
        world.Store.BeforeCommit = async _ =>
        {
            if (!once) return;
            once = false;
            await world.OptOutAsync(Ana, TopicKey.Newsletter);
        };
        var request = world.Request(Ana, TopicKey.Newsletter);
        await world.Dispatcher.SendAsync(request, false, default);
        var record = await world.RecordAsync(request);
        Assert.Equal((MessageStatus.Skipped, Reason.Unsubscribed), (record!.Status, record.Reason));
        Assert.Equal(0, world.Email.HandOffs);
        Assert.Equal(2, record.Receipt!.LedgerSeq);
    }

    [Fact]
    public async Task P1_The_very_first_opt_out_of_an_address_without_a_record_collides_with_the_claim_too()
    {
        var world = new World();
        const string number = "RB123456789CN";
        var key = world.Ring.KeyOf(Ana);
        var watch = JsonSerializer.SerializeToUtf8Bytes(new WatchRecord(WatchStatus.Active, world.Time.GetUtcNow()), CoreJson.Default.WatchRecord);
        await world.Tables.CommitAsync(Tables.Addresses, key.Value, [RowChange.Put(Rows.Watch(number), watch)]);
        var once = true;
        world.Store.BeforeCommit = async _ =>
        {
            if (!once) return;
            once = false;
            await world.OptOutAsync(Ana, TopicKey.PackageUpdates);
        };
        var request = world.Request(Ana, TopicKey.PackageUpdates) with { TrackingNumber = number };
        await world.Dispatcher.SendAsync(request, false, default);
        Assert.Equal(0, world.Email.HandOffs);
        Assert.Equal(Reason.Unsubscribed, (await world.RecordAsync(request))!.Reason);
    }

    [Fact]
    public async Task P1_Two_thousand_random_interleavings_never_hand_off_after_a_committed_opt_out()
    {
        int sent = 0, skipped = 0;
        for (var seed = 0; seed < 2000; seed++)
        {
            var world = new World();
            await world.SubscribeAsync(Ana, TopicKey.Newsletter);
            world.Store.Committed.Clear();
            var random = new Random(seed);
            world.Store.Before = async () =>
            {
                int yields;
                lock (random) yields = random.Next(4);
                for (var i = 0; i < yields; i++) await Task.Yield();
            };
            var request = world.Request(Ana, TopicKey.Newsletter);
            Func<Task>[] both = [() => world.Dispatcher.SendAsync(request, false, default).AsTask(), () => world.OptOutAsync(Ana, TopicKey.Newsletter)];
            if (seed % 2 == 1) Array.Reverse(both);
            await Task.WhenAll(Task.Run(both[0]), Task.Run(both[1]));

            var optOut = world.Store.Committed.FindIndex(c => c.Any(r => r.Key.StartsWith(Rows.LedgerPrefix, StringComparison.Ordinal)));
            var claim = world.Store.Committed.FindIndex(c => c.Any(r => r.Key.StartsWith(Rows.MessagePrefix, StringComparison.Ordinal) && Read(r).Status == MessageStatus.Sending));
            Assert.True(optOut >= 0, $"seed {seed}: the opt-out was lost");
            Assert.Equal(claim >= 0 ? 1 : 0, world.Email.HandOffs);
            Assert.True(claim < optOut, $"seed {seed}: claimed at {claim}, opted out at {optOut}");
            if (claim >= 0) sent++;
            else
            {
                skipped++;
                Assert.Equal(Reason.Unsubscribed, (await world.RecordAsync(request))!.Reason);
            }
        }

        Assert.True(sent > 20 && skipped > 20, $"The interleavings met only one side: {sent} sent, {skipped} skipped.");
    }

    [Fact]
    public async Task R15_An_opt_out_after_enqueueing_is_found_at_dispatch()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Promotions);
        await world.Queue.EnqueueAsync(world.Request(Ana, TopicKey.Promotions), default);
        await world.OptOutAsync(Ana, TopicKey.Promotions);
        var request = Assert.Single(await world.TakeQueuedAsync());
        await world.Dispatcher.SendAsync(request, false, default);
        Assert.Equal(0, world.Email.HandOffs);
        Assert.Equal((MessageStatus.Skipped, Reason.Unsubscribed), ((await world.RecordAsync(request))!.Status, (await world.RecordAsync(request))!.Reason));
    }

    [Fact]
    public async Task R43_A_confirmation_that_waits_does_not_go_out_after_stop()
    {
        var world = new World();
        var phone = World.Phone("+14155552671");
        await world.Consents.OptInAsync(phone, world.Topics.Find(TopicKey.Newsletter)!, new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person"), false, null, default);
        await world.StopAllAsync(phone);
        var request = Assert.Single(await world.TakeQueuedAsync());
        await world.Dispatcher.SendAsync(request, false, default);
        Assert.Equal(0, world.Sms.HandOffs);
        Assert.Equal(MessageStatus.Skipped, (await world.RecordAsync(request))!.Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task P5_A_redelivery_after_sending_hands_nothing_off(bool flagged)
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = world.Request(Ana, TopicKey.Newsletter, "client/key-1");
        await world.Dispatcher.SendAsync(request, false, default);
        Assert.Equal(WorkOutcome.Done, await world.Dispatcher.SendAsync(request, flagged, default));
        Assert.Equal(1, world.Email.HandOffs);
        Assert.Equal(MessageStatus.Sent, (await world.RecordAsync(request))!.Status);
    }

    [Theory]
    [InlineData(TopicKey.Newsletter, false, MessageStatus.Unknown, 1)]
    [InlineData(TopicKey.Newsletter, true, MessageStatus.Sent, 2)]
    [InlineData(TopicKey.PackageUpdates, false, MessageStatus.Sent, 2)]
    public async Task P5_A_crash_between_hand_off_and_record_is_settled_by_who_can_tell_repetitions_apart(string topic, bool deduplicates, MessageStatus ends, int handOffs)
    {
        var world = new World();
        world.Email.Deduplicates = deduplicates;
        await world.SubscribeAsync(Ana, topic);
        var request = world.Request(Ana, topic);
        world.Store.BeforeCommit = changes => changes.Count == 1 ? throw new StorageUnavailableException() : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await world.Dispatcher.SendAsync(request, false, default));
        Assert.Equal(MessageStatus.Sending, (await world.RecordAsync(request))!.Status);
        Assert.Equal(1, world.Email.HandOffs);

        world.Store.BeforeCommit = null;
        Assert.Equal(WorkOutcome.Done, await world.Restarted().SendAsync(request, true, default));
        Assert.Equal(ends, (await world.RecordAsync(request))!.Status);
        Assert.Equal(handOffs, world.Email.HandOffs);
        Assert.Single(world.Email.Emails.Select(e => e.Id).Distinct());
    }

    [Fact]
    public async Task P5_A_claim_that_may_still_be_running_is_left_alone()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = world.Request(Ana, TopicKey.Newsletter);
        world.Store.BeforeCommit = changes => changes.Count == 1 ? throw new StorageUnavailableException() : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await world.Dispatcher.SendAsync(request, false, default));
        world.Store.BeforeCommit = null;
        Assert.Equal(WorkOutcome.Later(world.Options.Visibility), await world.Dispatcher.SendAsync(request, true, default));
        world.Time.Advance(world.Options.Visibility);
        await world.Dispatcher.SendAsync(request, true, default);
        Assert.Equal(MessageStatus.Unknown, (await world.RecordAsync(request))!.Status);
        Assert.Equal(1, world.Email.HandOffs);
    }

    [Fact]
    public async Task P5_A_claim_whose_answer_was_lost_is_recognised_as_our_own()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var once = true;
        world.Store.AfterCommit = (_, result) =>
        {
            if (!once) return result;
            once = false;
            return CommitResult.Conflict(0); // What a client reports that repeated a commit after its first answer was lost.
        };
        var request = world.Request(Ana, TopicKey.Newsletter);
        await world.Dispatcher.SendAsync(request, false, default);
        Assert.Equal(1, world.Email.HandOffs);
        Assert.Equal(MessageStatus.Sent, (await world.RecordAsync(request))!.Status);
    }

    [Fact]
    public async Task P5_A_lost_answer_of_the_record_step_does_not_send_again()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = world.Request(Ana, TopicKey.Newsletter);
        world.Store.AfterCommit = (changes, result) => changes.Count == 1 ? throw new StorageUnavailableException() : result;
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await world.Dispatcher.SendAsync(request, false, default));
        world.Store.AfterCommit = null;
        await world.Restarted().SendAsync(request, true, default);
        Assert.Equal(1, world.Email.HandOffs);
        Assert.Equal(MessageStatus.Sent, (await world.RecordAsync(request))!.Status);
    }

    [Fact]
    public async Task P5_An_interrupted_message_whose_person_opted_out_meanwhile_ends_unknown_and_is_not_offered_again()
    {
        var world = new World();
        world.Email.Deduplicates = true;
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = world.Request(Ana, TopicKey.Newsletter);
        world.Store.BeforeCommit = changes => changes.Count == 1 ? throw new StorageUnavailableException() : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await world.Dispatcher.SendAsync(request, false, default));
        world.Store.BeforeCommit = null;
        await world.OptOutAsync(Ana, TopicKey.Newsletter);
        await world.Restarted().SendAsync(request, true, default);
        Assert.Equal(1, world.Email.HandOffs);
        Assert.Equal(MessageStatus.Unknown, (await world.RecordAsync(request))!.Status);
    }

    [Fact]
    public async Task Throttled_work_comes_back_after_the_delay_and_is_not_counted()
    {
        var world = new World(new SendingOptions { MaxAttempts = 2 });
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        world.Email.Answer = n => n switch
        {
            <= 3 => HandOff.Throttled(TimeSpan.FromMinutes(2)),
            4 => HandOff.Unavailable("down", TimeSpan.FromMinutes(1)),
            _ => HandOff.Accepted("late"),
        };
        var request = world.Request(Ana, TopicKey.Newsletter);
        await world.Dispatcher.SendAsync(request, false, default);
        Assert.Equal(MessageStatus.Queued, (await world.RecordAsync(request))!.Status);
        Assert.Empty(await world.TakeQueuedAsync());
        for (var round = 0; round < 4; round++)
        {
            world.Time.Advance(TimeSpan.FromMinutes(2));
            var next = Assert.Single(await world.TakeQueuedAsync());
            Assert.Equal(round < 3 ? 0 : 1, next.Attempt);
            Assert.Equal(WorkOutcome.Done, await world.Dispatcher.SendAsync(next, false, default));
        }

        Assert.Equal((MessageStatus.Sent, "late"), ((await world.RecordAsync(request))!.Status, (await world.RecordAsync(request))!.ProviderId));
        Assert.Equal(5, world.Email.HandOffs);
    }

    [Fact]
    public async Task A_message_is_not_held_back_by_its_own_earlier_claim()
    {
        var world = new World(new SendingOptions { MarketingCapCount = 1 });
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        await world.SubscribeAsync(Ana, TopicKey.Promotions);
        world.Email.Answer = n => n == 1 ? HandOff.Throttled(TimeSpan.FromMinutes(1)) : HandOff.Accepted("ok");
        var request = world.Request(Ana, TopicKey.Newsletter);
        await world.Dispatcher.SendAsync(request, false, default);
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await world.Dispatcher.SendAsync(Assert.Single(await world.TakeQueuedAsync()), false, default);
        Assert.Equal(MessageStatus.Sent, (await world.RecordAsync(request))!.Status);
        Assert.Single((await world.Book.LoadAsync(world.Ring.KeyOf(Ana), default)).State!.Recent);

        var second = world.Request(Ana, TopicKey.Promotions);
        await world.Dispatcher.SendAsync(second, false, default);
        Assert.Equal((MessageStatus.Deferred, Reason.FrequencyCap), ((await world.RecordAsync(second))!.Status, (await world.RecordAsync(second))!.Reason));
    }

    [Fact]
    public async Task A_send_of_a_topic_with_a_short_cap_does_not_forget_what_a_longer_cap_counts()
    {
        Topic[] topics = [new() { Key = "surveys", CapCount = 1, CapDays = 30 }, new() { Key = "tips", CapCount = 5, CapDays = 1 }];
        var world = new World(topics: topics);
        await world.SubscribeAsync(Ana, "surveys");
        await world.SubscribeAsync(Ana, "tips");
        await world.Dispatcher.SendAsync(world.Request(Ana, "surveys"), false, default);
        world.Time.Advance(TimeSpan.FromDays(10));
        await world.Dispatcher.SendAsync(world.Request(Ana, "tips"), false, default);
        var again = world.Request(Ana, "surveys");
        await world.Dispatcher.SendAsync(again, false, default);
        Assert.Equal(Reason.FrequencyCap, (await world.RecordAsync(again))!.Reason);
    }

    [Fact]
    public async Task An_absent_provider_is_tried_to_the_last_attempt_and_the_message_waits_replayable_in_the_dead_letters()
    {
        var world = new World(new SendingOptions { MaxAttempts = 3 });
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        world.Email.Answer = _ => HandOff.Unavailable("down", TimeSpan.FromMinutes(1));
        var request = world.Request(Ana, TopicKey.Newsletter);
        var next = request;
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            Assert.Equal(WorkOutcome.Done, await world.Dispatcher.SendAsync(next, false, default));
            Assert.Equal((MessageStatus.Queued, Reason.ProviderUnavailable), ((await world.RecordAsync(request))!.Status, (await world.RecordAsync(request))!.Reason));
            world.Time.Advance(TimeSpan.FromMinutes(1));
            next = Assert.Single(await world.TakeQueuedAsync());
            Assert.Equal(attempt, next.Attempt);
        }

        Assert.Equal(WorkResult.GiveUp, (await world.Dispatcher.SendAsync(next, false, default)).Result);
        Assert.Equal((MessageStatus.Failed, Reason.ProviderUnavailable), ((await world.RecordAsync(request))!.Status, (await world.RecordAsync(request))!.Reason));
        Assert.Equal(3, world.Email.HandOffs);

        await world.DeadLetters.KeepAsync(Queues.Send, JsonSerializer.SerializeToUtf8Bytes(next, CoreJson.Default.SendRequest), 1, default);
        var (id, _) = Assert.Single(await world.DeadLetters.ListAsync(Queues.Send, null, 10, default));
        world.Email.Answer = _ => HandOff.Accepted("at last");
        Assert.True(await world.DeadLetters.ReplayAsync(Queues.Send, id, default));
        await world.Dispatcher.SendAsync(Assert.Single(await world.TakeQueuedAsync()), false, default);
        Assert.Equal(MessageStatus.Sent, (await world.RecordAsync(request))!.Status);
        Assert.Empty(await world.DeadLetters.ListAsync(Queues.Send, null, 10, default));
    }

    [Fact]
    public async Task Work_that_fails_during_the_hand_off_is_given_up_as_unknown()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = world.Request(Ana, TopicKey.Newsletter);
        world.Store.BeforeCommit = changes => changes.Count == 1 ? throw new StorageUnavailableException() : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await world.Dispatcher.SendAsync(request, false, default));
        world.Store.BeforeCommit = null;
        await world.DeadLetters.KeepAsync(Queues.Send, JsonSerializer.SerializeToUtf8Bytes(request, CoreJson.Default.SendRequest), 5, default);
        var record = (await world.RecordAsync(request))!;
        Assert.Equal((MessageStatus.Unknown, Reason.Unknown, new MessageEvent(world.Time.GetUtcNow(), "given up", "The work failed repeatedly during the hand-off.")), (record.Status, record.Reason, record.Timeline[^1]));
    }

    [Fact]
    public async Task A_refused_message_fails_with_the_providers_reason()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        world.Email.Answer = _ => HandOff.Rejected("550 5.1.1");
        var request = world.Request(Ana, TopicKey.Newsletter);
        var before = world.Store.Operations;
        Assert.Equal(WorkOutcome.Done, await world.Dispatcher.SendAsync(request, false, default));
        Assert.Equal(3, world.Store.Operations - before); // No more than one that goes out.
        var record = (await world.RecordAsync(request))!;
        Assert.Equal((MessageStatus.Failed, Reason.ProviderRejected, "550 5.1.1"), (record.Status, record.Reason, record.Timeline[^1].Detail));
        Assert.Empty(await world.TakeQueuedAsync());
    }

    [Fact]
    public async Task A_template_that_does_not_exist_fails_the_message_without_a_hand_off()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = world.Request(Ana, TopicKey.Newsletter) with { Template = "no-such" };
        Assert.Equal(WorkOutcome.Done, await world.Dispatcher.SendAsync(request, false, default));
        Assert.Equal((MessageStatus.Failed, Reason.ProviderRejected), ((await world.RecordAsync(request))!.Status, (await world.RecordAsync(request))!.Reason));
        Assert.Equal(0, world.Email.HandOffs);
    }

    [Theory]
    [InlineData(TopicKey.Newsletter, false, MessageStatus.Unknown, false)]
    [InlineData(TopicKey.Newsletter, true, MessageStatus.Queued, true)]
    [InlineData(TopicKey.PackageUpdates, false, MessageStatus.Queued, true)]
    public async Task P5_A_lost_answer_of_the_provider_is_offered_again_only_where_it_may_be(string topic, bool deduplicates, MessageStatus status, bool again)
    {
        var world = new World();
        world.Email.Deduplicates = deduplicates;
        world.Email.Answer = _ => throw new TaskCanceledException("a client library's own timeout");
        await world.SubscribeAsync(Ana, topic);
        var request = world.Request(Ana, topic);
        Assert.Equal(WorkOutcome.Done, await world.Dispatcher.SendAsync(request, false, default));
        Assert.Equal(status, (await world.RecordAsync(request))!.Status);
        world.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(again ? 1 : 0, (await world.TakeQueuedAsync()).Count);
    }

    [Fact]
    public async Task P5_A_message_whose_last_answer_was_lost_ends_unknown_not_failed()
    {
        var world = new World(new SendingOptions { MaxAttempts = 1 });
        world.Email.Answer = _ => HandOff.Unknown("no answer");
        await world.SubscribeAsync(Ana, TopicKey.PackageUpdates);
        var request = world.Request(Ana, TopicKey.PackageUpdates);
        await world.Dispatcher.SendAsync(request, false, default);
        Assert.Equal(MessageStatus.Unknown, (await world.RecordAsync(request))!.Status);
    }

    [Fact]
    public async Task R52_A_text_at_night_is_deferred_to_the_morning_and_then_goes_out_once()
    {
        var world = new World();
        var phone = World.Phone("+14155552671");
        await world.SubscribeAsync(phone, TopicKey.Promotions);
        var request = world.Request(phone, TopicKey.Promotions);
        await world.Dispatcher.SendAsync(request, false, default); // 04:00 in California
        var record = (await world.RecordAsync(request))!;
        Assert.Equal((MessageStatus.Deferred, Reason.QuietHours), (record.Status, record.Reason));
        Assert.NotNull(record.DueAt);
        Assert.Equal(0, world.Sms.HandOffs);
        Assert.Empty(await world.TakeQueuedAsync());

        world.Time.Advance(record.DueAt!.Value - world.Time.GetUtcNow());
        await world.Dispatcher.SendAsync(Assert.Single(await world.TakeQueuedAsync()), false, default);
        Assert.Equal((MessageStatus.Sent, 1), ((await world.RecordAsync(request))!.Status, world.Sms.HandOffs));
        Assert.Null((await world.RecordAsync(request))!.DueAt);
    }

    [Fact]
    public async Task P5_A_crash_between_deferring_and_queueing_again_loses_nothing()
    {
        var world = new World();
        var phone = World.Phone("+14155552671");
        await world.SubscribeAsync(phone, TopicKey.Promotions);
        var request = world.Request(phone, TopicKey.Promotions);
        await world.Dispatcher.SendAsync(request, false, default);
        world.Time.Advance(TimeSpan.FromDays(1) - TimeSpan.FromHours(11));
        _ = await world.TakeQueuedAsync(); // It never reached the queue.
        world.Time.Advance(TimeSpan.FromHours(3));
        await world.Restarted().SendAsync(request, true, default);
        Assert.NotEqual(MessageStatus.Skipped, (await world.RecordAsync(request))!.Status);
        world.Time.Advance(TimeSpan.FromHours(20));
        foreach (var next in await world.TakeQueuedAsync()) await world.Dispatcher.SendAsync(next, false, default);
        Assert.Equal(1, world.Sms.HandOffs);
    }

    [Fact]
    public async Task A_message_for_later_waits_and_leaves_no_record()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = world.Request(Ana, TopicKey.Newsletter) with { SendAt = world.Time.GetUtcNow().AddDays(8) };
        Assert.Equal(WorkOutcome.Done, await world.Dispatcher.SendAsync(request, false, default));
        Assert.Null(await world.RecordAsync(request));
        Assert.Empty(await world.TakeQueuedAsync());
        world.Time.Advance(TimeSpan.FromDays(8) - TimeSpan.FromHours(1));
        Assert.Equal(1, await new Notifications.Schedule.ScheduleRunner(world.Store, world.Memory, world.Time, NullLogger<Notifications.Schedule.ScheduleRunner>.Instance).RunDueAsync(default));
        Assert.Equal(0, world.Email.HandOffs);
        world.Time.Advance(TimeSpan.FromHours(1));
        await world.Dispatcher.SendAsync(Assert.Single(await world.TakeQueuedAsync()), false, default);
        Assert.Equal(1, world.Email.HandOffs);
    }

    [Fact]
    public async Task An_expired_message_is_skipped()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = world.Request(Ana, TopicKey.Newsletter) with { ExpiresAt = world.Time.GetUtcNow() };
        await world.Dispatcher.SendAsync(request, false, default);
        Assert.Equal((MessageStatus.Skipped, Reason.Expired), ((await world.RecordAsync(request))!.Status, (await world.RecordAsync(request))!.Reason));
        Assert.Equal(0, world.Email.HandOffs);
    }

    [Fact]
    public async Task P5_One_id_accepted_twice_and_sent_at_the_same_time_is_handed_off_once()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var world = new World();
            await world.SubscribeAsync(Ana, TopicKey.Newsletter);
            var random = new Random(seed);
            world.Store.Before = async () =>
            {
                int yields;
                lock (random) yields = random.Next(3);
                for (var i = 0; i < yields; i++) await Task.Yield();
            };
            var request = world.Request(Ana, TopicKey.Newsletter, "client/key-1");
            await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () => await world.Dispatcher.SendAsync(request, false, default))));
            Assert.Equal(1, world.Email.HandOffs);
        }
    }

    [Fact]
    public async Task P8_A_store_that_is_down_means_no_hand_off_and_an_exception()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        world.Store.Before = () => throw new StorageUnavailableException();
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await world.Dispatcher.SendAsync(world.Request(Ana, TopicKey.Newsletter), false, default));
        world.Store.Before = null;
        world.Store.BeforeCommit = _ => throw new StorageUnavailableException();
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await world.Dispatcher.SendAsync(world.Request(Ana, TopicKey.Newsletter), false, default));
        Assert.Equal(0, world.Email.HandOffs);
    }

    [Fact]
    public async Task An_id_that_is_not_one_of_ours_is_given_up()
    {
        var world = new World();
        Assert.Equal(WorkResult.GiveUp, (await world.Dispatcher.SendAsync(world.Request(Ana, TopicKey.Newsletter) with { Id = "made-up" }, false, default)).Result);
    }

    [Fact]
    public async Task P2_A_skipped_message_of_an_unknown_address_has_its_receipt_too()
    {
        var world = new World();
        var request = world.Request(World.Mail("nobody@example.com"), TopicKey.Newsletter);
        await world.Dispatcher.SendAsync(request, false, default);
        var record = (await world.RecordAsync(request))!;
        Assert.Equal((MessageStatus.Skipped, Reason.NoConsent, 0L), (record.Status, record.Reason, record.Receipt!.LedgerSeq));
        Assert.Contains(("subscription", Reason.NoConsent), record.Receipt.Rules());
    }

    [Fact]
    public async Task R66_After_a_send_raw_storage_shows_no_address_topic_or_content()
    {
        var world = new World(sealedStore: true);
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = world.Request(Ana, TopicKey.Newsletter) with { Content = new MessageContent("canary-subject", "canary-text", null) };
        await world.Queue.EnqueueAsync(request, default);
        await world.Dispatcher.SendAsync(request, false, default);
        Assert.Equal(1, world.Email.HandOffs);
        var everything = await RawStorage.EverythingAsync(world.Memory);
        Assert.True(everything.Count >= 4); // State, ledger, message and the queue's item.
        foreach (var (place, bytes) in everything)
        {
            var raw = place + System.Text.Encoding.Latin1.GetString(bytes);
            foreach (var secret in new[] { "ana@example", "example.com", "newsletter", "canary" }) Assert.DoesNotContain(secret, raw, StringComparison.OrdinalIgnoreCase);
        }
    }

    private static MessageRecord Read(RowChange row) => JsonSerializer.Deserialize(row.Value.Span, CoreJson.Default.MessageRecord)!;
}
