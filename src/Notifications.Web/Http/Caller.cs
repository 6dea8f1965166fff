using Notifications.Access;
using Notifications.Web.Console;

namespace Notifications.Web.Http;

/// <summary>What a route needs of an API key; it stands in the endpoint's metadata.</summary>
internal sealed record RequiredScope(string Scope);

/// <summary>Marks a route that anyone may call.</summary>
internal sealed record PublicRoute(string Why);

/// <summary>
/// Lets a request through to a route whose scope its key has. A route with neither a scope nor the public mark is refused to everybody.
/// </summary>
internal static class Caller
{
    private static readonly object Item = new();

    /// <summary>The key that the request came with. Only on routes that need a scope.</summary>
    public static ApiKey Key(this HttpContext http) => (ApiKey)http.Items[Item]!;

    /// <summary>How the caller stands in ledgers.</summary>
    public static string Actor(this HttpContext http) => "service:" + http.Key().Name;

    public static async Task GateAsync(HttpContext http, RequestDelegate next)
    {
        // What routing itself answers, such as "not this method here", is no route.
        if (http.GetEndpoint() is not RouteEndpoint endpoint || endpoint.Metadata.GetMetadata<PublicRoute>() is not null)
        {
            await next(http);
            return;
        }

        if (endpoint.Metadata.GetMetadata<ConsoleRoute>() is { } console)
        {
            await http.RequestServices.GetRequiredService<ConsoleGate>().PassAsync(http, console, next);
            return;
        }

        var scope = endpoint.Metadata.GetMetadata<RequiredScope>()?.Scope;
        var header = http.Request.Headers.Authorization.ToString();
        var key = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && header.Length is >= 8 and <= 300
            ? await http.RequestServices.GetRequiredService<ApiKeys>().FindAsync(header[7..].Trim(), http.RequestAborted)
            : null;
        if (key is null or { RevokedAt: not null } || scope is null) await Problem.Unauthorized().ExecuteAsync(http);
        else if (!key.May(scope)) await Problem.Forbidden(scope).ExecuteAsync(http);
        else
        {
            http.Items[Item] = key;
            await next(http);
        }
    }

    public static TBuilder Needs<TBuilder>(this TBuilder builder, string scope) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new RequiredScope(scope));

    public static TBuilder IsPublic<TBuilder>(this TBuilder builder, string why) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new PublicRoute(why));
}
