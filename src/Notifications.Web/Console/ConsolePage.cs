using System.Diagnostics;
using System.Text;
using Notifications.Access;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Web.Http;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>
/// A screen of the console: what may be opened at the side, the screen in the middle. Works without scripts; the one script adds shortcuts
/// and live numbers.
/// </summary>
internal sealed record ConsolePage(string Title, Html Body) : IResult
{
    // Of the method that made the page, where nobody looks around it.
    private readonly PassedOver? _passed = PassedOver.Current;

    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>Seconds for Retry-After, or null.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>
    /// After how many seconds a browser without scripts loads the page again, or null; from its own path, without what was said of the act
    /// before.
    /// </summary>
    public (int Seconds, string Path)? Refresh { get; init; }

    /// <summary>Whether a browser with scripts loads it again too, as often.</summary>
    public bool Reloads { get; init; }

    /// <summary>Whether mails are shown in it: their sandboxes inherit this page's policy, and mails have their styles inline.</summary>
    public bool ShowsMail { get; init; }

    /// <summary>A screen that only says something.</summary>
    public static ConsolePage Notice(int status, string heading, string text) =>
        new(heading, Html.Of($"<h1>{heading}</h1>\n<p class=\"lead\">{text}</p>\n<p><a href=\"/console\">To the start</a></p>"))
        {
            Status = status,
        };

    /// <summary>The store does not answer, or takes no writes: its disk may be full (R69).</summary>
    /// <param name="sent">Something was sent, and may have been done or not.</param>
    public static ConsolePage StoreAway(bool sent) =>
        Notice(
            503, "The store does not answer",
            (sent ? "What you sent was most likely not done: look before you send it again. " : "")
            + "The log and /health/ready say how it stands.") with
            {
                RetryAfter = 5,
            };

    /// <summary>There is no such thing.</summary>
    public static ConsolePage Missing(string what) => Notice(404, "Not here", what);

