using System.Collections.Concurrent;
using System.Collections.Frozen;
using NodaTime;
using NodaTime.TimeZones;
using Notifications.Addresses;

namespace Notifications.Sending;

/// <summary>
/// The time zones that a person may be in: their own, or, where only the number's region is known, those of the region; of all regions that
/// share its country code where the plan does not tell which.
/// </summary>
internal static class CandidateZones
{
    private static readonly ConcurrentDictionary<string, DateTimeZone?> Zones = new(StringComparer.Ordinal);

    /// <summary>Zones whose clocks agree from 2020 to 2040 count once: the United States have 8 of 29.</summary>
    private static readonly ZoneEqualityComparer Clocks = ZoneEqualityComparer.ForInterval(
        new Interval(Instant.FromUtc(2020, 1, 1, 0, 0), Instant.FromUtc(2040, 1, 1, 0, 0)));

    /// <summary>The candidate zones of every region.</summary>
    private static readonly FrozenDictionary<string, DateTimeZone[]> ByRegion = TzdbDateTimeZoneSource.Default.ZoneLocations!
        .GroupBy(l => l.CountryCode)
        .ToFrozenDictionary(
            g => g.Key, g => g.Select(l => DateTimeZoneProviders.Tzdb[l.ZoneId]).Distinct(Clocks).ToArray(), StringComparer.Ordinal);

    /// <summary>The same of every country code that regions share.</summary>
    private static readonly ConcurrentDictionary<string, DateTimeZone[]> ByCode = new(StringComparer.Ordinal);

    /// <summary>Those of a zone and a region (<see cref="PhoneNumber.Region"/>); null where neither tells, and it may be any.</summary>
    public static DateTimeZone[]? Of(string? zone, string? region)
    {
        if (zone is not null && Zones.GetOrAdd(zone, DateTimeZoneProviders.Tzdb.GetZoneOrNull) is { } known) return [known];
        return region is null ? null : region[0] == '+' ? ByCode.GetOrAdd(region, ZonesOf) : ByRegion.GetValueOrDefault(region);
    }

    private static DateTimeZone[] ZonesOf(string code) =>
        [.. PhoneNumber.RegionsOf(code).SelectMany(r => ByRegion.GetValueOrDefault(r) ?? []).Distinct(Clocks)];
}
