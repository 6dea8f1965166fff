using Notifications.Audiences;
using Notifications.Web.Http;

namespace Notifications.Web.Audiences;

/// <summary>What the paths and queries of segments and lists have in common.</summary>
internal static class AudienceQuery
{
    /// <summary>The id in the path.</summary>
    public static string Id(this HttpContext http) => http.Request.RouteValues["id"] as string ?? "";

    /// <summary>Where a list of segments or lists goes on, or null.</summary>
    public static string? After(HttpContext http, FieldErrors errors)
    {
        if (!http.Request.Query.TryGetValue("after", out var text)) return null;
        if (!StoredSegments.IsId(text)) errors.Add("after", "must be the next of the page before");
        return text;
    }
}
