using Notifications.Access;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>What can be opened, in groups; what a scope forbids is not shown.</summary>
internal static class ConsoleMenu
{
    /// <summary><paramref name="Key"/> is the letter that opens it after a g.</summary>
    private sealed record Item(string? Group, string Label, string Path, string? Scope, char Key);

    private static readonly Item[] Items =
    [
        new(null, "Home", "/console", null, 'h'),
        new("Marketing", "Campaigns", "/console/campaigns", Scope.Campaigns, 'c'),
        new("Marketing", "Templates", "/console/templates", Scope.Campaigns, 't'),
        new("Marketing", "Lists", "/console/lists", Scope.Campaigns, 'l'),
        new("Marketing", "Segments", "/console/segments", Scope.Campaigns, 'e'),
        new("Marketing", "Imports", "/console/imports", Scope.Contacts, 'i'),
        new("People", "Look up", "/console/people", Scope.Privacy, 'p'),
        new("People", "Rights requests", "/console/requests", Scope.Privacy, 'q'),
        new("People", "Blocked addresses", "/console/blocked", Scope.Contacts, 'b'),
        new("Operations", "Review", "/console/review", Scope.Admin, 'r'),
        new("Operations", "Dead letters", "/console/dead-letters", Scope.Admin, 'd'),
        new("Operations", "Alerts", "/console/alerts", Scope.Admin, 'w'),
        new("System", "API keys", "/console/keys", Scope.Admin, 'k'),
        new("System", "Topics and senders", "/console/settings", null, 's'),
        new("System", "Audit", "/console/audit", Scope.Admin, 'a'),
        new("System", "Ledger", "/console/ledger", Scope.Admin, 'v'),
    ];

    public static Html Render(ConsoleUser user, string path)
    {
        var groups = Items.Where(i => user.May(i.Scope)).GroupBy(i => i.Group).Select(group => Html.Of($"""
            {(group.Key is null ? Html.None : Html.Of($"<h2>{group.Key}</h2>"))}<ul>
            {Html.Join(group.Select(i => Html.Of($"<li><a href=\"{i.Path}\" data-key=\"{i.Key.ToString()}\"{(IsOpen(i, path) ? new Html(" aria-current=\"page\"") : Html.None)}>{i.Label}</a></li>\n")))}</ul>

            """));
        return Html.Join(groups);
    }

    /// <summary>What the screen of a path is called here; null where none is it.</summary>
    public static string? NameOf(string path) => Items.FirstOrDefault(i => IsOpen(i, path))?.Label;

    private static bool IsOpen(Item item, string path) =>
        path == item.Path || (item.Path != "/console" && path.StartsWith(item.Path + "/", StringComparison.Ordinal));
}
