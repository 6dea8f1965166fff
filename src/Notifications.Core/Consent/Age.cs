using System.Globalization;

namespace Notifications.Consent;

/// <summary>Who is too young to sign up (M11, R38), by an age or a date of birth that a request or a row of a file states.</summary>
public static class Age
{
    /// <summary>The age from which people may sign up.</summary>
    public const int Adult = 18;

    /// <summary>What a number of years must be.</summary>
    public const string YearsRule = "must be 0 to 150";

    /// <summary>What a date of birth must be.</summary>
    public const string DateRule = "must be a date such as 1990-05-01";

    /// <summary>Why a row of somebody under age raises nothing.</summary>
    public const string Refusal = "says that the person is under 18: people under 18 cannot sign up";

    /// <summary>Whether a number of years is under age; null when it is none. Some count in halves: 17.5 is under 18.</summary>
    public static bool? IsUnder(string? years) =>
        double.TryParse(years, NumberStyles.Float, CultureInfo.InvariantCulture, out var age) && age is >= 0 and <= 150
            ? age < Adult
            : null;

    /// <summary>
    /// Whether whoever was born on a day is under age; null when it is no day. Where they live is not known: it is the birthday once it is
    /// so everywhere.
    /// </summary>
    public static bool? IsUnder(string birthDate, DateTimeOffset now) =>
        DateOnly.TryParseExact(birthDate, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var born)
            && born.Year >= 1870
            ? born > DateOnly.FromDateTime(now.UtcDateTime.AddHours(-12)).AddYears(-Adult)
            : null;
}
