using System.Text.RegularExpressions;
using Notifications.Templates;

namespace Notifications.Web.Console;

/// <summary>
/// What was found in a template as its author reads it: with the names of the form's fields, and without what only the API's readers look
/// up, the numbers of rules, the member to set, and the place within a source that the author does not see.
/// </summary>
internal static partial class FindingWords
{
    /// <summary>The field that it is in, and the line of it.</summary>
    public static string Place(TemplateFinding finding, bool sms)
    {
        var field = finding.Part switch
        {
            "subject" => "Subject",
            "html" => "HTML",
            "text" => sms ? "Text" : "Plain text",
            _ => "Languages",
        };
        return finding.Line > 0 ? $"{field}, line {finding.Line}" : field;
    }

    /// <summary>A finding's message or remedy.</summary>
    public static string Of(string text) => Rule().Replace(Source().Replace(text, ""), "");

    [GeneratedRegex(@" \((R\d+(, R\d+)*|""layout"": ""standard"")\)")]
    private static partial Regex Rule();

    // The parser's: where it stopped, and the line that it stopped in.
    [GeneratedRegex(@"( at \(\d+:\d+\))?\s+Source:.*", RegexOptions.Singleline)]
    private static partial Regex Source();
}
