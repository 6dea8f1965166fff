namespace Notifications.Imports;

/// <summary>
/// Cells that a spreadsheet would run as a formula (CWE-1236). What we write gets a <c>'</c> in front, and what we read back loses it
/// again, so that an export can be imported unchanged.
/// </summary>
public static class Formula
{
    /// <summary>Whether a spreadsheet would run the cell. Some take the full-width signs for the plain ones.</summary>
    public static bool Is(ReadOnlySpan<char> cell) =>
        cell.Length > 0 && cell[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n' or '＝' or '＋' or '－' or '＠';

    /// <summary>The cell as it may stand in a file.</summary>
    public static string Escape(string cell) =>
        Is(cell) || (cell.Length > 1 && cell[0] == '\'' && Is(cell.AsSpan().TrimStart('\''))) ? "'" + cell : cell;

    /// <summary>The cell as it was meant.</summary>
    public static string Unescape(string cell) =>
        cell.Length > 1 && cell[0] == '\'' && Is(cell.AsSpan().TrimStart('\'')) ? cell[1..] : cell;
}
