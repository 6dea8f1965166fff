using System.Text.RegularExpressions;

namespace Notifications.Tests.Infrastructure;

/// <summary>The moves of one diagram of docs/state-machines.md.</summary>
internal sealed partial record DrawnMove(string From, string To, string Label)
{
    /// <summary>What begins and ends a diagram.</summary>
    public const string Nothing = "[*]";

    /// <summary>The moves of a section's diagram, the first one unless said otherwise.</summary>
    public static IReadOnlyList<DrawnMove> Of(string section, int diagram = 0)
    {
        var page = Repository.Read("docs", "state-machines.md");
        var text = page.Split("\n## ").Single(s => s.StartsWith(section, StringComparison.Ordinal));
        return
        [
            .. Line().Matches(Diagram().Matches(text)[diagram].Value).Select(
                m => new DrawnMove(m.Groups["from"].Value, m.Groups["to"].Value, m.Groups["label"].Value)),
        ];
    }

    /// <summary>The two ends alone.</summary>
    public string Ends => $"{From} {To}";

    [GeneratedRegex("```mermaid\nstateDiagram-v2\n(?<moves>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Diagram();

    // A semicolon or a second colon ends a label, and what follows it breaks the diagram.
    [GeneratedRegex(@"^    (?<from>\S+) --> (?<to>[^\s:]+)(: (?<label>[^:;\n]+))?$", RegexOptions.Multiline)]
    private static partial Regex Line();
}
