using System.Collections.Concurrent;
using NodaTime;
using NodaTime.TimeZones;

namespace Notifications.Sending;

/// <summary>When a text may arrive: by day in the person's zone, or, where only the number's region is known, in every zone it may be in.</summary>
internal static class QuietHours
{
    private static readonly ConcurrentDictionary<string, DateTimeZone[]> ByRegion = new();

    /// <summary>Null when it may go now; else the next moment at which the window is open in every candidate zone.</summary>
    public static DateTimeOffset? NextOpening(DateTimeOffset now, string? zone, string? region, int opens, int closes)
    {
        if (opens == closes) return null;
        var zones = Candidates(zone, region);
        var moment = Instant.FromDateTimeOffset(now);
        if (AllOpen(zones, moment, opens, closes)) return null;

        // Windows open on whole hours of local time, and zones differ by quarters of an hour: the next common opening is on such a quarter.
        var quarter = Duration.FromMinutes(15);
        var next = Instant.FromUnixTimeSeconds(moment.ToUnixTimeSeconds() / 900 * 900) + quarter;
        for (var i = 0; i < 4 * 24 * 2; i++, next += quarter)
            if (AllOpen(zones, next, opens, closes)) return next.ToDateTimeOffset();
        return now.AddDays(1);
    }

    private static bool AllOpen(DateTimeZone[] zones, Instant moment, int opens, int closes)
    {
        foreach (var zone in zones)
        {
            var hour = moment.InZone(zone).Hour;
            if (hour < opens || hour >= closes) return false;
        }

        return true;
    }

    private static DateTimeZone[] Candidates(string? zone, string? region)
    {
        if (zone is not null && DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is { } known) return [known];
        return ByRegion.GetOrAdd(region ?? "ZZ", static code =>
        {
            var located = TzdbDateTimeZoneSource.Default.ZoneLocations!
                .Where(l => l.CountryCode == code)
                .Select(l => DateTimeZoneProviders.Tzdb[l.ZoneId])
                .ToArray();
            return located.Length > 0 ? located : [DateTimeZone.Utc];
        });
    }
}
