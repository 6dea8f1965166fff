using System.Net;
using System.Threading.RateLimiting;
using Notifications.Web.Http;

namespace Notifications.Web.Console;

/// <summary>
/// Bounds how often one network may fail to sign in. Whoever has spent it is refused also with a right key, or the limit would tell a right
/// one from a wrong one. Each instance counts for itself (docs/security.md).
/// </summary>
internal sealed class SignInLimits : IDisposable
{
    /// <summary>Failures in a row from one network.</summary>
    public const int Burst = 10;

    /// <summary>After that, seconds for each further one.</summary>
    public const int SecondsEach = 30;

    private readonly PartitionedRateLimiter<int> _limiter = PartitionedRateLimiter.Create<int, int>(
        static bucket => RateLimitPartition.GetTokenBucketLimiter(bucket, static _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = Burst,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromSeconds(SecondsEach),
            QueueLimit = 0,
        }));

    /// <summary>Whether the network may try; nothing is counted.</summary>
    public bool MayTry(IPAddress? client)
    {
        // A whole try, where asking for none would be granted for the first splinter of one: tokens grow back continuously.
        return _limiter.GetStatistics(PublicLimits.Bucket(client)) is not { CurrentAvailablePermits: < 1 };
    }

    /// <summary>Counts a failure.</summary>
    public void Failed(IPAddress? client)
    {
        using var lease = _limiter.AttemptAcquire(PublicLimits.Bucket(client));
    }

    public void Dispose() => _limiter.Dispose();
}
