namespace Notifications.Web.Http;

/// <summary>What a path names.</summary>
internal static class RouteId
{
    /// <summary>The id in the path; empty where it has none.</summary>
    public static string Id(this HttpContext http) => http.Request.RouteValues["id"] as string ?? "";
}
