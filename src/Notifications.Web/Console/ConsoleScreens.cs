using Microsoft.AspNetCore.Routing.Template;

namespace Notifications.Web.Console;

/// <summary>Which paths of the console can be got, and are not only posted to.</summary>
internal sealed class ConsoleScreens(EndpointDataSource endpoints)
{
    /// <summary>A path with its query if it can be got; else the nearest above it that can.</summary>
    public string Of(string url)
    {
        var path = url.Split('?')[0];
        if (IsScreen(path)) return url;
        while (path.LastIndexOf('/') is > 0 and var end)
        {
            path = path[..end];
            if (IsScreen(path)) return path;
        }

        return Sessions.Path;
    }

    // All but the one that answers whatever no other does.
    private bool IsScreen(string path) => endpoints.Endpoints.OfType<RouteEndpoint>().Any(e =>
        e.Metadata.GetMetadata<ConsoleRoute>() is not null
        && e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Contains(HttpMethods.Get)
        && e.RoutePattern.RawText is { } pattern
        && !pattern.Contains("**", StringComparison.Ordinal)
        && new TemplateMatcher(TemplateParser.Parse(pattern), []).TryMatch(path, []));
}
