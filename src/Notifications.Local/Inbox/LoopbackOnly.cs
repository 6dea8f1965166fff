using System.Net;
using Notifications.Web.Http;

namespace Notifications.Local.Inbox;

/// <summary>
/// The inbox shows people's mail without a key, so it answers this machine alone: the connection must come from loopback, the Host must be
/// a loopback name (a page that rebinds its own name to 127.0.0.1 sends its own), no proxy may have handed it on (its caller is elsewhere,
/// whatever its Host says), and whatever changes something must not come from another site's page.
/// </summary>
internal static class LoopbackOnly
{
    private static readonly string[] Forwarding =
        ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"];

    public static RequestDelegate Wrap(RequestDelegate inner) => http =>
    {
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return Allows(http)
            ? inner(http)
            : Problem.Of(
                403, "loopback-only", "The inbox answers this machine only.",
                "Open it as http://127.0.0.1 on the machine that runs it.").ExecuteAsync(http);
    };

    internal static bool Allows(HttpContext http)
    {
        if (http.Connection.RemoteIpAddress is { } remote && !IPAddress.IsLoopback(remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote))
            return false;
        if (Array.Exists(Forwarding, http.Request.Headers.ContainsKey)) return false;
        var host = http.Request.Host.Host.Trim('[', ']');
        if (!host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            && !(IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip)))
        {
            return false;
        }

        return HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method) || !ComesFromElsewhere(http.Request);
    }

    private static bool ComesFromElsewhere(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0) return site is not ("same-origin" or "none");
        var origin = request.Headers.Origin.ToString();
        return origin.Length > 0 && !origin.Equals($"{request.Scheme}://{request.Host.Value}", StringComparison.OrdinalIgnoreCase);
    }
}
