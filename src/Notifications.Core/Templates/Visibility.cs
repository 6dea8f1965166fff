using System.Globalization;
using System.Text.RegularExpressions;
using AngleSharp.Css;
using AngleSharp.Css.Dom;
using AngleSharp.Css.Parser;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Notifications.Consent;

namespace Notifications.Templates;

/// <summary>
/// Whether people see what they must see (R16, R23): reads the finished document the way a mail client lays it out, and finds the ways in
/// which text is hidden there: not shown, without size, without colour, off the page. Once for the plain sheet and once under each
/// condition of it (dark, narrow), since each is what somebody reads. What depends on data, or cannot be judged, does not count as seen.
/// </summary>
internal sealed partial class Visibility
{
    /// <summary>Under this size nobody reads, in pixels.</summary>
    private const double Smallest = 7;

    /// <summary>Under this contrast nobody reads; WCAG 2.2 asks for 4.5, a judgement that is the author's.</summary>
    private const double LeastContrast = 1.5;

    /// <summary>So far off nothing is on the page any more, in pixels.</summary>
    private const double Off = 100;

    private static readonly string[] Unshown = ["head", "title", "style", "script", "template", "noscript"];
    private static readonly string[] Judged =
        [
            "display", "visibility", "opacity", "font-size", "color", "max-height", "text-indent", "position", "transform",
            "-webkit-text-fill-color",
        ];
    private static readonly string[] Filled =
        [
            "unsubscribeUrl", "preferencesUrl", "sender.name", "words.unsubscribe", "words.preferences",
            "package.text.stop | default: words.unsubscribe",
        ];
    private readonly IDocument _document;
    private readonly Func<IElement, string?> _styleOf;
    private readonly List<(CssRule Rule, ISelector? Selector)> _rules = [];
    private readonly List<string[]> _views = [[]];
    private readonly Dictionary<(IElement, string[]), Dictionary<string, string>> _styles = [];

    /// <summary>Reads a document.</summary>
    /// <param name="document">Whose Liquid is held by a shield.</param>
    /// <param name="sheet">Every style sheet of it.</param>
    /// <param name="styleOf">An element's own style, with its Liquid.</param>
    public Visibility(IDocument document, string sheet, Func<IElement, string?> styleOf)
    {
        (_document, _styleOf) = (document, styleOf);
        var parser = new CssSelectorParser();
        foreach (var rule in CssRule.Read(sheet))
        {
            if (rule.Condition == "@media print") continue; // On paper nobody follows a link.
            var selector = parser.ParseSelector(rule.Selector);
            if (selector is null && rule.Selector.Contains("::", StringComparison.Ordinal)) continue; // Beside an element, not itself.
            _rules.Add((rule, selector));
        }

        var conditions = _rules.Select(r => r.Rule.Condition).Where(c => c.Length > 0).Distinct(StringComparer.Ordinal).ToArray();
        _views.AddRange(conditions.Select(c => new[] { c }));
        if (conditions.Length > 1) _views.Add(conditions);
    }

    /// <summary>Adds a finding for each duty that the document carries and does not show.</summary>
    public void Check(LiquidShield shield, Topic topic, List<TemplateFinding> findings)
    {
        var (duties, mail, rule) = Duty.Of(topic);
        foreach (var duty in duties)
        {
            var carried = shield.Tokens.Where(
                t => t.Depth == 0 && (duty.IsLink ? t is { Tag: "a", Attribute: "href" } : t.Attribute is null))
                .ToLookup(t => TemplateLint.Expression(t.Text), t => t.Word, StringComparer.Ordinal);
            if (Array.Find(duty.Variables, carried.Contains) is not { } variable) continue; // That is missing, which is another finding.
            var words = carried[variable].ToHashSet(StringComparer.Ordinal);
            var places = duty.IsLink
                ? _document.QuerySelectorAll("a[href]")
                    .Where(a => words.Any(w => a.GetAttribute("href")!.Contains(w, StringComparison.Ordinal)))
                    .Select(a => (INode)a)
                    .ToList()
                : [.. _document.Descendants<IComment>().Where(c => words.Contains(c.Data))];
            if (Hidden(places, duty.IsLink, shield) is not { } why) continue;
            var line = duty.IsLink
                ? shield.Tags.FirstOrDefault(
                    t => t.Name == "a"
                        && t.Attributes.TryGetValue("href", out var to)
                        && TemplateLint.Expression(to) == variable)?.Line
                    ?? 0
                : 0;
            findings.Add(new TemplateFinding(
                "hidden-" + duty.Name, FindingSeverity.Error, "html", line,
                $"{mail} must show {duty.What} ({rule}), and this one hides it: {why}.",
                "Show it as plainly as the rest of the message, in every view."));
        }
    }

