using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Ganss.Xss;
using Notifications.Consent;

namespace Notifications.Templates;

/// <summary>
/// Makes of an author's HTML what mail clients can be given: nothing that runs, loads or asks, and styles where every client reads them.
/// Runs when a template is saved.
/// </summary>
internal static class HtmlCompiler
{
    // The inliner loads what a sheet imports, from wherever it says, as soon as it is asked to inline: a template must not make this
    // machine ask another one for anything.
    static HtmlCompiler() => PreMailer.Net.Downloaders.WebDownloader.SharedDownloader = new NoDownloads();

    private static readonly string[] MoreTags =
        [
            "html", "head", "body", "title", "meta", "center", "font", "bdi", "bdo", "section", "article", "header", "footer", "main",
            "figure", "figcaption",
        ];
    private static readonly string[] MoreAttributes =
        [
            "role", "lang", "dir", "align", "valign", "bgcolor", "background", "border", "cellpadding", "cellspacing", "width", "height",
            "class", "id", "name", "content", "charset", "aria-hidden", "aria-label",
        ];
    private static readonly string[] Asking =
        [
            "form", "input", "button", "select", "option", "optgroup", "textarea", "label", "fieldset", "legend", "datalist", "keygen",
            "output", "menu", "menuitem", "details", "summary", "dialog", "link", "base", "area", "map",
        ];

    /// <summary>
    /// The body (or the whole document, <paramref name="whole"/>) with inline styles, and the style sheet that remains. Findings tell what
    /// was taken out, and what people would not see that they must (R16, R23).
    /// </summary>
    public static (string Html, string Styles) Compile(LiquidShield shield, bool whole, Topic topic, List<TemplateFinding> findings)
    {
        var sanitizer = Sanitizer(shield);
        void Removed(string what) =>
            findings.Add(new TemplateFinding(
                "unsafe-html", FindingSeverity.Warning, "html", 0, $"{what} was taken out.",
                "Mail clients do not run or load it; leave it out."));
        sanitizer.RemovingTag += (_, e) => Removed($"The element {e.Tag.LocalName}");
        sanitizer.RemovingAttribute += (_, e) => Removed($"The attribute {e.Attribute.Name} of {e.Tag.LocalName}");
        sanitizer.RemovingComment += (_, e) => e.Cancel = true; // Only ours are left.
        // What stands before a body belongs to no body: Liquid that a piece of HTML begins with would be lost.
        var bare = shield.Html.TrimStart().StartsWith("<!--", StringComparison.Ordinal)
            && !shield.Tags.Exists(static t => t.Name is "html" or "head" or "body");
        var clean = sanitizer.SanitizeDocument(bare ? "<body>" + shield.Html : shield.Html);

        var parser = new HtmlParser();
        var document = parser.ParseDocument(clean);
        if (shield.Css.Trim().Length > 0 && !shield.Findings.Exists(static f => f.Rule == LiquidShield.UnsafeCssRule))
        {
            var style = document.CreateElement("style");
            style.TextContent = shield.Css;
            document.Head!.AppendChild(style);
            var inlined = PreMailer.Net.PreMailer.MoveCssInline(
                document.DocumentElement.OuterHtml, removeStyleElements: true, preserveMediaQueries: true);
            foreach (var warning in inlined.Warnings)
                findings.Add(new TemplateFinding(
                    "css", FindingSeverity.Warning, "html", 0, warning, "Mail clients may not follow this rule; look at the preview."));
            document = parser.ParseDocument(inlined.Html);
        }

        // What an author wrote into a tag comes after what the sheet says, so it wins.
        foreach (var element in document.QuerySelectorAll($"[{shield.StyleAttribute}]"))
        {
            var sheet = element.GetAttribute("style")?.Trim().TrimEnd(';');
            var own = element.GetAttribute(shield.StyleAttribute);
            element.RemoveAttribute(shield.StyleAttribute);
            element.SetAttribute("style", string.IsNullOrEmpty(sheet) ? own! : $"{sheet};{own}");
        }

        var kept = string.Concat(document.QuerySelectorAll("style").Select(s => s.TextContent.Trim()));
        if (whole)
            new Visibility(
                document, kept, e => e.GetAttribute("style") is { } style ? shield.Restore(style) : null).Check(shield, topic, findings);
        if (whole) return (shield.Restore("<!doctype html>\n" + document.DocumentElement.OuterHtml), "");
        foreach (var style in document.QuerySelectorAll("style").ToArray()) style.Remove();
        if (kept.Length > 0)
        {
            // What is kept comes into the head of the layout, where it reaches the layout's own lines too.
            var layout = LiquidShield.Of(DefaultTemplates.LayoutOf(topic));
            new Visibility(
                parser.ParseDocument(layout.Html), layout.Css + kept,
                e => e.GetAttribute(layout.StyleAttribute) is { } style ? layout.Restore(style) : null).Check(layout, topic, findings);
        }

        return (shield.Restore(document.Body!.InnerHtml.Trim()), kept.Length == 0 ? "" : $"<style>{kept}</style>");
    }

    private static HtmlSanitizer Sanitizer(LiquidShield shield)
    {
        var sanitizer = new HtmlSanitizer();
        sanitizer.AllowedTags.UnionWith(MoreTags);
        sanitizer.AllowedTags.ExceptWith(Asking);
        sanitizer.AllowedAttributes.UnionWith(MoreAttributes);
        sanitizer.AllowedAttributes.ExceptWith(
            ["style", "action", "method", "enctype", "http-equiv", "usemap", "accept", "accept-charset"]);
        sanitizer.AllowedAttributes.Add(shield.StyleAttribute);
        sanitizer.AllowedSchemes.Clear();
        sanitizer.AllowedSchemes.UnionWith(["https", "http", "mailto", "tel", "sms"]);
        sanitizer.UriAttributes.UnionWith(["href", "src", "background", "cite"]);
        sanitizer.AllowDataAttributes = false;
        sanitizer.AllowedAttributes.Add("data-promo");
        return sanitizer;
    }

    private sealed class NoDownloads : PreMailer.Net.Downloaders.IWebDownloader
    {
        public string DownloadString(Uri uri) => "";
    }
}
