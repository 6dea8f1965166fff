namespace Notifications.Web.Pages;

/// <summary>
/// What every answer of a public page carries (R61): it is not kept, not indexed, not framed, tells nobody where it came from, and loads
/// nothing of anybody else.
/// </summary>
internal static class PublicHeaders
{
    public const string Csp =
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    public static void Apply(HttpResponse response)
    {
        var headers = response.Headers;
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = Csp;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["X-Robots-Tag"] = "noindex";
    }
}