    /// <summary>Why none of the places is seen in one of the views; null when each view shows one.</summary>
    private string? Hidden(List<INode> places, bool link, LiquidShield shield)
    {
        if (places.Count == 0) return "it stands where nothing is shown";
        foreach (var view in _views)
        {
            string? why = null;
            if (places.Exists(p => (why = link ? LinkHidden((IElement)p, view, shield) : Hides(p.ParentElement, view)) is null)) continue;
            return view.Length == 0 ? why : $"{why} ({string.Join(", ", view)})";
        }

        return null;
    }

    private string? LinkHidden(IElement link, string[] view, LiquidShield shield)
    {
        string? why = null;
        foreach (var node in link.Descendants())
        {
            var says = node switch
            {
                IText text => text.Data.Any(char.IsLetterOrDigit),
                IComment held => Array.IndexOf(Filled, TemplateLint.Expression(shield.Restore($"<!--{held.Data}-->"))) >= 0,
                IHtmlImageElement image =>
                    image.GetAttribute("alt") is { } alt
                        && alt.Any(char.IsLetterOrDigit)
                        && !IsDot(image.GetAttribute("width"))
                        && !IsDot(image.GetAttribute("height")),
                _ => false,
            };
            if (!says) continue;
            why = Hides(node as IElement ?? node.ParentElement, view)
                ?? (Style(link, view).GetValueOrDefault("pointer-events") == "none" ? "pointer-events: none" : null);
            if (why is null) return null;
        }

        return why ?? "the link has no words of its own";
    }

    private static bool IsDot(string? size) =>
        size is not null && double.TryParse(size, CultureInfo.InvariantCulture, out var pixels) && pixels < 8;

    /// <summary>What hides the text of an element; null when nothing does.</summary>
    private string? Hides(IElement? element, string[] view)
    {
        if (element is null) return "it stands where nothing is shown";
        var (size, opacity, visible) = (16.0, 1.0, "visible");
        CssColour? ink = CssColour.Black, paper = CssColour.White;
        foreach (var one in element.Ancestors().OfType<IElement>().Reverse().Append(element))
        {
            if (Array.IndexOf(Unshown, one.LocalName) >= 0) return $"it stands in {one.LocalName}";
            var style = Style(one, view);
            if (style.ContainsKey("{%")) return $"the style of {one.LocalName} depends on data";
            foreach (var property in Judged)
                if (style.TryGetValue(property, out var dark) && Unjudgeable().IsMatch(dark))
                    return $"{property} of {one.LocalName} depends on data or cannot be judged";
            if (Away(style, size) is { } away) return away;

            if (style.TryGetValue("font-size", out var font)) size = CssSize.FontSize(font, size) ?? size;
            if (style.TryGetValue("visibility", out var seen) && seen != "inherit") visible = seen;
            if (style.TryGetValue("opacity", out var veil) && CssSize.Number(veil) is { } share) opacity *= share;
            if (style.TryGetValue("background-color", out var fill) && fill is not ("inherit" or "initial" or "unset"))
            {
                if (CssColour.Read(fill) is not { } colour) paper = null;
                else if (colour.Alpha >= 0.5) paper = colour;
            }

            if (style.TryGetValue("background-image", out var image) && image != "none") paper = null;
            var written = style.GetValueOrDefault("-webkit-text-fill-color") ?? style.GetValueOrDefault("color");
            if (written is "initial") ink = CssColour.Black;
            else if (written is not (null or "inherit" or "unset" or "currentcolor" or "revert"))
            {
                if (CssColour.Read(written) is not { } colour) return $"color: {written} cannot be judged";
                if (colour.Alpha < 0.1) return $"color: {written}";
                ink = colour;
            }
            else if (written is null && one.LocalName == "a") ink = CssColour.Link; // As clients show links that say nothing of it.
        }

        if (visible is "hidden" or "collapse") return $"visibility: {visible}";
        if (opacity < 0.1) return "opacity near 0";
        if (size < Smallest) return string.Create(CultureInfo.InvariantCulture, $"font-size of {size:0.#} pixels");
        return ink is { } front && paper is { } back && front.Contrast(back) < LeastContrast
            ? "its colour is that of its background"
            : null;
    }

