using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Notifications.Functions.Http;

/// <summary>
/// The HTTP surfaces, each a route that catches all below it. Every level is Anonymous on purpose: who may call what is decided by the
/// pipeline's own gate, the same on both hosts. HEAD stands beside GET because the host does not add it.
/// </summary>
public sealed class HttpFunctions(WebPipeline pipeline)
{
    [Function("unsubscribe")]
    public Task<IResult> Unsubscribe(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", Route = "u/{*rest}")] HttpRequest request) =>
        pipeline.RunAsync(request);

    [Function("preferences")]
    public Task<IResult> Preferences(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", Route = "p/{*rest}")] HttpRequest request) =>
        pipeline.RunAsync(request);

    [Function("confirm")]
    public Task<IResult> Confirm(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", Route = "c/{*rest}")] HttpRequest request) =>
        pipeline.RunAsync(request);

    [Function("subscribe")]
    public Task<IResult> Subscribe(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", Route = "subscribe")] HttpRequest request) =>
        pipeline.RunAsync(request);

    [Function("find")]
    public Task<IResult> Find([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", Route = "find")] HttpRequest request) =>
        pipeline.RunAsync(request);

    [Function("assets")]
    public Task<IResult> Assets([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "assets/{*rest}")] HttpRequest request) =>
        pipeline.RunAsync(request);

    [Function("api")]
    public Task<IResult> Api(
        [HttpTrigger(
            AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", Route = "v1/{*rest}")] HttpRequest request) =>
        pipeline.RunAsync(request);

    [Function("openapi")]
    public Task<IResult> OpenApi(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "openapi/{*rest}")] HttpRequest request) =>
        pipeline.RunAsync(request);

    [Function("webhooks")]
    public Task<IResult> Webhooks(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", "options", Route = "webhooks/{*rest}")] HttpRequest request) =>
        pipeline.RunAsync(request);

    [Function("console")]
    public Task<IResult> Console(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", Route = "console/{*rest}")] HttpRequest request) =>
        pipeline.RunAsync(request);

    [Function("health")]
    public Task<IResult> Health([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "health/{*rest}")] HttpRequest request) =>
        pipeline.RunAsync(request);
}
