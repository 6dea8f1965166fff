namespace Notifications.Web.Http;

/// <summary>
/// Refuses a packed body where programs call: nothing is ever unpacked here, and read as it is it would be taken for broken JSON (RFC 9110
/// section 15.5.16).
/// </summary>
internal static class PackedBody
{
    public static Task CheckAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Request.Headers.ContentEncoding.Count == 0
            || http.Request.Headers.ContentEncoding.All(static e => e.AsSpan().Trim().Equals("identity", StringComparison.OrdinalIgnoreCase))
            || !(http.Request.Path.StartsWithSegments("/v1") || http.Request.Path.StartsWithSegments("/webhooks")))
        {
            return next(http);
        }

        http.Response.Headers.AcceptEncoding = "identity";
        return Problem.Packed().ExecuteAsync(http);
    }
}