    /// <summary>What takes an element itself, with all in it, out of sight.</summary>
    private static string? Away(Dictionary<string, string> style, double size)
    {
        foreach (var (property, value) in style)
        {
            var hides = property switch
            {
                "display" or "content-visibility" => value is "none" or "hidden",
                "mso-hide" => value == "all",
                "max-height" or "max-width" => CssSize.Length(value, size) is <= 2,
                "height" or "width" or "block-size" or "inline-size" => CssSize.Length(value, size) is <= 2 && Clips(style),
                "line-height" =>
                    double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var lines)
                        ? lines < 0.3
                        : CssSize.Length(value, size) is < 3,
                "letter-spacing" => CssSize.Length(value, size) is { } gap && gap <= -0.3 * size,
                "text-indent" => Far(value, size),
                "left" or "right" or "top" or "bottom" or "inset" =>
                    style.GetValueOrDefault("position") is not (null or "static") && CssRule.Split(value, ' ').Any(v => Far(v, size)),
                "margin" or "margin-left" or "margin-right" or "margin-top" or "margin-bottom" or "translate" =>
                    CssRule.Split(value, ' ').Any(v => Far(v, size)),
                "transform" => Gone().IsMatch(value) || Lengths().Matches(value).Any(l => Far(l.Value, size)),
                "scale" or "zoom" => CssSize.Number(value) is < 0.4,
                "clip" or "clip-path" => value is not ("auto" or "none"),
                "filter" => value.Contains("opacity(", StringComparison.Ordinal),
                "animation" or "animation-name" => value != "none",
                "z-index" => value.StartsWith('-') && style.GetValueOrDefault("position") is not (null or "static"),
                _ => false,
            };
            if (hides) return $"{property}: {value}";
        }

        return null;
    }

    private static bool Clips(Dictionary<string, string> style) =>
        style.Any(
            s => s.Key.StartsWith("overflow", StringComparison.Ordinal)
                && (s.Value.Contains("hidden", StringComparison.Ordinal) || s.Value.Contains("clip", StringComparison.Ordinal)));

    private static bool Far(string value, double size) => CssSize.Length(value, size) is <= -Off or >= 20 * Off;

    /// <summary>What holds for an element in a view: of the rules for it the one that wins, with shorthands taken apart.</summary>
    private Dictionary<string, string> Style(IElement element, string[] view)
    {
        if (_styles.TryGetValue((element, view), out var known)) return known;
        var style = new Dictionary<string, string>(StringComparer.Ordinal);
        if (element.GetAttribute("bgcolor") is { Length: > 0 } fill) style["background-color"] = fill.ToLowerInvariant();
        if (element.GetAttribute("background") is { Length: > 0 }) style["background-image"] = "url()";
        if ((element.LocalName == "font"
            ? element.GetAttribute("color")
            : element.LocalName == "body" ? element.GetAttribute("text") : null) is { Length: > 0 } ink)
        {
            style["color"] = ink.ToLowerInvariant();
        }

        if (element.HasAttribute("hidden")) style["display"] = "none";
        var said = new List<(CssDeclaration Declaration, bool Own, Priority Weight)>();
        foreach (var (rule, selector) in _rules)
        {
            if (rule.Condition.Length > 0 && Array.IndexOf(view, rule.Condition) < 0) continue;
            if (selector is null || selector.Match(element, null))
                said.AddRange(rule.Declarations.Select(d => (d, false, selector?.Specificity ?? Priority.Zero)));
        }

        if (_styleOf(element) is { } own)
        {
            if (own.Contains("{%", StringComparison.Ordinal)) style["{%"] = "";
            said.AddRange(CssDeclaration.Read(Value().Replace(own, "var(data)")).Select(d => (d, true, Priority.Inline)));
        }

        // Later ones win where the rest is equal: the order is kept.
        foreach (var (declaration, _, _) in said.OrderBy(s => s.Declaration.Important).ThenBy(s => s.Own).ThenBy(s => s.Weight))
            Set(style, declaration.Property, declaration.Value);
        return _styles[(element, view)] = style;
    }

    private static void Set(Dictionary<string, string> style, string property, string value)
    {
        style[property] = value;
        if (property == "font"
            && CssRule.Split(value, ' ')
                .Select(p => p.Split('/')[0])
                .FirstOrDefault(p => CssSize.FontSize(p, 16) is not null && !Weight().IsMatch(p)) is { } size)
        {
            style["font-size"] = size;
        }

        if (property != "background") return;
        style["background-color"] = CssRule.Split(value, ' ').FirstOrDefault(p => CssColour.Read(p) is not null)
            ?? (Unjudgeable().IsMatch(value) ? value : "transparent");
        style["background-image"] =
            value.Contains("url(", StringComparison.Ordinal) || value.Contains("gradient(", StringComparison.Ordinal)
                ? value
                : "none";
    }

    [GeneratedRegex(@"\{\{.*?\}\}", RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex Value();

    [GeneratedRegex(@"\b(var|calc|min|max|clamp|env|attr|light-dark|color-mix)\(")]
    private static partial Regex Unjudgeable();

    [GeneratedRegex(@"scale(x|y|3d)?\(\s*[+-]?0?(\.[0-3]\d*)?\s*[,)]|rotate[xy]\(\s*-?90|matrix")]
    private static partial Regex Gone();

    [GeneratedRegex(@"[+-]?(\d+\.?\d*|\.\d+)(px|pt|em|rem|vw|vh|%)")]
    private static partial Regex Lengths();

    [GeneratedRegex(@"^[1-9]\d\d$")]
    private static partial Regex Weight();
}
