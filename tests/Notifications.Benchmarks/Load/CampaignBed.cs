using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Local.Pump;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Storage.Sqlite;

namespace Notifications.Benchmarks.Load;

/// <summary>
/// The product on an embedded store of its own, with the local host's pump, subscribers, and a sender that the scenario brings.
/// </summary>
internal sealed class CampaignBed : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("notifications-campaign-").FullName;
    private readonly QueuePump _pump;

    public CampaignBed(IEmailSender sender)
    {
        Store = SqliteStore.Open(_folder, TimeProvider.System);
        var ring = KeyRing.Parse(KeyRing.NewJson(), "local");
        var services = new ServiceCollection().AddLogging(l => l.ClearProviders());
        services.AddSingleton(sender).AddSingleton<ISmsSender>(new NullSender());
        services.AddNotifications(
            new NotificationsOptions { PublicUrl = "https://mail.example.com" }, ring, Instance.New(exclusive: true),
            new Backend(Store, Store, Store));
        services.AddSingleton(new WaitForWork(Store.WaitForWorkAsync)).AddSingleton<QueuePump>();
        Services = services.BuildServiceProvider();
        Ring = ring;
        _pump = Services.GetRequiredService<QueuePump>();
    }

    public SqliteStore Store { get; }

    public KeyRing Ring { get; }

    public ServiceProvider Services { get; }

    public static Address Person(int number) => new(Channel.Email, $"person{number}@example.com");

    public Task StartAsync() => _pump.StartAsync(default);

    public Task StopAsync() => _pump.StopAsync(default);

    public async Task SubscribeAsync(int count, string to = TopicKey.Newsletter)
    {
        var book = Services.GetRequiredService<AddressBook>();
        var topic = Services.GetRequiredService<TopicCatalog>().Find(to)!;
        var draft = new LedgerDraft(LedgerAction.OptIn, topic.Key, "signup-form", "person")
        {
            PolicyVersion = "2026-01",
            Wording = "Send me the newsletter.",
            Evidence = """{"ip":"203.0.113.7"}""",
        };
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 256 }, async (i, cancel) =>
            await book.ChangeAsync(
                Ring.KeyOf(Person(i)), ConsentDesk.Blank(Person(i)), (state, now) => Transitions.OptIn(state, topic, draft, true, now),
                null, cancel));
    }

    /// <summary>
    /// Launches a campaign to everyone and waits until nothing of it is left: the seconds from launch to the last recorded outcome.
    /// </summary>
    public async Task<(double Seconds, CampaignStats Stats)> RunAsync()
    {
        var desk = Services.GetRequiredService<CampaignDesk>();
        var data = JsonDocument.Parse(
            """{"title":"Your parcels this winter","intro":"Later doors, more lockers.","items":[{"title":"Lockers stay open","text":"In forty-one cities.","url":"https://example.com/lockers"}]}""").RootElement;
        var definition = new CampaignDefinition
        {
            Name = "Benchmark",
            Topic = TopicKey.Newsletter,
            Channel = Channel.Email,
            Template = "newsletter",
            Data = data,
            Audience = new Audience(TopicKey.Newsletter, Channel.Email),
        };
        var campaign = await desk.CreateAsync(definition, null, "service:benchmark", default);
        var (_, forecast) = (0, await Services.GetRequiredService<CampaignLauncher>().CountAsync(campaign, default));
        var started = Stopwatch.GetTimestamp();
        if (await desk.LaunchAsync(campaign.Id, forecast, "service:benchmark", default) is { Done: false } refused)
            throw new InvalidOperationException(refused.Why);
        await _pump.StartAsync(default);
        var look = TimeSpan.FromMilliseconds(Math.Clamp(forecast / 500, 20, 2000)); // Summing up a large campaign takes time of its own.
        while (true)
        {
            await Task.Delay(look);
            var stats = (await desk.StatsAsync(campaign.Id, default))!;
            if (stats.Selecting || stats.Selected == 0 || stats.Deferred > 0) continue;
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            await _pump.StopAsync(default);
            return stats.Sent == forecast
                ? (seconds, stats)
                : throw new InvalidOperationException($"{stats.Sent} of {forecast} messages were sent.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _pump.Dispose();
        await Services.DisposeAsync();
        await Store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>Takes everything and does nothing with it.</summary>
internal sealed class NullSender : IEmailSender, ISmsSender
{
    private int _sent;

    public int Sent => _sent;

    public bool Deduplicates => false;

    public ValueTask<HandOff> SendAsync(OutgoingEmail email, CancellationToken cancel)
    {
        Interlocked.Increment(ref _sent);
        return ValueTask.FromResult(HandOff.Accepted(null));
    }

    public ValueTask<HandOff> SendAsync(OutgoingSms sms, CancellationToken cancel) =>
        throw new NotSupportedException("These scenarios are by mail.");
}
