using NodaTime;
using NodaTime.TimeZones;
using Notifications.Addresses;
using Notifications.Sending;

namespace Notifications.Packages;

/// <summary>When the day's one message is due.</summary>
internal static class DailyTime
{
    /// <summary>
    /// The next time it is this hour where the person is, strictly after a moment; a skipped hour is the one after it. A person without a
    /// zone is where their number is (<see cref="CandidateZones"/>): of several zones in the middle one, so that the others are as near to
    /// the hour as can be. UTC where nothing tells, as of an email address.
    /// </summary>
    public static DateTimeOffset Next(DateTimeOffset after, string? zone, Address address, int hour)
    {
        var moment = Instant.FromDateTimeOffset(after);
        var place = Middle(CandidateZones.Of(zone, PhoneNumber.RegionOf(address)), moment);
        var day = moment.InZone(place).Date;
        while (true)
        {
            var due = day.At(new LocalTime(hour, 0)).InZone(place, Resolvers.LenientResolver).ToInstant();
            if (due > moment) return due.ToDateTimeOffset();
            day = day.PlusDays(1);
        }
    }

    private static DateTimeZone Middle(DateTimeZone[]? zones, Instant moment) => zones switch
    {
        null => DateTimeZone.Utc,
        [var one] => one,
        _ => zones.OrderBy(z => z.GetUtcOffset(moment)).ElementAt(zones.Length / 2),
    };
}
