using Notifications.Addresses;
using Notifications.Sending;
using S = Notifications.Sending.MessageStatus;

namespace Notifications.Tests.Sending;

public class OffersTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void P5_However_long_its_timeline_was_a_record_knows_when_it_was_offered()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var record = new MessageRecord { Topic = "newsletter", Channel = Channel.Sms, Status = S.Queued };
            var all = new List<MessageEvent>();
            var now = At;
            while (all.Count < 200)
            {
                now = now.AddSeconds(random.Next(1, 400));
                var (to, line) = (record.Status, random.Next(40)) switch
                {
                    (S.Sending, 0) => (S.Sending, MessageRecord.Claimed), // After a crash.
                    (S.Sending, 1) => (S.Queued, MessageRecord.AnswerLost),
                    (S.Sending, 2) => (S.Failed, MessageRecord.GivenUp),
                    (S.Sending, < 20) => (S.Queued, MessageRecord.Withheld),
                    (S.Sending, _) => (S.Queued, random.Next(2) == 0 ? MessageRecord.Throttled : MessageRecord.Unavailable),
                    (S.Failed, _) => (S.Queued, MessageRecord.Replayed),
                    (_, < 2) => (S.Deferred, "deferred"),
                    _ => (S.Sending, MessageRecord.Claimed),
                };
                record = record.Move(to, Reason.Allowed, now, line);
                all.Add(record.Timeline[^1]);
                var whole = record with { Timeline = [.. all], Offers = null };
                Assert.True(
                    (whole.FirstOfferedAt, whole.OfferedSince) == (record.FirstOfferedAt, record.OfferedSince),
                    $"Seed {seed}, line {all.Count}: {record.FirstOfferedAt:T} and {record.OfferedSince:T}, not {whole.FirstOfferedAt:T} and {whole.OfferedSince:T}.");
            }

            Assert.InRange(record.Timeline.Length, 60, 90);
        }
    }

    [Fact]
    public void P5_What_was_put_off_by_ourselves_alone_was_not_offered()
    {
        var record = new MessageRecord { Topic = "newsletter", Channel = Channel.Sms, Status = S.Queued };
        for (var i = 0; i < 40; i++)
            record = record.Move(S.Sending, Reason.Allowed, At.AddMinutes(i), MessageRecord.Claimed)
                .Move(S.Queued, Reason.Allowed, At.AddMinutes(i), MessageRecord.Withheld);
        Assert.Equal((DateTimeOffset.MinValue, DateTimeOffset.MinValue), (record.FirstOfferedAt, record.OfferedSince));
        record = record.Move(S.Sending, Reason.Allowed, At.AddHours(1), MessageRecord.Claimed);
        Assert.Equal((At.AddHours(1), At.AddHours(1)), (record.FirstOfferedAt, record.OfferedSince));
    }
}
