using System.Text;
using Notifications.Addresses;

namespace Notifications.Imports;

/// <summary>Which column of a file is which field.</summary>
/// <param name="Shape">The shape's name.</param>
/// <param name="Delimiter">Between cells.</param>
/// <param name="Header">The header's cells.</param>
/// <param name="Columns">For each cell of the header what it means, or null.</param>
public sealed record ImportMapping(string Shape, char Delimiter, string[] Header, ImportField?[] Columns)
{
    /// <summary>
    /// Reads a header. The problem says why no import can be made of such a file; it never repeats the header, which may be a person's
    /// data.
    /// </summary>
    public static (ImportMapping? Mapping, string? Problem) Read(ReadOnlySpan<byte> header, byte delimiter, ImportSettings settings)
    {
        var cells = Cells(header, delimiter);
        var shape = ImportShape.Recognise(cells);
        var columns = new ImportField?[cells.Length];
        // Its first person would be lost, and what they said (P6).
        if (Array.Exists(cells, IsAddress))
            return (
                null,
                "The first row is no header, for an address stands in it: put a row above it that names the columns, such as email or phone.");
        foreach (var (field, column) in settings.Columns)
        {
            var found = settings.Places.TryGetValue(field, out var place) && place < cells.Length && cells[place] == column
                ? [place]
                : Named(cells, column);
            var name = field.Name();
            if (found.Length == 0)
                return (null, $"The header has no column of the name that was given for {name} (in the API with map.{name}).");
            if (found.Length > 1)
                return (null, $"The header has two columns of the name that was given for {name} (in the API with map.{name}): rename one.");
            if (columns[found[0]] is { } other)
                return (null, $"The column that was given for {name} was given for {other.Name()} as well (in the API with map.{name}).");
            columns[found[0]] = field;
        }

        for (var i = 0; i < cells.Length; i++)
        {
            if (columns[i] is not null || shape.Meaning(cells[i]) is not { } field || settings.Columns.ContainsKey(field)) continue;
            if (Array.IndexOf(columns, field) is >= 0 and var first)
                return (
                    null,
                    $"The header names two columns for {field.Name()}, columns {first + 1} and {i + 1}: say which of them is read as it (in the API with map.{field.Name()}, or rename one where both have one name).");
            columns[i] = field;
        }

        // Beside a column of its own for either, an address is where somebody lives.
        var either = Array.IndexOf(columns, ImportField.Address);
        if (either >= 0
            && !settings.Columns.ContainsKey(ImportField.Address)
            && Array.Exists(columns, c => c is ImportField.Email or ImportField.Phone))
        {
            columns[either] = null;
        }

        if (!Array.Exists(columns, c => c is ImportField.Email or ImportField.Phone or ImportField.Address or ImportField.From))
            return (
                null,
                "The first row names no column of addresses: it must be a header with a column 'email', 'phone' or 'address', or that of an export of Mailchimp, SendGrid, listmonk or Twilio; or say which column is read as email, phone or address (in the API with map.email, map.phone or map.address).");
        return (new ImportMapping(shape.Name, (char)delimiter, cells, columns), null);
    }

    private static bool IsAddress(string cell) =>
        EmailAddress.TryParse(cell, out _, out _) || (cell.StartsWith('+') && PhoneNumber.TryParse(cell, out _, out _));

    // Those of the very letters, or else those of the same letters in another case.
    private static int[] Named(string[] cells, string column)
    {
        int[] At(StringComparison by) => [.. Enumerable.Range(0, cells.Length).Where(i => string.Equals(cells[i], column, by))];
        return At(StringComparison.Ordinal) is { Length: > 0 } exact ? exact : At(StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The cells of a header as they are compared and shown.</summary>
    public static string[] Cells(ReadOnlySpan<byte> header, byte delimiter)
    {
        var cells = CsvRows.Cells(header, delimiter);
        for (var i = 0; i < cells.Length; i++) cells[i] = Formula.Unescape(cells[i].Trim());
        return cells;
    }

    /// <summary>The name of the column that holds a field, for error messages; the field's own name where no column does.</summary>
    public string ColumnOf(ImportField field)
    {
        var at = Array.IndexOf(Columns, field);
        return at < 0 ? field.Name() : Header[at];
    }

    /// <summary>Not its columns: a header may be a person's data where a file has none.</summary>
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Shape = ").Append(Shape);
        return true;
    }
}
