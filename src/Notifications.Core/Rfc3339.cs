using System.Globalization;
using System.Text.RegularExpressions;

namespace Notifications;

/// <summary>
/// Moments as they are written in RFC 3339: year, month and day in this order, and the offset, without which a time means something else on
/// every machine. Seconds may be left out, and a space may stand for the T.
/// </summary>
public static partial class Rfc3339
{
    /// <summary>Reads one, in UTC.</summary>
    public static bool TryParse(string text, out DateTimeOffset moment)
    {
        moment = default;
        return text.Length <= 40
            && Form().IsMatch(text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out moment);
    }

    [GeneratedRegex(
        @"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?([Zz]| ?[+-][0-9]{2}:[0-9]{2})\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
