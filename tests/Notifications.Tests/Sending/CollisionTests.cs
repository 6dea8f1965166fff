using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Sending;

/// <summary>Two at one message: whoever comes second finds what the first has written, and leaves it (P1, P5).</summary>
public sealed class CollisionTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");
    private readonly World _world = new();

    [Fact]
    public async Task P5_A_verdict_that_comes_after_the_message_was_sent_by_another_worker_changes_nothing_and_answers_with_what_is_so()
    {
        await _world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = _world.Request(Ana, TopicKey.Newsletter);
        await _world.Dispatcher.SendAsync(request, false, default);
        await _world.OptOutAsync(Ana, TopicKey.Newsletter);
        var (outcome, record) = await _world.Dispatcher.DispatchAsync(request, false, default);
        Assert.Equal((WorkOutcome.Done, MessageStatus.Sent), (outcome, record!.Status));
        Assert.Equal(["queued", "claimed", "accepted"], (await _world.RecordAsync(request))!.Timeline.Select(e => e.Event));
    }

    [Fact]
    public async Task P5_An_address_that_changes_all_the_time_ends_in_another_delivery_after_two_hundred_lost_claims()
    {
        await _world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var lost = 0;
        _world.Store.BeforeCommit = async changes =>
        {
            if (!changes.Any(c => c.Key.StartsWith(Rows.MessagePrefix, StringComparison.Ordinal))) return;
            lost++;
            var row = (await _world.Memory.GetAsync(Tables.Addresses, _world.Ring.KeyOf(Ana).Value, Rows.State))!;
            await _world.Memory.CommitAsync(Tables.Addresses, _world.Ring.KeyOf(Ana).Value, [RowChange.Put(Rows.State, row.Value)]);
        };
        var busy = await Assert.ThrowsAsync<StorageUnavailableException>(
            async () => await _world.Dispatcher.SendAsync(_world.Request(Ana, TopicKey.Newsletter), false, default));
        Assert.Equal((200, 0), (lost, _world.Email.HandOffs));
        Assert.DoesNotContain("ana", busy.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R34_P9_A_message_whose_person_is_erased_during_the_hand_off_leaves_no_record_and_its_campaign_hears_what_came_of_it()
    {
        await _world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = _world.Request(Ana, TopicKey.Newsletter);
        DuringHandOff(async key => await _world.Memory.CommitAsync(Tables.Addresses, Partition, [RowChange.Delete(key)]));
        var (outcome, record) = await _world.Dispatcher.DispatchAsync(request, false, default);
        Assert.Equal((WorkOutcome.Done, MessageStatus.Sent), (outcome, record!.Status));
        Assert.Null(await _world.RecordAsync(request));
    }

    [Fact]
    public async Task P5_A_record_that_changes_all_the_time_ends_in_another_delivery_after_two_hundred_tries_to_write_the_outcome()
    {
        await _world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = _world.Request(Ana, TopicKey.Newsletter);
        var tries = 0;
        _world.Store.BeforeCommit = async changes =>
        {
            if (changes.Count != 1) return;
            tries++;
            var row = (await _world.Memory.GetAsync(Tables.Addresses, Partition, changes[0].Key))!;
            await _world.Memory.CommitAsync(Tables.Addresses, Partition, [RowChange.Put(row.Key, row.Value)]);
        };
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await _world.Dispatcher.SendAsync(request, false, default));
        Assert.Equal((200, 1), (tries, _world.Email.HandOffs));
    }

    [Theory]
    [InlineData(MessageStatus.Unknown, true)] // Taken for dead and settled.
    [InlineData(MessageStatus.Delivered, true)] // The provider's report was faster than we.
    [InlineData(MessageStatus.Sending, false)] // Taken for dead and offered again: the outcome is the later attempt's.
    public async Task P5_What_was_made_of_a_claim_during_its_hand_off_stands(MessageStatus status, bool sameClaim)
    {
        await _world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = _world.Request(Ana, TopicKey.Newsletter);
        MessageRecord? theirs = null;
        DuringHandOff(async key =>
        {
            var mine = (await _world.RecordAsync(request))!;
            theirs = mine with { Status = status, Claim = sameClaim ? mine.Claim : mine.Claim! with { Attempt = "another" } };
            await _world.Memory.CommitAsync(Tables.Addresses, Partition, [RowChange.Put(key, theirs, CoreJson.Default.MessageRecord)]);
        });
        var (outcome, record) = await _world.Dispatcher.DispatchAsync(request, false, default);
        Assert.Equal((WorkOutcome.Done, status), (outcome, record!.Status));
        Assert.Equal(
            JsonSerializer.Serialize(theirs, CoreJson.Default.MessageRecord),
            JsonSerializer.Serialize(await _world.RecordAsync(request), CoreJson.Default.MessageRecord));
    }

    [Fact]
    public async Task P5_Where_many_processes_share_the_store_a_strangers_claim_is_left_alone_until_its_time_is_over()
    {
        await _world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = _world.Request(Ana, TopicKey.Newsletter);
        _world.Store.BeforeCommit = changes => changes.Count == 1 ? throw new StorageUnavailableException() : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await _world.Beside().SendAsync(request, false, default));
        _world.Store.BeforeCommit = null;
        _world.Time.Advance(TimeSpan.FromSeconds(30));
        var (outcome, record) = await _world.Beside().DispatchAsync(request, true, default);
        Assert.Equal(
            (WorkOutcome.Later(_world.Options.Visibility - TimeSpan.FromSeconds(30)), MessageStatus.Sending), (outcome, record!.Status));
        _world.Time.Advance(outcome.Delay);
        Assert.Equal(MessageStatus.Unknown, (await _world.Beside().DispatchAsync(request, true, default)).Record!.Status);
        Assert.Equal(1, _world.Email.HandOffs);
    }

    private string Partition => _world.Ring.KeyOf(Ana).Value;

    /// <summary>Runs between the claim and the first try to write its outcome.</summary>
    private void DuringHandOff(Func<string, Task> act) => _world.Store.BeforeCommit = async changes =>
    {
        if (changes.Count != 1) return;
        _world.Store.BeforeCommit = null;
        await act(changes[0].Key);
    };
}
