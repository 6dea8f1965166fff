using Azure.Core;
using Azure.Core.Pipeline;

namespace Notifications.Functions.Communication;

/// <summary>Tells the sender's quota when the provider answers 429.</summary>
internal sealed class QuotaPolicy(AdaptiveQuota quota, TimeProvider time) : HttpPipelinePolicy
{
    /// <inheritdoc/>
    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        await ProcessNextAsync(message, pipeline);
        if (message.Response.Status == 429) quota.SlowDown(RetryAfter.Of(message.Response, time) ?? TimeSpan.FromSeconds(10));
    }

    /// <inheritdoc/>
    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        throw new NotSupportedException("Senders are asynchronous.");
}
