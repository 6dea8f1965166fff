using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Sending;

/// <summary>What the send path makes of a provider that throttles, is away, refuses or does not answer.</summary>
public sealed class ProviderAnswerTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");

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

        Assert.Equal(
            (MessageStatus.Sent, "late"), ((await world.RecordAsync(request))!.Status, (await world.RecordAsync(request))!.ProviderId));
        Assert.Equal(5, world.Email.HandOffs);
    }

    [Fact]
    public async Task P5_What_is_only_ever_put_off_is_given_up_after_days_and_its_record_does_not_grow_without_end()
    {
        var world = new World(new SendingOptions { GiveUpAfter = TimeSpan.FromHours(4) });
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        world.Email.Answer = _ => HandOff.Throttled(TimeSpan.FromMinutes(1), "SMTP 452 4.2.2");
        var request = world.Request(Ana, TopicKey.Newsletter);
        var begun = world.Time.GetUtcNow();
        var outcome = await world.Dispatcher.SendAsync(request, false, default);
        while (outcome == WorkOutcome.Done)
        {
            Assert.True(world.Time.GetUtcNow() - begun <= TimeSpan.FromHours(4));
            world.Time.Advance(TimeSpan.FromMinutes(1));
            outcome = await world.Dispatcher.SendAsync(Assert.Single(await world.TakeQueuedAsync()), false, default);
        }

        var record = (await world.RecordAsync(request))!;
        Assert.Equal(
            (WorkOutcome.GiveUp("SMTP 452 4.2.2"), MessageStatus.Failed, Reason.ProviderUnavailable),
            (outcome, record.Status, record.Reason));
        Assert.True(world.Time.GetUtcNow() - begun > TimeSpan.FromHours(4));
        Assert.Equal(
            (64, "queued", begun, "given up"),
            (record.Timeline.Length, record.Timeline[0].Event, record.OfferedSince, record.Timeline[^1].Event));
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
        Assert.Single((await world.StateAsync(Ana)).Recent);

        var second = world.Request(Ana, TopicKey.Promotions);
        await world.Dispatcher.SendAsync(second, false, default);
        Assert.Equal(
            (MessageStatus.Deferred, Reason.FrequencyCap),
            ((await world.RecordAsync(second))!.Status, (await world.RecordAsync(second))!.Reason));
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
            Assert.Equal(
                (MessageStatus.Queued, Reason.ProviderUnavailable),
                ((await world.RecordAsync(request))!.Status, (await world.RecordAsync(request))!.Reason));
            world.Time.Advance(TimeSpan.FromMinutes(1));
            next = Assert.Single(await world.TakeQueuedAsync());
            Assert.Equal(attempt, next.Attempt);
        }

        Assert.Equal(WorkResult.GiveUp, (await world.Dispatcher.SendAsync(next, false, default)).Result);
        Assert.Equal(
            (MessageStatus.Failed, Reason.ProviderUnavailable),
            ((await world.RecordAsync(request))!.Status, (await world.RecordAsync(request))!.Reason));
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
        await world.DeadLetters.KeepAsync(
            Queues.Send, JsonSerializer.SerializeToUtf8Bytes(request, CoreJson.Default.SendRequest), 5, default);
        var record = (await world.RecordAsync(request))!;
        Assert.Equal(
            (MessageStatus.Unknown, Reason.Unknown,
                new MessageEvent(world.Time.GetUtcNow(), "given up", "The work failed repeatedly during the hand-off.")),
            (record.Status, record.Reason, record.Timeline[^1]));
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
        Assert.Equal(
            (MessageStatus.Failed, Reason.ProviderRejected, "550 5.1.1"), (record.Status, record.Reason, record.Timeline[^1].Detail));
        Assert.Empty(await world.TakeQueuedAsync());
    }

    [Fact]
    public async Task A_template_that_does_not_exist_fails_the_message_without_a_hand_off()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = world.Request(Ana, TopicKey.Newsletter) with { Template = "no-such" };
        Assert.Equal(WorkOutcome.Done, await world.Dispatcher.SendAsync(request, false, default));
        Assert.Equal(
            (MessageStatus.Failed, Reason.ProviderRejected),
            ((await world.RecordAsync(request))!.Status, (await world.RecordAsync(request))!.Reason));
        Assert.Equal(0, world.Email.HandOffs);
    }

    [Theory]
    [InlineData(TopicKey.Newsletter, false, MessageStatus.Unknown, false)]
    [InlineData(TopicKey.Newsletter, true, MessageStatus.Queued, true)]
    [InlineData(TopicKey.PackageUpdates, false, MessageStatus.Queued, true)]
    public async Task P5_A_lost_answer_of_the_provider_is_offered_again_only_where_it_may_be(
        string topic, bool deduplicates, MessageStatus status, bool again)
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
}
