using Notifications.Imports;

namespace Notifications.Web.Console;

/// <summary>
/// Addresses typed or pasted into a field, one a line or several with commas between, each with the line that it stands on. Empty lines
/// count as lines. Pasted from a file of ours, a phone number has an apostrophe before it, which goes.
/// </summary>
internal static class AddressLines
{
    /// <summary>What was typed or pasted into a field for one; empty where nothing was.</summary>
    public static string One(string? typed) => Formula.Unescape(typed?.Trim() ?? "");

    public static List<(string Text, int Line)> Read(string? typed)
    {
        var found = new List<(string, int)>();
        var line = 0;
        foreach (var row in (typed ?? "").Split('\n'))
        {
            line++;
            foreach (var text in row.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                found.Add((One(text), line));
        }

        return found;
    }
}
