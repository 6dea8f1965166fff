namespace Notifications.Web.Console;

/// <summary>What every answer of the console carries: not kept, not indexed, not framed; one script and one look, both from here.</summary>
internal static class ConsoleHeaders
{
    private const string Csp =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    // Only styles, and only where a mail is shown: no script, and nothing is loaded from anywhere.
    private static readonly string CspWithMail = Csp.Replace(
        "style-src 'self'", "style-src 'self' 'unsafe-inline'", StringComparison.Ordinal);

    public static void Apply(HttpResponse response, bool showsMail = false)
    {
        var headers = response.Headers;
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = showsMail ? CspWithMail : Csp;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin"; // Nothing leaves; with no-referrer a form's Origin would be "null".
        headers["X-Robots-Tag"] = "noindex";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
    }
}
