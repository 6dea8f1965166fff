using System.Text;
using Notifications.Web.Pages;

namespace Notifications.Local.Inbox;

/// <summary>A page of the inbox: a list beside a detail; on a narrow screen the one that was asked for.</summary>
/// <param name="Open">The path of what is open, or null.</param>
internal sealed record InboxPage(string Title, int Count, string? Open, Html List, Html Detail) : IResult
{
    private const string Csp =
        "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    private static readonly Html Brand = new(
        "<a class=\"brand\" href=\"/inbox\"><span class=\"mark\" aria-hidden=\"true\"></span>Inbox</a>");

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var bytes = Encoding.UTF8.GetBytes(Render().Value);
        var response = httpContext.Response;
        response.Headers.ContentSecurityPolicy = Csp;
        // With no-referrer a form's Origin is "null", and nothing could be told from it.
        response.Headers["Referrer-Policy"] = "same-origin";
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(httpContext.Request.Method)) await response.Body.WriteAsync(bytes, httpContext.RequestAborted);
    }

    private Html Render() => Html.Of($"""
        <!doctype html>
        <html lang="en" dir="ltr">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{Title} · Inbox</title>
        <link rel="stylesheet" href="{SiteAssets.StylesheetUrl}">
        <link rel="icon" href="data:,">
        </head>
        <body class="wide">
        <header class="top">{(Open is not null ? Brand : Html.Of($"<h1>{Brand}</h1>"))}<span class="dim">{Count} {(Count == 1 ? "message" : "messages")}</span><a class="button" href="{Open ?? "/inbox"}">Refresh</a></header>
        <div class="panes{(Open is not null ? " chosen" : "")}">
        <nav class="pane" aria-label="Messages">
        {List}
        </nav>
        <main class="pane detail">
        {Detail}
        </main>
        </div>
        </body>
        </html>

        """);
}
