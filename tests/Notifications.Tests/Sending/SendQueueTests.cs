using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Sending;

/// <summary>
/// Where a message waits: what is due within ninety minutes on the queue, what is due later in the schedule, where an erasure finds it
/// (R34).
/// </summary>
public sealed class SendQueueTests
{
    private readonly World _world = new();

    [Theory]
    [InlineData(0, true)]
    [InlineData(90 * 60, true)]
    [InlineData(90 * 60 + 1, false)]
    public async Task R34_Only_what_is_due_soon_is_held_back_by_the_queue(int seconds, bool queue)
    {
        var request = _world.Request(CoreProduct.Email("ana@example.com"), TopicKey.Newsletter);
        await _world.Queue.EnqueueAsync(request with { SendAt = _world.Time.GetUtcNow().AddSeconds(seconds) }, default);
        Assert.Equal(
            queue ? 0 : 1,
            (await RawStorage.EverythingAsync(_world.Memory)).Count(r => r.Place.Contains(Tables.Schedule, StringComparison.Ordinal)));
        if (seconds > 0)
        {
            _world.Time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            Assert.Empty(await _world.TakeQueuedAsync());
            _world.Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(request.Id, Assert.Single(await _world.TakeQueuedAsync()).Id);
    }

    [Fact]
    public async Task What_should_have_gone_out_before_now_is_visible_at_once()
    {
        await _world.Queue.EnqueueAsync(
            _world.Request(CoreProduct.Email("ana@example.com"), TopicKey.Newsletter) with { SendAt = _world.Time.GetUtcNow().AddDays(-1) },
            default);
        Assert.Single(await _world.TakeQueuedAsync());
    }

    [Fact]
    public async Task P5_A_message_is_recorded_from_its_first_decision_on()
    {
        var request = _world.Request(CoreProduct.Email("ana@example.com"), TopicKey.Newsletter);
        Assert.True(MessageId.TryParse(request.Id, out var id));
        Assert.False(await _world.Queue.IsRecordedAsync(id, default));
        await _world.Dispatcher.SendAsync(request, false, default);
        Assert.True(await _world.Queue.IsRecordedAsync(id, default));
    }
}
