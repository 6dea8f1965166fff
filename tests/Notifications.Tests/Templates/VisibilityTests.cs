using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Templates;
using static Notifications.Tests.Templates.SomeTopics;

namespace Notifications.Tests.Templates;

/// <summary>
/// R23: what marketing email must carry it must show. Every way of hiding it, wherever it is written, is found when the template is saved.
/// </summary>
public sealed class VisibilityTests
{
    /// <summary>Each hides the element that it is said of, or what is in it.</summary>
    public static TheoryData<string> Ways =>
    [
        "display:none", "DISPLAY : None", "visibility:hidden", "visibility:collapse", "opacity:0", "opacity:0.01", "opacity:1%",
        "font-size:0",
        "font-size:1px", "font-size:2pt", "font-size:10%", "font-size:.1em", "font:0/0 a", "font:bold 1px/1 Arial", "line-height:0",
        "letter-spacing:-1em",
        "color:#fff",
        "color:white", "color:#FFFFFF", "color:rgb(255, 255, 255)", "color:hsl(0 0% 100%)", "color:#fefefe", "color:transparent",
        "color:rgba(0,0,0,0)", "-webkit-text-fill-color:#ffffff",
        "color:#123456;background:#123456", "background-color:#0b6b57;color:rgb(11,107,87)", "color:oklch(100% 0 0)", "color:var(--ink)",
        "position:absolute;left:-9999px",
        "position:fixed;top:-100vh", "position:relative;left:5000px", "text-indent:-9999px", "margin-left:-9999px", "margin:0 0 0 -900em",
        "transform:translateX(-2000px)", "transform:scale(0)",
        "max-height:0",
        "max-height:0;overflow:hidden", "max-width:1px", "height:0;overflow:hidden", "width:0px;overflow-x:hidden",
        "clip:rect(0 0 0 0);position:absolute", "clip-path:inset(50%)",
        "mso-hide:all",
        "content-visibility:hidden", "filter:opacity(0)", "animation:gone 0s forwards", "zoom:0.01", "position:absolute;z-index:-1",
    ];

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_hidden_link_to_unsubscribe_is_found_wherever_its_style_is_written(string way)
    {
        var important = string.Join(';', way.Split(';').Select(w => w + " !important"));
        foreach (var html in new[]
        {
            Mail(link: $"style=\"{way}\""),
            Mail($".u {{ {way} }}"),
            Mail($"p.foot > a[class~=u] {{ {way} }}"),
            Mail(
                $".foot .u {{ {important} }}",
                link: "style=\"display:inline;visibility:visible;opacity:1;font:16px/1 Arial;color:#000;position:static\""),
            Mail($"@media screen {{ .u {{ {important} }} }}"),
            Mail($"@media (prefers-color-scheme: dark) {{ @supports (display: block) {{ .u {{ {important} }} }} }}"),
        })
        {
            var linted = Lint(html);
            Assert.False(linted.Ok, html);
            var finding = linted.Findings.First(f => f.Severity == FindingSeverity.Error);
            Assert.True(finding.Rule == "hidden-unsubscribe", $"{finding}\n{html}");
            Assert.True(finding.Line > 0);
        }
    }

    [Theory]
    [InlineData("display:none")]
    [InlineData("visibility:hidden")]
    [InlineData("opacity:0")]
    [InlineData("position:absolute;left:-9999px")]
    [InlineData("max-height:0")]
    [InlineData("font-size:0")]
    [InlineData("color:#fff")]
    [InlineData("mso-hide:all")]
    public void What_stands_in_something_hidden_is_hidden(string way)
    {
        string[] both = ["hidden-postal-address", "hidden-stop-all", "hidden-unsubscribe"];
        foreach (var html in new[]
        {
            Mail(around: $"style=\"{way}\""),
            Mail($".card {{ {way} }}"),
            Mail($"#all {{ {way} }}"),
            Mail($"@media (min-width: 1px) {{ #all {{ {way} !important }} }}"),
        })
        {
            // A client's own colour of links shows on white.
            var expected = way == "color:#fff" ? both[..1] : both;
            Assert.Equal(expected, Errors(html));
        }
    }

    [Theory]
    [InlineData("<a href=\"{{ unsubscribeUrl }}\"></a>")]
    [InlineData("<a href=\"{{ unsubscribeUrl }}\"> &nbsp;&#8203;. </a>")]
    [InlineData("<a href=\"{{ unsubscribeUrl }}\">{{ data.words }}</a>")]
    [InlineData("<a href=\"{{ unsubscribeUrl }}\"><img src=\"https://example.com/a.png\" alt=\"\" width=\"90\" height=\"20\"></a>")]
    [InlineData("<a href=\"{{ unsubscribeUrl }}\"><img src=\"https://example.com/a.png\" alt=\"Unsubscribe\" width=\"1\" height=\"1\"></a>")]
    [InlineData("<a href=\"{{ unsubscribeUrl }}\"><span style=\"display:none\">Unsubscribe</span></a>")]
    [InlineData("<a href=\"{{ unsubscribeUrl }}\" style=\"pointer-events:none\">Unsubscribe</a>")]
    [InlineData("<a href=\"{{ unsubscribeUrl }}\" style=\"{{ data.style }}:none;display:{{ data.display }}\">Unsubscribe</a>")]
    [InlineData("<a href=\"{{ unsubscribeUrl }}\" style=\"{% if data.quiet %}display:none{% endif %}\">Unsubscribe</a>")]
    [InlineData("<button><a href=\"{{ unsubscribeUrl }}\">Unsubscribe</a></button>")]
    [InlineData("<div bgcolor=\"#0000ee\"><a href=\"{{ unsubscribeUrl }}\">Unsubscribe</a></div>")]
    [InlineData("<font color=\"#ffffff\"><a style=\"color:inherit\" href=\"{{ unsubscribeUrl }}\">Unsubscribe</a></font>")]
    public void A_link_that_shows_nothing_or_what_data_decide_is_no_link(string link) =>
        Assert.Contains(
            "hidden-unsubscribe", Errors($"<p>{{{{ sender.postalAddress }}}}</p>{link}<a href=\"{{{{ preferencesUrl }}}}\">p</a>"));

