using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;

namespace Notifications.Web.Http;

/// <summary>
/// Bounds how many broken links one network may try (R62). A token is verified first, which is cheap, so a valid one is never counted and
/// never refused, whatever its neighbours do. Each instance counts for itself (docs/security.md).
/// </summary>
internal sealed class PublicLimits : IDisposable
{
    /// <summary>Broken links in a row before the limit holds.</summary>
    public const int Burst = 60;

    /// <summary>Broken links per ten seconds after that.</summary>
    public const int PerTenSeconds = 10;

    // Networks share this many budgets, picked by a hash that is seeded per process: memory stays bounded however many addresses an
    // attacker has.
    private const int Buckets = 4096;

    private readonly PartitionedRateLimiter<int> _limiter = PartitionedRateLimiter.Create<int, int>(
        static bucket => RateLimitPartition.GetTokenBucketLimiter(bucket, static _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = Burst,
            TokensPerPeriod = PerTenSeconds,
            ReplenishmentPeriod = TimeSpan.FromSeconds(10),
            QueueLimit = 0,
        }));

    /// <summary>Counts one broken link; false when its network has had enough.</summary>
    public bool Allow(IPAddress? client)
    {
        using var lease = _limiter.AttemptAcquire(Bucket(client));
        return lease.IsAcquired;
    }

    public void Dispose() => _limiter.Dispose();

    /// <summary>The /24 of an IPv4 address, the /64 of an IPv6 one: what one subscriber of a network usually has.</summary>
    internal static int Bucket(IPAddress? client)
    {
        if (client is null) return 0;
        if (client.IsIPv4MappedToIPv6) client = client.MapToIPv4();
        Span<byte> bytes = stackalloc byte[16];
        client.TryWriteBytes(bytes, out _);
        var hash = new HashCode();
        hash.AddBytes(bytes[..(client.AddressFamily == AddressFamily.InterNetwork ? 3 : 8)]);
        return hash.ToHashCode() & (Buckets - 1);
    }
}
