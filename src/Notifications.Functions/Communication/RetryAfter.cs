using System.Globalization;
using Azure;

namespace Notifications.Functions.Communication;

/// <summary>What a provider says about when to come back (RFC 9110 10.2.3), between one second and one day.</summary>
internal static class RetryAfter
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>Seconds or a date; null when the answer does not say, or says what cannot be read.</summary>
    public static TimeSpan? Of(Response? response, TimeProvider time)
    {
        if (response is null || !response.Headers.TryGetValue("Retry-After", out var text)) return null;
        TimeSpan wait;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            wait = seconds > Longest.TotalSeconds ? Longest : TimeSpan.FromSeconds(seconds);
        else if (DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
            wait = at - time.GetUtcNow();
        else return null;
        return wait < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : wait > Longest ? Longest : wait;
    }
}
