using Microsoft.Extensions.Logging.Abstractions;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Sending;

/// <summary>
/// What an outage, an open circuit and our own quota cost a message: time, and no try that was not one (P5).
/// </summary>
public sealed class OutageTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");
    private static readonly Address Phone = CoreProduct.Phone("+14155552671");

    [Fact]
    public async Task P5_A_turn_that_finds_the_circuit_open_uses_up_no_try()
    {
        var world = new World(new SendingOptions { MaxAttempts = 1, Jitter = () => 0.5 });
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        await OpenAsync(world.HandOffs, world.Email, 20);
        var (next, offered) = (world.Request(Ana, TopicKey.Newsletter), world.Email.HandOffs);
        for (var turn = 1; turn <= 3; turn++)
        {
            Assert.Equal(WorkOutcome.Done, await world.Dispatcher.SendAsync(next, false, default));
            var record = (await world.RecordAsync(next))!;
            Assert.Equal(
                (MessageStatus.Queued, Reason.ProviderUnavailable, "withheld", "The circuit to the provider is open."),
                (record.Status, record.Reason, record.Timeline[^1].Event, record.Timeline[^1].Detail));
            next = next with { Barred = turn };
        }

        Assert.Equal(offered, world.Email.HandOffs);
        world.Email.Answer = _ => HandOff.Accepted("back");
        world.Time.Advance(TimeSpan.FromSeconds(45)); // The third in a row: the pauses grow.
        var queued = await world.TakeQueuedAsync();
        Assert.Equal([(0, 1), (0, 2), (0, 3)], queued.Select(q => (q.Attempt, q.Barred)).Order());
        await world.Dispatcher.SendAsync(queued[0], false, default);
        Assert.Equal(MessageStatus.Sent, (await world.RecordAsync(next))!.Status);
    }

    [Fact]
    public async Task P5_A_message_that_cannot_be_made_was_not_offered_and_is_tried_again()
    {
        var world = new World(new SendingOptions { Jitter = () => 0.5 });
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = world.Request(Ana, TopicKey.Newsletter) with { Template = "spring@7" };
        world.Store.BeforeRead = (table, _) => table == Tables.Templates ? throw new FormatException() : Task.CompletedTask;
        await world.Dispatcher.SendAsync(request, false, default);
        var record = (await world.RecordAsync(request))!;
        Assert.Equal(
            (MessageStatus.Queued, Reason.ProviderUnavailable, "The message could not be made (FormatException)."),
            (record.Status, record.Reason, record.Timeline[^1].Detail));
        world.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((1, 0), (Assert.Single(await world.TakeQueuedAsync()).Attempt, world.Email.HandOffs));
    }

    [Fact]
    public async Task P8_A_message_whose_template_the_store_does_not_tell_is_not_offered_and_waits_a_second()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = world.Request(Ana, TopicKey.Newsletter) with { Template = "spring@7" };
        world.Store.BeforeRead = (table, _) => table == Tables.Templates ? throw new StorageUnavailableException() : Task.CompletedTask;
        await world.Dispatcher.SendAsync(request, false, default);
        var record = (await world.RecordAsync(request))!;
        Assert.Equal(
            (MessageStatus.Queued, Reason.Allowed, "withheld", "The store did not answer."),
            (record.Status, record.Reason, record.Timeline[^1].Event, record.Timeline[^1].Detail));
        world.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((0, 0), (Assert.Single(await world.TakeQueuedAsync()).Attempt, world.Email.HandOffs));
    }

    [Fact]
    public async Task P5_A_provider_that_is_away_and_asks_for_seconds_is_given_about_an_hour()
    {
        var world = new World(new SendingOptions { Jitter = () => 0.5 });
        await world.SubscribeAsync(Ana, TopicKey.PackageUpdates);
        world.Email.Answer = _ => HandOff.Unavailable("503", TimeSpan.FromSeconds(6));
        var begun = world.Time.GetUtcNow();
        var outcome = await world.Dispatcher.SendAsync(world.Request(Ana, TopicKey.PackageUpdates), false, default);
        while (outcome == WorkOutcome.Done)
        {
            Assert.True(world.Time.GetUtcNow() - begun < TimeSpan.FromHours(3));
            world.Time.Advance(TimeSpan.FromSeconds(5));
            if (await world.TakeQueuedAsync() is [var next]) outcome = await world.Dispatcher.SendAsync(next, false, default);
        }

        Assert.Equal(WorkResult.GiveUp, outcome.Result);
        Assert.Equal(8, world.Email.HandOffs);
        Assert.InRange(world.Time.GetUtcNow() - begun, TimeSpan.FromMinutes(55), TimeSpan.FromMinutes(65));
    }

    [Fact]
    public async Task P5_Waiting_for_our_own_quota_is_not_being_offered_however_long_it_takes()
    {
        var world = new World(new SendingOptions { GiveUpAfter = TimeSpan.FromHours(1) });
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var next = world.Request(Ana, TopicKey.Newsletter);
        world.Email.Ready = _ => new(HandOff.Waits(TimeSpan.FromMinutes(40), "The sender's own quota."));
        for (var turn = 0; turn < 4; turn++) next = await PutOffAsync(world, next, TimeSpan.FromMinutes(40));

        world.Email.Ready = _ => new((HandOff?)null);
        world.Email.Answer = _ => HandOff.Throttled(TimeSpan.FromMinutes(40), "full");
        var asked = world.Time.GetUtcNow();
        for (var turn = 0; turn < 2; turn++) next = await PutOffAsync(world, next, TimeSpan.FromMinutes(40));
        Assert.Equal(asked, (await world.RecordAsync(next))!.OfferedSince);
        Assert.Equal(WorkOutcome.GiveUp("full"), await world.Dispatcher.SendAsync(next, false, default));
    }

    [Fact]
    public async Task P5_R43_A_text_that_waited_for_our_own_quota_is_new_to_the_provider_when_it_is_offered()
    {
        var world = new World();
        await world.SubscribeAsync(Phone, TopicKey.PackageUpdates);
        world.Sms.Ready = _ => new(HandOff.Waits(TimeSpan.FromMinutes(10), "The sender's own quota."));
        var next = await PutOffAsync(world, world.Request(Phone, TopicKey.PackageUpdates), TimeSpan.FromMinutes(10));
        world.Sms.Ready = _ => new((HandOff?)null);
        var now = world.Time.GetUtcNow();
        await world.Dispatcher.SendAsync(next, false, default);
        Assert.Equal(now, Assert.Single(world.Sms.Texts).FirstOfferedAt);
    }

    [Theory]
    [InlineData(HandOffResult.Throttled, true)]
    [InlineData(HandOffResult.Unavailable, true)]
    [InlineData(HandOffResult.Unknown, false)]
    public async Task P5_A_text_begins_anew_once_the_provider_has_forgotten_what_it_refused_but_never_after_a_lost_answer(
        HandOffResult result, bool anew)
    {
        var world = new World();
        await world.SubscribeAsync(Phone, TopicKey.PackageUpdates);
        world.Sms.Deduplicates = true;
        world.Sms.Answer = _ => new HandOff(result, Detail: "no", RetryAfter: TimeSpan.FromMinutes(2));
        var (next, first) = (world.Request(Phone, TopicKey.PackageUpdates), world.Time.GetUtcNow());
        for (var turn = 0; turn < 4; turn++) next = await PutOffAsync(world, next, TimeSpan.FromMinutes(3));
        var told = world.Sms.Texts.Select(t => (t.FirstOfferedAt - first).TotalMinutes);
        Assert.Equal(anew ? [0, 0, 6, 6] : [0, 0, 0, 0], told);
    }

    [Fact]
    public async Task P5_A_lost_answer_counts_also_where_a_long_timeline_has_lost_its_claim()
    {
        var world = new World();
        await world.SubscribeAsync(Phone, TopicKey.PackageUpdates);
        var request = world.Request(Phone, TopicKey.PackageUpdates);
        await world.Dispatcher.SendAsync(request, false, default);
        var begun = world.Time.GetUtcNow();
        (int, string)[] lines = [(0, "claimed"), (0, "throttled"), (2, "answer lost"), (20, "claimed"), (21, "throttled"), (40, "claimed")];
        var record = (await world.RecordAsync(request))! with
        {
            Timeline = [.. lines.Select(l => new MessageEvent(begun.AddMinutes(l.Item1), l.Item2))],
        };
        Assert.Equal(begun, record.FirstOfferedAt);
        var known = record with { Timeline = [.. record.Timeline.Where(e => e.Event != "answer lost")] };
        Assert.Equal(begun.AddMinutes(40), known.FirstOfferedAt);
    }

    [Fact]
    public async Task A_provider_that_is_away_is_noticed_at_the_smallest_quota_and_what_waits_for_it_says_nothing_of_the_provider()
    {
        var world = new World();
        var email = new FakeSender { AtOnce = 2 }; // 30 a minute.
        using var handOffs = new HandOffs(email, email, new SendingOptions(), world.Time, NullLogger<HandOffs>.Instance);
        email.Ready = _ => new(HandOff.Waits(TimeSpan.FromSeconds(2), "The sender's own quota."));
        for (var i = 0; i < 40; i++)
            Assert.True((await handOffs.SendAsync(Mail(world), null, default, default)).Unoffered);
        email.Ready = _ => new((HandOff?)null);
        await OpenAsync(handOffs, email, 8);
        Assert.True(handOffs.IsCircuitOpen(Channel.Email));
    }

    private static OutgoingEmail Mail(World world) =>
        new(world.Ids.New(world.Ring.KeyOf(Ana)), "news@example.com", "n", Ana.Value, "s", "h", "t", []);

    private static async Task OpenAsync(HandOffs handOffs, FakeSender email, int failures)
    {
        email.Answer = _ => HandOff.Unavailable("down", TimeSpan.FromMinutes(1));
        for (var i = 0; i < failures; i++) await handOffs.SendAsync(Mail(new World()), null, default, default);
    }

    /// <summary>Dispatches it, and takes it from the queue again when its pause is over.</summary>
    private static async Task<SendRequest> PutOffAsync(World world, SendRequest request, TimeSpan pause)
    {
        Assert.Equal(WorkOutcome.Done, await world.Dispatcher.SendAsync(request, false, default));
        world.Time.Advance(pause);
        return Assert.Single(await world.TakeQueuedAsync());
    }
}
