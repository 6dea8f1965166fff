using Notifications.Web.Http;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>
/// Lets a request through to the console: somebody is signed in, may do what the route needs, and a form was made by this console for this
/// very session. Cookies count here and nowhere else; API keys in headers do not count here.
/// </summary>
internal sealed class ConsoleGate(Sessions sessions, AppServiceIdentity identity, SignInScreen signIn, ConsoleScreens screens)
{
    public async Task PassAsync(HttpContext http, ConsoleRoute route, RequestDelegate next)
    {
        ConsoleHeaders.Apply(http.Response);
        if ((identity.IsOn ? identity.Find(http) : await sessions.FindAsync(http)) is not { } user)
        {
            await RefuseAsync(http);
            return;
        }

        http.Set(user);
        if (!identity.IsOn) sessions.Renew(http);
        if (!user.May(route.Scope))
        {
            await ConsolePage.Notice(
                403, "Not with this sign-in",
                $"This needs the scope “{route.Scope}”, which you do not have. Somebody with the scope “admin” can make a key that has it.").ExecuteAsync(
                    http);
            return;
        }

        if (HttpMethods.IsPost(http.Request.Method) && (!IsOurs(http) || (route.ReadsForm && !await ReadAsync(http, user))))
        {
            if (IsSurelyOurs(http) && http.FindForm() is { } stale)
            {
                // From a page of an earlier sign-in, by its browser's word. The button below it is what does it, with a token of its own.
                await KeptForm.Of(http, stale)
                    .Ask(
                        http, 400,
                        new Question(
                            "Do it now?", "The page was of an earlier sign-in. Nothing was done; nothing of what you filled in is lost.",
                            "Do it now", From(http)))
                    .ExecuteAsync(http);
                return;
            }

            await ConsolePage.Notice(
                400, "The form was not taken",
                "It was too large, too old, or not made for this sign-in. Nothing was changed. Go back, load the page anew, and send it again.").ExecuteAsync(
                    http);
            return;
        }

        await next(http);
    }

    /// <summary>Whether the browser says that the form stands on our own page. Browsers too old to say so still need the token.</summary>
    public static bool IsOurs(HttpContext http) => http.Request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none";

    /// <summary>
    /// The page that a form of ours stood in, where the browser says it, or the start. What answered a form stood under the path of that
    /// form, where nothing can be got: then it is the page that the form is of.
    /// </summary>
    private string From(HttpContext http)
    {
        var known = Uri.TryCreate(http.Request.Headers.Referer, UriKind.Absolute, out var page);
        return screens.Of(SignInScreen.Back(known ? PublicPath.Without(http, page!.PathAndQuery) : null));
    }

    private static bool IsSurelyOurs(HttpContext http) => http.Request.Headers["Sec-Fetch-Site"] == "same-origin";

    private async ValueTask<bool> ReadAsync(HttpContext http, ConsoleUser user)
    {
        if (await PublicForm.ReadAsync(http, PublicForm.LargeLimit) is not { } form) return false;
        http.Set(form);
        return sessions.Verify(user.Session, form[Sessions.TokenField]);
    }

    private async Task RefuseAsync(HttpContext http)
    {
        // An event stream is asked for by a script, which would follow to a page that it cannot read.
        if (http.Request.Headers.Accept.ToString().StartsWith("text/event-stream", StringComparison.Ordinal))
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            http.Response.Headers.WWWAuthenticate = "Cookie";
            return;
        }

        var posted = HttpMethods.IsPost(http.Request.Method);
        var leaves = posted && http.Request.Path == Sessions.Path + "/sign-out"; // Done already.
        if (posted
            && !leaves
            && !identity.IsOn
            && await PublicForm.ReadAsync(http, KeptForm.Limit / 2) is var form
            && (form is null || form[Sessions.TokenField] is not null))
        {
            // Encoded once more it grows: what would not come through the sign-in is only said.
            var kept = form is not null && IsSurelyOurs(http) ? KeptForm.Of(http, form) : null;
            if (kept?.Write() is { } text && Uri.EscapeDataString(text).Length > KeptForm.Limit - 1024) kept = null;
            http.Response.Headers.WWWAuthenticate = "Cookie";
            await signIn.Late(http, kept, From(http)).ExecuteAsync(http);
            return;
        }

        var back = posted ? Sessions.Path + "?said=signed-out" : http.Request.Path + http.Request.QueryString;
        if (!posted && http.Request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site")
        {
            // A link from elsewhere: the browser keeps the cookie back (SameSite), and gives it when a page of ours asks for the same.
            await new ConsolePage("One moment", Html.Of($"<p class=\"lead\"><a href=\"{back}\">Go on to the page</a></p>"))
            {
                Refresh = (0, back),
                Reloads = true,
            }.ExecuteAsync(http);
            return;
        }

        await ConsolePage.Go(
            identity.IsOn ? AppServiceIdentity.SignIn(http, back) : $"{Sessions.Path}/sign-in?to={Uri.EscapeDataString(back)}").ExecuteAsync(
                http);
    }
}
