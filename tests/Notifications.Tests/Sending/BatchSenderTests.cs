using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Sending;

/// <summary>A batch whose messages do not all go well: what one of them needs later goes to the queue for that one alone (P5).</summary>
public sealed class BatchSenderTests : IDisposable
{
    private readonly World _world = new();
    private readonly SendSlots _slots;
    private readonly BatchSender _sender;

    public BatchSenderTests()
    {
        _world.Email.AtOnce = 1; // Eight slots.
        _slots = new SendSlots(_world.HandOffs);
        _sender = new BatchSender(_world.Dispatcher, _world.Queue, _slots, _world.Time, NullLogger<BatchSender>.Instance);
    }

    public void Dispose() => _slots.Dispose();

    [Fact]
    public async Task P5_All_of_a_batch_that_is_larger_than_what_goes_at_once_is_settled_when_it_answers()
    {
        var requests = await RequestsAsync(20);
        _world.Store.Before = async () => await Task.Yield();
        Assert.Equal(20, await _sender.SendAsync(requests, false, default));
        Assert.Equal(20, _world.Email.Emails.Select(e => e.To).Distinct().Count());
        foreach (var request in requests) Assert.Equal(MessageStatus.Sent, (await _world.RecordAsync(request))!.Status);
    }

    [Fact]
    public async Task P5_A_message_that_fails_as_nobody_planned_comes_back_alone_in_a_second_and_the_others_go_out()
    {
        var requests = await RequestsAsync(3);
        var thrown = 0;
        _world.Store.BeforeCommit = _ => ++thrown == 1 ? throw new InvalidOperationException("ana@example.com") : Task.CompletedTask;
        Assert.Equal(3, await _sender.SendAsync(requests, false, default));
        Assert.Equal(2, _world.Email.HandOffs);
        _world.Time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Empty(await _world.TakeQueuedAsync());
        _world.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(requests[0].Id, Assert.Single(await _world.TakeQueuedAsync()).Id);
    }

    [Fact]
    public async Task P5_A_message_that_can_never_be_sent_is_given_up_alone()
    {
        var requests = await RequestsAsync(2);
        Assert.Equal(2, await _sender.SendAsync([requests[0] with { Id = "made-up" }, requests[1]], false, default));
        var given = Assert.Single(await _world.Memory.ReceiveAsync(Queues.Poison(Queues.Send), 10, TimeSpan.FromMinutes(1)));
        Assert.Equal("made-up", JsonSerializer.Deserialize(given.Body.Span, CoreJson.Default.SendRequest)!.Id);
        await _world.DeadLetters.KeepAsync(Queues.Send, given.Body, 1, default);
        Assert.Equal(
            "The message id is not one of ours.",
            Assert.Single(await _world.DeadLetters.ListAsync(Queues.Send, null, 10, default)).Letter.Cause);
        Assert.Equal(1, _world.Email.HandOffs);
        Assert.Empty(await _world.TakeQueuedAsync());
    }

