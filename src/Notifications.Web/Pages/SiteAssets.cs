using System.Security.Cryptography;
using Notifications.Web.Http;

namespace Notifications.Web.Pages;

/// <summary>The one stylesheet of every page. Its URL carries its hash, so it may be kept for ever.</summary>
internal static class SiteAssets
{
    private static readonly Lazy<byte[]> Css = new(static () =>
    {
        using var stream = typeof(SiteAssets).Assembly.GetManifestResourceStream("site.css")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    });

    private static readonly Lazy<string> Hash = new(static () => Convert.ToHexStringLower(SHA256.HashData(Css.Value).AsSpan(0, 8)));

    /// <summary>The stylesheet itself, for a page that stands alone as a file.</summary>
    public static Html Stylesheet => new(System.Text.Encoding.UTF8.GetString(Css.Value));

    /// <summary>Where pages find it.</summary>
    public static string StylesheetUrl => "/assets/site.css?v=" + Hash.Value;

    public static void MapSiteAssets(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/assets/site.css", Verbs.Read, static http => ServeAsync(http, Css.Value, "text/css; charset=utf-8", Hash.Value)).IsPublic("The look of public pages.").ExcludeFromDescription();

    /// <summary>Serves what is kept for ever under its hash.</summary>
    public static async Task ServeAsync(HttpContext http, byte[] bytes, string type, string hash)
    {
        var response = http.Response;
        var tag = $"\"{hash}\"";
        response.Headers.ETag = tag;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.CacheControl = http.Request.Query["v"] == hash ? "public, max-age=31536000, immutable" : "no-cache";
        if (http.Request.Headers.IfNoneMatch == tag)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = type;
        response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) await response.Body.WriteAsync(bytes, http.RequestAborted);
    }
}
