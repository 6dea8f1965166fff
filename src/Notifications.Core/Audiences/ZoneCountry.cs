using System.Collections.Frozen;
using NodaTime.TimeZones;

namespace Notifications.Audiences;

/// <summary>
/// The country that an IANA time zone lies in. A zone goes by several names, and browsers report old ones such as <c>Asia/Calcutta</c>. A
/// name that the table of zones does not list has the country that CLDR, which browsers go by, gives it; else that of the zone it stands
/// for and of all its names, where they agree.
/// </summary>
internal static class ZoneCountry
{
    private static readonly FrozenDictionary<string, string> Known = Read(TzdbDateTimeZoneSource.Default);

    /// <summary>ISO 3166 country; null where the zone lies in none, or in one of several.</summary>
    public static string? Of(string zone) => Known.GetValueOrDefault(zone);

    private static FrozenDictionary<string, string> Read(TzdbDateTimeZoneSource source)
    {
        var listed = source.ZoneLocations!.ToLookup(l => l.ZoneId, l => l.CountryCode, StringComparer.Ordinal);
        var named = source.WindowsMapping.MapZones
            .Where(m => m.Territory is not ("001" or "ZZ")) // The whole world, and nowhere.
            .SelectMany(m => m.TzdbIds, (m, name) => (Name: name, m.Territory))
            .ToLookup(m => m.Name, m => m.Territory, StringComparer.Ordinal);
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, zone) in source.CanonicalIdMap)
            if ((Sole(listed[name]) ?? Sole(named[name]) ?? Sole(source.Aliases[zone].Append(zone).SelectMany(n => listed[n])))
                is { } country)
            {
                known[name] = country;
            }

        return known.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static string? Sole(IEnumerable<string> countries) => countries.Distinct().Take(2).ToArray() is [var one] ? one : null;
}
