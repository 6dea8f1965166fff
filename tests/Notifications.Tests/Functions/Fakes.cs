using Azure;
using Azure.Communication.Email;
using Azure.Communication.Sms;
using Azure.Core;
using Azure.Core.Pipeline;
using Notifications.Addresses;
using Notifications.Sending;

namespace Notifications.Tests.Functions;

/// <summary>The clients' fakes, the way the SDK means them to be faked: by overriding what is called.</summary>
internal sealed class FakeEmailClient(Func<EmailMessage, Guid, EmailSendOperation> send) : EmailClient
{
    public WaitUntil? Waited { get; private set; }

    public override Task<EmailSendOperation> SendAsync(
        WaitUntil wait, EmailMessage message, Guid operationId, CancellationToken cancellationToken = default)
    {
        Waited = wait;
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(send(message, operationId));
    }
}

internal sealed class FakeOperation(Guid id) : EmailSendOperation
{
    public override string Id => id.ToString();
}

internal sealed class FakeSmsClient(Func<string, IReadOnlyList<string>, string, SmsSendOptions, IReadOnlyList<SmsSendResult>> send)
    : SmsClient
{
    public override Task<Response<IReadOnlyList<SmsSendResult>>> SendAsync(
        string from, IEnumerable<string> to, string message, SmsSendOptions? options = null,
        CancellationToken cancellationToken = default) =>
        Task.FromResult(Response.FromValue(send(from, [.. to], message, options!), null!));
}

/// <summary>
/// An SMS client that puts the documented request on the wire through a real pipeline, as the SDK does: with an id and a time of its own at
/// every call.
/// </summary>
internal sealed class WireSmsClient(Uri endpoint, ClientOptions options) : SmsClient
{
    private readonly HttpPipeline _pipeline = HttpPipelineBuilder.Build(options);
    private int _calls;

    public override async Task<Response<IReadOnlyList<SmsSendResult>>> SendAsync(
        string from, IEnumerable<string> to, string message, SmsSendOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var http = _pipeline.CreateMessage();
        http.Request.Method = RequestMethod.Post;
        http.Request.Uri.Reset(new Uri(endpoint, "/sms?api-version=2021-03-07"));
        http.Request.Headers.Add("Content-Type", "application/json");
        var madeUp = ++_calls;
        http.Request.Content = RequestContent.Create(new
        {
            from,
            smsRecipients = to.Select(
                t => new { to = t, repeatabilityRequestId = $"made-up-{madeUp}", repeatabilityFirstSent = $"made-up-{madeUp}" }),
            message,
            smsSendOptions = new { enableDeliveryReport = options!.EnableDeliveryReport, tag = options.Tag },
        });
        await _pipeline.SendAsync(http, cancellationToken);
        if (http.Response.Status != 202) throw new RequestFailedException(http.Response);
        using var answer = System.Text.Json.JsonDocument.Parse(http.Response.Content);
        IReadOnlyList<SmsSendResult> results =
            [.. answer.RootElement.GetProperty("value")
                .EnumerateArray()
                .Select(r => Azure.Communication.Sms.Models.SmsModelFactory.SmsSendResult(
                    r.GetProperty("to").GetString()!,
                    r.GetProperty("messageId").GetString()!, r.GetProperty("httpStatusCode").GetInt32(),
                    r.GetProperty("successful").GetBoolean(), null!))];
        return Response.FromValue(results, http.Response);
    }
}

internal sealed class WireOptions : ClientOptions;

internal static class Samples
{
    public static readonly MessageId Id = new(AddressKey.From(new byte[32]), "AAAAAAAAAAAAAAAAAAAAAAAA");

    public static readonly OutgoingEmail Email = new(
        Id, "news@example.com", "Track & Co", "ana@example.com", "Autumn news", "<p>Hello</p>", "Hello",
        [
            new("List-Unsubscribe", "<https://notify.example.com/u/T>, <mailto:u@example.com?subject=T>"),
            new("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ]);

    public static readonly OutgoingSms Sms = new(Id, "+18005550100", "+15555550123", "Track & Co: out for delivery. STOP to stop.")
    {
        FirstOfferedAt = new DateTimeOffset(2026, 11, 24, 9, 30, 0, 250, TimeSpan.Zero),
    };
}
