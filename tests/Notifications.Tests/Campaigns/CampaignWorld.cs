using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Schedule;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Campaigns;

/// <summary>The whole domain over a store in memory and a clock that stands still, with a pump that a test turns itself.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The provider lives as long as the test.")]
internal sealed class CampaignWorld
{
    public CampaignWorld(
        Action<NotificationsOptions>? configure = null, Func<MemoryStore, (ITableStore Tables, IWorkQueue Queues)>? between = null,
        bool exclusive = true)
    {
        Store = new MemoryStore(Clock);
        Options = new NotificationsOptions { PublicUrl = "https://mail.example.com" };
        configure?.Invoke(Options);
        Ring = KeyRing.Parse(KeyRing.NewJson(), Options.Environment);
        (Tables, Queue) = between?.Invoke(Store) ?? (Store, Store);
        Exclusive = exclusive;
        Services = Start();
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));

    public MemoryStore Store { get; }

    public NotificationsOptions Options { get; }

    public KeyRing Ring { get; }

    public FakeProvider Provider { get; } = new();

    public ServiceProvider Services { get; private set; }

    public CampaignDesk Desk => Get<CampaignDesk>();

    private ITableStore Tables { get; }

    private IWorkQueue Queue { get; }

    private bool Exclusive { get; }

    public T Get<T>() where T : notnull => Services.GetRequiredService<T>();

    /// <summary>Another process over the same store, after this one died; or beside it.</summary>
    public ServiceProvider Start()
    {
        var services = new ServiceCollection();
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddNotifications(Options, Ring, Instance.New(Exclusive), new Backend(Tables, Queue, new NoBlobs()));
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton<IEmailSender>(Provider).AddSingleton<ISmsSender>(Provider);
        return services.BuildServiceProvider();
    }

    public void Restart() => Services = Start();

    public static Address Person(int number) => CoreProduct.Email($"person{number}@example.com");

    public async Task<AddressState> StateAsync(Address address) =>
        (await Get<AddressBook>().LoadAsync(Ring.KeyOf(address), default)).State!;

    public async Task SubscribeAsync(int from, int count, string topic = TopicKey.Newsletter)
    {
        for (var i = from; i < from + count; i++) await SubscribeAsync(Person(i), topic);
    }

    public async Task SubscribeAsync(Address address, string topic = TopicKey.Newsletter, Func<AddressState, AddressState>? with = null)
    {
        var draft = new LedgerDraft(LedgerAction.OptIn, topic, "form", "person") { PolicyVersion = "1", Wording = "Yes." };
        var blank = ConsentDesk.Blank(address);
        await Get<AddressBook>().ChangeAsync(
            Ring.KeyOf(address), with?.Invoke(blank) ?? blank,
            (state, now) => Transitions.OptIn(state, Get<TopicCatalog>().Find(topic)!, draft, true, now), null, default);
    }

    public async Task OptOutAsync(Address address, string topic = TopicKey.Newsletter) =>
        await Get<ConsentDesk>().OptOutAsync(address, new LedgerDraft(LedgerAction.OptOut, topic, "link", "person"), default);

    public Task<Campaign> DraftAsync(Func<CampaignDefinition, CampaignDefinition>? with = null) => Desk.DraftAsync("Spring", with);

    public async Task<Campaign> LaunchAsync(Func<CampaignDefinition, CampaignDefinition>? with = null)
    {
        var campaign = await DraftAsync(with);
        var outcome = await Desk.LaunchAsync(campaign.Id, null, "service:test", default);
        Assert.True(outcome.Done, outcome.Why);
        return outcome.Campaign!;
    }

    public async Task<CampaignStats> StatsAsync(string id)
    {
        var stats = (await Desk.StatsAsync(id, default))!;
        // P9, at every moment it is looked at
        Assert.Equal(stats.Selected, stats.Sent + stats.Skipped.Values.Sum() + stats.Deferred + stats.Failed + stats.Unknown);
        Assert.Equal(stats.Deferred, stats.DeferredBy.Values.Sum());
        return stats;
    }

    public async Task<MessageRecord?> RecordAsync(string campaign, Address address)
    {
        var id = Get<MessageIds>().Derive(Ring.KeyOf(address), CampaignBatches.Seed(campaign));
        return await Get<MessageReader>().FindAsync(id, default);
    }

    /// <summary>A provider says what became of a message.</summary>
    public async Task ReportAsync(string campaign, Address address, string status, string type = ProviderReports.EmailReport)
    {
        var id = Get<MessageIds>().Derive(Ring.KeyOf(address), CampaignBatches.Seed(campaign));
        var data = JsonSerializer.SerializeToElement(
            new
            {
                recipient = address.Value,
                messageId = id.OperationId.ToString(),
                status,
                deliveryAttemptTimeStamp = Clock.GetUtcNow(),
                deliveryStatusDetails = new { statusMessage = "" },
            });
        await Get<InboundEvents>().HandleAsync(new InboundEvent(id.Suffix + status, type, data, Clock.GetUtcNow()), default);
    }

    /// <summary>Works off what is due until nothing is; the answer is how often the process has died.</summary>
    public async Task<int> PumpAsync(Func<Task>? afterItem = null)
    {
        var crashes = 0;
        await Get<ScheduleRunner>().RunDueAsync(default);
        while (true)
        {
            var idle = true;
            foreach (var name in (string[])[
                Queues.Campaigns, Queues.Send, Queues.Inbound, Queues.Poison(Queues.Send), Queues.Poison(Queues.Campaigns),
            ])
            {
                var queues = Get<IWorkQueue>();
                foreach (var item in await queues.ReceiveAsync(name, 32, TimeSpan.FromMinutes(2)))
                {
                    idle = false;
                    try
                    {
                        var outcome = await Get<Work>().DoAsync(name, item.Body, item.DequeueCount, default);
                        if (outcome.Result == WorkResult.Later) await queues.ReleaseAsync(item, outcome.Delay);
                        else if (outcome.Result == WorkResult.GiveUp) await queues.PoisonAsync(item);
                        else await queues.CompleteAsync(item);
                    }
                    catch (CrashException)
                    {
                        crashes++;
                        await Store.ReleaseAsync(item, TimeSpan.Zero);
                        Restart();
                    }

                    if (afterItem is not null) await afterItem();
                }
            }

            if (idle) return crashes;
        }
    }

    /// <summary>Moves the clock on, working off what falls due.</summary>
    public async Task<int> PassAsync(TimeSpan span, TimeSpan? step = null)
    {
        var crashes = await PumpAsync();
        for (var passed = TimeSpan.Zero; passed < span; passed += step ?? TimeSpan.FromSeconds(1))
        {
            Clock.Advance(step ?? TimeSpan.FromSeconds(1));
            crashes += await PumpAsync();
        }

        return crashes;
    }

    /// <summary>Goes on until the campaign is completed.</summary>
    public async Task<CampaignStats> CompleteAsync(string id, TimeSpan? atMost = null)
    {
        for (var passed = TimeSpan.Zero; passed < (atMost ?? TimeSpan.FromMinutes(5)); passed += TimeSpan.FromSeconds(1))
        {
            await PassAsync(TimeSpan.FromSeconds(1));
            if (await StatsAsync(id) is { Status: CampaignStatus.Completed } done) return done;
        }

        throw new TimeoutException($"The campaign is not completed: {JsonSerializer.Serialize(await StatsAsync(id))}");
    }
}
