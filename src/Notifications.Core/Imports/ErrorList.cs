using System.Globalization;
using System.Text;
using CsvHelper;

namespace Notifications.Imports;

/// <summary>The downloadable list of what was wrong: row, column, problem. No value of the file is in it, so nothing personal is.</summary>
public static class ErrorList
{
    /// <summary>How many errors of one piece of a file are listed; one more line says how many there were.</summary>
    public const int MaxPerPart = 20_000;

    /// <summary>The first line.</summary>
    public static ReadOnlyMemory<byte> Header { get; } = "row,column,problem\r\n"u8.ToArray();

    /// <summary>The lines of one piece.</summary>
    public static byte[] Write(IReadOnlyList<RowError> errors)
    {
        using var text = new StringWriter(new StringBuilder(errors.Count * 64), CultureInfo.InvariantCulture);
        using var csv = new CsvWriter(text, CsvLines.Format);
        foreach (var error in errors.Take(MaxPerPart)) Line(csv, error);
        if (errors.Count > MaxPerPart)
            Line(
                csv,
                new RowError(errors[MaxPerPart].Row, "", $"and {errors.Count - MaxPerPart} more errors from here on that are not listed"));
        csv.Flush();
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Line(CsvWriter csv, RowError error)
    {
        csv.WriteField(error.Row);
        csv.WriteField(Formula.Escape(error.Column));
        csv.WriteField(error.Problem);
        csv.NextRecord();
    }
}
