using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Schedule;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Sending;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Packages;

/// <summary>The whole domain over a store in memory and a clock that stands still, with a queue pump that a test turns itself.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The provider lives as long as the test.")]
internal sealed class PackagesWorld
{
    public const string Number = "LX123456785CN";

    public PackagesWorld(
        Action<NotificationsOptions>? configure = null, Func<MemoryStore, (ITableStore Tables, IWorkQueue Queues)>? between = null)
    {
        Store = new MemoryStore(Clock);
        var options = new NotificationsOptions { PublicUrl = "https://mail.example.com", Packages = { CollapseWindow = TimeSpan.Zero } };
        configure?.Invoke(options);
        Ring = KeyRing.Parse(KeyRing.NewJson(), options.Environment);
        var (tables, queues) = between?.Invoke(Store) ?? (Store, Store);
        var services = new ServiceCollection();
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddNotifications(options, Ring, Instance.New(exclusive: true), new Backend(tables, queues, new NoBlobs()));
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton<IEmailSender>(Outbox).AddSingleton<ISmsSender>(Outbox);
        Services = services.BuildServiceProvider();
    }

    /// <summary>One between whose store's steps a test can act.</summary>
    public static (PackagesWorld World, HookedStore Store) Hooked()
    {
        HookedStore store = null!;
        return (new PackagesWorld(between: memory => (store = new HookedStore(memory), memory)), store);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));

    public MemoryStore Store { get; }

    public KeyRing Ring { get; }

    public Outbox Outbox { get; } = new();

    public ServiceProvider Services { get; }

    public T Get<T>() where T : notnull => Services.GetRequiredService<T>();

    public Watches Watches => Get<Watches>();

    public PackageTracker Tracker => Get<PackageTracker>();

    public WatchRepair Repair => Get<WatchRepair>();

    public AddressBook Book => Get<AddressBook>();

    public static TrackingNumber Parse(string number) =>
        TrackingNumber.TryParse(number, out var parsed, out var problem) ? parsed : throw new ArgumentException(problem);

    public ValueTask<WatchAnswer> WatchAsync(
        string email, string number = Number, WatchFilter filter = WatchFilter.All, string source = "app",
        Func<WatchRequest, WatchRequest>? with = null)
    {
        var request = new WatchRequest(Parse(number), CoreProduct.Email(email), source, "service:test") { Filter = filter };
        return Watches.WatchAsync(with?.Invoke(request) ?? request, default);
    }

    public ValueTask HappensAsync(
        string id, ParcelStatus status, string? sub = null, DateTimeOffset? at = null, string number = Number, string? description = null,
        string? location = null)
    {
        var now = Clock.UtcNowMs();
        return Tracker.AcceptAsync(
            Parse(number), new PackageEvent(id, status, sub, description, location, at ?? now, "China Post", now), default);
    }

    public AddressKey KeyOf(string email) => Ring.KeyOf(CoreProduct.Email(email));

    public async Task<AddressState> StateAsync(Address address) => (await Book.LoadAsync(Ring.KeyOf(address), default)).State!;

    /// <summary>What became of the address's watch of the package.</summary>
    public async Task<WatchStatus> WatchedAsync(Address address, string number = Number) =>
        (await Watches.OfAsync(Ring.KeyOf(address), default)).Single(w => w.Number == number).Watch.Status;

    /// <summary>Somebody agrees to topics, and has proved that the address is theirs.</summary>
    public async Task SubscribeAsync(Address address, params string[] topics)
    {
        foreach (var topic in topics)
            await Get<ConsentDesk>().OptInAsync(
                address, Get<TopicCatalog>().Find(topic)!, new LedgerDraft(LedgerAction.OptIn, topic, "form", "person"), confirmed: true,
                null, default);
    }

    /// <summary>
    /// Works off everything that is due, until nothing is; a step that throws a <see cref="CrashException"/> leaves its item to come back,
    /// as a killed process does.
    /// </summary>
    public async Task<int> PumpAsync(int crashesAllowed = 0)
    {
        var (work, queues) = (Get<Work>(), Get<IWorkQueue>());
        var crashes = 0;
        await Get<ScheduleRunner>().RunDueAsync(default);
        while (true)
        {
            var idle = true;
            foreach (var name in (string[])[Queues.Packages, Queues.Send, Queues.Inbound])
            {
                foreach (var item in await queues.ReceiveAsync(name, 32, TimeSpan.FromMinutes(2)))
                {
                    idle = false;
                    try
                    {
                        var outcome = await work.DoAsync(name, item.Body, item.DequeueCount, default);
                        if (outcome.Result == WorkResult.Later) await queues.ReleaseAsync(item, outcome.Delay);
                        else if (outcome.Result == WorkResult.GiveUp) await queues.PoisonAsync(item);
                        else await queues.CompleteAsync(item);
                    }
                    catch (CrashException) when (crashes < crashesAllowed)
                    {
                        crashes++;
                        await Store.ReleaseAsync(item, TimeSpan.Zero);
                    }
                }
            }

            if (idle) return crashes;
        }
    }

    /// <summary>A minute on.</summary>
    public DateTimeOffset Later()
    {
        Clock.Advance(TimeSpan.FromMinutes(1));
        return Clock.GetUtcNow();
    }

    /// <summary>Moves the clock on in small steps, working off what falls due.</summary>
    public async Task PassAsync(TimeSpan span, TimeSpan step)
    {
        for (var passed = TimeSpan.Zero; passed < span; passed += step)
        {
            Clock.Advance(step);
            await PumpAsync();
        }
    }

    public string LastToken(LinkPurpose purpose)
    {
        var (mark, body) = (
            purpose switch { LinkPurpose.Unsubscribe => "/u/", LinkPurpose.Confirm => "/c/", _ => "/p/" }, Outbox.Emails[^1].Text);
        var at = body.IndexOf(mark, StringComparison.Ordinal) + mark.Length;
        return string.Concat(body[at..].TakeWhile(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
    }

    public async Task<MessageRecord?> MessageAsync(string email, string eventId, string number = Number)
    {
        var id = Get<MessageIds>().Derive(KeyOf(email), $"event/{number}/{eventId}");
        return await Get<MessageReader>().FindAsync(id, default);
    }

    /// <summary>What each event of the package came to, by its id.</summary>
    public async Task<Dictionary<string, string>> OutcomesAsync() =>
        (await Tracker.EventsAsync(Parse(Number), default)).ToDictionary(e => e.Event.Id, e => e.Outcome);
}
