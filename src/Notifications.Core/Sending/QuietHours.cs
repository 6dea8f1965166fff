using NodaTime;
using Notifications.Addresses;

namespace Notifications.Sending;

/// <summary>
/// When a marketing text may arrive (R52): in the region's window in the person's zone, or, where that is not known, in every zone they may
/// be in (<see cref="CandidateZones"/>). Where nothing tells, every zone of the world is a candidate; no hour is day everywhere, so nothing
/// goes out (P8).
/// </summary>
internal static class QuietHours
{
    /// <summary>The answer where no hour is day in every candidate zone.</summary>
    public static readonly DateTimeOffset Never = DateTimeOffset.MaxValue;

    private const int Days = 9;
    private static readonly Duration Quarter = Duration.FromMinutes(15);

    /// <summary>
    /// Null when it may go now; else the next moment at which the window is open in every candidate zone, or <see cref="Never"/>.
    /// </summary>
    public static DateTimeOffset? NextOpening(DateTimeOffset now, string? zone, string? region, SendingOptions options)
    {
        if (options.QuietUntilHour == options.QuietFromHour) return null;
        if (CandidateZones.Of(zone, region) is not { } zones) return Never;
        var (opens, closes, days) = Window(region, options);
        var moment = Instant.FromDateTimeOffset(now);
        if (AllOpen(zones, moment, opens, closes, days)) return null;

        // Windows open on whole hours of local time, and zones differ by quarters of an hour: the next common opening is on such a quarter.
        var next = Begun(moment) + Quarter;
        for (var i = 0; i < 4 * 24 * Days; i++, next += Quarter)
            if (AllOpen(zones, next, opens, closes, days)) return next.ToDateTimeOffset();
        return Never;
    }

    /// <summary>
    /// When the window that is open <paramref name="at"/> a moment closes, where it does so with this quarter of an hour; null where it
    /// stays open longer, which no hand-off outlasts (<see cref="SendingOptions.HandOffTimeout"/>).
    /// </summary>
    public static DateTimeOffset? ClosesAt(DateTimeOffset at, string? zone, string? region, SendingOptions options)
    {
        if (options.QuietUntilHour == options.QuietFromHour || CandidateZones.Of(zone, region) is not { } zones) return null;
        var (opens, closes, days) = Window(region, options);
        var next = Begun(Instant.FromDateTimeOffset(at)) + Quarter;
        return AllOpen(zones, next, opens, closes, days) ? null : next.ToDateTimeOffset();
    }

    /// <summary>
    /// When one of many is to come that are let go at a rate: as long after the opening as it is now after the last closing, so that they
    /// do not come all at once.
    /// </summary>
    public static DateTimeOffset Paced(DateTimeOffset opening, DateTimeOffset now, string? zone, string? region, SendingOptions options)
    {
        if (CandidateZones.Of(zone, region) is not { } zones) return opening;
        var (opens, closes, days) = Window(region, options);
        var moment = Instant.FromDateTimeOffset(now);
        var closed = Begun(moment);
        for (var i = 0; i < 4 * 24 * Days; i++, closed -= Quarter)
            if (AllOpen(zones, closed - Quarter, opens, closes, days)) return opening + (moment - closed).ToTimeSpan();
        return opening;
    }

    private static Instant Begun(Instant moment) => Instant.FromUnixTimeSeconds(moment.ToUnixTimeSeconds() / 900 * 900);

    private static bool AllOpen(DateTimeZone[] zones, Instant moment, int opens, int closes, int days)
    {
        var seconds = moment.ToUnixTimeSeconds();
        foreach (var zone in zones)
        {
            var local = seconds + zone.GetUtcOffset(moment).Seconds;
            var day = Math.DivRem(local, 86400, out var second);
            if (second < opens * 3600 || second >= closes * 3600) return false;
            if ((days & 1 << (int)((day + 4) % 7)) == 0) return false; // 1 January 1970 was a Thursday.
        }

        return true;
    }

    // Of several regions the hours that are in the window of each.
    private static (int Opens, int Closes, int Days) Window(string? region, SendingOptions options)
    {
        if (region is ['+', ..])
            return PhoneNumber.RegionsOf(region)
                .Select(r => Window(r, options))
                .Aggregate((a, b) => (Math.Max(a.Opens, b.Opens), Math.Min(a.Closes, b.Closes), a.Days & b.Days));
        if (region is not null && options.QuietRegions.TryGetValue(region, out var configured))
            return (configured.Opens, configured.Closes, configured.DayBits);
        if (region is null || !QuietWindows.BuiltIn.TryGetValue(region, out var row))
            return (options.QuietUntilHour, options.QuietFromHour, 127);
        return (Math.Max(row.Opens, options.QuietUntilHour), Math.Min(row.Closes, options.QuietFromHour), row.DayBits);
    }
}
