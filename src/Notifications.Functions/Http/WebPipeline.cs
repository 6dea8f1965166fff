using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Web;

namespace Notifications.Functions.Http;

/// <summary>Hands a function's request to the pipeline that Local serves too. What it answers is written when this returns.</summary>
public sealed class WebPipeline(IServiceProvider services)
{
    private readonly RequestDelegate _pipeline = WebServices.BuildPipeline(services);
    private readonly FrontDoor _frontDoor = services.GetRequiredService<FrontDoor>();

    /// <summary>
    /// Runs the pipeline. The worker has routed the request to the function: that endpoint and its values must not be taken for ours.
    /// </summary>
    public async Task<IResult> RunAsync(HttpRequest request)
    {
        var http = request.HttpContext;
        http.SetEndpoint(null);
        request.RouteValues = new RouteValueDictionary();
        if (_frontDoor.Caller(request) is { } caller) http.Connection.RemoteIpAddress = caller;
        await _pipeline(http);
        return Results.Empty;
    }
}
