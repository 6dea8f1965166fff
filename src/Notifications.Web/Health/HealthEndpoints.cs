using Notifications.Storage;
using Notifications.Web.Http;

namespace Notifications.Web.Health;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: the store answers too.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/health/live", Verbs.Read, static () => Text("live")).IsPublic("Probed by the platform.").ExcludeFromDescription();
        routes.MapMethods("/health/ready", Verbs.Read, static async (ITableStore tables, CancellationToken cancel) =>
        {
            await tables.GetAsync(Tables.Keys, "health", "ready", cancel);
            return Text("ready");
        }).IsPublic("Probed by the platform.").ExcludeFromDescription();
    }

    private static IResult Text(string word) => Results.Text(word + "\n", "text/plain");
}
