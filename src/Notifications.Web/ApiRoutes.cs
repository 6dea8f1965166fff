using Notifications.Web.Access;
using Notifications.Web.Addresses;
using Notifications.Web.Audiences;
using Notifications.Web.Audit;
using Notifications.Web.Campaigns;
using Notifications.Web.Consent;
using Notifications.Web.Contacts;
using Notifications.Web.Http;
using Notifications.Web.Imports;
using Notifications.Web.OpenApi;
using Notifications.Web.Packages;
using Notifications.Web.Privacy;
using Notifications.Web.Review;
using Notifications.Web.Sending;
using Notifications.Web.Templates;
using Notifications.Web.Webhooks;

namespace Notifications.Web;

/// <summary>The API's table of contents.</summary>
internal static class ApiRoutes
{
    public static IServiceCollection AddApi(this IServiceCollection services) => services
        .AddApiDocument()
        .AddSingleton<MessageIntake>().AddSingleton<Blocks>().AddSingleton<WebhookSecret>()
        .Serve<MessageEndpoints>().Serve<ConsentEndpoints>().Serve<PreferenceEndpoints>()
        .Serve<ContactEndpoints>().Serve<SuppressionEndpoints>().Serve<KeyEndpoints>().Serve<DeadLetterEndpoints>()
        .Serve<WatchEndpoints>().Serve<PackageEndpoints>().Serve<SeventeenTrackEndpoint>()
        .Serve<ReviewEndpoints>()
        .Serve<SegmentEndpoints>().Serve<ListEndpoints>().Serve<AudienceEndpoints>().Serve<CampaignEndpoints>()
        .Serve<ImportEndpoints>().Serve<ExportEndpoints>()
        .Serve<PrivacyEndpoints>().Serve<AuditEndpoints>().Serve<LedgerEndpoints>().Serve<ExplainEndpoints>()
        .Serve<TemplateEndpoints>().Serve<TemplateTrialEndpoints>()
        .Serve<EventGridEndpoint>().Serve<InboundMailEndpoint>();

    public static void MapApi(this IEndpointRouteBuilder routes)
    {
        foreach (var endpoints in routes.ServiceProvider.GetServices<IEndpoints>()) endpoints.Map(routes);
        routes.MapApiDocument();
    }

    private static IServiceCollection Serve<T>(this IServiceCollection services) where T : class, IEndpoints =>
        services.AddSingleton<IEndpoints, T>();
}
