using Notifications.Storage;
using Notifications.Web.Http;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>
/// Marks a route of the console: it needs a signed-in user, and this scope unless it is null. It stands in the endpoint's metadata.
/// </summary>
/// <param name="Scope">What the user must be allowed, or null where being signed in is enough.</param>
/// <param name="ReadsForm">Whether the gate reads the form and checks its token; a route that streams a file does both itself.</param>
/// <param name="Unaudited">Of a POST: why it leaves nothing in the audit. Null for every one that changes or takes something (R68).</param>
internal sealed record ConsoleRoute(string? Scope, bool ReadsForm = true, string? Unaudited = null);

/// <summary>
/// Maps what the console shows (GET and HEAD, changing nothing) and what it does (POST, with the form's token checked before).
/// </summary>
internal static class ConsoleMap
{
    public static void MapScreen(
        this IEndpointRouteBuilder routes, string pattern, string? scope, Func<HttpContext, ValueTask<IResult>> show)
    {
        RequestDelegate run = async http =>
        {
            PassedOver.Begin();
            await (await show(http)).ExecuteAsync(http);
        };
        routes.MapMethods(pattern, Verbs.Read, run).WithMetadata(new ConsoleRoute(scope)).ExcludeFromDescription();
    }

    /// <summary>
    /// What shows a screen again after a POST is one who looks, as whoever asked for it would be: from here on nothing is done, only shown.
    /// </summary>
    public static void Looks()
    {
        if (PassedOver.Current is null) PassedOver.Begin();
    }

    /// <summary><paramref name="leave"/> shows the form as it was filled in, to whoever was asked and does not do it.</summary>
    public static void MapAct(
        this IEndpointRouteBuilder routes, string pattern, string? scope, Func<HttpContext, PublicForm, ValueTask<IResult>> act,
        string? unaudited = null, Func<HttpContext, PublicForm, ValueTask<Question?>>? ask = null,
        Func<HttpContext, PublicForm, ValueTask<IResult>>? leave = null)
    {
        // What cannot be taken back, and what lets something be sent again, is asked about here, where no script needs to run.
        RequestDelegate run = async http =>
        {
            var form = http.Form();
            if (leave is not null && form[KeptForm.Leave] == "yes")
            {
                PassedOver.Begin();
                await (await leave(http, form)).ExecuteAsync(http);
                return;
            }

            var question = form[KeptForm.Sure] == "yes" || ask is null ? null : await ask(http, form);
            var answer = question is null
                ? await act(http, form)
                : KeptForm.Of(http, form).Ask(http, 200, question, sure: true, leaves: leave is not null);
            await answer.ExecuteAsync(http);
        };
        routes.MapMethods(pattern, ["POST"], run).WithMetadata(new ConsoleRoute(scope, Unaudited: unaudited)).ExcludeFromDescription();
    }
}
