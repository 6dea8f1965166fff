using System.Globalization;

namespace Notifications.Imports;

/// <summary>Times as they stand in files.</summary>
internal static class Times
{
    private static readonly string[] Zoneless =
        [
            "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm:ss.FFFFFF", "yyyy-MM-dd'T'HH:mm:ss.FFFFFF",
            "yyyy-MM-dd HH:mm:ss 'UTC'", "yyyy-MM-dd", "MM/dd/yyyy HH:mm:ss", "MM/dd/yyyy",
        ];

    /// <summary>
    /// RFC 3339 with its offset. With <paramref name="zoneless"/> also other products' forms, taken as UTC: without an offset, RFC 2822,
    /// seconds since 1970.
    /// </summary>
    public static bool TryParse(string text, bool zoneless, out DateTimeOffset time)
    {
        if (Rfc3339.TryParse(text, out time)) return true;
        if (!zoneless || text.Length > 40) return false;
        if (text.Length is 9 or 10 && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            time = DateTimeOffset.FromUnixTimeSeconds(seconds);
            return true;
        }

        return DateTimeOffset.TryParseExact(
            text, Zoneless, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time)
            || (char.IsAsciiLetter(text[0])
                && DateTimeOffset.TryParseExact(
                    text, "ddd, dd MMM yyyy HH:mm:ss zzz", CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out time));
    }
}
