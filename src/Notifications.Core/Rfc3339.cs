using System.Globalization;
using System.Text.RegularExpressions;

namespace Notifications;

/// <summary>
/// Moments as they are written in RFC 3339: year, month and day in this order, and the offset, without which a time means something else on
/// every machine. Seconds may be left out, and a space may stand for the T. A leap second (section 5.6) is read as the second after it, as
/// clocks that know none have it.
/// </summary>
public static partial class Rfc3339
{
    private static readonly TimeSpan Furthest = TimeSpan.FromHours(14);

    /// <summary>Reads one, in UTC.</summary>
    public static bool TryParse(string text, out DateTimeOffset moment)
    {
        var read = TryParseThere(text, out moment);
        moment = moment.ToUniversalTime();
        return read;
    }

    /// <summary>
    /// Reads one with its offset, so that it can be told by the clock of the place. With one of more than 14 hours, which no place has, it
    /// is in UTC.
    /// </summary>
    public static bool TryParseThere(string text, out DateTimeOffset moment)
    {
        moment = default;
        if (text.Length > 40 || Form().Match(text) is not { Success: true } form) return false;
        var second = form.Groups["second"].Value;
        var leap = second == "60";
        if (leap || second.Length == 0) second = leap ? "59" : "00";
        var there = $"{form.Groups["day"]}T{form.Groups["minute"]}:{second}{form.Groups["part"]}Z";
        if (!DateTimeOffset.TryParse(there, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var clock)) return false;
        var offset = TimeSpan.Zero;
        if (form.Groups["ahead"] is { Success: true, ValueSpan: var ahead })
        {
            var hours = int.Parse(ahead[1..3], CultureInfo.InvariantCulture);
            var minutes = int.Parse(ahead[4..], CultureInfo.InvariantCulture);
            if (hours > 23 || minutes > 59) return false;
            offset = new TimeSpan(hours, minutes, 0) * (ahead[0] == '-' ? -1 : 1);
        }

        var ticks = clock.Ticks - offset.Ticks + (leap ? TimeSpan.TicksPerSecond : 0);
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks) return false;
        moment = new DateTimeOffset(ticks, TimeSpan.Zero);
        // There is one at the end of a month, in UTC, and nowhere else.
        if (leap && moment is not { Day: 1, Hour: 0, Minute: 0, Second: 0 }) return false;
        if (offset.Duration() <= Furthest) moment = moment.ToOffset(offset);
        return true;
    }

    [GeneratedRegex(
        @"^(?<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ](?<minute>[0-9]{2}:[0-9]{2})(:(?<second>[0-9]{2})(?<part>[.][0-9]+)?)?"
            + @"([Zz]| ?(?<ahead>[+-][0-9]{2}:[0-9]{2}))\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
