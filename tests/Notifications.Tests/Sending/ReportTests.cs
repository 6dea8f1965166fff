using Notifications.Addresses;
using Notifications.Sending;
using S = Notifications.Sending.MessageStatus;

namespace Notifications.Tests.Sending;

/// <summary>What a provider reports of a message afterwards, in any order (R65).</summary>
public sealed class ReportTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly MessageRecord Sent = new()
    {
        Topic = "newsletter",
        Channel = Channel.Email,
        Status = S.Sent,
        Timeline = [new(At, "queued"), new(At, "accepted")],
    };

    [Fact]
    public void R65_In_whatever_order_reports_come_the_timeline_and_the_status_are_the_same()
    {
        (MessageEvent Event, S? To, Reason Reason)[] reports =
        [
            (new(At, "reported delayed", "b"), null, Reason.Allowed),
            (new(At, "reported delayed", "a"), null, Reason.Allowed),
            (new(At.AddSeconds(5), "reported delivered"), S.Delivered, Reason.Unknown),
            (new(At.AddSeconds(2), "reported expanded"), null, Reason.Allowed),
            (new(At.AddSeconds(2), "opened"), null, Reason.Allowed),
        ];
        string[] expected =
            ["queued", "accepted", "reported delayed a", "reported delayed b", "opened,reported expanded", "reported delivered"];
        for (var seed = 0; seed < 200; seed++)
        {
            var shuffled = reports.Concat(reports).ToArray();
            new Random(seed).Shuffle(shuffled);
            var record = shuffled.Aggregate(Sent, (r, next) => r.Report(next.Event, next.To, next.Reason));
            Assert.Equal((S.Delivered, Reason.Allowed), (record.Status, record.Reason));
            Assert.Equal(7, record.Timeline.Length);
            Assert.Equal(record.Timeline.OrderBy(e => e.At).Select(e => e.At), record.Timeline.Select(e => e.At));
            var words = record.Timeline.Select(e => $"{e.Event} {e.Detail}".Trim()).ToList();
            Assert.Equal(expected[..4], words[..4]);
            Assert.Equal(expected[4], string.Join(',', words[4..6].Order(StringComparer.Ordinal)));
            Assert.Equal(expected[5], words[6]);
        }
    }

    [Fact]
    public void R65_A_report_of_what_came_before_everything_known_stands_first()
    {
        var early = new MessageEvent(At.AddSeconds(-1), "reported delayed");
        Assert.Equal([early, .. Sent.Timeline], Sent.Report(early, null, Reason.Allowed).Timeline);
        Assert.Equal(DateTimeOffset.MinValue, Sent.FirstOfferedAt); // Nothing tells of a claim.
    }

    [Fact]
    public void R65_A_report_moves_a_message_only_to_what_weighs_more_and_never_one_that_was_not_handed_off()
    {
        S[] lightest = [S.Sending, S.Sent, S.Unknown];
        foreach (var from in lightest)
        {
            foreach (var to in lightest) Assert.Equal((from, Reason.Allowed), After(from, to));
            foreach (var to in (S[])[S.Failed, S.Bounced]) Assert.Equal((to, Reason.ProviderRejected), After(from, to));
            Assert.Equal((S.Delivered, Reason.Allowed), After(from, S.Delivered));
        }

        S[] order = [S.Failed, S.Delivered, S.Bounced];
        for (var i = 0; i < order.Length; i++)
            for (var j = 0; j < order.Length; j++) Assert.Equal(order[Math.Max(i, j)], After(order[i], order[j]).Status);
        foreach (var from in (S[])[S.Queued, S.Deferred, S.Skipped]) Assert.Equal(from, After(from, S.Bounced).Status);

        static (S Status, Reason Reason) After(S from, S to)
        {
            var record = (Sent with { Status = from }).Report(
                new MessageEvent(At.AddSeconds(9), "reported x"), to, Reason.ProviderRejected);
            return (record.Status, record.Reason);
        }
    }
}
