using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace Notifications.Imports;

/// <summary>How lines of CSV are written here (RFC 4180).</summary>
internal static class CsvLines
{
    /// <summary>
    /// Lines end with CRLF, and a cell with a break of any kind stands in quotes. With an end of lines of one's own the library quotes none
    /// but those that hold that very one.
    /// </summary>
    public static CsvConfiguration Format { get; } = new(CultureInfo.InvariantCulture)
    {
        NewLine = "\r\n",
        ShouldQuote = static cell => cell.Field.AsSpan().ContainsAny('\r', '\n') || ConfigurationFunctions.ShouldQuote(cell),
    };
}
