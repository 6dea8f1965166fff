using Notifications.Addresses;
using Notifications.Templates;
using static Notifications.Tests.Templates.SomeTopics;

namespace Notifications.Tests.Templates;

/// <summary>What is said of a template before it is saved, and what its HTML becomes.</summary>
public sealed class TemplateLintTests
{
    [Fact]
    public void A_clean_template_has_no_findings()
    {
        var linted = Mail(
            "<h1>Hello</h1><img src=\"https://example.com/a.png\" alt=\"A\" width=\"10\" height=\"10\"><p><a href=\"https://example.com/{{ data.path }}\">Read</a></p>");
        Assert.True(linted.Ok);
        Assert.Empty(linted.Findings);
    }

    [Theory]
    [InlineData("<p>\n{% if data.x %}</p>", "broken-liquid", "error")]
    [InlineData("<p>{{ data.x</p>", "broken-liquid", "error")]
    [InlineData("<p>{{ customer.name }}</p>", "unknown-variable", "warning")]
    [InlineData("<p>{{ sender.phone }}</p>", "unknown-variable", "warning")]
    [InlineData("<img src=\"https://example.com/a.png\" width=\"1\" height=\"1\">", "missing-alt", "warning")]
    [InlineData("<img src=\"https://example.com/a.png\" alt=\"\">", "image-size", "warning")]
    [InlineData("<a href=\"\">x</a>", "broken-link", "error")]
    [InlineData("<a href=\"/news\">x</a>", "broken-link", "error")]
    [InlineData("<a href=\"https://\">x</a>", "broken-link", "error")]
    [InlineData("<a href=\"http://example.com\">x</a>", "insecure-link", "warning")]
    [InlineData("<p>{{ data.x | raw }}</p>", "unsafe-liquid", "error")]
    [InlineData("<p>{% raw %}<b>{% endraw %}</p>", "unsafe-liquid", "error")]
    [InlineData("<p {% if data.x %}class=\"a\"{% endif %}>x</p>", "liquid-place", "error")]
    [InlineData("<p class={{ data.x }}>x</p>", "liquid-place", "error")]
    [InlineData("<style>p { color: {{ data.c }} }</style><p>x</p>", "liquid-place", "error")]
    [InlineData("<style>@import 'https://example.com/a.css';</style><p>x</p>", "unsafe-css", "error")]
    [InlineData("<p style=\"background:url(javascript:alert(1))\">x</p>", "unsafe-css", "error")]
    [InlineData("<p>{% for i in (1..100000000) %}x{% endfor %}</p>", "broken-liquid", "error")]
    [InlineData("<p>{% for i in ( 1 .. data.n ) %}x{% endfor %}</p>", "broken-liquid", "error")]
    [InlineData("<p>x</p><!-- no end", "broken-html", "error")]
    public void Each_fault_of_an_email_is_found(string html, string rule, string severity)
    {
        var finding = Mail(html).Findings.First(f => f.Rule == rule);
        Assert.Equal((severity == "error", "html"), (finding.Severity == FindingSeverity.Error, finding.Part));
        Assert.NotEmpty(finding.Remedy);
        Assert.Equal(severity != "error", Mail(html).Ok);
    }

