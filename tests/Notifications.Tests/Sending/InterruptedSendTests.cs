using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Sending;

/// <summary>Messages that come again: delivered twice, or left by a process that died.</summary>
public sealed class InterruptedSendTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");

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
    public async Task P5_A_crash_between_hand_off_and_record_is_settled_by_who_can_tell_repetitions_apart(
        string topic, bool deduplicates, MessageStatus ends, int handOffs)
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
        var beside = world.Beside();
        Assert.Equal(WorkOutcome.Later(world.Options.Visibility), await beside.SendAsync(request, true, default));
        world.Time.Advance(world.Options.Visibility);
        await beside.SendAsync(request, true, default);
        var record = (await world.RecordAsync(request))!;
        Assert.Equal((MessageStatus.Unknown, 1), (record.Status, world.Email.HandOffs));
        Assert.Contains("the process ended or the store took no writes", record.Timeline[^1].Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TopicKey.Newsletter)]
    [InlineData(TopicKey.PackageUpdates)]
    public async Task P5_P9_An_answer_that_the_store_did_not_take_is_written_down_once_it_takes_writes_and_nothing_is_offered_again(
        string topic)
    {
        var world = new World();
        await world.SubscribeAsync(Ana, topic);
        var (request, answered) = (world.Request(Ana, topic), world.Time.GetUtcNow());
        world.Store.BeforeCommit = changes => changes.Count == 1 ? throw new StorageUnavailableException() : Task.CompletedTask;
        for (var turn = 0; turn < 3; turn++)
        {
            await Assert.ThrowsAsync<StorageUnavailableException>(
                async () => await world.Dispatcher.SendAsync(request, turn > 0, default));
            world.Time.Advance(TimeSpan.FromMinutes(2));
        }

        world.Store.BeforeCommit = null;
        Assert.Equal(WorkOutcome.Done, await world.Dispatcher.SendAsync(request, true, default));
        var record = (await world.RecordAsync(request))!;
        Assert.Equal((MessageStatus.Sent, "provider-1", 1), (record.Status, record.ProviderId, world.Email.HandOffs));
        Assert.Equal(new MessageEvent(answered, "accepted", "provider-1"), record.Timeline[^1]);
    }

    [Fact]
    public async Task P5_So_is_one_that_the_provider_did_not_take_and_the_message_waits_for_its_next_try()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = world.Request(Ana, TopicKey.Newsletter);
        world.Email.Answer = _ => HandOff.Throttled(TimeSpan.FromMinutes(1), "slow down");
        var claimed = false;
        world.Store.BeforeCommit = _ =>
        {
            if (claimed) throw new StorageUnavailableException();
            claimed = true;
            return Task.CompletedTask;
        };
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await world.Dispatcher.SendAsync(request, false, default));
        world.Store.BeforeCommit = null;
        Assert.Equal(WorkOutcome.Done, await world.Dispatcher.SendAsync(request, true, default));
        Assert.Equal(MessageStatus.Queued, (await world.RecordAsync(request))!.Status);
        world.Email.Answer = _ => HandOff.Accepted("ok");
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await world.Dispatcher.SendAsync(Assert.Single(await world.TakeQueuedAsync()), false, default);
        Assert.Equal((MessageStatus.Sent, 2), ((await world.RecordAsync(request))!.Status, world.Email.HandOffs));
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
}
