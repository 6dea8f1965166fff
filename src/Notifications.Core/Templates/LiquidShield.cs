using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Notifications.Templates;

/// <summary>
/// One Liquid token of an HTML source. <paramref name="Depth"/>: how many blocks (if, for, ...) it stands in. <paramref name="Tag"/> and
/// <paramref name="Attribute"/>: where it stands, or null in text. <paramref name="Word"/>: what stands for it, see
/// <see cref="LiquidShield"/>.
/// </summary>
internal sealed record LiquidToken(string Text, int Depth, string? Tag, string? Attribute, string Word = "");

/// <summary>A start tag of an HTML source, as its author wrote it.</summary>
internal sealed record SourceTag(string Name, IReadOnlyDictionary<string, string> Attributes, int Line);

/// <summary>
/// Takes Liquid out of HTML, so that a sanitiser and a style inliner can work on it, and puts it back afterwards. In text a token becomes a
/// comment, which may stand anywhere, between table rows too; in a quoted attribute a word. Where neither works (among attributes, in style
/// sheets) it is refused. Style sheets and style attributes are set aside: they are checked, not rewritten.
/// </summary>
internal sealed partial class LiquidShield
{
    /// <summary>The finding of a sheet that nothing may be made of.</summary>
    public const string UnsafeCssRule = "unsafe-css";

    private static readonly string[] UrlAttributes = ["href", "src", "background", "action", "cite", "poster", "longdesc"];
    private readonly List<string> _held = [];
    private readonly string _mark;
    private int _depth;

    private LiquidShield(string mark) => _mark = mark;

    /// <summary>HTML without Liquid.</summary>
    public string Html { get; private set; } = "";

    /// <summary>Every style sheet, one after another.</summary>
    public string Css { get; private set; } = "";

    /// <summary>The attribute that stands for style until <see cref="Restore"/>.</summary>
    public string StyleAttribute => "data-" + _mark;

    /// <summary>What people read of the source, with blanks in the place of all else: its lines are those of the source.</summary>
    public string Words { get; private set; } = "";

    /// <summary>Every token, in order.</summary>
    public List<LiquidToken> Tokens { get; } = [];

    /// <summary>Every start tag, in order.</summary>
    public List<SourceTag> Tags { get; } = [];

    /// <summary>What cannot be taken out.</summary>
    public List<TemplateFinding> Findings { get; } = [];

    /// <summary>Takes Liquid out of a source.</summary>
    public static LiquidShield Of(string html)
    {
        var mark = "lqz";
        while (html.Contains(mark, StringComparison.OrdinalIgnoreCase)) mark += "z";
        var shield = new LiquidShield(mark);
        shield.Scan(html);
        return shield;
    }

    /// <summary>Puts back what was taken out. A comment and a word stand for the same token.</summary>
    public string Restore(string html) =>
        Regex.Replace(
            html, $"<!--{_mark}([0-9]+)x-->|{_mark}([0-9]+)x",
            m => _held[int.Parse(m.Groups[1].Success ? m.Groups[1].Value : m.Groups[2].Value, CultureInfo.InvariantCulture)],
            RegexOptions.None, TimeSpan.FromSeconds(2));

    private void Scan(string html)
    {
        var output = new StringBuilder(html.Length);
        var css = new StringBuilder();
        var words = new char[html.Length];
        for (var i = 0; i < html.Length; i++) words[i] = html[i] == '\n' ? '\n' : ' ';
        for (var i = 0; i < html.Length;)
        {
            if (LiquidEnd(html, i) is { } end)
            {
                if (Hold(html[i..end], null, null) is { } held) output.Append("<!--").Append(held).Append("-->");
                i = end;
            }
            else if (html.AsSpan(i).StartsWith("<!--"))
            {
                var close = html.IndexOf("-->", i + 4, StringComparison.Ordinal);
                if (close < 0) Error("broken-html", html, i, "A comment is not closed.", "End it with -->.");
                i = close < 0 ? html.Length : close + 3; // Nobody reads comments, and clients read some of them as code.
            }
            else if (html[i] == '<' && i + 1 < html.Length && char.IsAsciiLetter(html[i + 1])) i = Tag(html, i, output, css);
            else
            {
                words[i] = html[i];
                output.Append(html[i++]);
            }
        }

        Words = new string(words);
        Html = output.ToString();
        Css = css.ToString();
    }

