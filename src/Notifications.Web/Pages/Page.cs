using System.Text;
using Notifications.Sending;
using Notifications.Web.Http;

namespace Notifications.Web.Pages;

/// <summary>A whole page: the sheet around <paramref name="Body"/>, and the headers of <see cref="PublicHeaders"/>.</summary>
internal sealed record Page(string Title, Html Body) : IResult
{
    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>Seconds for Retry-After, or null.</summary>
    public int? RetryAfter { get; init; }

    public Texts Texts { get; init; } = Texts.English;

    /// <summary>A page with a heading, one paragraph and the way on from there.</summary>
    public static Page Notice(
        Texts texts, int status, string heading, string text, (string Path, string Name) way, int? retryAfter = null) =>
        new(heading, Html.Of($"<h1>{heading}</h1>\n<p class=\"lead\">{text}</p>\n{Way(way.Path, way.Name)}"))
        {
            Status = status,
            RetryAfter = retryAfter,
            Texts = texts,
        };

    /// <summary>The way on from a page on which there is nothing to press.</summary>
    public static Html Way(string path, string name) => Html.Of($"<p class=\"note\"><a href=\"{path}\">{name}</a></p>");

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var sender = httpContext.RequestServices.GetRequiredService<SenderOptions>();
        var brand = httpContext.RequestServices.GetRequiredService<Brand>();
        var bytes = Encoding.UTF8.GetBytes(PublicPath.Page(httpContext, Render(sender, brand)));
        var response = httpContext.Response;
        PublicHeaders.Apply(response);
        response.StatusCode = Status;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentLanguage = Texts.Language;
        response.ContentLength = bytes.Length;
        if (RetryAfter is { } seconds) response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (!HttpMethods.IsHead(httpContext.Request.Method)) await response.Body.WriteAsync(bytes, httpContext.RequestAborted);
    }

    private Html Render(SenderOptions sender, Brand brand) => Html.Of($"""
        <!doctype html>
        <html lang="{Texts.Language}" dir="{Texts.Direction}">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="robots" content="noindex">
        <title>{Title} · {sender.Name}</title>
        <link rel="stylesheet" href="{SiteAssets.StylesheetUrl}">
        {brand.Style}<link rel="icon" href="data:,">
        </head>
        <body class="narrow">
        <header class="brand">{brand.Mark}{sender.Name}</header>
        <main class="sheet">
        {Body}
        </main>
        <footer class="foot">{sender.Name}, {sender.PostalAddress}</footer>
        </body>
        </html>

        """);
}
