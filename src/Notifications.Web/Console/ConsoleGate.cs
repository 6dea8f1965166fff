using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>
/// Lets a request through to the console: somebody is signed in, may do what the route needs, and a form was made by this console for this very session. Cookies
/// count here and nowhere else; API keys in headers do not count here.
/// </summary>
internal sealed class ConsoleGate(Sessions sessions, AppServiceIdentity identity)
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
        if (!user.May(route.Scope))
        {
            await ConsolePage.Notice(403, "Not with this sign-in", $"This needs the scope “{route.Scope}”, which you do not have. Somebody with the scope “admin” can make a key that has it.").ExecuteAsync(http);
            return;
        }

        if (HttpMethods.IsPost(http.Request.Method) && (!IsOurs(http) || (route.ReadsForm && !await ReadAsync(http, user))))
        {
            await ConsolePage.Notice(400, "The form was not taken", "It was too large, too old, or not made for this sign-in. Nothing was changed. Go back, load the page anew, and send it again.").ExecuteAsync(http);
            return;
        }

        await next(http);
    }

    /// <summary>Whether the browser says that the form stands on our own page. Browsers too old to say so still need the token.</summary>
    public static bool IsOurs(HttpContext http) => http.Request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none";

    private async ValueTask<bool> ReadAsync(HttpContext http, ConsoleUser user)
    {
        if (await PublicForm.ReadAsync(http, PublicForm.LargeLimit) is not { } form || !sessions.Verify(user.Session, form[Sessions.TokenField])) return false;
        http.Set(form);
        return true;
    }

    private Task RefuseAsync(HttpContext http)
    {
        // An event stream is asked for by a script, which would follow to a page that it cannot read.
        if (http.Request.Headers.Accept.ToString().StartsWith("text/event-stream", StringComparison.Ordinal))
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            http.Response.Headers.WWWAuthenticate = "Cookie";
            return Task.CompletedTask;
        }

        var back = HttpMethods.IsPost(http.Request.Method) ? Sessions.Path : http.Request.Path + http.Request.QueryString;
        return ConsolePage.Go(identity.IsOn ? AppServiceIdentity.SignIn(back) : $"{Sessions.Path}/sign-in?to={Uri.EscapeDataString(back)}").ExecuteAsync(http);
    }
}