    private int Tag(string html, int start, StringBuilder output, StringBuilder css)
    {
        var i = start + 1;
        while (i < html.Length && !char.IsWhiteSpace(html[i]) && html[i] is not ('>' or '/' or '{')) i++;
        var name = html[(start + 1)..i].ToLowerInvariant();
        var attributes = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var written = new StringBuilder("<").Append(name);
        while (i < html.Length && html[i] != '>')
        {
            if (char.IsWhiteSpace(html[i]) || html[i] == '/')
            {
                i++;
                continue;
            }

            if (LiquidEnd(html, i) is { } end)
            {
                Error(
                    "liquid-place", html, i, "Liquid stands among the attributes of a tag.",
                    "Put it into text, or into the quotes of an attribute.");
                i = end;
                continue;
            }

            var from = i;
            while (i < html.Length && !char.IsWhiteSpace(html[i]) && html[i] is not ('=' or '>' or '/' or '{')) i++;
            if (i == from)
            {
                i++;
                continue;
            }

            var attribute = html[from..i].ToLowerInvariant();
            while (i < html.Length && char.IsWhiteSpace(html[i])) i++;
            if (i >= html.Length || html[i] != '=')
            {
                attributes.TryAdd(attribute, "");
                written.Append(' ').Append(attribute).Append("=\"\"");
                continue;
            }

            for (i++; i < html.Length && char.IsWhiteSpace(html[i]);) i++;
            if (i >= html.Length) break;
            var (value, next) = html[i] is '"' or '\'' ? Quoted(html, i) : Unquoted(html, i);
            i = next;
            if (!attributes.TryAdd(attribute, value)) continue;
            written.Append(' ')
                .Append(attribute == "style" ? StyleAttribute : attribute)
                .Append("=\"")
                .Append(Value(html, from, name, attribute, value))
                .Append('"');
        }

        Tags.Add(new SourceTag(name, attributes, LineOf(html, start)));
        if (i < html.Length) i++;
        if (name != "style")
        {
            output.Append(written).Append('>');
            return i;
        }

        var close = html.IndexOf("</style", i, StringComparison.OrdinalIgnoreCase);
        var sheet = html[i..(close < 0 ? html.Length : close)];
        if (sheet.Contains("{{", StringComparison.Ordinal) || sheet.Contains("{%", StringComparison.Ordinal))
            Error("liquid-place", html, i, "Liquid stands in a style sheet.", "Put it into a style attribute.");
        CheckCss(sheet, html, i);
        css.Append(sheet).Append('\n');
        if (close < 0) return html.Length;
        var after = html.IndexOf('>', close);
        return after < 0 ? html.Length : after + 1;
    }

    // The quotes of a Liquid string do not end the attribute that it stands in.
    private static (string Value, int Next) Quoted(string html, int open)
    {
        var i = open + 1;
        while (i < html.Length && html[i] != html[open]) i = LiquidEnd(html, i) ?? i + 1;
        return (html[(open + 1)..Math.Min(i, html.Length)], Math.Min(i + 1, html.Length));
    }

    private (string Value, int Next) Unquoted(string html, int from)
    {
        var i = from;
        while (i < html.Length && !char.IsWhiteSpace(html[i]) && html[i] != '>')
        {
            if (LiquidEnd(html, i) is { } end)
            {
                Error("liquid-place", html, i, "Liquid stands in an attribute without quotes.", "Put the value into double quotes.");
                i = end;
            }
            else i++;
        }

        return (html[from..i], i);
    }

