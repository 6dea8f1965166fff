using System.Globalization;

namespace Notifications;

/// <summary>What the runtime must know of languages: dates, numbers and cases of each that messages are written in.</summary>
internal static class Languages
{
    /// <summary>Stops a start that would take messages and send none of them.</summary>
    /// <exception cref="InvalidOperationException">The runtime is in its invariant mode; the message names the remedy.</exception>
    public static void Require()
    {
        if (!Known())
            throw new InvalidOperationException(
                "This .NET runs without the data of languages (ICU), and no message could be written: install libicu (on Alpine icu-libs and icu-data-full), and set DOTNET_SYSTEM_GLOBALIZATION_INVARIANT to false, which some container images set to true.");
    }

    private static bool Known()
    {
        try
        {
            return CultureInfo.GetCultureInfo("pt").NumberFormat.NumberDecimalSeparator == ",";
        }
        catch (CultureNotFoundException)
        {
            return false;
        }
    }
}
