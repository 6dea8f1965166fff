using System.Collections.Frozen;
using NodaTime.TimeZones;

namespace Notifications.Audiences;

/// <summary>
/// The country that an IANA time zone lies in. A zone goes by several names, and browsers report old ones such as <c>Asia/Calcutta</c>. A
/// name that the table of zones does not list has the country that CLDR, which browsers go by, gives it; else that of the zone it stands
/// for and of all its names, where they agree; else, where it names a place, the country that the place is in.
/// </summary>
internal static class ZoneCountry
{
    // Of what is left of tzdb 2026f, these; the others are names of an offset (Etc/GMT+5, UTC, CET, EST5EDT).
    private static readonly Dictionary<string, string> Places = new(StringComparer.Ordinal)
    {
        ["Africa/Timbuktu"] = "ML", ["America/Montreal"] = "CA", ["America/Nipigon"] = "CA", ["America/Thunder_Bay"] = "CA",
        ["America/Virgin"] = "VI", ["Antarctica/South_Pole"] = "AQ", ["Atlantic/Jan_Mayen"] = "SJ", ["Canada/Eastern"] = "CA",
        ["Europe/Belfast"] = "GB", ["GB"] = "GB", ["GB-Eire"] = "GB", ["Iceland"] = "IS", ["NZ"] = "NZ", ["Pacific/Samoa"] = "AS",
        ["Pacific/Yap"] = "FM", ["Singapore"] = "SG", ["US/Arizona"] = "US", ["US/Samoa"] = "AS",
    };

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
            if ((Sole(listed[name])
                    ?? Sole(named[name])
                    ?? Sole(source.Aliases[zone].Append(zone).SelectMany(n => listed[n]))
                    ?? Places.GetValueOrDefault(name))
                is { } country)
            {
                known[name] = country;
            }

        return known.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static string? Sole(IEnumerable<string> countries) => countries.Distinct().Take(2).ToArray() is [var one] ? one : null;
}
