using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Sending;

/// <summary>
/// P1 where the hand-off does not follow its claim at once: it waits for the provider's quota or for another attempt, and the person says
/// stop meanwhile.
/// </summary>
public sealed class LastLookTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");
    private readonly World _world = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _waits = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task P1_A_message_that_waits_for_the_quota_is_not_handed_off_after_an_opt_out()
    {
        var (request, sending) = await BeginAsync(TopicKey.Newsletter);
        await _world.OptOutAsync(Ana, TopicKey.Newsletter);
        await EndAsync(sending);
        var record = (await _world.RecordAsync(request))!;
        Assert.Equal((0, MessageStatus.Skipped, Reason.Unsubscribed), (_world.Email.HandOffs, record.Status, record.Reason));
        Assert.Contains(record.Timeline, e => e.Event == "withheld");
    }

    [Fact]
    public async Task P1_Nor_is_one_that_waits_for_another_attempt()
    {
        _world.Email.Answer = n =>
        {
            if (n > 1) return HandOff.Accepted("late");
            _waits.SetResult();
            return HandOff.Unavailable("down", TimeSpan.FromSeconds(5));
        };
        await _world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = _world.Request(Ana, TopicKey.Newsletter);
        var sending = _world.Dispatcher.SendAsync(request, false, default).AsTask();
        await _waits.Task.WaitAsync(TimeSpan.FromSeconds(20));
        await _world.StopAllAsync(Ana);
        await EndAsync(sending);
        Assert.Equal((1, MessageStatus.Skipped), (_world.Email.HandOffs, (await _world.RecordAsync(request))!.Status));
    }

    [Fact]
    public async Task P1_What_the_person_said_of_something_else_holds_nothing_up_nor_does_another_message_to_them()
    {
        var (request, sending) = await BeginAsync(TopicKey.Newsletter);
        await _world.OptOutAsync(Ana, TopicKey.Promotions);
        var other = _world.Request(Ana, TopicKey.Newsletter);
        var beside = _world.Dispatcher.SendAsync(other, false, default).AsTask();
        await EndAsync(sending, beside);
        Assert.Equal(
            (2, MessageStatus.Sent, MessageStatus.Sent),
            (_world.Email.HandOffs, (await _world.RecordAsync(request))!.Status, (await _world.RecordAsync(other))!.Status));
    }

    [Fact]
    public async Task P8_When_the_store_does_not_answer_the_last_look_nothing_is_offered_and_nothing_ends_unknown()
    {
        var (request, sending) = await BeginAsync(TopicKey.Newsletter);
        var once = 1;
        _world.Store.Before = () => Interlocked.Exchange(ref once, 0) == 1 ? throw new StorageUnavailableException() : Task.CompletedTask;
        await EndAsync(sending);
        var record = (await _world.RecordAsync(request))!;
        Assert.Equal(
            (0, MessageStatus.Queued, "The store did not answer."),
            (_world.Email.HandOffs, record.Status, record.Timeline[^1].Detail));
        _world.Time.Advance(TimeSpan.FromSeconds(2));
        var again = Assert.Single(await _world.TakeQueuedAsync());
        await _world.Dispatcher.SendAsync(again, false, default);
        Assert.Equal((1, MessageStatus.Sent), (_world.Email.HandOffs, (await _world.RecordAsync(request))!.Status));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task P5_What_goes_wrong_in_a_way_nobody_planned_before_the_provider_is_asked_ends_nothing_unknown(bool offeredBefore)
    {
        // As where no key opens the record any more, or the campaign's.
        var asked = 0;
        _world.Email.Answer = n => n == 1 && offeredBefore ? HandOff.Unavailable("down") : HandOff.Accepted("late");
        _world.Email.Ready = _ =>
            asked++ == (offeredBefore ? 1 : 0) ? throw new UnreadableRowException() : ValueTask.FromResult<HandOff?>(null);
        await _world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = _world.Request(Ana, TopicKey.Newsletter);
        await EndAsync(_world.Dispatcher.SendAsync(request, false, default).AsTask());
        var record = (await _world.RecordAsync(request))!;
        Assert.Equal(
            (offeredBefore ? 1 : 0, MessageStatus.Queued, Reason.ProviderUnavailable, "unavailable"),
            (_world.Email.HandOffs, record.Status, record.Reason, record.Timeline[^1].Event));
        _world.Time.Advance(TimeSpan.FromSeconds(10));
        await _world.Dispatcher.SendAsync(Assert.Single(await _world.TakeQueuedAsync()), false, default);
        Assert.Equal(MessageStatus.Sent, (await _world.RecordAsync(request))!.Status);
    }

    [Fact]
    public async Task P5_What_came_of_a_hand_off_is_written_down_also_while_the_process_stops()
    {
        using var stop = new CancellationTokenSource();
        _world.Email.Answer = _ =>
        {
            stop.Cancel();
            return HandOff.Accepted("late");
        };
        await _world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = _world.Request(Ana, TopicKey.Newsletter);
        await _world.Dispatcher.SendAsync(request, false, stop.Token);
        Assert.Equal(MessageStatus.Sent, (await _world.RecordAsync(request))!.Status);
    }

    [Fact]
    public async Task R43_A_question_asked_between_two_stops_by_text_does_not_go_out_after_the_second()
    {
        var phone = CoreProduct.Phone("+14155552671");
        _world.Sms.Ready = ReadyAsync;
        async Task StopAsync() =>
            await _world.Book.ChangeAsync(
                _world.Ring.KeyOf(phone), ConsentDesk.Blank(phone),
                (s, now) =>
                    Transitions.StopByText(
                        s, new LedgerDraft(LedgerAction.StopAll, LedgerDraft.AllTopics, ConsentSource.Sms, "person"), now),
                null, default);
        await StopAsync();
        _world.Time.Advance(TimeSpan.FromMinutes(1));
        await _world.Consents.OptInAsync(
            phone, _world.Topics.Find(TopicKey.Newsletter)!, new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person"),
            confirmed: false, null, default);
        var question = Assert.Single(await _world.TakeQueuedAsync());
        var sending = _world.Dispatcher.SendAsync(question, false, default).AsTask();
        await _waits.Task.WaitAsync(TimeSpan.FromSeconds(20));
        _world.Time.Advance(TimeSpan.FromSeconds(5)); // Far from the time limit of a hand-off.
        await StopAsync(); // Moves the stop's moment, and says nothing new to the ledger.
        await EndAsync(sending);
        var record = (await _world.RecordAsync(question))!;
        Assert.Equal(
            ("queued claimed withheld skipped", 0, Reason.Unsubscribed),
            (string.Join(' ', record.Timeline.Select(e => e.Event)), _world.Sms.HandOffs, record.Reason));
    }

    [Fact]
    public async Task R53_Terms_that_did_not_go_out_are_carried_by_the_next_text()
    {
        var phone = CoreProduct.Phone("+447400123456"); // Where it is day.
        _world.Sms.Ready = ReadyAsync;
        await _world.SubscribeAsync(phone, TopicKey.Promotions);
        var request = _world.Request(phone, TopicKey.Promotions);
        var sending = _world.Dispatcher.SendAsync(request, false, default).AsTask();
        await _waits.Task.WaitAsync(TimeSpan.FromSeconds(20));
        async Task<string?> IntroducedByAsync() => (await _world.StateAsync(phone)).Find(TopicKey.Promotions)!.IntroducedBy;
        Assert.NotNull(await IntroducedByAsync());
        await _world.StopAllAsync(phone);
        await EndAsync(sending);
        Assert.Equal(MessageStatus.Skipped, (await _world.RecordAsync(request))!.Status);
        Assert.Null(await IntroducedByAsync());
    }

    [Fact]
    public async Task The_answer_to_a_persons_own_text_needs_no_look()
    {
        _world.Sms.Ready = ReadyAsync;
        var phone = CoreProduct.Phone("+14155552671");
        var reply = _world.Request(
            phone,
            TopicKey.Newsletter) with
            {
                Purpose = MessagePurpose.Reply,
                Content = new MessageContent(null, "You will get no more texts.", null),
            };
        var sending = _world.Dispatcher.SendAsync(reply, false, default).AsTask();
        await _waits.Task.WaitAsync(TimeSpan.FromSeconds(20));
        await _world.StopAllAsync(phone);
        await EndAsync(sending);
        Assert.Equal((1, MessageStatus.Sent), (_world.Sms.HandOffs, (await _world.RecordAsync(reply))!.Status));
    }

    [Fact]
    public async Task R43_The_link_to_the_preferences_that_waits_does_not_go_out_after_STOP()
    {
        _world.Sms.Ready = ReadyAsync;
        var phone = CoreProduct.Phone("+14155552671");
        await _world.SubscribeAsync(phone, TopicKey.PackageUpdates);
        var link = _world.Request(
            phone,
            TopicKey.PackageUpdates) with
            {
                Purpose = MessagePurpose.PreferencesLink,
                OnlyKnown = true,
                Content = new MessageContent(null, "Your link", null),
            };
        var sending = _world.Dispatcher.SendAsync(link, false, default).AsTask();
        await _waits.Task.WaitAsync(TimeSpan.FromSeconds(20));
        await _world.StopAllAsync(phone);
        await EndAsync(sending);
        var record = (await _world.RecordAsync(link))!;
        Assert.Equal((0, MessageStatus.Skipped, Reason.Unsubscribed), (_world.Sms.HandOffs, record.Status, record.Reason));
    }

    [Theory]
    [InlineData(null, 12, Reason.QuietHours)]
    [InlineData(24 * 60 * 60, 12, Reason.QuietHours)]
    [InlineData(5, 4, Reason.Expired)] // Its own time is over first.
    public async Task R52_A_text_of_marketing_that_waits_into_the_night_waits_for_the_morning_if_its_own_time_is_not_over(
        int? expires, int waits, Reason reason)
    {
        _world.Sms.Ready = ReadyAsync;
        var phone = CoreProduct.Phone("+447400123456");
        await _world.SubscribeAsync(phone, TopicKey.Promotions);
        await _world.SubscribeAsync(phone, TopicKey.PackageUpdates);
        _world.Time.Advance(new DateTimeOffset(2026, 3, 2, 20, 59, 50, TimeSpan.Zero) - _world.Time.GetUtcNow());
        var (marketing, update) = (
            _world.Request(phone, TopicKey.Promotions) with
            {
                ExpiresAt = expires is { } after ? _world.Time.GetUtcNow().AddSeconds(after) : null,
            },
            _world.Request(phone, TopicKey.PackageUpdates));
        var sending = _world.Dispatcher.SendAsync(marketing, false, default).AsTask();
        await _waits.Task.WaitAsync(TimeSpan.FromSeconds(20));
        var beside = _world.Dispatcher.SendAsync(update, false, default).AsTask();
        _world.Time.Advance(TimeSpan.FromSeconds(waits));
        await EndAsync(sending, beside);
        var record = (await _world.RecordAsync(marketing))!;
        DateTimeOffset? morning = reason == Reason.QuietHours ? new DateTimeOffset(2026, 3, 3, 8, 0, 0, TimeSpan.Zero) : null;
        Assert.Equal(
            ("queued claimed withheld " + (morning is null ? "skipped" : "deferred"), reason, morning),
            (string.Join(' ', record.Timeline.Select(e => e.Event)), record.Reason, record.DueAt));
        Assert.Equal((1, MessageStatus.Sent), (_world.Sms.HandOffs, (await _world.RecordAsync(update))!.Status)); // No marketing.
    }

    [Theory]
    [InlineData(MessagePurpose.Reply)]
    [InlineData(MessagePurpose.Notification)]
    public async Task R44_What_waits_beyond_its_own_time_an_answer_too_is_not_handed_off(MessagePurpose purpose)
    {
        _world.Sms.Ready = ReadyAsync;
        var phone = CoreProduct.Phone("+14155552671");
        await _world.SubscribeAsync(phone, TopicKey.PackageUpdates);
        var request = _world.Request(
            phone,
            TopicKey.PackageUpdates) with
            {
                Purpose = purpose,
                Content = new MessageContent(null, "You will get no more texts.", null),
                ExpiresAt = _world.Time.GetUtcNow().AddSeconds(10),
            };
        var sending = _world.Dispatcher.SendAsync(request, false, default).AsTask();
        await _waits.Task.WaitAsync(TimeSpan.FromSeconds(20));
        _world.Time.Advance(TimeSpan.FromSeconds(9));
        await EndAsync(sending);
        var record = (await _world.RecordAsync(request))!;
        Assert.Equal((0, MessageStatus.Skipped, Reason.Expired), (_world.Sms.HandOffs, record.Status, record.Reason));
    }

    /// <summary>A message that is claimed and waits.</summary>
    private async Task<(SendRequest Request, Task Sending)> BeginAsync(string topic)
    {
        _world.Email.Ready = ReadyAsync;
        await _world.SubscribeAsync(Ana, topic);
        var request = _world.Request(Ana, topic);
        var sending = _world.Dispatcher.SendAsync(request, false, default).AsTask();
        await _waits.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(MessageStatus.Sending, (await _world.RecordAsync(request))!.Status);
        return (request, sending);
    }

    private async ValueTask<HandOff?> ReadyAsync(CancellationToken cancel)
    {
        _waits.TrySetResult();
        await _ready.Task.WaitAsync(cancel);
        return null;
    }

    /// <summary>Lets time go by, and the provider have a place.</summary>
    private async Task EndAsync(params Task[] sending)
    {
        _world.Time.Advance(TimeSpan.FromSeconds(2));
        _ready.SetResult();
        var all = Task.WhenAll(sending);
        for (var i = 0; i < 2_000 && !all.IsCompleted; i++)
        {
            _world.Time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Delay(1);
        }

        await all.WaitAsync(TimeSpan.FromSeconds(20));
    }
}
