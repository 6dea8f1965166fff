using Notifications.Web.Http;
using Notifications.Web.Privacy;
using Notifications.Web.Subscribe;
using Notifications.Web.Unsubscribe;

namespace Notifications.Web.Pages;

/// <summary>The public pages: no key, no cookie, no script (R6, R59).</summary>
internal static class PageEndpoints
{
    public static IServiceCollection AddPages(this IServiceCollection services) => services
        .AddSingleton<Brand>().AddSingleton<PublicLimits>().AddSingleton<PublicLinks>()
        .AddSingleton<UnsubscribePage>().AddSingleton<UnsubscribeEndpoint>()
        .AddSingleton<PersonHtml>().AddSingleton<RightsPanels>().AddSingleton<RightsEndpoint>()
        .AddSingleton<PreferencePage>().AddSingleton<PreferenceAccount>().AddSingleton<PreferenceEndpoint>()
        .AddSingleton<ConfirmEndpoint>()
        .AddSingleton<SignupLimits>().AddSingleton<SubscribePage>().AddSingleton<SubscribeEndpoint>().AddSingleton<FindEndpoint>();

    public static void MapPages(this IEndpointRouteBuilder routes)
    {
        routes.MapSiteAssets();
        Brand.Map(routes);
        var unsubscribe = routes.ServiceProvider.GetRequiredService<UnsubscribeEndpoint>();
        routes.MapLink("/u/{token}", unsubscribe.GetAsync, unsubscribe.PostAsync, "The link itself is the permission to stop (R3).");
        var preferences = routes.ServiceProvider.GetRequiredService<PreferenceEndpoint>();
        routes.MapLink("/p/{token}", preferences.GetAsync, preferences.PostAsync, "The link proves the mailbox.");
        var confirm = routes.ServiceProvider.GetRequiredService<ConfirmEndpoint>();
        routes.MapLink("/c/{token}", confirm.GetAsync, confirm.PostAsync, "The link proves the mailbox.");
        var subscribe = routes.ServiceProvider.GetRequiredService<SubscribeEndpoint>();
        routes.MapLink("/subscribe", subscribe.GetAsync, subscribe.PostAsync, "Anybody may ask; only the address's own confirmation grants anything (R63).");
        var find = routes.ServiceProvider.GetRequiredService<FindEndpoint>();
        routes.MapLink("/find", FindEndpoint.GetAsync, find.PostAsync, "The link goes to the address itself and nowhere else.");
    }

    private static void MapLink(this IEndpointRouteBuilder routes, string pattern, RequestDelegate get, RequestDelegate post, string why)
    {
        routes.MapMethods(pattern, Verbs.Read, get).IsPublic(why).ExcludeFromDescription();
        routes.MapMethods(pattern, ["POST"], post).IsPublic(why).ExcludeFromDescription();
    }
}
