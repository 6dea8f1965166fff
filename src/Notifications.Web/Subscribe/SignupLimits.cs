using System.Net;
using System.Threading.RateLimiting;
using Notifications.Addresses;
using Notifications.Web.Http;

namespace Notifications.Web.Subscribe;

/// <summary>
/// Bounds what the forms that anybody can send may set off (R63): per network, which is told so, and per address, in silence. The window of one
/// confirmation per address is kept by the store; this spares the store. Budgets are shared by hash, so memory stays bounded.
/// </summary>
internal sealed class SignupLimits : IDisposable
{
    /// <summary>Forms in a row from one network; then <see cref="PerMinute"/>.</summary>
    public const int Burst = 60;

    /// <summary>Forms per minute and network after that.</summary>
    public const int PerMinute = 20;

    /// <summary>Forms per address in a row; then as many per hour.</summary>
    public const int PerAddress = 5;

    private const int Buckets = 4096;
    private readonly PartitionedRateLimiter<int> _networks = Limiter(Burst, PerMinute, TimeSpan.FromMinutes(1));
    private readonly PartitionedRateLimiter<int> _addresses = Limiter(PerAddress, PerAddress, TimeSpan.FromHours(1));

    /// <summary>False when the network has had enough.</summary>
    public bool Allow(IPAddress? client)
    {
        using var lease = _networks.AttemptAcquire(PublicLimits.Bucket(client));
        return lease.IsAcquired;
    }

    /// <summary>False when enough was asked for this address: the answer must not show it.</summary>
    public bool Allow(AddressKey key)
    {
        using var lease = _addresses.AttemptAcquire(key.GetHashCode() & (Buckets - 1));
        return lease.IsAcquired;
    }

    public void Dispose()
    {
        _networks.Dispose();
        _addresses.Dispose();
    }

    private static PartitionedRateLimiter<int> Limiter(int burst, int tokens, TimeSpan period) =>
        PartitionedRateLimiter.Create<int, int>(bucket => RateLimitPartition.GetTokenBucketLimiter(bucket, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = burst,
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = period,
            QueueLimit = 0,
        }));
}
