using System.Globalization;

namespace Notifications.Templates;

/// <summary>
/// Some cultures count years by another calendar (Thai, Persian); the dates of carriers, offers and labels are Gregorian everywhere, and a
/// date in data, which is ISO 8601, would be read in the wrong era.
/// </summary>
internal static class Gregorian
{
    /// <summary>The culture, or the same with Gregorian dates, in its own words where it has them.</summary>
    public static CultureInfo Of(CultureInfo culture)
    {
        if (culture.DateTimeFormat.Calendar is GregorianCalendar) return culture;
        var mended = (CultureInfo)culture.Clone();
        if (Array.Find(mended.OptionalCalendars, static c => c is GregorianCalendar { CalendarType: GregorianCalendarTypes.Localized })
            is { } calendar)
        {
            mended.DateTimeFormat.Calendar = calendar;
        }
        else
        {
            mended.DateTimeFormat = CultureInfo.InvariantCulture.DateTimeFormat;
        }

        return mended;
    }
}
