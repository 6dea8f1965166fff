using System.Net;
using System.Text.RegularExpressions;

namespace Notifications.Templates;

/// <summary>Between plain text and HTML, for messages that come with only one of the two.</summary>
internal static partial class PlainText
{
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
        text = Anchor().Replace(text, static a => $"{a.Groups[2].Value} ({a.Groups[1].Value})");
        text = Block().Replace(text, "\n");
        text = WebUtility.HtmlDecode(Tag().Replace(text, ""));
        return Blank().Replace(text.ReplaceLineEndings("\n"), "\n\n").Trim();
    }

    [GeneratedRegex("<(script|style|head)\\b.*?</\\1\\s*>|<!--.*?-->", RegexOptions.Singleline | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Hidden();

    [GeneratedRegex("<a\\b[^>]*href=\"([^\"]*)\"[^>]*>(.*?)</a\\s*>", RegexOptions.Singleline | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Anchor();

    [GeneratedRegex("<br\\s*/?>|</(p|div|h[1-6]|li|tr|table|ul|ol|section)\\s*>", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Block();

    [GeneratedRegex("<[^>]*>", RegexOptions.None, 1000)]
    private static partial Regex Tag();

    [GeneratedRegex("\n[ \t]*(\n[ \t]*)+", RegexOptions.None, 1000)]
    private static partial Regex Blank();
}
