using Notifications.Storage;
using Notifications.Web.Http;

namespace Notifications.Web.Health;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: the store answers too, and takes writes.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        Map("/health/live", static http => Text("live").ExecuteAsync(http));
        Map("/health/ready", static async http =>
        {
            await http.RequestServices.GetRequiredService<StoreHealth>().CheckAsync(http.RequestAborted);
            await Text("ready").ExecuteAsync(http);
        });

        void Map(string pattern, RequestDelegate run) =>
            routes.MapMethods(pattern, Verbs.Read, run).IsPublic("Probed by the platform.").ExcludeFromDescription();
    }

    private static IResult Text(string word) => Results.Text(word + "\n", "text/plain");
}
