namespace Notifications.Web.Http;

/// <summary>
/// What every answer begins with, whoever gives it: it is not kept by anybody on the way, not taken for another type, not framed, and tells
/// no other site where it came from. Pages and assets say more, or otherwise, after this. Where links begin with https, a browser that has
/// come once never tries http again (RFC 6797).
/// </summary>
internal static class EveryAnswer
{
    private const string Nothing = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    private const string AYear = "max-age=31536000";

    public static Task HeadAsync(HttpContext http, bool https, RequestDelegate next)
    {
        var headers = http.Response.Headers;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = Nothing;
        headers["Referrer-Policy"] = "no-referrer";
        if (https) headers.StrictTransportSecurity = AYear;
        return next(http);
    }
}
