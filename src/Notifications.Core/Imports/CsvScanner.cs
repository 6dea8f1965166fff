using System.Text;

namespace Notifications.Imports;

/// <summary>
/// Finds where rows end in CSV (RFC 4180) without reading their cells: line ends within quotes belong to the cell. A quote opens only where
/// a cell begins, so that a stray one spoils its own row and not the rest of the file. Fed piece by piece, it keeps a few bytes of state
/// whatever the length of a row.
/// </summary>
internal struct CsvScanner
{
    private enum Place : byte
    {
        CellStart,
        Plain,
        Quoted,
        QuoteInQuoted,
    }

    private Place _place;
    private bool _halfEnd;

    /// <summary>The byte between cells; while it is 0, in the header, commas, semicolons and tabs all count.</summary>
    public byte Delimiter { get; set; }

    /// <summary>Whether the row so far has a quote where none may stand.</summary>
    public bool Malformed { get; private set; }

    /// <summary>Whether a quote is open.</summary>
    public readonly bool Open => _place == Place.Quoted;

    /// <summary>
    /// 1 when <paramref name="bytes"/> begin with the line feed of a line end whose carriage return was the last byte before; else 0. To be
    /// left out first.
    /// </summary>
    public int RestOfEnd(ReadOnlySpan<byte> bytes)
    {
        if (!_halfEnd || bytes.Length == 0) return 0;
        _halfEnd = false;
        return bytes[0] == '\n' ? 1 : 0;
    }

    /// <summary>
    /// Reads on to the end of the row. True when the row ends within <paramref name="bytes"/>: <paramref name="length"/> are then the bytes
    /// up to its line end, and <paramref name="consumed"/> those with it. False when all of it was read and the row goes on.
    /// </summary>
    public bool TryEndRow(ReadOnlySpan<byte> bytes, out int length, out int consumed)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            var b = bytes[i];
            if (_place == Place.Quoted)
            {
                var next = bytes[i..].IndexOf((byte)'"');
                if (next < 0) break;
                i += next;
                _place = Place.QuoteInQuoted;
                continue;
            }

            if (b == '"')
            {
                if (_place == Place.CellStart || _place == Place.QuoteInQuoted) _place = Place.Quoted;
                else Malformed = true;
            }
            else if (b is (byte)'\n' or (byte)'\r')
            {
                _place = Place.CellStart;
                length = i;
                consumed = b == '\r' && i + 1 < bytes.Length && bytes[i + 1] == '\n' ? i + 2 : i + 1;
                _halfEnd = b == '\r' && consumed == bytes.Length && consumed == i + 1;
                return true;
            }
            else if (b == Delimiter || (Delimiter == 0 && b is (byte)',' or (byte)';' or (byte)'\t'))
            {
                _place = Place.CellStart;
            }
            else if (_place == Place.QuoteInQuoted)
            {
                Malformed = true;
                _place = Place.Plain;
            }
            else
            {
                _place = Place.Plain;
            }
        }

        length = consumed = bytes.Length;
        return false;
    }

    /// <summary>Begins the next row.</summary>
    public void NextRow() => Malformed = false;

    /// <summary>
    /// The delimiter that a line such as <c>sep=;</c> names, which spreadsheets know above a header; 0 for any other line.
    /// </summary>
    public static byte NamedIn(ReadOnlySpan<byte> line)
    {
        line = line.Trim((byte)'"');
        return line is [.., (byte)',' or (byte)';' or (byte)'\t'] && Ascii.EqualsIgnoreCase(line[..^1], "sep="u8) ? line[^1] : (byte)0;
    }

    /// <summary>The delimiter of a header: whichever of comma, semicolon and tab stands in it most often.</summary>
    public static byte DelimiterOf(ReadOnlySpan<byte> header)
    {
        int commas = header.Count((byte)','), semicolons = header.Count((byte)';'), tabs = header.Count((byte)'\t');
        return tabs > commas && tabs > semicolons ? (byte)'\t' : semicolons > commas ? (byte)';' : (byte)',';
    }
}
