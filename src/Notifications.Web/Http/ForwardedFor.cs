using System.Net;

namespace Notifications.Web.Http;

/// <summary>Who calls when proxies stand in between: limits and evidence need it (R62, R26).</summary>
internal static class ForwardedFor
{
    /// <summary>
    /// The caller's address that the outermost of so many trusted proxies has seen, or null where the header does not say it. Each proxy
    /// appends whom it was called by; what stands further to the left came with the request. Where there are fewer entries than proxies,
    /// somebody came in behind the first of them: the first entry is then whom the next one saw.
    /// </summary>
    public static IPAddress? Caller(HttpRequest request, int proxies)
    {
        var entries = request.Headers["X-Forwarded-For"].ToString().Split(',');
        return IPEndPoint.TryParse(entries[Math.Max(0, entries.Length - proxies)].AsSpan().Trim(), out var caller) ? caller.Address : null;
    }
}
