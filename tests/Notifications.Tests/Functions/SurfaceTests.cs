using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Azure.Functions.Worker;
using Notifications.Functions.Http;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Timers;

namespace Notifications.Tests.Functions;

/// <summary>What the product has, the Functions app has: read from the triggers as the host reads them.</summary>
public sealed class SurfaceTests
{
    private static readonly MethodInfo[] All =
        [
            .. typeof(HttpFunctions).Assembly
                .GetExportedTypes()
                .SelectMany(t => t.GetMethods())
                .Where(m => m.GetCustomAttribute<FunctionAttribute>() is not null),
        ];

    [Fact]
    public async Task Every_http_endpoint_is_reachable_through_a_function_with_each_of_its_methods()
    {
        using var host = new AzureHost();
        var http = new DefaultHttpContext { RequestServices = host.Services };
        http.Request.Path = "/v1"; // The API and the console are composed at the first request that asks for them.
        await host.Get<WebPipeline>().RunAsync(http.Request);
        var endpoints = host.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToArray();
        var routes = Triggers<HttpTriggerAttribute>()
            .Select(t => (Matcher: new TemplateMatcher(TemplateParser.Parse(t.Trigger.Route!), []), t.Trigger.Methods))
            .ToArray();

        Assert.InRange(endpoints.Length, 100, 500);
        foreach (var endpoint in endpoints)
        {
            var path = new PathString(
                "/"
                + string.Join(
                    '/',
                    endpoint.RoutePattern.PathSegments.Select(
                        s => string.Concat(
                            s.Parts.Select(
                                p => p is Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal
                                    ? literal.Content
                                    : "x")))));
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods)
                Assert.True(
                    routes.Any(r => r.Methods!.Contains(method, StringComparer.OrdinalIgnoreCase) && r.Matcher.TryMatch(path, [])),
                    $"No function takes {method} {path}: add it to HttpFunctions.");
        }
    }

    [Fact]
    public void Every_http_function_is_anonymous_to_the_host_because_the_pipelines_gate_decides()
    {
        Assert.All(Triggers<HttpTriggerAttribute>(), t => Assert.Equal(AuthorizationLevel.Anonymous, t.Trigger.AuthLevel));
        Assert.All(Triggers<HttpTriggerAttribute>(), t => Assert.NotEmpty(t.Trigger.Methods!));
        Assert.All(
            Triggers<HttpTriggerAttribute>().Where(t => t.Trigger.Methods!.Contains("get")),
            t => Assert.Contains("head", t.Trigger.Methods!));
    }

    [Fact]
    public void Every_queue_and_its_poison_twin_has_a_function()
    {
        var named = typeof(Queues).GetFields().Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!).ToArray();
        Assert.Equal(named.Order(), Queues.WithDeadLetters.Order());
        var expected = Queues.WithDeadLetters.SelectMany(q => (string[])[q, Queues.Poison(q)]);

        Assert.Equal(expected.Order(), Triggers<QueueTriggerAttribute>().Select(t => t.Trigger.QueueName).Order());
        // One name in the code, the portal and the metrics.
        Assert.All(Triggers<QueueTriggerAttribute>(), t => Assert.Equal(t.Trigger.QueueName, t.Name));
        // A sealed body read as text would be spoilt.
        Assert.All(Triggers<QueueTriggerAttribute>(), t => Assert.Equal(typeof(byte[]), t.Parameter.ParameterType));
    }

    [Fact]
    public void Every_timer_has_a_function_with_its_schedule()
    {
        using var host = new AzureHost();
        var timers = host.Get<TimerCatalog>().All;

        Assert.Equal(
            timers.Select(t => (t.Name, t.Schedule)).Order(),
            Triggers<TimerTriggerAttribute>().Select(t => (t.Name, t.Trigger.Schedule)).Order());
        Assert.All(timers, t => Assert.Equal(6, t.Schedule.Split(' ').Length));
    }

    [Fact]
    public void Every_function_has_one_trigger_and_a_name_of_its_own_and_honours_the_end_of_the_app()
    {
        Assert.Equal(
            All.Length,
            All.Select(m => m.GetCustomAttribute<FunctionAttribute>()!.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Equal(
            All.Length,
            Triggers<HttpTriggerAttribute>().Count + Triggers<QueueTriggerAttribute>().Count + Triggers<TimerTriggerAttribute>().Count);
        Assert.All(
            All.Where(m => m.DeclaringType != typeof(HttpFunctions)),
            m => Assert.Contains(m.GetParameters(), p => p.ParameterType == typeof(CancellationToken)));
    }

    [Fact]
    public void The_hosts_queue_settings_are_the_ones_the_code_counts_on()
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "host.json")));
        var extensions = file.RootElement.GetProperty("extensions");
        var queues = extensions.GetProperty("queues");

        Assert.Equal("", extensions.GetProperty("http").GetProperty("routePrefix").GetString());
        Assert.Equal("base64", queues.GetProperty("messageEncoding").GetString());
        Assert.Equal(Work.MaxDeliveries, queues.GetProperty("maxDequeueCount").GetInt32());
        Assert.InRange(queues.GetProperty("batchSize").GetInt32(), 1, 32);
        Assert.True(
            TimeSpan.Parse(file.RootElement.GetProperty("functionTimeout").GetString()!, null)
                > TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(30),
            "A function must outlast the longest hand-off that can be configured.");
    }

    private static List<(string Name, ParameterInfo Parameter, T Trigger)> Triggers<T>() where T : Attribute =>
    [
        .. from method in All
           from parameter in method.GetParameters()
           let trigger = parameter.GetCustomAttribute<T>()
           where trigger is not null
           select (method.GetCustomAttribute<FunctionAttribute>()!.Name, parameter, trigger),
    ];
}
