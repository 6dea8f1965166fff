using Notifications.Addresses;
using Notifications.Packages;
using Notifications.Storage;

namespace Notifications.Local.Demo;

/// <summary>
/// The company's parcels under way: one is posted every two seconds and lives a day in minutes, so some hundreds move at a time. Every
/// eighth is followed by one of the company's people, which makes a message every few seconds. Which parcel is posted when, and what
/// becomes of it, follows from the clock alone: a restart goes on where the clock stands, and what came while nothing ran is a carrier's
/// silence, not a flood.
/// </summary>
internal sealed partial class ParcelTraffic(PackageTracker tracker, Watches watches, TimeProvider time, ILogger<ParcelTraffic> log)
    : BackgroundService
{
    /// <summary>How much faster than life.</summary>
    private const int Speed = 60;
    private const int FollowedEvery = 8;
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(30);

    /// <summary>After this long the company goes home, so that a forgotten demo does not fill a disk.</summary>
    private static readonly TimeSpan Shift = TimeSpan.FromHours(8);

    private readonly PriorityQueue<Arrival, DateTimeOffset> _coming = new();
    private long _posted;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            for (var ends = time.GetUtcNow() + Shift; time.GetUtcNow() < ends;)
            {
                await PlayAsync(stoppingToken);
                await Task.Delay(TimeSpan.FromMilliseconds(250), time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends; the next one goes on by the clock.
        }
    }

    /// <summary>Posts the parcels and brings the events that are due by now.</summary>
    internal async ValueTask PlayAsync(CancellationToken cancel)
    {
        var now = time.UtcNowMs();
        try
        {
            var newest = now.Ticks / Between.Ticks;
            if (_posted == 0) _posted = newest - LongestLife.Ticks / Between.Ticks;
            while (_posted < newest) await PostAsync(++_posted, now, cancel);
            while (_coming.TryPeek(out var arrival, out var at) && at <= now)
            {
                _coming.Dequeue();
                if (TrackingNumber.TryParse(arrival.Number, out var number, out _))
                    await tracker.AcceptAsync(number, arrival.Event with { ReceivedAt = now }, cancel);
            }
        }
        catch (StorageUnavailableException)
        {
            LogAway();
        }
    }

    private async ValueTask PostAsync(long parcel, DateTimeOffset now, CancellationToken cancel)
    {
        var posted = new DateTimeOffset(parcel * Between.Ticks, TimeSpan.Zero);
        var random = new Random((int)(parcel % int.MaxValue));
        var story = ParcelDay.Live(parcel % 100_000_000, random, posted);
        var left = false;
        foreach (var arrival in ParcelDay.Tell(story, random).ToList())
        {
            var at = Sooner(posted, arrival.At);
            if (at < now - Between) continue;
            left = true;
            _coming.Enqueue(
                arrival with { At = at, Event = arrival.Event with { OccurredAt = Sooner(posted, arrival.Event.OccurredAt) } }, at);
        }

        if (!left || parcel % FollowedEvery != 0 || !TrackingNumber.TryParse(story.Number, out var number, out _)) return;
        var follower = Company.Followers[random.Next(Company.Followers.Count)];
        await watches.WatchAsync(
            new WatchRequest(number, follower, "demo", "service:demo")
            {
                Filter = random.Next(5) == 0 ? WatchFilter.Delivery : WatchFilter.All,
                PolicyVersion = "2026-01-01",
                Wording = "Tell me about this parcel.",
            },
            cancel);
    }

    // At the second, as carriers tell it, and where it happened.
    private static DateTimeOffset Sooner(DateTimeOffset posted, DateTimeOffset at)
    {
        var sooner = posted + (at - posted) / Speed;
        return new DateTimeOffset(sooner.UtcTicks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, TimeSpan.Zero).ToOffset(at.Offset);
    }

    [LoggerMessage(
        EventId = 324, EventName = "DemoStoreAway", Level = LogLevel.Warning,
        Message = "The store is not reachable; the demo's parcels wait")]
    private partial void LogAway();
}