    [Fact]
    public void Whoever_asks_for_more_of_a_contact_than_there_is_is_told_what_there_is()
    {
        Assert.DoesNotContain(Mail("<p>{{ contact.name }}</p>").Findings, f => f.Rule == "unknown-variable");
        var finding = Mail("<p>{{ contact.firstName }}</p>").Findings.First(f => f.Rule == "unknown-variable");
        Assert.Contains("contact.name", finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_finding_names_its_line()
    {
        Assert.Equal(3, Assert.Single(Mail("<p>\n</p>\n<a href=\"\">x</a>").Findings).Line);
        Assert.Equal(3, Assert.Single(Mail("<p>\n</p>\n{% if %}").Findings).Line);
    }

    [Theory]
    [InlineData(null, "missing-subject", false)]
    [InlineData("One\nBcc: two", "subject-lines", false)]
    [InlineData("Hello {{ contact.firstName }}", "unknown-variable", true)]
    public void The_subject_is_checked(string? subject, string rule, bool ok)
    {
        var linted = TemplateLint.Check(Source(Channel.Email, "<p>x</p>", "x") with { Subject = subject }, News);
        Assert.Equal((rule, ok), (Assert.Single(linted.Findings).Rule, linted.Ok));
    }

    [Theory]
    [InlineData("{% if data.x %}<p>x</p>{% endif %}")]
    [InlineData("\n{{ data.x }} and <b>more</b>")]
    [InlineData("<style>b { color:#000 }</style>{% for x in data.x %}<i>{{ x }}</i>{% endfor %}")]
    public void Liquid_that_an_HTML_begins_with_is_kept(string html)
    {
        foreach (var layout in new[] { TemplateLayout.Standard, TemplateLayout.None })
        {
            var around = layout == TemplateLayout.Standard
                ? ""
                : "<p>{{ sender.postalAddress }}</p><a href=\"{{ unsubscribeUrl }}\">u</a><a href=\"{{ preferencesUrl }}\">p</a>";
            var linted = TemplateLint.Check(
                Source(
                    Channel.Email, html + around,
                    "{{ sender.postalAddress }} {{ unsubscribeUrl }} {{ preferencesUrl }}") with { Layout = layout },
                News);
            Assert.Empty(linted.Findings);
            Assert.Contains(
                html[(html.LastIndexOf('>', html.IndexOf('{', html.IndexOf("</style>", StringComparison.Ordinal) + 1)) + 1)..].Trim(),
                linted.Compiled!.Html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_long_subject_and_a_missing_text_are_warned_about()
    {
        var linted = TemplateLint.Check(Source(Channel.Email, "<p>x</p>", null) with { Subject = new string('x', 151) }, News);
        Assert.True(linted.Ok);
        Assert.Equal(["missing-text", "subject-length"], linted.Findings.Select(f => f.Rule).Order());
    }

    [Theory]
    [InlineData("<p>{{ sender.postalAddress }}</p><a href=\"{{ unsubscribeUrl }}\">u</a><a href=\"{{ preferencesUrl }}\">p</a>", "")]
    [InlineData("<a href=\"{{ unsubscribeUrl }}\">u</a><a href=\"{{ preferencesUrl }}\">p</a>", "missing-postal-address")]
    [InlineData("<p>{{ sender.postalAddress }}</p><a href=\"{{ preferencesUrl }}\">p</a>", "")] // Its page offers both.
    [InlineData("<p>{{ sender.postalAddress }}</p><a href=\"{{ unsubscribeUrl }}\">u</a>", "")]
    [InlineData("<p>{{ sender.postalAddress }}</p>{{ unsubscribeUrl }}", "missing-unsubscribe missing-stop-all")]
    [InlineData(
        "<p>{{ sender.postalAddress }}</p>{% if data.x %}<a href=\"{{ unsubscribeUrl }}\">u</a><a href=\"{{ preferencesUrl }}\">p</a>{% endif %}",
        "missing-unsubscribe missing-stop-all")]
    [InlineData(
        "<p>{{ sender.postalAddress }}</p><!--<a href=\"{{ unsubscribeUrl }}\">u</a><a href=\"{{ preferencesUrl }}\">p</a>-->",
        "missing-unsubscribe missing-stop-all")]
    [InlineData(
        "<p>{% comment %}{{ sender.postalAddress }}{% endcomment %}</p><a href=\"{{ unsubscribeUrl }}\">u</a><a href=\"{{ preferencesUrl }}\">p</a>",
        "missing-postal-address")]
    public void R23_Marketing_email_without_the_shared_layout_must_carry_address_unsubscribe_and_stop_all(string html, string rule)
    {
        const string text = "{{ sender.postalAddress }} {{ unsubscribeUrl }} {{ preferencesUrl }}";
        var linted = TemplateLint.Check(Source(Channel.Email, html, text) with { Layout = TemplateLayout.None }, News);
        Assert.Equal(rule, string.Join(' ', linted.Findings.Select(f => f.Rule)));
        Assert.Equal(rule.Length == 0, linted.Ok);
    }

    [Theory]
    [InlineData("<p>Delivered</p><a href=\"{{ unsubscribeUrl }}\">Stop</a>", "Delivered {{ unsubscribeUrl }}", "")]
    [InlineData("<p>Delivered</p>", "Delivered", "missing-unsubscribe missing-unsubscribe")]
    [InlineData("<p>{{ unsubscribeUrl }}</p>", "Delivered {{ unsubscribeUrl }}", "missing-unsubscribe")]
    [InlineData(
        "<p>Delivered</p>{% if data.x %}<a href=\"{{ unsubscribeUrl }}\">Stop</a>{% endif %}", "Delivered {{ unsubscribeUrl }}",
        "missing-unsubscribe")]
    [InlineData(
        "<a href=\"{{ unsubscribeUrl }}\">Stop</a>", "Delivered {% if data.x %}{{ unsubscribeUrl }}{% endif %}", "missing-unsubscribe")]
    [InlineData("<a style=\"display:none\" href=\"{{ unsubscribeUrl }}\">Stop</a>", "Delivered {{ unsubscribeUrl }}", "hidden-unsubscribe")]
    public void R16_A_package_update_without_the_shared_layout_must_carry_a_visible_link_to_unsubscribe(
        string html, string text, string rules)
    {
        var linted = TemplateLint.Check(Source(Channel.Email, html, text) with { Layout = TemplateLayout.None }, Parcels);
        Assert.Equal(rules, string.Join(' ', linted.Findings.Select(f => f.Rule)));
        // Below a plain part without one stands the layout's own.
        Assert.All(linted.Findings, f => Assert.Equal(f.Part == "text", f.Severity == FindingSeverity.Warning));
        Assert.Equal(linted.Findings.All(f => f.Part == "text"), linted.Ok);
        Assert.All(linted.Findings, f => Assert.Contains("(R16)", f.Message, StringComparison.Ordinal));
        Assert.True(TemplateLint.Check(Source(Channel.Email, "<p>Delivered</p>", "Delivered"), Parcels).Ok);
    }

    [Theory]
    [InlineData("<div data-promo>Buy</div>")]
    [InlineData("<div class=\"box promo\">Buy</div>")]
    [InlineData("<a href=\"https://example.com/?utm_campaign=spring\">Buy</a>")]
    public void R24_A_promotional_block_in_a_package_update_is_refused_and_in_marketing_it_is_not(string html)
    {
        var linted = TemplateLint.Check(Source(Channel.Email, html, "x"), Parcels);
        Assert.False(linted.Ok);
        Assert.Equal("promotional-block", Assert.Single(linted.Findings).Rule);
        Assert.True(Mail(html).Ok);
    }

    [Theory]
    [InlineData("{{ sender.name }}: x. Reply STOP to stop, or {{ unsubscribeUrl }}", "")]
    [InlineData("x. Reply STOP to stop, or {{ unsubscribeUrl }}", "missing-sender")]
    [InlineData("{{ sender.name }}: x. {{ unsubscribeUrl }}", "missing-stop")]
    [InlineData("{{ sender.name }}: x. {% if data.x %}Reply STOP {% endif %}{{ unsubscribeUrl }}", "missing-stop")]
    [InlineData("{{ sender.name }}: x. Reply STOP to stop.", "missing-unsubscribe")]
    public void R25_Marketing_SMS_without_the_shared_layout_must_name_sender_STOP_and_a_link(string text, string rule)
    {
        var linted = TemplateLint.Check(Source(Channel.Sms, null, text) with { Layout = TemplateLayout.None }, News);
        Assert.Equal(rule, string.Join(' ', linted.Findings.Select(f => f.Rule)));
        Assert.True(TemplateLint.Check(Source(Channel.Sms, null, "x"), News).Ok);
    }

    [Theory]
    [InlineData("{{ sender.name }}：新品上市。回复STOP退订，或 {{ unsubscribeUrl }}", true, "")]
    [InlineData("{{ sender.name }}：新商品です。停止はSTOPと返信、または {{ unsubscribeUrl }}", true, "")]
    [InlineData("{{ sender.name }}: NONSTOP or STOPS {{ unsubscribeUrl }}", true, "missing-stop")]
    [InlineData("{{ sender.name }}: Fly NON-STOP to Oslo {{ unsubscribeUrl }}", true, "missing-stop")]
    [InlineData("{{ sender.name }}: STOP-GO is over {{ unsubscribeUrl }}", true, "missing-stop")]
    [InlineData("{{ sender.name }}: Fly NON-STOP to Oslo. STOP=stop {{ unsubscribeUrl }}", true, "")]
    [InlineData("{{ sender.name }}: x. {{ unsubscribeUrl }}", false, "")]
    public void R25_R50_R55_STOP_is_found_among_letters_that_set_no_spaces_and_asked_for_only_where_it_can_be_answered(
        string text, bool twoWay, string rule)
    {
        var linted = TemplateLint.Check(Source(Channel.Sms, null, text) with { Layout = TemplateLayout.None }, News, twoWay);
        Assert.Equal(rule, string.Join(' ', linted.Findings.Select(f => f.Rule)));
    }

    [Theory]
    [InlineData("{% assign unsubscribeUrl = data.more %}")]
    [InlineData("{% assign sender = data.other %}")]
    [InlineData("{% capture preferencesUrl %}https://example.com/{% endcapture %}")]
    [InlineData("{% for unsubscribeUrl in data.links %}x{% endfor %}")]
    [InlineData("{% tablerow sender in data.links %}x{% endtablerow %}")]
    [InlineData("{% if data.x %}{% for i in data.links %}{% assign unsubscribeUrl = i %}{% endfor %}{% endif %}")]
    public void R16_R23_R25_R51_A_template_cannot_put_something_else_in_the_place_of_its_own_way_out(string taken)
    {
        const string mail = "<p>{{ sender.postalAddress }}</p><a href=\"{{ unsubscribeUrl }}\">u</a><a href=\"{{ preferencesUrl }}\">p</a>";
        const string plain = "{{ sender.postalAddress }} {{ unsubscribeUrl }} {{ preferencesUrl }}";
        const string text = "{{ sender.name }}: x. Reply STOP to stop, or {{ unsubscribeUrl }}";
        foreach (var source in (TemplateSource[])[
            Source(Channel.Email, "<div>" + taken + "</div>" + mail, plain), Source(Channel.Email, mail, taken + plain),
            Source(Channel.Sms, null, taken + text),
        ])
        {
            var linted = TemplateLint.Check(source with { Layout = TemplateLayout.None }, News);
            Assert.False(linted.Ok);
            Assert.Contains(linted.Findings, f => f is { Rule: "taken-name", Severity: FindingSeverity.Error });
            Assert.True(TemplateLint.Check(source, News).Ok); // The shared layout has a way out of its own.
        }

        Assert.DoesNotContain(
            TemplateLint.Check(Source(Channel.Sms, null, "{% assign mine = data.x %}{{ mine }}"), News).Findings,
            f => f.Rule == "taken-name");
    }

    [Theory]
    [InlineData("{{ sender.name }}: {{ package.title }}. Reply STOP to stop.", true, "")]
    [InlineData("{{ sender.name }}: {{ package.title }}. {{ unsubscribeUrl }}", true, "")]
    [InlineData("{{ package.title }}", true, "missing-sender missing-stop")]
    [InlineData("{{ package.title }}. Reply STOP to stop.", true, "missing-sender")]
    [InlineData("{{ sender.name }}: {{ package.title }}", true, "missing-stop")]
    [InlineData("{{ sender.name }}: {{ package.title }}{% if data.x %} STOP {{ unsubscribeUrl }}{% endif %}", true, "missing-stop")]
    [InlineData("{{ sender.name }}: {{ package.title }}. {{ unsubscribeUrl }}", false, "")]
    [InlineData("{{ sender.name }}: {{ package.title }}. Reply STOP to stop.", false, "missing-unsubscribe")]
    public void R50_R51_A_package_text_without_the_shared_layout_must_name_its_sender_and_a_way_to_stop_that_works(
        string text, bool twoWay, string rules)
    {
        var linted = TemplateLint.Check(Source(Channel.Sms, null, text) with { Layout = TemplateLayout.None }, Parcels, twoWay);
        Assert.Equal(rules, string.Join(' ', linted.Findings.Select(f => f.Rule)));
        Assert.Equal(rules.Length == 0, linted.Ok);
        Assert.True(TemplateLint.Check(Source(Channel.Sms, null, "{{ package.title }}"), Parcels, twoWay).Ok);
    }

    [Theory]
    [InlineData("<script>alert(1)</script><p>x</p>")]
    [InlineData("<img src=\"https://example.com/a.png\" onerror=\"alert(1)\" alt=\"\" width=\"1\" height=\"1\">")]
    [InlineData("<a href=\"javascript:alert(1)\">x</a>")]
    [InlineData("<a href=\" java&#10;script:alert(1)\">x</a>")]
    [InlineData("<a href=\"data:text/html,<script>alert(1)</script>\">x</a>")]
    [InlineData("<svg onload=\"alert(1)\"><script>alert(1)</script></svg>")]
    [InlineData("<svg><style><img src=x onerror=alert(1)></style></svg>")]
    [InlineData("<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\"></table></math>")]
    [InlineData("<form action=\"https://evil.example\"><input name=\"a\"><button>Go</button></form>")]
    [InlineData("<iframe src=\"https://evil.example\"></iframe><object data=\"https://evil.example\"></object><embed src=\"https://evil.example\">")]
    [InlineData("<link rel=\"stylesheet\" href=\"https://evil.example/a.css\"><base href=\"https://evil.example/\"><meta http-equiv=\"refresh\" content=\"0;url=https://evil.example\">")]
    [InlineData("<p {{ x }}onclick=\"alert(1)\">x</p>")]
    [InlineData("<scr{{ data.x }}ipt>alert(1)</script>")]
    public void An_attack_is_taken_out_or_refused(string html)
    {
        var linted = Mail(html);
        if (linted.Compiled is { Html: { } clean })
            Assert.DoesNotMatch(
                "(?i)<(script|svg|math|form|input|button|iframe|object|embed|link|base)|\\son[a-z]+\\s*=|javascript:|data:text|http-equiv",
                clean);
        else Assert.Contains(linted.Findings, f => f.Severity == FindingSeverity.Error);
        Assert.NotEmpty(linted.Findings);
    }

    [Fact]
    public void Liquid_survives_cleaning_between_table_rows_in_attributes_and_with_quotes()
    {
        const string html = """
            <style>td { padding: 4px; } @media (prefers-color-scheme: dark) { .a { color: #fff; } }</style>
            <table><tbody>{% for item in data.items %}<tr class="row {{ item.kind }}"><td class="a" style="color:{% if item.sale %}#ff0000{% else %}{{ item.color }}{% endif %}"><a href="{{ item.url | default: "https://example.com/" }}">{{ item.title | default: "A < B" }}</a></td></tr>{% endfor %}</tbody></table>
            """;
        var linted = Mail(html);
        Assert.True(linted.Ok, string.Join('\n', linted.Findings));
        var compiled = linted.Compiled!;
        Assert.Contains("<tbody>{% for item in data.items %}<tr class=\"row {{ item.kind }}\">", compiled.Html, StringComparison.Ordinal);
        Assert.Contains("</tr>{% endfor %}</tbody>", compiled.Html, StringComparison.Ordinal);
        Assert.Contains("href=\"{{ item.url | default: \"https://example.com/\" | safe_link }}\"", compiled.Html, StringComparison.Ordinal);
        Assert.Matches(
            "style=\"padding: ?4px;color:\\{% if item.sale %\\}#ff0000\\{% else %\\}\\{\\{ item.color \\| safe_style \\}\\}\\{% endif %\\}\"",
            compiled.Html!);
        Assert.Contains("prefers-color-scheme", compiled.Styles, StringComparison.Ordinal);
        Assert.DoesNotContain("lqz", compiled.Html + compiled.Styles, StringComparison.Ordinal);
    }

    private static LintedTemplate Mail(string html) => TemplateLint.Check(Source(Channel.Email, html, "x"), News);

    private static TemplateSource Source(Channel channel, string? html, string? text) =>
        new()
        {
            Name = "spring",
            Topic = "newsletter",
            Channel = channel,
            Locale = "en",
            Subject = channel == Channel.Email ? "Hello" : null,
            Html = html,
            Text = text,
        };
}
