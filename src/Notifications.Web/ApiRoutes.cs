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
        .AddSingleton<MessageIntake>().AddSingleton<MessageEndpoints>().AddSingleton<DeadLetterEndpoints>()
        .AddSingleton<ConsentEndpoints>().AddSingleton<PreferenceEndpoints>()
        .AddSingleton<ContactEndpoints>().AddSingleton<SuppressionEndpoints>().AddSingleton<Blocks>().AddSingleton<KeyEndpoints>()
        .AddSingleton<WatchEndpoints>().AddSingleton<PackageEndpoints>().AddSingleton<SeventeenTrackEndpoint>()
        .AddSingleton<ReviewEndpoints>()
        .AddSingleton<SegmentEndpoints>().AddSingleton<ListEndpoints>().AddSingleton<AudienceEndpoints>().AddSingleton<CampaignEndpoints>()
        .AddSingleton<ImportEndpoints>().AddSingleton<ExportEndpoints>()
        .AddSingleton<PrivacyEndpoints>().AddSingleton<AuditEndpoints>().AddSingleton<LedgerEndpoints>().AddSingleton<ExplainEndpoints>()
        .AddSingleton<TemplateEndpoints>().AddSingleton<TemplateTrialEndpoints>()
        .AddSingleton<WebhookSecret>().AddSingleton<EventGridEndpoint>().AddSingleton<InboundMailEndpoint>();

    public static void MapApi(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        services.GetRequiredService<MessageEndpoints>().Map(routes);
        services.GetRequiredService<ConsentEndpoints>().Map(routes);
        services.GetRequiredService<PreferenceEndpoints>().Map(routes);
        services.GetRequiredService<ContactEndpoints>().Map(routes);
        services.GetRequiredService<SuppressionEndpoints>().Map(routes);
        services.GetRequiredService<KeyEndpoints>().Map(routes);
        services.GetRequiredService<DeadLetterEndpoints>().Map(routes);
        services.GetRequiredService<WatchEndpoints>().Map(routes);
        services.GetRequiredService<PackageEndpoints>().Map(routes);
        services.GetRequiredService<SeventeenTrackEndpoint>().Map(routes);
        services.GetRequiredService<ReviewEndpoints>().Map(routes);
        services.GetRequiredService<SegmentEndpoints>().Map(routes);
        services.GetRequiredService<ListEndpoints>().Map(routes);
        services.GetRequiredService<AudienceEndpoints>().Map(routes);
        services.GetRequiredService<CampaignEndpoints>().Map(routes);
        services.GetRequiredService<ImportEndpoints>().Map(routes);
        services.GetRequiredService<ExportEndpoints>().Map(routes);
        services.GetRequiredService<PrivacyEndpoints>().Map(routes);
        services.GetRequiredService<AuditEndpoints>().Map(routes);
        services.GetRequiredService<LedgerEndpoints>().Map(routes);
        services.GetRequiredService<ExplainEndpoints>().Map(routes);
        services.GetRequiredService<TemplateEndpoints>().Map(routes);
        services.GetRequiredService<TemplateTrialEndpoints>().Map(routes);
        services.GetRequiredService<EventGridEndpoint>().Map(routes);
        services.GetRequiredService<InboundMailEndpoint>().Map(routes);
        routes.MapApiDocument();
    }
}
