using Notifications.Addresses;
using Notifications.Events;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;
using S = Notifications.Sending.MessageStatus;

namespace Notifications.Tests.Sending;

/// <summary>A message moves as docs/state-machines.md draws it, and in no other way (P2, R65).</summary>
public sealed class DrawnMessageTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void P2_The_page_draws_every_move_that_we_make_of_a_message_and_no_other() =>
        Assert.Equal(
            Drawn(0, except: DrawnMove.Nothing),
            Made((record, to) =>
            {
                try
                {
                    return record.Move(to, Reason.Expired, At, "moved").Status;
                }
                catch (InvalidOperationException)
                {
                    return null;
                }
            }, Enum.GetValues<S>()));

    [Fact]
    public void R65_The_page_draws_every_move_that_a_report_makes_of_a_message_and_no_other()
    {
        S[] told =
        [
            .. EmailReports.Known.Select(status => EmailReports.Read(status, "")!.Value.Status)
                .Concat(SmsReports.Known.Select(code => SmsReports.Read("Failed", $"{code}")!.Value.Status))
                .OfType<S>()
                .Distinct(),
        ];
        Assert.Equal([S.Delivered, S.Bounced, S.Failed, S.Unknown], told.Order());
        Assert.Equal(
            Drawn(1),
            Made(
                (record, to) =>
                    record.Report(new(At, MessageRecord.ReportPrefix + "x"), to, Reason.ProviderRejected).Status is var after
                        && after != record.Status
                        ? after
                        : null,
                told));
    }

    private static IEnumerable<string> Drawn(int diagram, string? except = null) =>
        DrawnMove.Of("Message", diagram).Where(m => m.From != except).Select(m => m.Ends).Order();

    // Each of them also where an answer was lost.
    private static IEnumerable<string> Made(Func<MessageRecord, S, S?> move, S[] aims) =>
        (from lost in (bool[])[false, true]
         from known in Enum.GetValues<S>()
         from aim in aims
         let record = new MessageRecord
         {
             Topic = "newsletter",
             Channel = Channel.Email,
             Status = known,
             Timeline = lost ? [new(At.AddMinutes(-1), MessageRecord.AnswerLost)] : [],
         }
         where move(record, aim) == aim
         select $"{known} {aim}".ToLowerInvariant())
            .Distinct()
            .Order();
}
