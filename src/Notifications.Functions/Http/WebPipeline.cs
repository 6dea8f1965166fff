using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notifications.Web;

namespace Notifications.Functions.Http;

/// <summary>Hands a function's request to the pipeline that Local serves too. What it answers is written when this returns.</summary>
public sealed class WebPipeline(IServiceProvider services)
{
    private readonly RequestDelegate _pipeline = WebServices.BuildPipeline(services);

    /// <summary>Runs the pipeline. The worker has routed the request to the function: that endpoint and its values must not be taken for ours.</summary>
    public async Task<IResult> RunAsync(HttpRequest request)
    {
        var http = request.HttpContext;
        http.SetEndpoint(null);
        if (CallerOf(request) is { } caller) http.Connection.RemoteIpAddress = caller;
        request.RouteValues = new RouteValueDictionary();
        await _pipeline(http);
        return Results.Empty;
    }

    // The worker is called by the host, so the connection's address is the host's. The platform's front end appends the real one to whatever the caller has sent along:
    // only the last entry can be believed, and limits and evidence need it (R62, R26).
    private static IPAddress? CallerOf(HttpRequest request)
    {
        var entries = request.Headers["X-Forwarded-For"].ToString();
        return IPEndPoint.TryParse(entries.AsSpan(entries.LastIndexOf(',') + 1).Trim(), out var caller) ? caller.Address : null;
    }
}
