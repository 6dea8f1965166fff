using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Campaigns;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Faults;

/// <summary>What a run finds: some tens of readers of the newsletter, and a campaign to them that is drafted and was run dry.</summary>
internal static class FaultWorld
{
    /// <summary>The campaign.</summary>
    public const string Campaign = "00000000000fa017";

    /// <summary>How many readers there are.</summary>
    public const int Readers = 36;

    /// <summary>When a run begins: a Wednesday.</summary>
    public static readonly DateTimeOffset Start = new(2026, 6, 3, 19, 0, 0, TimeSpan.Zero);

    /// <summary>Always the same, so that a seed gives the same keys, and with them the same order, in every process.</summary>
    public static readonly KeyRing Ring = KeyRing.Parse(
        JsonSerializer.Serialize(
            new { lookup = Secret("lookup"), current = 1, keys = new Dictionary<string, string> { ["1"] = Secret("one") } }),
        "test");

    // Three of the 64 buckets have all of them, so that batches are of more than one.
    private static readonly Address[] People =
        [
            .. Enumerable.Range(0, int.MaxValue)
                .Select(n => new Address(Channel.Email, $"reader{n}@example.com"))
                .Where(a => AudienceBuckets.Of(Ring.KeyOf(a)) is 'A' or 'M' or 'z')
                .Take(Readers),
        ];

    private static readonly Lazy<Task<MemoryStore>>[] Kinds =
    [
        new(() => MakeAsync(campaign => campaign)),
        // Batches of five, as the clock of the campaign lets them go.
        new(() => MakeAsync(campaign => campaign with { Throttle = new CampaignThrottle(1800) })),
        // Two small batches in each bucket, and one that waits for the winner.
        new(() => MakeAsync(campaign => campaign with { SubjectTest = new SubjectTest(["One", "Two"], 40, TimeSpan.FromMinutes(1)) })),
    ];

    public static AddressKey Reader(int number) => Ring.KeyOf(People[number]);

    /// <summary>The store as a seed finds it.</summary>
    public static async Task<MemoryStore> OfAsync(int seed, TimeProvider clock) => (await Kinds[seed % Kinds.Length].Value).Copy(clock);

    /// <summary>A process.</summary>
    public static ServiceProvider Process<TStore, TSender>(
        TStore store, TSender sender, TimeProvider clock, Func<double>? jitter = null, int attempts = 8)
        where TStore : class, ITableStore, IWorkQueue
        where TSender : class, IEmailSender, ISmsSender
    {
        var options = new NotificationsOptions { PublicUrl = "https://mail.example.com" };
        // A campaign that pauses itself waits at its gate within a worker, which would leave the stage: see Campaigns/PaceTests for that.
        options.Campaigns.OutageSample = 1000;
        if (jitter is not null) options.Sending.Jitter = jitter;
        options.Sending.MaxAttempts = attempts;
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance).AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddNotifications(options, Ring, Instance.New(exclusive: true), new Backend(store, store, new NoBlobs()));
        services.AddSingleton<ITableStore>(store)
            .AddSingleton<IWorkQueue>(store)
            .AddSingleton(clock)
            .AddSingleton<IEmailSender>(sender)
            .AddSingleton<ISmsSender>(sender);
        return services.BuildServiceProvider();
    }

    /// <summary>The dry run walks its buckets in the pool: it is over before a run begins.</summary>
    private static async Task<MemoryStore> MakeAsync(Func<CampaignDefinition, CampaignDefinition> kind)
    {
        var clock = new FakeTimeProvider(Start);
        var store = new MemoryStore(clock);
        await using var services = Process(store, new FakeProvider(), clock);
        var topic = services.GetRequiredService<TopicCatalog>().Find(TopicKey.Newsletter)!;
        foreach (var reader in People)
            await services.GetRequiredService<ConsentDesk>().OptInAsync(
                reader, topic, new LedgerDraft(LedgerAction.OptIn, topic.Key, "form", "person") { PolicyVersion = "1" }, confirmed: true,
                null, default);
        var desk = services.GetRequiredService<CampaignDesk>();
        await desk.CreateAsync(kind(Drafts.Newsletter("Faults")), Campaign, "service:test", default);
        Assert.Equal(Readers, (await desk.DryRunAsync(Campaign, "service:test", default)).Forecast!.Allowed);
        return store;
    }

    private static string Secret(string name) =>
        Convert.ToBase64String(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes("faults " + name)));
}
