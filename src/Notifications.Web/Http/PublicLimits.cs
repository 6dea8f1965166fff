namespace Notifications.Web.Http;

/// <summary>
/// Bounds how many broken links one network may try (R62). A token is verified first, which is cheap, so a valid one is never counted and
/// never refused, whatever its neighbours do.
/// </summary>
internal sealed class PublicLimits() : NetworkLimits(Burst, PerTenSeconds, TimeSpan.FromSeconds(10))
{
    /// <summary>Broken links in a row before the limit holds.</summary>
    public const int Burst = 60;

    /// <summary>Broken links per ten seconds after that.</summary>
    public const int PerTenSeconds = 10;
}
