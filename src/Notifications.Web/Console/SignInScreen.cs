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
        routes.MapMethods("/console/sign-in", ["POST"], SignInAsync)
            .IsPublic("The key in the form is the permission.")
            .ExcludeFromDescription();
        routes.MapAct("/console/sign-out", null, async (http, _) =>
        {
            await sessions.CloseAsync(http);
            return ConsolePage.Go(identity.IsOn ? AppServiceIdentity.SignOut(http) : "/console/sign-in");
        }, "It ends one sign-in and changes nothing else.");
    }

    private async Task ShowAsync(HttpContext http)
    {
        ConsoleHeaders.Apply(http.Response);
        var to = Back(http.Request.Query["to"]);
        IResult answer = identity.IsOn ? ConsolePage.Go(AppServiceIdentity.SignIn(http, to))
            : await sessions.FindAsync(http) is not null ? ConsolePage.Go(to)
            : Form(http, to, null, 200);
        await answer.ExecuteAsync(http);
    }

    /// <summary>
    /// The form that signs in, for somebody whose sign-in ended before what they sent <paramref name="from"/> a page arrived: it says so,
    /// and carries what they sent.
    /// </summary>
    public ConsolePage Late(HttpContext http, KeptForm? form, string from) =>
        Form(
            http, from,
            "You had been signed out. Nothing was done. "
            + (form is null ? "Sign in, and do it again." : "Sign in, and you are asked whether to do it now."),
            401, form);

    private async Task SignInAsync(HttpContext http)
    {
        ConsoleHeaders.Apply(http.Response);
        var form = ConsoleGate.IsOurs(http) && !identity.IsOn ? await PublicForm.ReadAsync(http, KeptForm.Limit) : null;
        var to = Back(form?["to"]);
        var kept = KeptForm.Read(form?[KeptForm.Field]);
        if (form is null || sessions.Anonymous(http) is not { } session || !sessions.Verify(session, form[Sessions.TokenField]))
        {
            await Form(http, to, "The page was open for too long, or cookies are off. Please try again.", 400, kept).ExecuteAsync(http);
            return;
        }

        var client = http.Connection.RemoteIpAddress;
        if (!limits.MayTry(client))
        {
            await (Form(
                http, to, "Too many tries from this network. Please wait a minute.", 429,
                kept) with { RetryAfter = SignInLimits.SecondsEach }).ExecuteAsync(
                http);
            return;
        }

        var secret = form["key"]?.Trim() ?? "";
        if (secret.Length is 0 or > 300 || await keys.FindAsync(secret, http.RequestAborted) is not { RevokedAt: null } key)
        {
            limits.Failed(client);
            await Form(http, to, "This key is unknown or was revoked.", 403, kept).ExecuteAsync(http);
            return;
        }

        // Without its line in the audit nobody is signed in (R68), also while the disk is full: who is signed in already can look.
        await audit.WriteAsync("agent:" + key.Name, "console.sign-in", key.Id, null, null, CancellationToken.None);
        var id = sessions.Open(http, secret);
        if (kept is null)
        {
            await ConsolePage.Go(to).ExecuteAsync(http);
            return;
        }

        var where = ConsoleMenu.NameOf(kept.Path) is { } name ? $" in “{name}”" : "";
        http.Set(new ConsoleUser(key.Name, "agent:" + key.Name, key.Scopes, id, key.Id));
        await kept.Ask(
            http, 200,
            new Question(
                "Do it now?", $"You are signed in again. What you had sent{where} was not done; nothing of it is lost.", "Do it now",
                to)).ExecuteAsync(http);
    }

    private ConsolePage Form(HttpContext http, string to, string? wrong, int status, KeptForm? kept = null)
    {
        var session = sessions.Anonymous(http) ?? sessions.Begin(http);
        return new ConsolePage("Sign in", Html.Of($"""
            <form method="post" action="/console/sign-in" class="card signin">
            <h1>Sign in</h1>
            {(wrong is null ? Html.None : Html.Of($"<p class=\"warn\" role=\"alert\">{wrong}</p>"))}
            <input type="hidden" name="{Sessions.TokenField}" value="{sessions.TokenOf(session)}">
            <input type="hidden" name="to" value="{to}">
            {(kept is null ? Html.None : Html.Of($"<input type=\"hidden\" name=\"{KeptForm.Field}\" value=\"{kept.Write()}\">"))}
            <label for="key">API key</label>
            <input type="password" id="key" name="key" maxlength="300" autocomplete="current-password" spellcheck="false" required autofocus>
            <p class="hint">What you may see and do is what the key’s scopes allow. You stay signed in while you work, a day at most, on this browser only.</p>
            <button class="primary">Sign in</button>
            </form>
            """)) { Status = status };
    }

    // Only ever to a page of the console: an address from elsewhere must not become the next one.
    internal static string Back(string? to) =>
        to is not null
            && (to == Sessions.Path
                || to.StartsWith(Sessions.Path + "/", StringComparison.Ordinal)
                || to.StartsWith(Sessions.Path + "?", StringComparison.Ordinal))
            && to.Length < 500
            && !to.AsSpan().ContainsAnyExceptInRange('!', '~')
            && !to.Contains('\\', StringComparison.Ordinal)
            && !to.Contains("..", StringComparison.Ordinal) // Nor out of it again.
            && !to.Contains("%2e", StringComparison.OrdinalIgnoreCase)
            && !to.StartsWith("/console/sign-", StringComparison.Ordinal)
            ? to
            : Sessions.Path;
}
