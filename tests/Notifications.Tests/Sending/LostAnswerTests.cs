using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using S = Notifications.Sending.MessageStatus;

namespace Notifications.Tests.Sending;

/// <summary>
/// The answer of a hand-off was lost, and the message waits to be offered again: it may have arrived all the same.
/// </summary>
public sealed class LostAnswerTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");
    private static readonly DateTimeOffset At = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task P2_P5_A_message_that_may_have_arrived_ends_unknown_and_not_skipped_when_its_person_has_left_meanwhile()
    {
        var world = await LoseAsync();
        var request = Assert.Single(await world.TakeQueuedAsync());
        var waits = (await world.RecordAsync(request))!;
        Assert.Equal(
            (S.Queued, Reason.ProviderUnavailable, MessageRecord.AnswerLost), (waits.Status, waits.Reason, waits.Timeline[^1].Event));
        await world.OptOutAsync(Ana, TopicKey.Newsletter); // By the link of the message that did arrive.
        await world.Dispatcher.SendAsync(request, false, default);
        var record = (await world.RecordAsync(request))!;
        Assert.Equal((S.Unknown, Reason.Unknown, 1), (record.Status, record.Reason, world.Email.HandOffs));
        Assert.Equal(waits.Receipt!.LedgerSeq, record.Receipt!.LedgerSeq); // It would have arrived under that.
        Assert.Contains("may not be sent any more", record.Timeline[^1].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task P5_What_a_dead_process_had_offered_may_have_arrived_too_though_the_next_offer_was_not_taken()
    {
        var world = new World();
        world.Email.Deduplicates = true;
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = world.Request(Ana, TopicKey.Newsletter);
        world.Store.BeforeCommit = changes => changes.Count == 1 ? throw new StorageUnavailableException() : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await world.Dispatcher.SendAsync(request, false, default));
        world.Store.BeforeCommit = null;
        world.Email.Answer = _ => HandOff.Unavailable("down", TimeSpan.FromMinutes(1));
        await world.Restarted().SendAsync(request, true, default);
        Assert.Equal(
            ["queued", "claimed", MessageRecord.AnswerLost, "claimed", "unavailable"],
            (await world.RecordAsync(request))!.Timeline.Select(e => e.Event));
        await world.OptOutAsync(Ana, TopicKey.Newsletter);
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await world.Dispatcher.SendAsync(Assert.Single(await world.TakeQueuedAsync()), false, default);
        Assert.Equal(S.Unknown, (await world.RecordAsync(request))!.Status);
    }

    [Fact]
    public async Task P5_A_message_whose_provider_certainly_did_not_take_it_is_skipped_as_ever()
    {
        var world = await LoseAsync(HandOff.Unavailable("down", TimeSpan.FromMinutes(1)));
        await world.OptOutAsync(Ana, TopicKey.Newsletter);
        var request = Assert.Single(await world.TakeQueuedAsync());
        await world.Dispatcher.SendAsync(request, false, default);
        Assert.Equal(S.Skipped, (await world.RecordAsync(request))!.Status);
    }

    [Theory]
    [InlineData(S.Queued)]
    [InlineData(S.Deferred)]
    public void R65_A_report_that_comes_while_such_a_message_waits_moves_it_as_one_that_was_sent(S waits)
    {
        var record = new MessageRecord
        {
            Topic = "newsletter",
            Channel = Channel.Sms,
            Status = waits,
            Reason = Reason.ProviderUnavailable,
            DueAt = At.AddDays(1),
            Timeline = [new(At, "queued"), new(At, "claimed"), new(At, MessageRecord.AnswerLost)],
        };
        foreach (var (to, reason) in ((S, Reason)[])[
            (S.Delivered, Reason.Allowed), (S.Bounced, Reason.ProviderRejected), (S.Failed, Reason.ProviderRejected),
        ])
        {
            var reported = record.Report(new MessageEvent(At.AddSeconds(9), "reported x"), to, Reason.ProviderRejected);
            Assert.Equal((to, reason, null), (reported.Status, reported.Reason, reported.DueAt));
        }

        Assert.Equal(S.Unknown, record.Move(S.Unknown, Reason.Unknown, At, "unknown").Status);
    }

    [Fact]
    public void P5_However_often_it_is_put_off_afterwards_the_record_keeps_that_an_answer_was_lost()
    {
        var record = new MessageRecord { Topic = "newsletter", Channel = Channel.Sms, Status = S.Queued };
        for (var i = 0; i < 200; i++)
        {
            if (i == 20)
                record = record.Move(S.Sending, Reason.Allowed, At, "claimed").Move(S.Queued, Reason.Allowed, At, MessageRecord.AnswerLost);
            record = record.Move(S.Deferred, Reason.QuietHours, At.AddMinutes(i), "deferred");
        }

        Assert.True(record.MayHaveArrived);
        Assert.Equal(65, record.Timeline.Length);
    }

    /// <summary>A message whose first answer this was; what is queued for it is due.</summary>
    private static async Task<World> LoseAsync(HandOff? answer = null)
    {
        var world = new World();
        world.Email.Deduplicates = true;
        world.Email.Answer = _ => answer ?? HandOff.Unknown("broken off");
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        await world.Dispatcher.SendAsync(world.Request(Ana, TopicKey.Newsletter), false, default);
        world.Email.Answer = _ => HandOff.Accepted("ok");
        world.Time.Advance(TimeSpan.FromMinutes(1));
        return world;
    }
}
