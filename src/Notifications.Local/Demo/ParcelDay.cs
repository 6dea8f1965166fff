using System.Globalization;
using Notifications.Packages;

namespace Notifications.Local.Demo;

/// <summary>One event as it arrives: when, and what it says.</summary>
internal sealed record Arrival(DateTimeOffset At, string Number, PackageEvent Event);

/// <summary>What one parcel lives through, in the order in which it happened.</summary>
internal sealed record ParcelStory(string Number, IReadOnlyList<PackageEvent> Events);

/// <summary>
/// Parcels with plausible lives, told with duplicates, delays and reordering. The same seed gives the same life.
/// </summary>
internal static class ParcelDay
{
    private static readonly Lane[] Lanes =
    [
        new("LX", "CN", "China Post", [new("Shenzhen, China", 8), new("Leipzig, Germany", 1), new("Lisbon, Portugal", 0)]),
        new("LB", "US", "USPS", [new("Oakland, CA", -8), new("Newark, NJ", -5), new("Boston, MA", -5)]),
        new("RB", "DE", "Deutsche Post", [new("Cologne, Germany", 1), new("Liège, Belgium", 1), new("Lyon, France", 1)]),
    ];

    /// <summary>How a story reaches us: some of it late, some of it more than once.</summary>
    public static IEnumerable<Arrival> Tell(ParcelStory story, Random random)
    {
        foreach (var happening in story.Events)
        {
            // Most come within a minute; some are held up for hours, and are then older than what is known.
            var delay = random.NextDouble() < 0.08 ? TimeSpan.FromMinutes(random.Next(60, 300)) : TimeSpan.FromSeconds(random.Next(0, 60));
            yield return new Arrival(happening.OccurredAt + delay, story.Number, happening);
            while (random.NextDouble() < 0.2)
                yield return new Arrival(
                    happening.OccurredAt + delay + TimeSpan.FromSeconds(random.Next(0, 7200)), story.Number, happening);
        }
    }

    /// <summary>A parcel's life.</summary>
    /// <param name="serial">Up to eight digits; the tracking number's own.</param>
    /// <param name="random">Where chance comes from.</param>
    /// <param name="at">When it begins.</param>
    public static ParcelStory Live(long serial, Random random, DateTimeOffset at)
    {
        var lane = Lanes[random.Next(Lanes.Length)];
        var digits = serial.ToString("D8", CultureInfo.InvariantCulture);
        var number = $"{lane.Prefix}{digits}{TrackingNumber.CheckDigit(digits)}{lane.Country}";
        var events = new List<PackageEvent>();
        void Add(int stop, ParcelStatus status, string? sub, string words)
        {
            at = at.AddMinutes(random.Next(20, 90));
            var place = lane.Stops[stop];
            events.Add(new PackageEvent(
                $"{number}-{events.Count}", status, sub, words, place.Name, at.ToOffset(TimeSpan.FromHours(place.Hours)), lane.Carrier,
                at));
        }

        Add(0, ParcelStatus.InfoReceived, null, "Shipment information received");
        var scans = random.Next(1, 6);
        for (var scan = 0; scan < scans; scan++)
        {
            var leaving = scan % 2 == 0;
            Add(Math.Min(scan / 2, 2), ParcelStatus.InTransit, leaving ? "InTransit_Departure" : "InTransit_Arrival",
                leaving ? "Departed from facility" : "Arrived at sorting centre");
        }

        if (random.NextDouble() < 0.1)
            Add(1, ParcelStatus.InTransit, "InTransit_CustomsRequiringInformation", "Customs asks for the invoice");
        if (random.NextDouble() < 0.1) Add(1, ParcelStatus.Exception, "Exception_Delayed", "Delayed by weather");
        Add(2, ParcelStatus.OutForDelivery, null, "Out for delivery");
        if (random.NextDouble() < 0.15)
        {
            Add(2, ParcelStatus.DeliveryFailure, "DeliveryFailure_NoBody", "Nobody was there");
            Add(2, ParcelStatus.AvailableForPickup, null, "Waiting at the post office");
        }

        if (random.NextDouble() < 0.9) Add(2, ParcelStatus.Delivered, "Delivered_Other", "Delivered");
        return new ParcelStory(number, events);
    }

    private sealed record Lane(string Prefix, string Country, string Carrier, Stop[] Stops);

    private sealed record Stop(string Name, int Hours);
}
