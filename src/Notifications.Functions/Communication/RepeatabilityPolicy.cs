using System.Globalization;
using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Core.Pipeline;
using Notifications.Sending;

namespace Notifications.Functions.Communication;

/// <summary>
/// Gives each recipient of a text an id and a time of first sending that are the message's own. The service takes requests with the same
/// two for one (OASIS Repeatable Requests 1.0); the SDK makes up both anew at every call. A request whose message is not known, or whose
/// body does not have the one recipient it should, is not sent.
/// </summary>
internal sealed class RepeatabilityPolicy : HttpPipelinePolicy
{
    private const string Property = "Notifications.Sms";

    /// <summary>Says whose requests are made until the answer is disposed of, on this flow of execution.</summary>
    public static IDisposable For(OutgoingSms sms) =>
        HttpPipeline.CreateHttpMessagePropertiesScope(new Dictionary<string, object?> { [Property] = sms });

    /// <inheritdoc/>
    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        if (!message.TryGetProperty(Property, out var value) || value is not OutgoingSms sms || message.Request.Content is not { } content)
            throw new InvalidOperationException("A text can only be sent within RepeatabilityPolicy.For.");
        using var body = new MemoryStream();
        await content.WriteToAsync(body, message.CancellationToken);
        message.Request.Content = RequestContent.Create(Rewrite(body.GetBuffer().AsSpan(0, (int)body.Length), sms));
        await ProcessNextAsync(message, pipeline);
    }

    /// <inheritdoc/>
    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        throw new NotSupportedException("Senders are asynchronous.");

    private static byte[] Rewrite(ReadOnlySpan<byte> body, OutgoingSms sms)
    {
        var request = JsonNode.Parse(body);
        if (request?["smsRecipients"] is not JsonArray { Count: 1 } recipients || recipients[0] is not JsonObject recipient)
            throw new InvalidOperationException("The request does not have one recipient: the SDK's wire format has changed.");
        recipient["repeatabilityRequestId"] = sms.Id.OperationId.ToString();
        recipient["repeatabilityFirstSent"] = sms.FirstOfferedAt.ToString("r", CultureInfo.InvariantCulture);
        return System.Text.Encoding.UTF8.GetBytes(request.ToJsonString());
    }
}