    [Theory]
    [InlineData("<title>{{ sender.postalAddress }}</title>")]
    [InlineData("<p style=\"color:#ffffff;background:#fff\">{{ sender.postalAddress }}</p>")]
    [InlineData("<table bgcolor=\"#000000\" style=\"color:#000\"><tr><td>{{ sender.postalAddress }}</td></tr></table>")]
    public void A_hidden_postal_address_is_found(string address) =>
        Assert.Contains(
            "hidden-postal-address",
            Errors($"{address}<a href=\"{{{{ unsubscribeUrl }}}}\">u</a><a href=\"{{{{ preferencesUrl }}}}\">p</a>"));

    [Theory]
    [InlineData("")]
    [InlineData(".other { display:none } .u:hover { display:none } .u::before { display:none }")]
    [InlineData(".u { color:#fff; background:#0b6b57; font-size:11px; opacity:.8 }")]
    [InlineData(".u { display:none } .foot .u { display:inline }")]
    [InlineData(".card { background:#000; color:#fff } .u { color:#eee }")]
    [InlineData("body { background:url(https://example.com/a.png); color:#fff } .u { color:#fff }")]
    [InlineData("@media print { .foot { display:none } }")]
    [InlineData("@media (max-width: 600px) { .card { width:100%; max-width:100%; line-height:1.2; margin:0 auto } }")]
    [InlineData("body { background:#fff; color:#000 } @media (prefers-color-scheme: dark) { body { background:#000; color:#fff } .u { color:#8cf } }")]
    public void What_is_shown_is_not_found(string css)
    {
        var linted = Lint(Mail(css));
        Assert.True(linted.Ok, string.Join('\n', linted.Findings));
    }

    [Fact]
    public void One_link_that_shows_is_enough_and_each_view_needs_one()
    {
        const string two =
            "<p>{{ sender.postalAddress }}</p><a class=\"wide\" href=\"{{ unsubscribeUrl }}\">u</a><a class=\"narrow\" style=\"display:none\" href=\"{{ unsubscribeUrl }}\">u</a><a href=\"{{ preferencesUrl }}\">p</a>";
        Assert.Empty(Errors(two));
        Assert.Empty(
            Errors("<style>@media (max-width: 600px) { .wide { display:none } .narrow { display:block !important } }</style>" + two));
        Assert.Equal(["hidden-unsubscribe"], Errors("<style>@media (max-width: 600px) { .wide { display:none } }</style>" + two));
    }

    [Theory]
    [InlineData("@media all { .foot { display:none } }", false)]
    [InlineData("@media screen { a { font-size:0 !important } }", false)]
    [InlineData("@media (prefers-color-scheme: dark) { .foot, .foot a { color:#10150f !important } }", false)]
    [InlineData("@media (prefers-color-scheme: dark) { .mine { color:#fff } h1 { display:none } }", true)]
    [InlineData(".foot { display:none } a { font-size:0 }", true)] // Moved into the body's own elements, it never reaches the layout.
    public void A_style_sheet_in_the_shared_layout_cannot_hide_the_layouts_own_lines(string css, bool ok)
    {
        foreach (var topic in new[] { News, Parcels })
        {
            var linted = TemplateLint.Check(
                Source($"<style>{css}</style><h1 class=\"mine\">x</h1>", TemplateLayout.Standard) with { Topic = topic.Key }, topic);
            Assert.Equal(ok, linted.Ok);
            Assert.Equal(!ok, linted.Findings.Any(f => f.Rule.StartsWith("hidden-", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void R16_A_style_sheet_is_judged_against_the_layout_that_its_topic_has()
    {
        LintedTemplate Check(Topic topic) =>
            TemplateLint.Check(
                Source(
                    "<style>@media (max-width: 600px) { .pad { display:none } }</style><h1>x</h1>",
                    TemplateLayout.Standard) with { Topic = topic.Key },
                topic);
        Assert.Equal("hidden-unsubscribe", Assert.Single(Check(Parcels).Findings, f => f.Severity == FindingSeverity.Error).Rule);
        Assert.True(Check(News).Ok);
    }

    private static string Mail(string css = "", string link = "", string around = "") =>
        $"<style>{css}</style><div id=\"all\" class=\"card\" {around}>\n<p>{{{{ sender.postalAddress }}}}</p><p class=\"foot\"><a class=\"u\" {link} href=\"{{{{ unsubscribeUrl }}}}\">Unsubscribe</a> <a class=\"p\" href=\"{{{{ preferencesUrl }}}}\">Stop all</a></p></div>";

    private static IEnumerable<string> Errors(string html) =>
        Lint(html).Findings.Where(f => f.Severity == FindingSeverity.Error).Select(f => f.Rule).Order();

    private static LintedTemplate Lint(string html) => TemplateLint.Check(Source(html, TemplateLayout.None), News);

    private static TemplateSource Source(string html, TemplateLayout layout) => new()
    {
        Name = "spring", Topic = "newsletter", Channel = Channel.Email, Locale = "en", Subject = "Hello", Html = html, Layout = layout,
        Text = "{{ sender.postalAddress }} {{ unsubscribeUrl }} {{ preferencesUrl }}",
    };
}
