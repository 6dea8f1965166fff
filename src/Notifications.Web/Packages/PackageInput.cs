using Notifications.Packages;
using Notifications.Web.Http;

namespace Notifications.Web.Packages;

/// <summary>What the routes of a package have in common.</summary>
internal static class PackageInput
{
    /// <summary>The number of the path.</summary>
    public static TrackingNumber? Number(HttpContext http, FieldErrors errors)
    {
        if (TrackingNumber.TryParse(http.Request.RouteValues["number"] as string, out var number, out var problem)) return number;
        errors.Add("number", problem);
        return null;
    }
}