    /// <summary>What a POST answers: the next page is got, so that loading it again repeats nothing.</summary>
    public static IResult Go(string path) => new Redirect(path);

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var brand = httpContext.RequestServices.GetRequiredService<SenderOptions>();
        var sessions = httpContext.RequestServices.GetRequiredService<Sessions>();
        var bytes = Encoding.UTF8.GetBytes(PublicPath.Page(httpContext, Render(httpContext, brand, sessions)));
        var response = httpContext.Response;
        ConsoleHeaders.Apply(response, ShowsMail);
        response.StatusCode = Status;
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = bytes.Length;
        if (RetryAfter is { } seconds) response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (!HttpMethods.IsHead(httpContext.Request.Method)) await response.Body.WriteAsync(bytes, httpContext.RequestAborted);
    }

    private Html Render(HttpContext http, SenderOptions brand, Sessions sessions)
    {
        var user = http.FindUser();
        var again = Refresh is var (seconds, path)
            ? Html.Of($"<meta http-equiv=\"refresh\" content=\"{seconds}; url={PublicPath.Of(http, path)}\">")
            : Html.None;
        var refresh = Refresh is null ? Html.None : Reloads ? Html.Of($"{again}\n") : Html.Of($"<noscript>{again}</noscript>\n");
        return Html.Of($"""
            <!doctype html>
            <html lang="en" dir="ltr">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="robots" content="noindex">
            {refresh}<title>{Title} · {brand.Name} console</title>
            <link rel="stylesheet" href="{SiteAssets.StylesheetUrl}">
            <link rel="stylesheet" href="{SiteAssets.ConsoleStylesheetUrl}">
            <link rel="icon" href="data:,">
            <script src="{SiteAssets.ConsoleScriptUrl}" defer></script>
            </head>
            <body class="console{(user is null ? " out" : "")}">
            <a class="skip" href="#main">Skip to the page</a>
            {(user is null ? Html.Of($"<header class=\"bar\"><span class=\"brand\"><span class=\"mark\" aria-hidden=\"true\"></span>{brand.Name}</span></header>\n") : Frame(http, brand, user, sessions))}<main id="main" tabindex="-1">
            {(user is null ? Html.None : Troubles(http))}{Said(http)}{Opened(Body)}
            </main>
            </body>
            </html>

            """);
    }

    // Where something that was filled in is wrong, the page opens at the first field of it: it may be far below.
    private static Html Opened(Html body) =>
        body.Value.IndexOf(Parts.Invalid.Value, StringComparison.Ordinal) is >= 0 and var first
            ? new Html(body.Value.Insert(first, " autofocus"))
            : body;

    private static Html Frame(HttpContext http, SenderOptions brand, ConsoleUser user, Sessions sessions)
    {
        var menu = ConsoleMenu.Render(user, http.Request.Path);
        var find = user.May(Scope.Privacy)
            ? Html.Of($"""
                <form class="find" method="post" action="/console/people" role="search">
                <input type="hidden" name="{Sessions.TokenField}" value="{sessions.TokenOf(user.Session)}">
                <label class="hidden" for="find">Find a person or a message</label>
                <input type="text" id="find" name="who" maxlength="320" placeholder="Email, phone, contact or message id" autocomplete="off" spellcheck="false" required>
                <button class="quiet">Find</button>
                </form>

                """)
            : Html.None;
        return Html.Of($"""
            <header class="bar">
            <a class="brand" href="/console"><span class="mark" aria-hidden="true"></span>{brand.Name}</a>
            {find}<form class="who" method="post" action="/console/sign-out">
            <input type="hidden" name="{Sessions.TokenField}" value="{sessions.TokenOf(user.Session)}">
            <span title="{user.Name}: {string.Join(", ", user.Scopes)}">{user.Name}</span>
            <button class="quiet">Sign out</button>
            </form>
            <details class="menu"><summary>Menu</summary><nav aria-label="Console, short">{menu}</nav></details>
            </header>
            <nav class="side" aria-label="Console">{menu}</nav>

            """);
    }

    // What holds up everything is told on every page, and what could not be read for this one.
    private Html Troubles(HttpContext http)
    {
        var services = http.RequestServices;
        var held = services.GetRequiredService<SendingOptions>().Hold
            ? Html.Of(
                $"<p class=\"warn\" role=\"alert\">Nothing is sent: the setting Notifications:Sending:Hold holds every hand-off until it is set to false. Messages wait on their queues; opt-outs, STOPs and pages go on.</p>\n")
            : Html.None;
        var full = services.GetRequiredService<StoreHealth>().WriteFailure is { } why
            ? Html.Of(
                $"<p class=\"warn\" role=\"alert\">The store takes no writes: {why} Nothing is sent, and opt-outs are answered with 503 until it does.</p>\n")
            : Html.None;
        var damaged = services.GetRequiredService<StoreHealth>().Damage is { } damage
            ? Html.Of(
                $"<p class=\"warn\" role=\"alert\">The store is damaged or gone: {damage} No waiting mends that. Stop the process and restore the store from its copy.</p>\n")
            : Html.None;
        var shut = (PassedOver.Current ?? _passed) is { Rows: > 0 and var rows }
            ? Html.Of(
                $"<p class=\"warn\" role=\"alert\">{(rows == 1 ? "One entry" : $"{Parts.Number(rows)} entries")} that no key of the ring opens {(rows == 1 ? "is" : "are")} left out of this page: a key is missing, or the store was altered. An operator should look.</p>\n")
            : Html.None;
        return Html.Of($"{held}{full}{damaged}{shut}");
    }

    // What was done is told on the page after; the words are ours, the URL only picks them.
    private static Html Said(HttpContext http) =>
        http.FindUser() is null || ConsoleMessages.Find(http.Request.Query["said"]) is not { } words ? Html.None
        : ConsoleMessages.IsRefusal(http.Request.Query["said"]) ? Html.Of($"<p class=\"warn\" role=\"alert\">{words}</p>\n")
        : Html.Of($"<p class=\"said\" role=\"status\">{words}</p>\n");

    private sealed class Redirect(string path) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            Debug.Assert(path.StartsWith('/'), "Only to a page of our own.");
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            // What the platform answers before us stands beside our path, not under it.
            httpContext.Response.Headers.Location =
                path.StartsWith("/.auth/", StringComparison.Ordinal) ? path : PublicPath.Of(httpContext, path);
            return Task.CompletedTask;
        }
    }
}
