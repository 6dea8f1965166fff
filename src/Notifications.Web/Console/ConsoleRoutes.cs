namespace Notifications.Web.Console;

/// <summary>The console's table of contents.</summary>
internal static class ConsoleRoutes
{
    public static IServiceCollection AddConsole(this IServiceCollection services) => services
        .AddSingleton<Sessions>().AddSingleton<AppServiceIdentity>().AddSingleton<ConsoleGate>().AddSingleton<SignInLimits>().AddSingleton<SignInScreen>()
        .AddSingleton<HomeScreen>();

    public static void MapConsole(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        services.GetRequiredService<SignInScreen>().Map(routes);
        services.GetRequiredService<HomeScreen>().Map(routes);
        routes.MapScreen("/console/{**rest}", null, _ => ValueTask.FromResult<IResult>(ConsolePage.Missing("The console has no such page.")));
    }
}
