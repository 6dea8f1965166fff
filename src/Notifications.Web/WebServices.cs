using Notifications.Web.Console;
using Notifications.Web.Health;
using Notifications.Web.Http;
using Notifications.Web.Pages;

namespace Notifications.Web;

/// <summary>What every host serves: one request pipeline over the domain (DESIGN section 8).</summary>
public static class WebServices
{
    /// <summary>Adds what the pipeline needs besides the domain. Reads the logo now: where it cannot be, no page could be shown.</summary>
    /// <exception cref="ArgumentException">The logo cannot be used; the message names the remedy.</exception>
    public static IServiceCollection AddNotificationsWeb(this IServiceCollection services, NotificationsOptions options)
    {
        services.AddRouting();
        services.AddSingleton<Idempotency>().AddSingleton<StoreAwayLog>();
        services.AddSingleton(new Brand(options.Sender)).AddPages();
        services.AddApi();
        services.AddConsole();
        return services;
    }

    /// <summary>
    /// Builds the pipeline: problems, routing, the gate, the endpoints. Local runs it as its last middleware; on Azure each HTTP function
    /// hands its request to it. What people click in a message is there at once; the API and the console, which need nearly all of the
    /// domain, are composed when the first request asks for them.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="more">Endpoints that only one host has, for example the inbox; they too need a scope or the public mark.</param>
    public static RequestDelegate BuildPipeline(IServiceProvider services, Action<IEndpointRouteBuilder>? more = null)
    {
        var options = services.GetRequiredService<NotificationsOptions>();
        var (https, proxies) = (options.PublicUrl.StartsWith("https:", StringComparison.OrdinalIgnoreCase), options.TrustedProxies);
        var app = new ApplicationBuilder(services);
        if (proxies > 0)
        {
            app.Use(next => http =>
            {
                if (ForwardedFor.Caller(http.Request, proxies) is { } caller) http.Connection.RemoteIpAddress = caller;
                return next(http);
            });
        }

        if (PublicPath.Of(options) is { HasValue: true } path)
        {
            app.Use(next => http =>
            {
                PublicPath.Take(http.Request, path);
                return next(http);
            });
        }

        app.Use(next => http => EveryAnswer.HeadAsync(http, https, next));
        app.Use(next => http => Failures.CatchAsync(http, next));
        Serve(app, static routes =>
        {
            routes.MapHealth();
            routes.MapPages();
        });
        var rest = new Lazy<RequestDelegate>(() =>
        {
            var later = new ApplicationBuilder(services);
            Serve(later, routes =>
            {
                routes.MapApi();
                routes.MapConsole();
                more?.Invoke(routes);
            });
            return later.Build();
        });
        app.Run(http => rest.Value(http));
        return app.Build();
    }

    private static void Serve(ApplicationBuilder app, Action<IEndpointRouteBuilder> map)
    {
        app.UseRouting();
        app.Use(static next => http => Caller.GateAsync(http, next));
        app.Use(static next => http => PackedBody.CheckAsync(http, next));
        app.Use(static next => http => DeclaredQuery.CheckAsync(http, next));
        app.Use(static next => http => Preconditions.CheckAsync(http, next));
        app.UseEndpoints(map);
    }
}
