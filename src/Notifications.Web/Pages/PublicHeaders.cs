namespace Notifications.Web.Pages;

/// <summary>
/// What an answer of a public page carries besides <see cref="Http.EveryAnswer"/> (R61): it is not indexed, and loads nothing of anybody
/// else.
/// </summary>
internal static class PublicHeaders
{
    public const string Csp =
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    public static void Apply(HttpResponse response)
    {
        response.Headers.ContentSecurityPolicy = Csp;
        response.Headers["X-Robots-Tag"] = "noindex";
    }
}