    [Fact]
    public async Task P8_A_store_that_is_away_for_one_of_them_brings_the_batch_back_after_the_others_are_settled()
    {
        var requests = await RequestsAsync(3);
        var failed = 0;
        _world.Store.BeforeCommit = _ => ++failed == 1 ? throw new StorageUnavailableException() : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await _sender.SendAsync(requests, false, default));
        Assert.Equal(2, _world.Email.HandOffs);
        Assert.Equal(3, await _sender.SendAsync(requests, true, default));
        Assert.Equal(3, _world.Email.Emails.Select(e => e.To).Distinct().Count());
        Assert.Equal(3, _world.Email.HandOffs);
    }

    [Theory]
    [InlineData(7, 3)]
    [InlineData(15, 1)]
    public async Task After_fifteen_seconds_nothing_more_is_begun_and_the_answer_says_how_many_were(int seconds, int begun)
    {
        var requests = await RequestsAsync(3);
        var first = true;
        _world.Store.Before = () =>
        {
            if (first) _world.Time.Advance(TimeSpan.FromSeconds(seconds));
            first = false;
            return Task.CompletedTask;
        };
        Assert.Equal(begun, await _sender.SendAsync(requests, false, default));
        Assert.Equal(begun, _world.Email.HandOffs);
    }

    [Fact]
    public async Task The_wait_for_a_slot_ends_with_the_batchs_time_and_the_message_that_got_none_was_not_begun()
    {
        var requests = await RequestsAsync(2);
        while (_slots.Of(Channel.Email).CurrentCount > 1) _slots.Of(Channel.Email).Wait();
        var held = new TaskCompletionSource();
        _world.Store.Before = () =>
        {
            _world.Store.Before = null;
            _world.Time.Advance(TimeSpan.FromSeconds(14.99));
            return held.Task;
        };
        var sending = _sender.SendAsync(requests, false, default).AsTask();
        await Task.Delay(TimeSpan.FromSeconds(1)); // Slots are waited for in real time.
        held.SetResult();
        Assert.Equal(1, await sending);
        Assert.Equal(1, _world.Email.HandOffs);
        Assert.Equal(1, _slots.Of(Channel.Email).CurrentCount); // It has given its slot back.
    }

    [Fact]
    public async Task P5_A_cancelled_batch_begins_nothing_and_queues_nothing_in_its_place()
    {
        var requests = await RequestsAsync(2);
        using var cancel = new CancellationTokenSource();
        _world.Store.BeforeCommit = _ =>
        {
            cancel.Cancel();
            throw new OperationCanceledException(cancel.Token);
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _sender.SendAsync(requests, false, cancel.Token));
        Assert.Equal(0, _world.Email.HandOffs);
        _world.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(await _world.TakeQueuedAsync());
    }

    [Fact]
    public async Task P5_A_message_that_another_worker_may_be_handing_off_comes_back_alone_when_that_ones_time_is_over()
    {
        var requests = await RequestsAsync(2);
        _world.Store.BeforeCommit = changes => changes.Count == 1 ? throw new StorageUnavailableException() : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await _sender.SendAsync(requests[..1], false, default));
        _world.Store.BeforeCommit = null;
        var beside = new BatchSender(_world.Beside(), _world.Queue, _slots, _world.Time, NullLogger<BatchSender>.Instance);
        Assert.Equal(2, await beside.SendAsync(requests, true, default));
        Assert.Equal(2, _world.Email.HandOffs);
        _world.Time.Advance(_world.Options.Visibility - TimeSpan.FromMilliseconds(1));
        Assert.Empty(await _world.TakeQueuedAsync());
        _world.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(requests[0].Id, Assert.Single(await _world.TakeQueuedAsync()).Id);
    }

    [Theory]
    [InlineData(0, 8)]
    [InlineData(1, 8)]
    [InlineData(2, 16)]
    [InlineData(128, 1024)]
    [InlineData(129, 1024)]
    public void Batches_have_eight_times_on_their_way_what_a_provider_takes_at_once_within_bounds_and_each_channel_its_own(
        int atOnce, int slots)
    {
        (_world.Email.AtOnce, _world.Sms.AtOnce) = (atOnce, 3);
        var each = new SendSlots(_world.HandOffs);
        Assert.Equal((slots, 24), (each.Of(Channel.Email).CurrentCount, each.Of(Channel.Sms).CurrentCount));
        each.Dispose();
        foreach (var channel in Enum.GetValues<Channel>()) Assert.Throws<ObjectDisposedException>(() => each.Of(channel).Wait(0));
    }

    private async Task<List<SendRequest>> RequestsAsync(int count)
    {
        var requests = new List<SendRequest>();
        for (var i = 0; i < count; i++)
        {
            var person = CoreProduct.Email($"p{i}@example.com");
            await _world.SubscribeAsync(person, TopicKey.Newsletter);
            requests.Add(_world.Request(person, TopicKey.Newsletter));
        }

        return requests;
    }
}
