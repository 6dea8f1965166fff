using System.Buffers;
using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace Notifications.Imports;

/// <summary>One row's cells, or, with none, a row whose quotes are broken.</summary>
internal readonly record struct CsvRow(long Number, string[]? Cells);

/// <summary>Reads the rows of one piece of a file: <see cref="CsvScanner"/> tells them apart, CsvHelper reads their cells.</summary>
internal static class CsvRows
{
    /// <summary>
    /// The rows that are not blank. Numbers go on from <paramref name="first"/> and count blank rows too, as a spreadsheet does.
    /// </summary>
    /// <param name="part">Whole rows.</param>
    /// <param name="delimiter">Between cells.</param>
    /// <param name="first">The number of the piece's first row.</param>
    /// <param name="next">The number of the row after it.</param>
    public static List<CsvRow> Read(ReadOnlySpan<byte> part, byte delimiter, long first, out long next)
    {
        var rows = new List<CsvRow>();
        var wellFormed = new byte[part.Length + 1];
        var length = 0;
        var scanner = new CsvScanner { Delimiter = delimiter };
        var number = first;
        while (part.Length > 0)
        {
            scanner.TryEndRow(part, out var row, out var consumed);
            if (row > 0)
            {
                rows.Add(new CsvRow(number, scanner.Malformed ? null : []));
                if (!scanner.Malformed)
                {
                    // Our own line end, so that whatever the file uses, both readers see the same rows.
                    part[..row].CopyTo(wellFormed.AsSpan(length));
                    length += row;
                    wellFormed[length++] = (byte)'\n';
                }
            }

            part = part[consumed..];
            scanner.NextRow();
            number++;
        }

        next = number;
        Fill(rows, wellFormed, length, delimiter);
        return rows;
    }

    /// <summary>The cells of a single row.</summary>
    public static string[] Cells(ReadOnlySpan<byte> row, byte delimiter) =>
        Read(row, delimiter, 1, out _) is [{ Cells: { } cells }] ? cells : [];

    /// <summary>The same rows with those emptied whose text, or a cell of which, is in question; the numbers of the others hold.</summary>
    /// <param name="part">Whole rows.</param>
    /// <param name="delimiter">
    /// Between cells; 0 where it is not known. Then a quote after any of the three opens, and a row in which one stands wrongly ends with
    /// its line: what such a quote runs on over is others'.
    /// </param>
    /// <param name="text">Whether the text of a row is in question.</param>
    /// <param name="cell">Whether a cell is.</param>
    public static byte[] Without(ReadOnlySpan<byte> part, byte delimiter, Func<string, bool> text, Func<string, bool> cell)
    {
        var read = new Dictionary<long, string[]>();
        if (delimiter != 0)
            foreach (var row in Read(part, delimiter, 0, out _))
                if (row.Cells is { } of) read[row.Number] = of;
        var kept = new ArrayBufferWriter<byte>(part.Length);
        var scanner = new CsvScanner { Delimiter = delimiter };
        for (var number = 0L; part.Length > 0; number++)
        {
            scanner.TryEndRow(part, out var row, out var consumed);
            if (delimiter == 0 && scanner.Malformed && part[..row].IndexOfAny((byte)'\r', (byte)'\n') is >= 0 and var end)
            {
                (row, consumed) = (end, part[end..].StartsWith("\r\n"u8) ? end + 2 : end + 1);
                scanner = default;
            }

            var gone = text(Encoding.UTF8.GetString(part[..row]))
                || (read.TryGetValue(number, out var cells) && Array.Exists(cells, c => cell(c)));
            kept.Write(gone ? part[row..consumed] : part[..consumed]);
            part = part[consumed..];
            scanner.NextRow();
        }

        return kept.WrittenSpan.ToArray();
    }

    private static void Fill(List<CsvRow> rows, byte[] text, int length, byte delimiter)
    {
        using var reader = new StreamReader(new MemoryStream(text, 0, length));
        using var parser = new CsvParser(
            reader,
            new CsvConfiguration(CultureInfo.InvariantCulture)
            {
                Delimiter = ((char)delimiter).ToString(),
                NewLine = "\n",
                IgnoreBlankLines = false,
                BadDataFound = null,
                BufferSize = 64 << 10,
                LineBreakInQuotedFieldIsBadData = false,
            });
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows[i].Cells is null) continue;
            if (!parser.Read()) throw new InvalidOperationException("The two readers of CSV disagree about how many rows there are.");
            rows[i] = rows[i] with { Cells = parser.Record };
        }

        if (parser.Read()) throw new InvalidOperationException("The two readers of CSV disagree about how many rows there are.");
    }
}
