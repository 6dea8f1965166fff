namespace Notifications.Web.Console;

/// <summary>The console's table of contents.</summary>
internal static class ConsoleRoutes
{
    public static IServiceCollection AddConsole(this IServiceCollection services) => services
        .AddSingleton<Sessions>()
        .AddSingleton<AppServiceIdentity>()
        .AddSingleton<ConsoleGate>()
        .AddSingleton<ConsoleScreens>()
        .AddSingleton<SignInLimits>()
        .AddSingleton<SignInScreen>()
        .AddSingleton<HomeScreen>()
        .AddSingleton<CampaignScreen>()
        .AddSingleton<CampaignEditor>().AddSingleton<RecipientScreen>().AddSingleton<TemplateScreen>().AddSingleton<ListScreen>()
        .AddSingleton<SegmentScreen>().AddSingleton<ImportScreen>()
        .AddSingleton<PeopleScreen>().AddSingleton<PersonActs>().AddSingleton<MessageScreen>().AddSingleton<ContactScreen>()
        .AddSingleton<RequestScreen>().AddSingleton<BlockedScreen>()
        .AddSingleton<ReviewScreen>().AddSingleton<DeadLetterScreen>()
        .AddSingleton<KeyScreen>().AddSingleton<SettingsScreen>().AddSingleton<AuditScreen>();

    public static void MapConsole(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        services.GetRequiredService<SignInScreen>().Map(routes);
        services.GetRequiredService<HomeScreen>().Map(routes);
        services.GetRequiredService<CampaignEditor>().Map(routes);
        services.GetRequiredService<CampaignScreen>().Map(routes);
        services.GetRequiredService<RecipientScreen>().Map(routes);
        services.GetRequiredService<TemplateScreen>().Map(routes);
        services.GetRequiredService<ListScreen>().Map(routes);
        services.GetRequiredService<SegmentScreen>().Map(routes);
        services.GetRequiredService<ImportScreen>().Map(routes);
        services.GetRequiredService<PeopleScreen>().Map(routes);
        services.GetRequiredService<PersonActs>().Map(routes);
        services.GetRequiredService<MessageScreen>().Map(routes);
        services.GetRequiredService<ContactScreen>().Map(routes);
        services.GetRequiredService<RequestScreen>().Map(routes);
        services.GetRequiredService<BlockedScreen>().Map(routes);
        services.GetRequiredService<ReviewScreen>().Map(routes);
        services.GetRequiredService<DeadLetterScreen>().Map(routes);
        services.GetRequiredService<KeyScreen>().Map(routes);
        services.GetRequiredService<SettingsScreen>().Map(routes);
        services.GetRequiredService<AuditScreen>().Map(routes);
        routes.MapAct(
            "/console/{**rest}", null, (_, _) => ValueTask.FromResult<IResult>(ConsolePage.Missing("The console has no such page.")),
            "There is nothing to do.");
        routes.MapScreen(
            "/console/{**rest}", null, _ => ValueTask.FromResult<IResult>(ConsolePage.Missing("The console has no such page.")));
    }
}
