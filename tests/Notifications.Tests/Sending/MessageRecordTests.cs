using System.Text.Json;
using Notifications.Addresses;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;
using S = Notifications.Sending.MessageStatus;

namespace Notifications.Tests.Sending;

public sealed class MessageRecordTests
{
    private static readonly Dictionary<S, S[]> Drawn = new()
    {
        [S.Queued] = [S.Deferred, S.Skipped, S.Sending, S.Failed],
        [S.Deferred] = [S.Deferred, S.Skipped, S.Sending, S.Failed],
        [S.Skipped] = [],
        [S.Sending] = [S.Queued, S.Sending, S.Sent, S.Failed, S.Unknown],
        [S.Sent] = [],
        [S.Delivered] = [],
        [S.Bounced] = [],
        [S.Failed] = [S.Queued],
        [S.Unknown] = [],
    };

    [Fact]
    public void A_message_makes_the_moves_that_are_drawn_and_no_other()
    {
        var at = new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
        foreach (var from in Enum.GetValues<S>())
        {
            foreach (var to in Enum.GetValues<S>())
            {
                var record = new MessageRecord { Topic = "newsletter", Channel = Channel.Email, Status = from };
                if (Drawn[from].Contains(to))
                {
                    var moved = record.Move(to, Reason.Expired, at, "moved", "why");
                    Assert.Equal(
                        (to, Reason.Expired, new MessageEvent(at, "moved", "why")), (moved.Status, moved.Reason, moved.Timeline[^1]));
                }
                else
                {
                    Assert.Throws<InvalidOperationException>(() => record.Move(to, Reason.Expired, at, "moved"));
                }
            }
        }
    }

    [Fact]
    public void R65_The_same_reports_in_any_order_and_twice_give_the_same_record()
    {
        var at = new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
        (MessageEvent Event, S? To, Reason Reason)[] reports =
        [
            (new(at.AddMinutes(1), MessageRecord.ReportPrefix + "failure"), S.Failed, Reason.ProviderRejected),
            (new(at.AddMinutes(2), MessageRecord.ReportPrefix + "delivery"), S.Delivered, Reason.Allowed),
            (new(at.AddMinutes(3), MessageRecord.ReportPrefix + "bounce", "a"), S.Bounced, Reason.SuppressedBounce),
            (new(at.AddMinutes(3), MessageRecord.ReportPrefix + "bounce", "b"), S.Bounced, Reason.SuppressedBounce),
            (new(at.AddMinutes(4), MessageRecord.Opened), null, Reason.Allowed),
        ];
        var orders = Orders([0, 1, 2, 3, 4]).ToList();
        Assert.Equal(120, orders.Count);
        foreach (var sent in (S[])[S.Sending, S.Sent, S.Unknown])
        {
            foreach (var order in orders)
            {
                var record = new MessageRecord
                {
                    Topic = "newsletter",
                    Channel = Channel.Email,
                    Status = sent,
                    Timeline = [new(at, MessageRecord.Claimed)],
                };
                foreach (var i in (int[])[.. order, .. order]) record = record.Report(reports[i].Event, reports[i].To, reports[i].Reason);
                Assert.Equal((S.Bounced, Reason.SuppressedBounce), (record.Status, record.Reason));
                Assert.Equal([new(at, MessageRecord.Claimed), .. reports.Select(r => r.Event)], record.Timeline);
            }
        }
    }

    [Fact]
    public void A_report_says_more_and_never_less_than_is_known_and_moves_nothing_that_was_not_handed_off()
    {
        S[] weights = [S.Sent, S.Failed, S.Delivered, S.Bounced];
        foreach (var known in Enum.GetValues<S>())
        {
            foreach (var told in weights[1..])
            {
                var record = new MessageRecord { Topic = "newsletter", Channel = Channel.Email, Status = known, Reason = Reason.Expired };
                var reported = record.Report(
                    new(DateTimeOffset.UnixEpoch, MessageRecord.ReportPrefix + "x"), told, Reason.ProviderRejected);
                var handedOff = Array.IndexOf(weights, known is S.Sending or S.Unknown ? S.Sent : known);
                var moves = handedOff >= 0 && Array.IndexOf(weights, told) > handedOff;
                Assert.Equal(
                    (moves ? told : known, !moves ? Reason.Expired : told == S.Delivered ? Reason.Allowed : Reason.ProviderRejected),
                    (reported.Status, reported.Reason));
                Assert.Single(reported.Timeline);
            }
        }
    }

    private static IEnumerable<int[]> Orders(int[] numbers) =>
        numbers.Length < 2
            ? [numbers]
            : numbers.SelectMany(first => Orders([.. numbers.Where(n => n != first)]).Select(rest => (int[])[first, .. rest]));

    [Fact]
    public void Stored_rows_hold_no_computed_copies()
    {
        var state = JsonSerializer.Serialize(
            new AddressState { Channel = Channel.Email, Value = "ana@example.com" }, CoreJson.Default.AddressState);
        Assert.Equal(state.IndexOf("ana@", StringComparison.Ordinal), state.LastIndexOf("ana@", StringComparison.Ordinal));
        var record = JsonSerializer.Serialize(
            new MessageRecord { Topic = "newsletter", Channel = Channel.Email, Status = S.Sent }, CoreJson.Default.MessageRecord);
        Assert.DoesNotContain("isFinal", record, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_accepted_message_without_a_record_is_queued_and_a_made_up_id_is_nothing()
    {
        var world = new World();
        var key = world.Ring.KeyOf(CoreProduct.Email("ana@example.com"));
        Assert.Equal(
            (S.Queued, "", Channel.Email),
            await world.Reader.FindAsync(world.Ids.New(key), default) is { } waits ? (waits.Status, waits.Topic, waits.Channel) : default);
        Assert.Null(await world.Reader.FindAsync(new MessageId(key, new string('A', 24)), default));
    }
}
