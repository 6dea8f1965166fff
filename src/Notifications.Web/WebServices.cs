using Notifications.Web.Console;
using Notifications.Web.Health;
using Notifications.Web.Http;
using Notifications.Web.Pages;

namespace Notifications.Web;

/// <summary>What every host serves: one request pipeline over the domain (DESIGN section 8).</summary>
public static class WebServices
{
    /// <summary>Adds what the pipeline needs besides the domain.</summary>
    public static IServiceCollection AddNotificationsWeb(this IServiceCollection services)
    {
        services.AddRouting();
        services.AddSingleton<Idempotency>();
        services.AddPages();
        services.AddApi();
        services.AddConsole();
        return services;
    }

    /// <summary>
    /// Builds the pipeline: problems, routing, the gate, the endpoints. Local runs it as its last middleware; on Azure each HTTP function hands its request to it.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="more">Endpoints that only one host has, for example the inbox; they too need a scope or the public mark.</param>
    public static RequestDelegate BuildPipeline(IServiceProvider services, Action<IEndpointRouteBuilder>? more = null)
    {
        var app = new ApplicationBuilder(services);
        var https = services.GetRequiredService<NotificationsOptions>().PublicUrl.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
        app.Use(next => http => EveryAnswer.HeadAsync(http, https, next));
        app.Use(next => http => Failures.CatchAsync(http, next));
        app.UseRouting();
        app.Use(next => http => Caller.GateAsync(http, next));
        app.UseEndpoints(routes =>
        {
            routes.MapHealth();
            routes.MapPages();
            routes.MapApi();
            routes.MapConsole();
            more?.Invoke(routes);
        });
        return app.Build();
    }
}
