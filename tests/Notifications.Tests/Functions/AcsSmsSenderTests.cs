using Azure;
using Azure.Communication.Sms;
using Azure.Communication.Sms.Models;
using Notifications.Events;
using Notifications.Functions.Communication;
using Notifications.Sending;
using static Notifications.Sending.HandOffResult;

namespace Notifications.Tests.Functions;

public sealed class AcsSmsSenderTests
{
    [Fact]
    public async Task A_text_goes_out_whole_and_its_delivery_report_will_name_the_message()
    {
        (string From, IReadOnlyList<string> To, string Text, SmsSendOptions Options)? sent = null;
        var client = new FakeSmsClient((from, to, text, options) =>
        {
            sent = (from, to, text, options);
            return [Result(202, true)];
        });

        var outcome = await new AcsSmsSender(
            client, new AdaptiveQuota(0, TimeProvider.System), TimeProvider.System).SendAsync(Samples.Sms, default);

        Assert.Equal(HandOff.Accepted("Outgoing_1"), outcome);
        Assert.Equal((Samples.Sms.From, Samples.Sms.Text), (sent!.Value.From, sent.Value.Text));
        Assert.Equal(Samples.Sms.To, Assert.Single(sent.Value.To));
        Assert.True(sent.Value.Options.EnableDeliveryReport);
        Assert.Equal(Samples.Id.ToString(), sent.Value.Options.Tag);
    }

    [Theory]
    [InlineData(401, Unavailable)]
    [InlineData(403, Unavailable)]
    [InlineData(404, Unavailable)]
    [InlineData(408, Unknown)]
    [InlineData(409, Unknown)]
    [InlineData(412, Unknown)]
    [InlineData(422, Rejected)]
    [InlineData(429, Throttled)]
    [InlineData(500, Unknown)]
    [InlineData(503, Unavailable)]
    [InlineData(504, Unknown)]
    public async Task Every_status_means_the_same_for_the_request_and_for_its_recipient(int status, HandOffResult expected)
    {
        Assert.Equal(expected, (await SendAsync(() => [Result(status, false)])).Result);
        Assert.Equal(expected, (await SendAsync(() => throw new RequestFailedException(status, "to +15555550123"))).Result);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    public async Task R18_A_refusal_that_is_ours_to_mend_waits_and_calls_an_operator(int status)
    {
        var outcome = await SendAsync(() => throw new RequestFailedException(status, "to +15555550123", "BadRequest", null));
        Assert.Equal(
            (Unavailable, "sms-refused", ReportEffect.Alert), (outcome.Result, outcome.Refusal?.AlertKind, outcome.Refusal?.Outcome.Effect));
        Assert.Equal(outcome.Result, (await SendAsync(() => throw new RequestFailedException(status, "no code"))).Result);
    }

    [Fact]
    public async Task A_400_of_the_recipient_is_the_numbers_fault_and_final()
    {
        var outcome = await SendAsync(() => [Result(400, false)]);
        Assert.Equal((Rejected, null, "400 recipient: The number is not valid."), (outcome.Result, outcome.Refusal, outcome.Detail));
        Assert.Equal("sms-refused", (await SendAsync(() => [Result(403, false)])).Refusal?.AlertKind);
    }

    [Fact]
    public void The_quota_tells_the_circuit_how_much_comes_in_a_minute() =>
        Assert.Equal(
            (12, 12),
            (((IEmailSender)new AcsEmailSender(new FakeEmailClient((_, _) => null!), Quota, TimeProvider.System)).PerMinute,
                ((ISmsSender)new AcsSmsSender(new FakeSmsClient((_, _, _, _) => []), Quota, TimeProvider.System)).PerMinute));

    private static AdaptiveQuota Quota => new(12, TimeProvider.System);

    [Fact]
    public async Task A_taken_request_is_not_a_taken_text()
    {
        Assert.Equal(Unknown, (await SendAsync(() => [Result(202, false)])).Result);
        Assert.Equal(Unknown, (await SendAsync(() => [])).Result);
        Assert.Equal(Unknown, (await SendAsync(() => [Result(202, true), Result(400, false)])).Result);
    }

    [Fact]
    public void Only_what_may_be_offered_again_is_marked_so_in_both_tables()
    {
        foreach (var row in EmailOutcomes.Table.Rows.Concat(SmsOutcomes.Table.Rows))
        {
            Assert.NotEmpty(row.Note);
            if (row.Result is Throttled or Unavailable) Assert.True(row.Retried, row.ToString());
            if (row.Result is Accepted or Rejected) Assert.False(row.Retried, row.ToString());
        }

        // The service does not deduplicate mail,
        Assert.All(EmailOutcomes.Table.Rows.Where(r => r.Result == Unknown), r => Assert.False(r.Retried));
        Assert.All(SmsOutcomes.Table.Rows.Where(r => r.Result == Unknown), r => Assert.True(r.Retried)); // and does deduplicate texts.
        Assert.All(
            [EmailOutcomes.Table, SmsOutcomes.Table],
            table => Assert.Equal(table.Rows.Count, table.Rows.DistinctBy(r => (r.Status, r.Code)).Count()));
    }

    private static SmsSendResult Result(int status, bool successful) =>
        SmsModelFactory.SmsSendResult("+15555550123", "Outgoing_1", status, successful, "a message that names +15555550123");

    private static ValueTask<HandOff> SendAsync(Func<IReadOnlyList<SmsSendResult>> answer) =>
        new AcsSmsSender(
            new FakeSmsClient((_, _, _, _) => answer()), new AdaptiveQuota(0, TimeProvider.System),
            TimeProvider.System).SendAsync(Samples.Sms, default);
}
