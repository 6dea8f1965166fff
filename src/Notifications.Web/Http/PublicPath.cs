using Notifications.Web.Pages;

namespace Notifications.Web.Http;

/// <summary>
/// The path of the public URL, where it has one: <c>/mail</c> of <c>https://example.com/mail</c>. A proxy may leave it in the request or
/// take it off. Either way what we name is under it: a page whose forms and links left it would lead to somebody else's site.
/// </summary>
internal static class PublicPath
{
    // How a page names a path of ours. Whatever somebody else has written has no quotation mark of its own in it.
    private static readonly string[] Places = ["href=\"/", "action=\"/", "src=\"/", "data-live=\"/"];

    /// <summary>That of the public URL; empty where it has none.</summary>
    public static PathString Of(NotificationsOptions options) =>
        PathString.FromUriComponent(new Uri(options.PublicUrl).AbsolutePath.TrimEnd('/'));

    /// <summary>Takes it off a request's path, where it still stands there, and notes it.</summary>
    public static void Take(HttpRequest request, PathString path)
    {
        if (request.Path.StartsWithSegments(path, out var rest)) request.Path = rest.HasValue ? rest : "/";
        request.PathBase = path;
    }

    /// <summary>A path of ours as the outside has it.</summary>
    public static string Of(HttpContext http, string path) => http.Request.PathBase.ToUriComponent() + path;

    /// <summary>A path of the outside as we have it.</summary>
    public static string Without(HttpContext http, string path)
    {
        var outside = http.Request.PathBase.ToUriComponent();
        return path.StartsWith(outside + "/", StringComparison.OrdinalIgnoreCase) ? path[outside.Length..] : path;
    }

    /// <summary>A page with every path of ours as the outside has it.</summary>
    public static string Page(HttpContext http, Html page)
    {
        var text = page.Value;
        if (!http.Request.PathBase.HasValue) return text;
        var outside = Html.Of($"{http.Request.PathBase.ToUriComponent()}").Value;
        foreach (var place in Places)
            text = text.Replace(place, string.Concat(place.AsSpan(0, place.Length - 1), outside, "/"), StringComparison.Ordinal);
        return text;
    }
}
