using Microsoft.Extensions.DependencyInjection;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Audit;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Counting;
using Notifications.Events;
using Notifications.Imports;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Review;
using Notifications.Schedule;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Subscribe;
using Notifications.Templates;
using Notifications.Timers;
using Notifications.Unsubscribe;

namespace Notifications;

/// <summary>The three ports of one backend, as they are: unsealed.</summary>
public sealed record Backend(ITableStore Tables, IWorkQueue Queues, IBlobStore Blobs)
{
    /// <summary>The tables there are.</summary>
    public IReadOnlyList<string> TableNames { get; init; } = Storage.Tables.All;

    /// <summary>
    /// Why the last write failed, while none has succeeded since; null where all is well, or the backend keeps no account of it.
    /// </summary>
    public Func<string?> WriteFailure { get; init; } = static () => null;

    /// <summary>What was met that cannot be read for what it is; null when nothing was, or the backend mends such things itself.</summary>
    public Func<string?> Damage { get; init; } = static () => null;
}

/// <summary>The domain, composed. A host adds its <see cref="IEmailSender"/> and <see cref="ISmsSender"/>, and logging.</summary>
public static class CoreServices
{
    /// <summary>Adds the domain on a backend; everything it writes is sealed with the ring (P7).</summary>
    /// <exception cref="ArgumentException">A setting cannot be used.</exception>
    /// <exception cref="InvalidOperationException">The runtime knows no languages.</exception>
    public static IServiceCollection AddNotifications(
        this IServiceCollection services, NotificationsOptions options, KeyRing ring, Instance instance, Backend backend)
    {
        options.Validate();
        Languages.Require();
        var sealer = new DataSealer(ring);
        var queue = new SealedWorkQueue(backend.Queues, sealer);
        services.AddSingleton(options)
            .AddSingleton(options.Sender).AddSingleton(options.Sending).AddSingleton(options.Sms).AddSingleton(options.Packages)
            .AddSingleton(options.Watches).AddSingleton(options.Privacy).AddSingleton(options.Console).AddSingleton(options.Campaigns)
            .AddSingleton(options.Imports);
        services.AddSingleton(new LinkOptions { PublicUrl = options.PublicUrl, UnsubscribeMailbox = options.UnsubscribeMailbox });
        services.AddSingleton<OurAddresses>();
        services.AddSingleton(new TopicCatalog(options.Topics));
        services.AddSingleton(ring).AddSingleton(instance).AddSingleton(sealer).AddSingleton(TimeProvider.System);
        var tables = new SealedTableStore(backend.Tables, sealer);
        services.AddSingleton(tables)
            .AddSingleton<ITableStore>(tables)
            .AddSingleton(new StoredTables(backend.TableNames))
            .AddSingleton(new StoreHealth(tables, backend.WriteFailure, backend.Damage))
            .AddSingleton<KeyRingCanary>();
        services.AddSingleton(queue).AddSingleton<IWorkQueue>(queue);
        services.AddSingleton<IBlobStore>(new SealedBlobStore(backend.Blobs, sealer));

        services.AddSingleton<AudienceIndex>()
            .AddSingleton<AddressBook>().AddSingleton<Suppressions>().AddSingleton<ConsentQuestions>().AddSingleton<ConsentDesk>()
            .AddSingleton<ContactDesk>().AddSingleton<PhoneForms>().AddSingleton<ApiKeys>().AddSingleton<KeyDesk>();
        services.AddSingleton<LinkTokens>().AddSingleton<Links>().AddSingleton<Unsubscriber>();
        services.AddSingleton<DefaultTemplates>()
            .AddSingleton<TemplateBook>()
            .AddSingleton<TemplatePreviews>()
            .AddSingleton<TemplateDesk>()
            .AddSingleton<Renderer>();
        services.AddSingleton<MessageIds>()
            .AddSingleton<MessageReader>().AddSingleton<GivenUpNotes>().AddSingleton<SendQueue>().AddSingleton<HandOffs>()
            .AddSingleton<Dispatcher>().AddSingleton<BatchSender>().AddSingleton<SendSlots>().AddSingleton<DecisionDesk>();
        services.AddSingleton<WatchQuestions>().AddSingleton<Watches>().AddSingleton<DailyChoice>()
            .AddSingleton<PackageTracker>().AddSingleton<WatchRepair>();
        services.AddSingleton<SmsConversation>()
            .AddSingleton<ProviderReports>().AddSingleton<Refusals>().AddSingleton<EngagementReports>().AddSingleton<InboundMailDesk>()
            .AddSingleton<SignupDesk>().AddSingleton<InboundEvents>().AddSingleton<UndeliveredEvents>().AddSingleton<ReviewDesk>()
            .AddSingleton<OperatorAlerts>().AddSingleton<AlertMails>();
        services.AddSingleton<AuditLog>()
            .AddSingleton<Erasure>().AddSingleton<ErasureSweep>()
            .AddSingleton<PrivacyRequests>().AddSingleton<PersonExports>().AddSingleton<PersonImports>()
            .AddSingleton<PersonNotices>().AddSingleton<Restrictions>().AddSingleton<FormerAddresses>().AddSingleton<ImportedReviews>()
            .AddSingleton<AddressMove>().AddSingleton<Rectifications>().AddSingleton<ErasureRequests>().AddSingleton<RequestClock>()
            .AddSingleton<PrivacyDesk>()
            .AddSingleton<Retention>().AddSingleton<Leftovers>().AddSingleton<KeptAnswers>()
            .AddSingleton<LedgerSeals>().AddSingleton<Resealing>().AddSingleton<Explainer>();
        services.AddSingleton<Statistics>();
        services.AddSingleton<CampaignStore>()
            .AddSingleton<CampaignGate>().AddSingleton<CampaignQueue>().AddSingleton<CampaignMarks>().AddSingleton<CampaignForecasts>()
            .AddSingleton<CampaignLauncher>();
        services.AddSingleton<CampaignSelection>()
            .AddSingleton<CampaignBatches>().AddSingleton<CampaignStops>().AddSingleton<CampaignClock>().AddSingleton<CampaignRunner>()
            .AddSingleton<CampaignRecipients>().AddSingleton<CampaignWatch>().AddSingleton<CampaignDesk>();
        services.AddSingleton<ImportDesk>().AddSingleton<Importer>().AddSingleton<Exporter>();
        services.AddSingleton<DeadLetters>().AddSingleton<Work>();
        services.AddSingleton<StoredSegments>()
            .AddSingleton<StaticLists>().AddSingleton<AudienceDesk>().AddSingleton<AudienceReader>().AddSingleton<AudienceCounter>()
            .AddSingleton<AudienceRepair>();
        services.AddSingleton<SuppressionRepair>().AddSingleton<ScheduleRunner>().AddSingleton<TimerCatalog>();
        return services;
    }
}
