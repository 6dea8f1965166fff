using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Sending;

public sealed class DispatcherTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");

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
        var watch = JsonSerializer.SerializeToUtf8Bytes(
            new WatchRecord(WatchStatus.Active, world.Time.GetUtcNow()), CoreJson.Default.WatchRecord);
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
            Func<Task>[] both =
                [() => world.Dispatcher.SendAsync(request, false, default).AsTask(), () => world.OptOutAsync(Ana, TopicKey.Newsletter)];
            if (seed % 2 == 1) Array.Reverse(both);
            await Task.WhenAll(Task.Run(both[0]), Task.Run(both[1]));

            var optOut = world.Store.Committed.FindIndex(c => c.Any(r => r.Key.StartsWith(Rows.LedgerPrefix, StringComparison.Ordinal)));
            var claim = world.Store.Committed.FindIndex(
                c => c.Any(r => r.Key.StartsWith(Rows.MessagePrefix, StringComparison.Ordinal) && Read(r).Status == MessageStatus.Sending));
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
        Assert.Equal(
            (MessageStatus.Skipped, Reason.Unsubscribed),
            ((await world.RecordAsync(request))!.Status, (await world.RecordAsync(request))!.Reason));
    }

    [Fact]
    public async Task R43_A_confirmation_that_waits_does_not_go_out_after_stop()
    {
        var world = new World();
        var phone = CoreProduct.Phone("+14155552671");
        await world.Consents.OptInAsync(
            phone, world.Topics.Find(TopicKey.Newsletter)!, new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person"),
            false, null, default);
        await world.StopAllAsync(phone);
        var request = Assert.Single(await world.TakeQueuedAsync());
        await world.Dispatcher.SendAsync(request, false, default);
        Assert.Equal(0, world.Sms.HandOffs);
        Assert.Equal(MessageStatus.Skipped, (await world.RecordAsync(request))!.Status);
    }

    [Fact]
    public async Task R52_A_text_at_night_is_deferred_to_the_morning_and_then_goes_out_once()
    {
        var world = new World();
        var phone = CoreProduct.Phone("+14155552671");
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
        var phone = CoreProduct.Phone("+14155552671");
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
        Assert.Equal(
            1,
            await new Notifications.Schedule.ScheduleRunner(
                world.Store, world.Memory, world.DeadLetters, world.Time,
                NullLogger<Notifications.Schedule.ScheduleRunner>.Instance).RunDueAsync(default));
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
        Assert.Equal(
            (MessageStatus.Skipped, Reason.Expired),
            ((await world.RecordAsync(request))!.Status, (await world.RecordAsync(request))!.Reason));
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
            await Task.WhenAll(Enumerable.Range(
                0, 3).Select(_ => Task.Run(async () => await world.Dispatcher.SendAsync(request, false, default))));
            Assert.Equal(1, world.Email.HandOffs);
        }
    }

    [Fact]
    public async Task P8_A_store_that_is_down_means_no_hand_off_and_an_exception()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        world.Store.Before = () => throw new StorageUnavailableException();
        await Assert.ThrowsAsync<StorageUnavailableException>(
            async () => await world.Dispatcher.SendAsync(world.Request(Ana, TopicKey.Newsletter), false, default));
        world.Store.Before = null;
        world.Store.BeforeCommit = _ => throw new StorageUnavailableException();
        await Assert.ThrowsAsync<StorageUnavailableException>(
            async () => await world.Dispatcher.SendAsync(world.Request(Ana, TopicKey.Newsletter), false, default));
        Assert.Equal(0, world.Email.HandOffs);
    }

    [Fact]
    public async Task An_id_that_is_not_one_of_ours_is_given_up()
    {
        var world = new World();
        Assert.Equal(
            WorkResult.GiveUp,
            (await world.Dispatcher.SendAsync(world.Request(Ana, TopicKey.Newsletter) with { Id = "made-up" }, false, default)).Result);
    }

    [Fact]
    public async Task P2_A_skipped_message_of_an_unknown_address_has_its_receipt_too()
    {
        var world = new World();
        var request = world.Request(CoreProduct.Email("nobody@example.com"), TopicKey.Newsletter);
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
            foreach (var secret in new[] { "ana@example", "example.com", "newsletter", "canary" })
                Assert.DoesNotContain(secret, raw, StringComparison.OrdinalIgnoreCase);
        }
    }

    private static MessageRecord Read(RowChange row) => JsonSerializer.Deserialize(row.Value.Span, CoreJson.Default.MessageRecord)!;
}
