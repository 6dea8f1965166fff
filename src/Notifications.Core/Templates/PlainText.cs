using System.Net;
using System.Text.RegularExpressions;

namespace Notifications.Templates;

/// <summary>Between plain text and HTML, for messages that come with only one of the two.</summary>
internal static partial class PlainText
{
    // Without backtracking, so in time that grows with the HTML and no faster: a time limit would be broken by a slow machine, too.
    private const RegexOptions Everywhere = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking;

    /// <summary>Paragraphs at empty lines, line breaks at line ends; everything else escaped.</summary>
    public static string ToHtml(string text)
    {
        var paragraphs = text.ReplaceLineEndings("\n").Split(
            "\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return string.Concat(
            paragraphs.Select(p => $"<p>{WebUtility.HtmlEncode(p).Replace("\n", "<br>", StringComparison.Ordinal)}</p>\n"));
    }

    /// <summary>What a reader of the plain part needs: the words and where links lead.</summary>
    public static string FromHtml(string html)
    {
        var text = Hidden().Replace(html, "");
        text = Anchor().Replace(text, static a => $"{a.Groups["words"].Value} ({a.Groups["leads"].Value})");
        text = Block().Replace(text, "\n");
        text = WebUtility.HtmlDecode(Tag().Replace(text, ""));
        return Blank().Replace(text.ReplaceLineEndings("\n"), "\n\n").Trim();
    }

    [GeneratedRegex(
        "<script\\b.*?</script\\s*>|<style\\b.*?</style\\s*>|<head\\b.*?</head\\s*>|<!--.*?-->",
        Everywhere | RegexOptions.Singleline)]
    private static partial Regex Hidden();

    [GeneratedRegex(
        "<a\\s([^>]*?\\s)?href\\s*=\\s*(\"(?<leads>[^\"]*)\"|'(?<leads>[^']*)'|(?<leads>[^\\s\"'>]+))[^>]*>(?<words>.*?)</a\\s*>",
        Everywhere | RegexOptions.Singleline)]
    private static partial Regex Anchor();

    [GeneratedRegex("<br\\s*/?>|</(p|div|h[1-6]|li|tr|table|ul|ol|section)\\s*>", Everywhere)]
    private static partial Regex Block();

    [GeneratedRegex("<[^>]*>", Everywhere)]
    private static partial Regex Tag();

    [GeneratedRegex("\n[ \t]*(\n[ \t]*)+")]
    private static partial Regex Blank();
}
