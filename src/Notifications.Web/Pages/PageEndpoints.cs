using Notifications.Web.Http;
using Notifications.Web.Privacy;
using Notifications.Web.Subscribe;
using Notifications.Web.Unsubscribe;

namespace Notifications.Web.Pages;

/// <summary>The public pages: no key, no cookie, no script (R6, R59).</summary>
internal static class PageEndpoints
{
    public static IServiceCollection AddPages(this IServiceCollection services) => services
        .AddSingleton<PublicLimits>().AddSingleton<PublicLinks>().AddSingleton<Standing>()
        .AddSingleton<UnsubscribePage>().AddSingleton<UnsubscribeEndpoint>()
        .AddSingleton<PersonHtml>().AddSingleton<RightsPanels>().AddSingleton<RightsEndpoint>()
        .AddSingleton<PreferencePage>().AddSingleton<PreferenceAccount>().AddSingleton<PreferenceEndpoint>()
        .AddSingleton<ConfirmPage>().AddSingleton<ConfirmEndpoint>()
        .AddSingleton<SignupLimits>().AddSingleton<SubscribePage>().AddSingleton<SubscribeEndpoint>().AddSingleton<FindEndpoint>();

    public static void MapPages(this IEndpointRouteBuilder routes)
    {
        routes.MapSiteAssets();
        Brand.Map(routes);
        routes.MapLink<UnsubscribeEndpoint>(
            "/u/{token}", static e => e.GetAsync, static e => e.PostAsync, "The link itself is the permission to stop (R3).");
        routes.MapLink<PreferenceEndpoint>("/p/{token}", static e => e.GetAsync, static e => e.PostAsync, "The link proves the mailbox.");
        routes.MapLink<ConfirmEndpoint>("/c/{token}", static e => e.GetAsync, static e => e.PostAsync, "The link proves the mailbox.");
        routes.MapLink<SubscribeEndpoint>(
            "/subscribe", static e => e.GetAsync, static e => e.PostAsync,
            "Anybody may ask; only the address's own confirmation grants anything (R63).");
        routes.MapLink<FindEndpoint>(
            "/find", static _ => FindEndpoint.GetAsync, static e => e.PostAsync, "The link goes to the address itself and nowhere else.");
    }

    // Each is made when it is first asked for: whoever unsubscribes first after a start does not wait for the others.
    private static void MapLink<T>(
        this IEndpointRouteBuilder routes, string pattern, Func<T, RequestDelegate> get, Func<T, RequestDelegate> post, string why)
        where T : notnull
    {
        routes.MapMethods(pattern, Verbs.Read, http => get(http.RequestServices.GetRequiredService<T>())(http))
            .IsPublic(why)
            .ExcludeFromDescription();
        routes.MapMethods(pattern, ["POST"], http => post(http.RequestServices.GetRequiredService<T>())(http))
            .IsPublic(why)
            .ExcludeFromDescription();
    }
}