    private string Value(string html, int at, string tag, string attribute, string value)
    {
        var url = Array.IndexOf(UrlAttributes, attribute) >= 0;
        var result = new StringBuilder(value.Length);
        var literal = 0; // Where the text before this token begins.
        var text = new StringBuilder();
        for (var i = 0; i < value.Length;)
        {
            if (LiquidEnd(value, i) is not { } end)
            {
                text.Append(value[i]);
                result.Append(value[i] == '"' ? "&quot;" : value[i].ToString());
                i++;
                continue;
            }

            var token = value[i..end];
            var open = url && !result.ToString(literal, result.Length - literal).AsSpan().ContainsAny(":/?#");
            if (Hold(
                token, tag, attribute,
                token.StartsWith("{{", StringComparison.Ordinal)
                    ? (open ? Liquid.LinkFilter : attribute == "style" ? Liquid.StyleFilter : null)
                    : null) is { } held)
            {
                result.Append(held);
            }

            if (token.StartsWith("{%", StringComparison.Ordinal)) literal = result.Length;
            i = end;
        }

        if (attribute != "style") return result.ToString();
        CheckCss(text.ToString(), html, at);
        _held.Add(Restore(result.ToString()));
        return Word(_held.Count - 1);
    }

    private string? Hold(string token, string? tag, string? attribute, string? filter = null)
    {
        var word = Keyword().Match(token).Groups[1].Value;
        if (word.StartsWith("end", StringComparison.Ordinal)) _depth--;
        Tokens.Add(new LiquidToken(token, _depth, tag, attribute, word == "comment" ? "" : Word(_held.Count)));
        if (word is "if" or "unless" or "for" or "case" or "capture" or "tablerow" or "ifchanged") _depth++;
        if (word == "comment") return null; // With its end: nobody reads it.
        if (filter is not null)
        {
            var tail = token.EndsWith("-}}", StringComparison.Ordinal) ? 3 : 2;
            token = $"{token[..^tail].TrimEnd()} | {filter} {token[^tail..]}";
        }

        _held.Add(token);
        return Word(_held.Count - 1);
    }

    private string Word(int index) => string.Create(CultureInfo.InvariantCulture, $"{_mark}{index}x");

    /// <summary>Where the Liquid token that begins here ends, or null. A comment block is one token.</summary>
    private static int? LiquidEnd(string text, int at)
    {
        if (at + 1 >= text.Length || text[at] != '{' || text[at + 1] is not ('{' or '%')) return null;
        var close = text.IndexOf(text[at + 1] == '{' ? "}}" : "%}", at + 2, StringComparison.Ordinal);
        if (close < 0) return text.Length;
        if (text[at + 1] == '%'
            && Keyword().Match(text[at..(close + 2)]).Groups[1].Value == "comment"
            && EndComment().Match(text, close + 2) is { Success: true } end)
        {
            return end.Index + end.Length;
        }

        return close + 2;
    }

    private void CheckCss(string css, string html, int at)
    {
        if (UnsafeCss().Match(css) is { Success: true } bad)
            Error(
                UnsafeCssRule, html, at, $"Style has '{bad.Value.Trim()}'.",
                "Leave out imports, expressions, bindings, backslashes, and addresses that do not begin with https:.");
    }

    private void Error(string rule, string html, int at, string message, string remedy) =>
        Findings.Add(new TemplateFinding(rule, FindingSeverity.Error, "html", LineOf(html, at), message, remedy));

    internal static int LineOf(string text, int at) => text.AsSpan(0, Math.Min(at, text.Length)).Count('\n') + 1;

    [GeneratedRegex(@"^\{%-?\s*([a-z_]+)")]
    private static partial Regex Keyword();

    [GeneratedRegex(@"\{%-?\s*endcomment\s*-?%\}")]
    private static partial Regex EndComment();

    [GeneratedRegex(
        @"@import|@charset|expression\s*\(|(java|vb)script\s*:|behavior\s*:|-moz-binding|\\|<|url\(\s*['""]?\s*(?!https:)[^)\s]*",
        RegexOptions.IgnoreCase)]
    private static partial Regex UnsafeCss();
}
