using Notifications.Storage;
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
        .AddSingleton<PreferencePage>().AddSingleton<PreferenceAccount>().AddSingleton<PreferenceDetails>()
        .AddSingleton<FollowedPackages>().AddSingleton<PreferenceEndpoint>()
        .AddSingleton<ConfirmPage>().AddSingleton<ConfirmEndpoint>()
        .AddSingleton<SignupLimits>().AddSingleton<SubscribePage>().AddSingleton<SubscribeEndpoint>().AddSingleton<FindEndpoint>();

    public static void MapPages(this IEndpointRouteBuilder routes)
    {
        routes.MapSiteAssets();
        Brand.Map(routes);
        routes.MapPage<UnsubscribeEndpoint>(
            "/u/{token}", static e => e.GetAsync, static e => e.PostAsync, "The link itself is the permission to stop (R3).");
        routes.MapPage<PreferenceEndpoint>("/p/{token}", static e => e.GetAsync, static e => e.PostAsync, "The link proves the mailbox.");
        routes.MapPage<ConfirmEndpoint>("/c/{token}", static e => e.GetAsync, static e => e.PostAsync, "The link proves the mailbox.");
        routes.MapPage<SubscribeEndpoint>(
            "/subscribe", static e => e.GetAsync, static e => e.PostAsync,
            "Anybody may ask; only the address's own confirmation grants anything (R63).");
        routes.MapPage<FindEndpoint>(
            "/find", static _ => FindEndpoint.GetAsync, static e => e.PostAsync, "The link goes to the address itself and nowhere else.");
    }

    // Each is made when it is first asked for: whoever unsubscribes first after a start does not wait for the others.
    private static void MapPage<T>(
        this IEndpointRouteBuilder routes, string pattern, Func<T, Handler> get, Func<T, Handler> post, string why)
        where T : notnull
    {
        Map(Verbs.Read, get);
        Map(["POST"], post);

        void Map(string[] verbs, Func<T, Handler> handler) =>
            routes.MapMethods(pattern, verbs, http => RunAsync(http, handler(http.RequestServices.GetRequiredService<T>())))
                .IsPublic(why)
                .ExcludeFromDescription();
    }

    private static async Task RunAsync(HttpContext http, Handler handler)
    {
        IResult answer;
        try
        {
            answer = await handler(http);
        }
        catch (StorageUnavailableException away)
        {
            answer = PublicLinks.Unavailable(http, away);
        }

        await answer.ExecuteAsync(http);
    }

    private delegate ValueTask<IResult> Handler(HttpContext http);
}
