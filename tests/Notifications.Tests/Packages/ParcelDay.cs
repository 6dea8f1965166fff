using Notifications.Packages;

namespace Notifications.Tests.Packages;

/// <summary>One event as it arrives: when, and what it says.</summary>
internal sealed record Arrival(DateTimeOffset At, string Number, PackageEvent Event);

/// <summary>What one parcel lives through, in the order in which it happened.</summary>
internal sealed record ParcelStory(string Number, IReadOnlyList<PackageEvent> Events);

/// <summary>A carrier's day: parcels with plausible lives, told with duplicates, delays and reordering. The same seed gives the same day.</summary>
internal static class ParcelDay
{
    public static (List<ParcelStory> Stories, List<Arrival> Arrivals) Generate(int parcels, int seed, DateTimeOffset start)
    {
        var random = new Random(seed);
        var stories = new List<ParcelStory>();
        var arrivals = new List<Arrival>();
        for (var i = 0; i < parcels; i++)
        {
            var serial = (10_000_000 + i).ToString(System.Globalization.CultureInfo.InvariantCulture);
            var number = $"LX{serial}{TrackingNumber.CheckDigit(serial)}CN";
            var story = Live(number, random, start.AddMinutes(random.Next(0, 300)));
            stories.Add(story);
            foreach (var happening in story.Events)
            {
                // Most come within a minute; some are held up for hours, and are then older than what is known.
                var delay = random.NextDouble() < 0.08 ? TimeSpan.FromMinutes(random.Next(60, 300)) : TimeSpan.FromSeconds(random.Next(0, 60));
                arrivals.Add(new Arrival(happening.OccurredAt + delay, number, happening));
                while (random.NextDouble() < 0.2) arrivals.Add(new Arrival(happening.OccurredAt + delay + TimeSpan.FromSeconds(random.Next(0, 7200)), number, happening));
            }
        }

        arrivals.Sort((a, b) => a.At.CompareTo(b.At));
        return (stories, arrivals);
    }

    private static ParcelStory Live(string number, Random random, DateTimeOffset at)
    {
        var events = new List<PackageEvent>();
        void Add(ParcelStatus status, string? sub = null)
        {
            at = at.AddMinutes(random.Next(20, 90));
            events.Add(new PackageEvent($"{number}-{events.Count}", status, sub, status.ToString(), "Depot", at, "China Post", at));
        }

        Add(ParcelStatus.InfoReceived);
        for (var scans = random.Next(1, 6); scans > 0; scans--) Add(ParcelStatus.InTransit, scans % 2 == 0 ? "InTransit_Arrival" : "InTransit_Departure");
        if (random.NextDouble() < 0.1) Add(ParcelStatus.InTransit, "InTransit_CustomsRequiringInformation");
        if (random.NextDouble() < 0.1) Add(ParcelStatus.Exception, "Exception_Delayed");
        Add(ParcelStatus.OutForDelivery);
        if (random.NextDouble() < 0.15)
        {
            Add(ParcelStatus.DeliveryFailure, "DeliveryFailure_NoBody");
            Add(ParcelStatus.AvailableForPickup);
        }

        if (random.NextDouble() < 0.9) Add(ParcelStatus.Delivered, "Delivered_Other");
        return new ParcelStory(number, events);
    }
}
