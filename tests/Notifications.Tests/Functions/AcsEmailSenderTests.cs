using Azure;
using Azure.Communication.Email;
using Azure.Identity;
using Notifications.Events;
using Notifications.Functions.Communication;
using Notifications.Sending;
using static Notifications.Sending.HandOffResult;

namespace Notifications.Tests.Functions;

public sealed class AcsEmailSenderTests
{
    [Fact]
    public async Task R1_An_email_goes_out_whole_with_its_headers_and_the_messages_own_operation_id()
    {
        EmailMessage? sent = null;
        Guid? operation = null;
        var client = new FakeEmailClient((message, id) =>
        {
            (sent, operation) = (message, id);
            return new FakeOperation(id);
        });

        var outcome = await new AcsEmailSender(client, Free, TimeProvider.System).SendAsync(Samples.Email, default);

        Assert.Equal(HandOff.Accepted(Samples.Id.OperationId.ToString()), outcome);
        Assert.Equal((WaitUntil.Started, Samples.Id.OperationId), (client.Waited, operation));
        Assert.Equal("news@example.com", sent!.SenderAddress); // Bare: the service refuses a display name here.
        Assert.Equal("ana@example.com", Assert.Single(sent.Recipients.To).Address);
        Assert.Empty(sent.Recipients.CC);
        Assert.Empty(sent.Recipients.BCC);
        Assert.Equal(("Autumn news", "<p>Hello</p>", "Hello"), (sent.Content.Subject, sent.Content.Html, sent.Content.PlainText));
        Assert.Equal(Samples.Email.Headers.ToDictionary(), sent.Headers);
        Assert.True(sent.UserEngagementTrackingDisabled);
    }

    [Fact]
    public void P5_Email_is_never_taken_to_be_deduplicated_by_the_provider() =>
        Assert.False(new AcsEmailSender(new FakeEmailClient((_, id) => new FakeOperation(id)), Free, TimeProvider.System).Deduplicates);

    public static TheoryData<int, string?, HandOffResult> Answers => new()
    {
        { 400, null, Unavailable },
        { 400, "BadRequest", Unavailable }, { 400, "InvalidSenderUserName", Unavailable }, { 400, "InvalidEmailAddress", Rejected },
        { 400, "EmailDroppedAllRecipientsSuppressed", Rejected }, { 400, "emaildropped", Rejected },
        { 400, "DomainNotLinked", Unavailable },
        { 400, "TooManyRequests", Throttled },
        { 401, "Denied", Unavailable }, { 403, null, Unavailable }, { 404, "NotFound", Unavailable }, { 408, null, Unknown },
        { 409, null, Unknown }, { 413, null, Rejected },
        { 422, null, Rejected },
        { 429, "TooManyRequests", Throttled }, { 500, null, Unknown }, { 502, null, Unknown }, { 503, null, Unavailable },
        { 504, null, Unknown }, { 302, null, Unknown },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Every_answer_has_one_meaning(int status, string? code, HandOffResult expected)
    {
        var outcome = await FailAsync(new RequestFailedException(status, "The recipient ana@example.com is ...", code, null));

        Assert.Equal(expected, outcome.Result);
        Assert.StartsWith(status.ToString(System.Globalization.CultureInfo.InvariantCulture), outcome.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("ana@", outcome.Detail, StringComparison.Ordinal); // P7: not in the timeline either.
    }

    [Fact]
    public async Task R18_A_sender_that_the_provider_does_not_know_calls_an_operator_and_suppresses_nobody()
    {
        var answer = await FailAsync(new RequestFailedException(400, "", "InvalidSenderUserName", null));
        Assert.Equal((ReportEffect.Alert, "email-refused"), (answer.Refusal!.Outcome.Effect, answer.Refusal.AlertKind));
        Assert.Null((await FailAsync(new RequestFailedException(400, "", "InvalidEmailAddress", null))).Refusal);
    }

    [Theory]
    [InlineData(30, 2)]
    [InlineData(600, 40)]
    [InlineData(100_000, 128)]
    [InlineData(0, 128)]
    public void P5_No_more_are_under_way_at_once_than_the_quota_keeps_busy(int perMinute, int atOnce)
    {
        var quota = new AdaptiveQuota(perMinute, TimeProvider.System);
        IEmailSender email = new AcsEmailSender(new FakeEmailClient((_, id) => new FakeOperation(id)), quota, TimeProvider.System);
        ISmsSender sms = new AcsSmsSender(new FakeSmsClient((_, _, _, _) => []), quota, TimeProvider.System);
        Assert.Equal((atOnce, atOnce), (email.AtOnce, sms.AtOnce));
    }

    [Fact]
    public async Task P7_A_code_that_is_no_code_does_not_reach_the_timeline() =>
        Assert.DoesNotContain(
            "ana@", (await FailAsync(new RequestFailedException(400, "", "ana@example.com", null))).Detail, StringComparison.Ordinal);

    [Fact]
    public async Task What_nobody_answered_is_unknown_and_what_was_never_sent_is_not()
    {
        Assert.Equal(Unknown, (await FailAsync(new TaskCanceledException("The operation exceeded the configured timeout."))).Result);
        Assert.Equal(Unknown, (await FailAsync(new RequestFailedException("reset", new IOException()))).Result);
        Assert.Equal(
            Unknown,
            (await FailAsync(new RequestFailedException("reset", new HttpRequestException(HttpRequestError.ResponseEnded)))).Result);
        Assert.Equal(
            Unavailable,
            (await FailAsync(new RequestFailedException("refused", new HttpRequestException(HttpRequestError.ConnectionError)))).Result);
        Assert.Equal(
            Unavailable,
            (await FailAsync(new RequestFailedException("dns", new HttpRequestException(HttpRequestError.NameResolutionError)))).Result);
        Assert.Equal(Unavailable, (await FailAsync(new CredentialUnavailableException("no identity"))).Result);
        Assert.Equal(Rejected, (await FailAsync(new ArgumentException("blank header of ana@example.com"))).Result);
    }

    [Fact]
    public async Task A_hand_off_that_is_called_off_and_a_failure_nobody_planned_are_not_classified()
    {
        using var off = new CancellationTokenSource();
        await off.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () =>
                await new AcsEmailSender(
                    new FakeEmailClient((_, id) => new FakeOperation(id)), Free, TimeProvider.System).SendAsync(Samples.Email, off.Token));
        await Assert.ThrowsAsync<InvalidCastException>(async () => await FailAsync(new InvalidCastException()));
    }

    private static AdaptiveQuota Free => new(0, TimeProvider.System);

    private static ValueTask<HandOff> FailAsync(Exception failure) =>
        new AcsEmailSender(new FakeEmailClient((_, _) => throw failure), Free, TimeProvider.System).SendAsync(Samples.Email, default);
}
