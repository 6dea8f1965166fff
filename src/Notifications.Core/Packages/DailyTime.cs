using NodaTime;
using NodaTime.TimeZones;

namespace Notifications.Packages;

/// <summary>When the day's one message is due.</summary>
internal static class DailyTime
{
    /// <summary>
    /// The next time it is this hour in the zone (UTC where it is not known), strictly after a moment; a skipped hour is the one after it.
    /// </summary>
    public static DateTimeOffset Next(DateTimeOffset after, string? zone, int hour)
    {
        var place = zone is null ? DateTimeZone.Utc : DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) ?? DateTimeZone.Utc;
        var moment = Instant.FromDateTimeOffset(after);
        var day = moment.InZone(place).Date;
        while (true)
        {
            var due = day.At(new LocalTime(hour, 0)).InZone(place, Resolvers.LenientResolver).ToInstant();
            if (due > moment) return due.ToDateTimeOffset();
            day = day.PlusDays(1);
        }
    }
}
