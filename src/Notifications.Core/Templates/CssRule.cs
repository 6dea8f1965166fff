using System.Text.RegularExpressions;

namespace Notifications.Templates;

/// <summary>One rule of a style sheet for one selector.</summary>
/// <param name="Condition">The at-rules that it stands in, such as <c>@media (max-width: 600px)</c>; empty for none.</param>
/// <param name="Selector">Whom it is for.</param>
/// <param name="Declarations">What it says, in order.</param>
internal sealed partial record CssRule(string Condition, string Selector, IReadOnlyList<CssDeclaration> Declarations)
{
    private static readonly string[] Grouping =
        ["@media", "@supports", "@layer", "@container", "@scope", "@starting-style", "@-moz-document"];

    /// <summary>
    /// Every rule of a sheet in order, those inside other rules too. What describes no element (fonts, pages, steps of animations) is left
    /// out.
    /// </summary>
    public static List<CssRule> Read(string sheet)
    {
        var rules = new List<CssRule>();
        Read(Comment().Replace(sheet, " "), "", "", rules);
        return rules;
    }

    private static void Read(string css, string condition, string parent, List<CssRule> rules)
    {
        for (var at = 0; at < css.Length;)
        {
            var open = Next(css, at, "{;}");
            if (open >= css.Length || css[open] != '{')
            {
                at = open + 1;
                continue;
            }

            var head = Blanks().Replace(css[at..open].Trim(), " ");
            var close = Close(css, open);
            var block = css[(open + 1)..close];
            at = close + 1;
            if (head.StartsWith('@'))
            {
                if (Array.Exists(Grouping, g => head.StartsWith(g, StringComparison.OrdinalIgnoreCase)))
                    Read(block, $"{condition} {head.ToLowerInvariant()}".Trim(), parent, rules);
                continue;
            }

            foreach (var one in Split(head, ','))
            {
                var selector = parent.Length == 0
                    ? one
                    : one.Contains('&', StringComparison.Ordinal) ? one.Replace("&", parent, StringComparison.Ordinal) : $"{parent} {one}";
                rules.Add(new CssRule(condition, selector, CssDeclaration.Read(block)));
                if (block.Contains('{', StringComparison.Ordinal)) Read(block, condition, selector, rules);
            }
        }
    }

    /// <summary>Parts between separators that stand outside of quotes, brackets and blocks, trimmed and without empty ones.</summary>
    internal static IEnumerable<string> Split(string text, char separator)
    {
        for (var at = 0; at < text.Length;)
        {
            var end = Next(text, at, separator.ToString());
            if (text[at..end].Trim() is { Length: > 0 } part) yield return part;
            at = end + 1;
        }
    }

    /// <summary>Where one of the characters stands next, outside of quotes and brackets; the end when none does.</summary>
    private static int Next(string text, int at, string any)
    {
        var depth = 0;
        for (; at < text.Length; at++)
        {
            if (depth == 0 && any.Contains(text[at], StringComparison.Ordinal)) return at;
            if (text[at] is '"' or '\'') at = text.IndexOf(text[at], at + 1) is >= 0 and var quote ? quote : text.Length;
            else if (text[at] is '(' or '[') depth++;
            else if (text[at] is ')' or ']') depth = Math.Max(0, depth - 1);
        }

        return text.Length;
    }

    private static int Close(string css, int open)
    {
        var depth = 0;
        for (var at = open; at < css.Length; at++)
        {
            at = Next(css, at, "{}");
            if (at >= css.Length) break;
            depth += css[at] == '{' ? 1 : -1;
            if (depth == 0) return at;
        }

        return css.Length;
    }

    [GeneratedRegex(@"/\*.*?(\*/|$)", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}

/// <summary>One <c>property: value</c>, both in lower case.</summary>
internal readonly record struct CssDeclaration(string Property, string Value, bool Important)
{
    /// <summary>The declarations of a block or of a style attribute, in order.</summary>
    public static List<CssDeclaration> Read(string block)
    {
        var declarations = new List<CssDeclaration>();
        foreach (var part in CssRule.Split(block, ';'))
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            var property = part[..Math.Max(0, colon)].Trim().ToLowerInvariant();
            if (property.Length == 0 || property.AsSpan().ContainsAny("{}& ")) continue; // A rule within the rule.
            var value = part[(colon + 1)..].Trim().ToLowerInvariant();
            var mark = value.LastIndexOf('!');
            var important = mark >= 0 && value[(mark + 1)..].Trim() == "important";
            declarations.Add(new CssDeclaration(property, important ? value[..mark].Trim() : value, important));
        }

        return declarations;
    }
}
