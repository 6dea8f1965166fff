using System.Security.Cryptography;
using System.Text;
using Notifications.Sending;
using Notifications.Web.Http;

namespace Notifications.Web.Pages;

/// <summary>
/// The sender's own logo and colour on public pages, served from here and from nowhere else (R61). Read once, as a host is composed: what
/// cannot be used stops the start (P4).
/// </summary>
internal sealed class Brand
{
    /// <summary>The largest logo, in bytes: it is loaded with every page.</summary>
    public const int LargestLogo = 64 * 1024;

    private readonly (byte[] Bytes, string Type, string Hash)? _logo;
    private readonly (byte[] Bytes, string Type, string Hash)? _style;

    /// <exception cref="ArgumentException">The logo cannot be read, is too large, or is no image.</exception>
    public Brand(SenderOptions sender)
    {
        if (sender.Logo is { } logo)
        {
            var bytes = Read(logo);
            if (bytes.Length > LargestLogo)
                throw new ArgumentException($"Notifications:Sender:Logo has {bytes.Length:N0} bytes; make it {LargestLogo:N0} at most.");
            _logo = (
                bytes, TypeOf(bytes) ?? throw new ArgumentException("Notifications:Sender:Logo must be a PNG, JPEG, WebP or SVG image."),
                HashOf(bytes));
        }

        if (!SenderColor.TryParse(sender.Color, out var color)) return;
        var dark = color.ForDark();
        var style = Encoding.UTF8.GetBytes($$"""
            :root { --accent: {{color}}; --on-accent: #ffffff; --accent-wash: color-mix(in srgb, {{color}} 10%, #ffffff); }
            @media (prefers-color-scheme: dark) {
              :root { --accent: {{dark}}; --on-accent: {{SenderColor.DarkText}}; --accent-wash: color-mix(in srgb, {{dark}} 20%, {{SenderColor.DarkPage}}); }
            }

            """);
        _style = (style, "text/css; charset=utf-8", HashOf(style));
    }

    /// <summary>What a page's head needs besides the common stylesheet.</summary>
    public Html Style =>
        _style is { } style ? Html.Of($"<link rel=\"stylesheet\" href=\"/assets/brand.css?v={style.Hash}\">\n") : Html.None;

    /// <summary>The logo, or a plain mark.</summary>
    public Html Mark =>
        _logo is { } logo
            ? Html.Of($"<img class=\"logo\" src=\"/assets/logo?v={logo.Hash}\" alt=\"\">")
            : new("<span class=\"mark\" aria-hidden=\"true\"></span>");

    public static void Map(IEndpointRouteBuilder routes)
    {
        Map("/assets/brand.css", static brand => brand._style);
        Map("/assets/logo", static brand => brand._logo);

        void Map(string pattern, Func<Brand, (byte[], string, string)?> asset) =>
            routes.MapMethods(pattern, Verbs.Read, http => Serve(http, asset(http.RequestServices.GetRequiredService<Brand>())))
                .IsPublic("The look of public pages.")
                .ExcludeFromDescription();
    }

    private static Task Serve(HttpContext http, (byte[] Bytes, string Type, string Hash)? asset)
    {
        if (asset is { } found)
        {
            // An SVG that is opened by itself runs nothing.
            http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
            return SiteAssets.ServeAsync(http, found.Bytes, found.Type, found.Hash);
        }

        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static byte[] Read(string logo)
    {
        try
        {
            return logo.StartsWith("data:", StringComparison.Ordinal)
                ? Convert.FromBase64String(logo[(logo.IndexOf(',', StringComparison.Ordinal) + 1)..])
                : File.ReadAllBytes(logo);
        }
        catch (Exception broken)
            when (broken is IOException or UnauthorizedAccessException or FormatException or ArgumentException or NotSupportedException)
        {
            throw new ArgumentException(
                $"Notifications:Sender:Logo cannot be read{(logo.StartsWith("data:", StringComparison.Ordinal) ? "" : $" ({logo})")}: it must be the path of an image on this machine, or a data URI such as data:image/png;base64,... It is never loaded from another site (R61).",
                broken);
        }
    }

    private static string? TypeOf(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith(new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G' }) ? "image/png"
        : bytes.StartsWith(new byte[] { 0xff, 0xd8, 0xff }) ? "image/jpeg"
        : bytes.Length > 12 && bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8) ? "image/webp"
        : bytes[..Math.Min(bytes.Length, 512)].IndexOf("<svg"u8) >= 0 ? "image/svg+xml"
        : null;

    private static string HashOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8));
}
