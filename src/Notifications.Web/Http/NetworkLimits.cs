using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;

namespace Notifications.Web.Http;

/// <summary>
/// A budget for each network that asks for something: so much in a row, and what grows back. Each instance counts for itself
/// (docs/security.md).
/// </summary>
internal abstract class NetworkLimits(int burst, int grows, TimeSpan each) : IDisposable
{
    // Networks share this many budgets, picked by a hash that is seeded per process: memory stays bounded however many addresses an
    // attacker has.
    private const int Buckets = 4096;

    private readonly PartitionedRateLimiter<int> _limiter = PartitionedRateLimiter.Create<int, int>(
        bucket => RateLimitPartition.GetTokenBucketLimiter(bucket, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = burst,
            TokensPerPeriod = grows,
            ReplenishmentPeriod = each,
            QueueLimit = 0,
        }));

    /// <summary>Counts one; false when the network has had enough.</summary>
    public bool Allow(IPAddress? client)
    {
        using var lease = _limiter.AttemptAcquire(Bucket(client));
        return lease.IsAcquired;
    }

    /// <summary>Whether one would be allowed; nothing is counted.</summary>
    // A whole one, where asking for none would be granted for the first splinter of one: tokens grow back continuously.
    protected bool WouldAllow(IPAddress? client) => _limiter.GetStatistics(Bucket(client)) is not { CurrentAvailablePermits: < 1 };

    public void Dispose()
    {
        _limiter.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The /24 of an IPv4 address, the /64 of an IPv6 one: what one subscriber of a network usually has.</summary>
    private static int Bucket(IPAddress? client)
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
