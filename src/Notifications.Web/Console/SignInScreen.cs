using Notifications.Access;
using Notifications.Audit;
using Notifications.Web.Http;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>Signs people in with an API key, and out again. With App Service authentication both are the platform's.</summary>
internal sealed class SignInScreen(Sessions sessions, SignInLimits limits, ApiKeys keys, AppServiceIdentity identity, AuditLog audit)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/console/sign-in", Verbs.Read, ShowAsync).IsPublic("It asks who is there.").ExcludeFromDescription();
        routes.MapMethods("/console/sign-in", ["POST"], SignInAsync).IsPublic("The key in the form is the permission.").ExcludeFromDescription();
        routes.MapAct("/console/sign-out", null, (http, _) =>
        {
            sessions.Close(http);
            return ValueTask.FromResult<IResult>(ConsolePage.Go(identity.IsOn ? AppServiceIdentity.SignOut : "/console/sign-in"));
        }, "It changes nothing but this browser.");
    }

    private Task ShowAsync(HttpContext http)
    {
        ConsoleHeaders.Apply(http.Response);
        var to = Back(http.Request.Query["to"]);
        return identity.IsOn ? ConsolePage.Go(AppServiceIdentity.SignIn(to)).ExecuteAsync(http) : Form(http, to, null, 200).ExecuteAsync(http);
    }

    private async Task SignInAsync(HttpContext http)
    {
        ConsoleHeaders.Apply(http.Response);
        var form = ConsoleGate.IsOurs(http) && !identity.IsOn ? await PublicForm.ReadAsync(http) : null;
        var to = Back(form?["to"]);
        if (form is null || sessions.Anonymous(http) is not { } session || !sessions.Verify(session, form[Sessions.TokenField]))
        {
            await Form(http, to, "The page was open for too long, or cookies are off. Please try again.", 400).ExecuteAsync(http);
            return;
        }

        var client = http.Connection.RemoteIpAddress;
        if (!limits.MayTry(client))
        {
            await (Form(http, to, "Too many tries from this network. Please wait a minute.", 429) with { RetryAfter = SignInLimits.SecondsEach }).ExecuteAsync(http);
            return;
        }

        var secret = form["key"]?.Trim() ?? "";
        if (secret.Length is 0 or > 300 || await keys.FindAsync(secret, http.RequestAborted) is not { RevokedAt: null } key)
        {
            limits.Failed(client);
            await Form(http, to, "This key is unknown or was revoked.", 403).ExecuteAsync(http);
            return;
        }

        await audit.WriteAsync("agent:" + key.Name, "console.sign-in", key.Id, null, null, CancellationToken.None);
        sessions.Open(http, secret);
        await ConsolePage.Go(to).ExecuteAsync(http);
    }

    private ConsolePage Form(HttpContext http, string to, string? wrong, int status)
    {
        var session = sessions.Anonymous(http) ?? sessions.Begin(http);
        return new ConsolePage("Sign in", Html.Of($"""
            <form method="post" action="/console/sign-in" class="card signin">
            <h1>Sign in</h1>
            {(wrong is null ? Html.None : Html.Of($"<p class=\"warn\" role=\"alert\">{wrong}</p>"))}
            <input type="hidden" name="{Sessions.TokenField}" value="{sessions.TokenOf(session)}">
            <input type="hidden" name="to" value="{to}">
            <label for="key">API key</label>
            <input type="password" id="key" name="key" maxlength="300" autocomplete="current-password" spellcheck="false" required autofocus>
            <p class="hint">What you may see and do is what the key’s scopes allow. You stay signed in for some hours, on this browser only.</p>
            <button class="primary">Sign in</button>
            </form>
            """)) { Status = status };
    }

    // Only ever to a page of the console: an address from elsewhere must not become the next one.
    private static string Back(string? to) =>
        to is not null && (to == Sessions.Path || to.StartsWith(Sessions.Path + "/", StringComparison.Ordinal)) && to.Length < 500 && !to.AsSpan().ContainsAny('\\', '\r', '\n') && !to.StartsWith("/console/sign-", StringComparison.Ordinal) ? to : Sessions.Path;
}
