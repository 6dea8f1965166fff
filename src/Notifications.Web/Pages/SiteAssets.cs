using System.Security.Cryptography;
using Notifications.Web.Http;

namespace Notifications.Web.Pages;

/// <summary>The look of every page, and the console's own look and script. Each URL carries its hash, so it may be kept for ever.</summary>
internal static class SiteAssets
{
    private static readonly Asset Site = new("site.css", "text/css; charset=utf-8");
    private static readonly Asset ConsoleLook = new("console.css", "text/css; charset=utf-8");
    private static readonly Asset ConsoleMind = new("console.js", "text/javascript; charset=utf-8");

    /// <summary>Where pages find the stylesheet.</summary>
    public static string StylesheetUrl => Site.Url;

    /// <summary>The stylesheet itself, for a page that stands alone as a file.</summary>
    public static Html Stylesheet => new(System.Text.Encoding.UTF8.GetString(Site.Bytes));

    /// <summary>Where the console finds what it adds to it.</summary>
    public static string ConsoleStylesheetUrl => ConsoleLook.Url;

    /// <summary>Where the console finds its script.</summary>
    public static string ConsoleScriptUrl => ConsoleMind.Url;

    public static void MapSiteAssets(this IEndpointRouteBuilder routes)
    {
        foreach (var asset in new[] { Site, ConsoleLook, ConsoleMind })
            routes.MapMethods("/assets/" + asset.Name, Verbs.Read, asset.ServeAsync)
                .IsPublic("The look of pages.")
                .ExcludeFromDescription();
    }

    private sealed class Asset(string name, string type)
    {
        private readonly Lazy<byte[]> _bytes = new(() =>
        {
            using var stream = typeof(SiteAssets).Assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        });

        private string? _hash;

        public string Name => name;

        public string Url => $"/assets/{name}?v={Hash}";

        private string Hash => _hash ??= Convert.ToHexStringLower(SHA256.HashData(_bytes.Value).AsSpan(0, 8));

        public byte[] Bytes => _bytes.Value;

        public Task ServeAsync(HttpContext http) => SiteAssets.ServeAsync(http, Bytes, type, Hash);
    }

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
