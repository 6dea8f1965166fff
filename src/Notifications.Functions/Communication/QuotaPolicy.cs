using Azure.Core;
using Azure.Core.Pipeline;

namespace Notifications.Functions.Communication;

/// <summary>Nothing was sent: the sender's own quota has no place soon. <see cref="RetryAfter"/> says when it has.</summary>
internal sealed class QuotaExceededException(TimeSpan retryAfter) : Exception("The sender's quota has no place soon.")
{
    public TimeSpan RetryAfter { get; } = retryAfter;
}

/// <summary>Holds each request to the sender's quota, for two seconds at most, and tells the quota when the provider answers 429.</summary>
internal sealed class QuotaPolicy(AdaptiveQuota quota, TimeProvider time) : HttpPipelinePolicy
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        if (!quota.TryTake(Patience, out var wait)) throw new QuotaExceededException(wait);
        if (wait > TimeSpan.Zero) await Task.Delay(wait, time, message.CancellationToken);
        await ProcessNextAsync(message, pipeline);
        if (message.Response.Status == 429) quota.SlowDown(RetryAfter.Of(message.Response, time) ?? TimeSpan.FromSeconds(10));
    }

    /// <inheritdoc/>
    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException("Senders are asynchronous.");
}
