using System.Text.RegularExpressions;
using Fluid.Ast;
using Notifications.Addresses;
using Notifications.Consent;

namespace Notifications.Templates;

/// <summary>What came of checking a template; <paramref name="Compiled"/> is null when it has errors.</summary>
public sealed record LintedTemplate(CompiledTemplate? Compiled, IReadOnlyList<TemplateFinding> Findings)
{
    /// <summary>Whether it may be saved.</summary>
    public bool Ok => Compiled is not null;
}

/// <summary>Reads a template before anybody is sent it. Pure: the same source gives the same findings, and nothing is fetched.</summary>
public static partial class TemplateLint
{
    /// <summary>The longest subject that shows whole in most clients, in characters.</summary>
    public const int LongestSubject = 150;

    /// <summary>What a template may read, with the members of each; an empty list takes any.</summary>
    private static readonly Dictionary<string, string[]> Known = new(StringComparer.Ordinal)
    {
        ["contact"] = ["name", "locale", "timeZone"],
        ["data"] = [],
        ["sender"] = ["name", "postalAddress", "contact", "twoWay"],
        ["topic"] = ["key", "name", "marketing"],
        ["unsubscribeUrl"] = [],
        ["preferencesUrl"] = [],
        ["package"] = [],
        ["subject"] = [],
        ["forloop"] = [],
        ["tablerowloop"] = [],
    };

    /// <summary>
    /// Checks and compiles a source for its topic. <paramref name="twoWay"/>: whether people can answer our texts (R50).
    /// <paramref name="words"/>: whether it is being written, and words that advertise are looked for.
    /// </summary>
    public static LintedTemplate Check(TemplateSource source, Topic topic, bool twoWay = true, bool words = true)
    {
        var findings = new List<TemplateFinding>();
        string? styles = null, html = null;
        LiquidShield? read = null;
        CheckLiquid("subject", source.Subject, source.Layout, topic, findings);
        CheckLiquid("text", source.Text, source.Layout, topic, findings);
        if (source.Channel == Channel.Sms) CheckSms(source, topic, twoWay, findings);
        else
        {
            CheckSubject(source.Subject, findings);
            if (CheckLiquid("html", source.Html, source.Layout, topic, findings) && source.Html is not null)
            {
                var shield = read = LiquidShield.Of(source.Html);
                findings.AddRange(shield.Findings);
                CheckTags(shield, topic, findings);
                if (source.Layout == TemplateLayout.None) CheckDuties("html", shield.Tokens, topic, plain: false, findings);
                (html, styles) = HtmlCompiler.Compile(shield, source.Layout == TemplateLayout.None, topic, findings);
                if (!Liquid.TryParse(html, out _, out var broken))
                    Error(
                        "broken-liquid", "html", 0, $"After cleaning, the Liquid no longer fits together: {broken}",
                        "Keep the beginning and the end of a block outside of comments and of elements that are taken out.");
            }
            else if (string.IsNullOrWhiteSpace(source.Html)) Error("missing-html", "html", 0, "An email needs HTML.", "Write the HTML.");

            if (source.Text is null)
                Warn(
                    "missing-text", "text", 0, "The plain part is missing and is made of the HTML.",
                    "Write the text for people and clients that show no HTML.");
            else
            {
                if (source.Layout == TemplateLayout.None) CheckDuties("text", TokensOf(source.Text), topic, plain: true, findings);
                if (!topic.IsMarketing && PromoLink().Match(source.Text) is { Success: true } promo)
                    Promo("text", LiquidShield.LineOf(source.Text, promo.Index), "A link is marked as advertising.");
            }
        }

        if (words) AdWords.Check(source, read, topic, findings);
        var ok = !findings.Exists(f => f.Severity == FindingSeverity.Error);
        return new LintedTemplate(ok ? new CompiledTemplate(source.Subject, styles, html, source.Text) : null, findings);

        void Error(string rule, string part, int line, string message, string remedy) =>
            findings.Add(new TemplateFinding(rule, FindingSeverity.Error, part, line, message, remedy));
        void Warn(string rule, string part, int line, string message, string remedy) =>
            findings.Add(new TemplateFinding(rule, FindingSeverity.Warning, part, line, message, remedy));
        void Promo(string part, int line, string message) => Error("promotional-block", part, line, message, PromoRemedy);
    }

    private const string PromoRemedy =
        "Messages of this topic carry no advertising (R24): send it under a marketing topic to those who asked for that.";

    // Fails before anything else is looked at: what cannot be parsed cannot be checked.
    private static bool CheckLiquid(
        string part, string? text, TemplateLayout layout, Topic topic, List<TemplateFinding> findings)
    {
        if (text is null) return true;
        if (!Liquid.TryParse(text, out var template, out var error))
        {
            var line = LineIn().Match(error) is { Success: true } at
                ? int.Parse(at.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)
                : 0;
            findings.Add(new TemplateFinding(
                "broken-liquid", FindingSeverity.Error, part, line, error.ReplaceLineEndings(" "), "Correct the Liquid at this place."));
            return false;
        }

        foreach (Match token in Token().Matches(text))
        {
            if (RawTag().IsMatch(token.Value))
                findings.Add(new TemplateFinding(
                    "unsafe-liquid", FindingSeverity.Error, part, LiquidShield.LineOf(text, token.Index),
                    "raw puts what it finds into the message without encoding it.", "Leave raw out; data are encoded."));
            if (IncludeTag().IsMatch(token.Value))
                findings.Add(new TemplateFinding(
                    "unsafe-liquid", FindingSeverity.Error, part, LiquidShield.LineOf(text, token.Index), "Templates cannot include files.",
                    "Write it here, or use the shared layout."));
        }

        var reader = new VariableReader();
        reader.VisitTemplate(template);
        // The shared layout reads nothing that a template has assigned; without it, the way out itself could be (R16, R23).
        foreach (var name in layout == TemplateLayout.None ? reader.Own.Where(Known.ContainsKey) : [])
            findings.Add(new TemplateFinding(
                "taken-name", FindingSeverity.Error, part,
                LiquidShield.LineOf(text, Math.Max(0, text.IndexOf(name, StringComparison.Ordinal))),
                $"The template gives {name} a value of its own, which hides what it stands for.", "Choose another name."));
        foreach (var name in reader.Read.Except(reader.Own, StringComparer.Ordinal).Distinct(StringComparer.Ordinal))
        {
            var dot = name.IndexOf('.', StringComparison.Ordinal);
            var root = dot < 0 ? name : name[..dot];
            if (reader.Own.Contains(root)) continue;
            var known = Known.TryGetValue(root, out var members)
                && (dot < 0 || members.Length == 0 || Array.IndexOf(members, name[(dot + 1)..]) >= 0)
                && (root != "package" || topic.Key == TopicKey.PackageUpdates);
            if (!known)
                findings.Add(new TemplateFinding(
                    "unknown-variable", FindingSeverity.Warning, part,
                    LiquidShield.LineOf(text, Math.Max(0, text.IndexOf(name, StringComparison.Ordinal))),
                    $"{name} is not known and shows as nothing.",
                    "Use contact.name, contact.locale, contact.timeZone, data, sender.name, sender.postalAddress, topic.name, unsubscribeUrl, preferencesUrl; package for package updates."));
        }

        return true;
    }

    private static void CheckSubject(string? subject, List<TemplateFinding> findings)
    {
        if (string.IsNullOrWhiteSpace(subject))
            findings.Add(new("missing-subject", FindingSeverity.Error, "subject", 0, "An email needs a subject.", "Write the subject."));
        else if (subject.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029'))
            findings.Add(new(
                "subject-lines", FindingSeverity.Error, "subject", 1, "The subject has more than one line.", "Write it on one line."));
        else if (Token().Replace(subject, "").Length > LongestSubject)
            findings.Add(new(
                "subject-length", FindingSeverity.Warning, "subject", 1, $"The subject has more than {LongestSubject} characters.",
                "Shorten it: clients cut it off."));
    }

    private static void CheckTags(LiquidShield shield, Topic topic, List<TemplateFinding> findings)
    {
        foreach (var (name, attributes, line) in shield.Tags)
        {
            void Add(string rule, FindingSeverity severity, string message, string remedy) =>
                findings.Add(new TemplateFinding(rule, severity, "html", line, message, remedy));
            if (name == "img")
            {
                if (!attributes.ContainsKey("alt"))
                    Add("missing-alt", FindingSeverity.Warning, "An image has no alternative text.",
                        "Add alt; alt=\"\" for mere decoration.");
                if (!attributes.ContainsKey("width") || !attributes.ContainsKey("height"))
                    Add("image-size", FindingSeverity.Warning, "An image has no size.",
                        "Add width and height, so that nothing jumps and clients that block images keep the room.");
                CheckLink(attributes.GetValueOrDefault("src"), "src", Add);
            }

            if (name == "a") CheckLink(attributes.GetValueOrDefault("href"), "href", Add);
            if (topic.IsMarketing) continue;
            if (attributes.ContainsKey("data-promo") || (attributes.GetValueOrDefault("class") is { } words && PromoClass().IsMatch(words)))
                Add("promotional-block", FindingSeverity.Error, $"A {name} is marked as advertising.", PromoRemedy);
            if (attributes.GetValueOrDefault("href") is { } link && PromoLink().IsMatch(link))
                Add("promotional-block", FindingSeverity.Error, "A link is marked as advertising.", PromoRemedy);
        }
    }

    private static void CheckLink(string? link, string attribute, Action<string, FindingSeverity, string, string> add)
    {
        if (string.IsNullOrWhiteSpace(link) || link.Trim() == "#")
        {
            add("broken-link", FindingSeverity.Error, $"A link leads nowhere: {attribute} is empty.",
                "Give an address that begins with https://.");
            return;
        }

        var text = Token().Replace(link.Trim(), "x");
        // Known when it is rendered; anything but the web, mail and phone is taken out then.
        if (link.TrimStart().StartsWith('{') || text.StartsWith('#')) return;
        if (text.StartsWith("http:", StringComparison.OrdinalIgnoreCase))
            add("insecure-link", FindingSeverity.Warning, $"{attribute} begins with http:.", "Use https://.");
        else if (attribute == "href"
            && (text.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase)
                || text.StartsWith("tel:", StringComparison.OrdinalIgnoreCase)
                || text.StartsWith("sms:", StringComparison.OrdinalIgnoreCase)))
        {
            return;
        }
        else if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps || uri.Host.Length == 0)
            add("broken-link", FindingSeverity.Error, $"{attribute} is not an address that a mail can use.",
                "Give an absolute address that begins with https://.");
    }

    /// <summary>
    /// The layout of a source that names none. What was written is the whole of a mail that carries its duties, and marketing mail that
    /// does not is thus refused (R23). Mail of a service that lacks its link has the shared layout (R16), and so has any text, to which it
    /// adds only what that does not say itself (R25, R51).
    /// </summary>
    public static TemplateLayout LayoutOf(TemplateSource source, Topic topic) =>
        source.Channel == Channel.Email
            && (topic.IsMarketing || Check(source with { Layout = TemplateLayout.None }, topic, words: false).Ok)
                ? TemplateLayout.None
                : TemplateLayout.Standard;

    /// <summary>What a text prints outside of every block, so that no data can take it away.</summary>
    internal static HashSet<string> Always(string text) =>
        Always(TokensOf(text)).Select(t => Expression(t.Text)).ToHashSet(StringComparer.Ordinal);

    private static IEnumerable<LiquidToken> Always(IEnumerable<LiquidToken> tokens) =>
        tokens.Where(t => t.Depth == 0 && t.Text.StartsWith("{{", StringComparison.Ordinal));

    // Without the shared layout. Whatever the plain part lacks stands below it (Renderer): it has no look that this could spoil.
    private static void CheckDuties(string part, IEnumerable<LiquidToken> tokens, Topic topic, bool plain, List<TemplateFinding> findings)
    {
        var (duties, mail, rule) = Duty.Of(topic);
        var always = Always(tokens).ToLookup(t => Expression(t.Text), StringComparer.Ordinal);
        foreach (var duty in duties)
        {
            var link = duty.IsLink && !plain;
            if (duty.Variables.SelectMany(v => always[v]).Any(t => link ? t is { Tag: "a", Attribute: "href" } : t.Attribute is null))
                continue;
            var add = string.Join(" or ", duty.Variables.Select(v => link ? $"<a href=\"{{{{ {v} }}}}\">" : $"{{{{ {v} }}}}"));
            findings.Add(
                plain
                    ? new(
                        "missing-" + duty.Name, FindingSeverity.Warning, part, 0,
                        $"The plain part lacks {duty.What} ({rule}), so the lines of the shared layout are put below it.",
                        $"Add {add} outside of every condition, and it stays as it is.")
                    : new(
                        "missing-" + duty.Name, FindingSeverity.Error, part, 0, $"{mail} must carry {duty.What} ({rule}).",
                        $"Add {add} outside of every condition, or use the shared layout (\"layout\": \"standard\"), which adds it."));
        }
    }

    private static void CheckSms(TemplateSource source, Topic topic, bool twoWay, List<TemplateFinding> findings)
    {
        if (string.IsNullOrWhiteSpace(source.Text))
            findings.Add(new("missing-text", FindingSeverity.Error, "text", 0, "A text message needs text.", "Write the text."));
        if (source.Html is not null)
            findings.Add(new("sms-html", FindingSeverity.Error, "html", 0, "A text message has no HTML.", "Leave the HTML out."));
        if (source.Subject is not null)
            findings.Add(new("sms-subject", FindingSeverity.Error, "subject", 0, "A text message has no subject.", "Leave the subject out."));
        if (source.Text is null) return;
        if (!topic.IsMarketing && PromoLink().Match(source.Text) is { Success: true } promo)
            findings.Add(new(
                "promotional-block", FindingSeverity.Error, "text", LiquidShield.LineOf(source.Text, promo.Index),
                "A link is marked as advertising.", PromoRemedy));
        if (source.Layout == TemplateLayout.Standard) return;
        var (sender, link, _) = SmsCarries.Of(source.Text);
        var stop = StopOutsideBlocks(source.Text, StopWord());
        var (text, rule) = topic.IsMarketing ? ("A marketing text", "R25") : ("A text", "R51");
        if (!sender) Missing("sender", $"{text} must name its sender ({rule}).", "Add {{ sender.name }}");
        if (!link && topic.IsMarketing)
            Missing("unsubscribe", "A marketing text must carry a web link to stop (R25).", "Add {{ unsubscribeUrl }}");
        if (!stop && topic.IsMarketing && twoWay)
            Missing("stop", "A marketing text must say that STOP stops it (R25).", "Write 'Reply STOP to stop'");
        if (topic.IsMarketing || link) return;
        if (!twoWay)
            Missing("unsubscribe", "A text that nobody can answer must carry a web link to stop (R50).", "Add {{ unsubscribeUrl }}");
        else if (!stop)
            Missing("stop", "A text must say how to stop it (R51).", "Write 'Reply STOP to stop', or add {{ unsubscribeUrl }}");

        void Missing(string what, string message, string remedy) =>
            findings.Add(new(
                "missing-" + what, FindingSeverity.Error, "text", 0, message,
                remedy + " outside of every condition, or use the shared layout (\"layout\": \"standard\"), which adds it."));
    }

    /// <summary>What a text says by itself, outside of every block: who sends it, a web link to stop, and that STOP stops it.</summary>
    internal readonly record struct SmsCarries(bool Sender, bool Link, bool Stop)
    {
        /// <summary>
        /// Of a template's text; a name that it gives a value of its own says nothing. Beside the link any STOP counts; without it only one
        /// that is said to be answered, for an advertisement has words of its own, and one line too many is better than none.
        /// </summary>
        public static SmsCarries Of(string text)
        {
            if (!Liquid.TryParse(text, out var template, out _)) return default;
            var always = Always(text);
            var reader = new VariableReader();
            reader.VisitTemplate(template);
            var link = always.Contains("unsubscribeUrl") && !reader.Own.Contains("unsubscribeUrl");
            var sender = always.Contains("sender.name") && !reader.Own.Contains("sender");
            return new(sender, link, StopOutsideBlocks(text, link ? StopWord() : StopAnswer()));
        }
    }

    private static bool StopOutsideBlocks(string text, Regex words)
    {
        var tokens = Token().Matches(text);
        var depths = TokensOf(text).ToList();
        foreach (Match stop in words.Matches(text))
        {
            var before = -1;
            for (var i = 0; i < tokens.Count && tokens[i].Index < stop.Index; i++) before = i;
            if (before < 0) return true;
            if (tokens[before].Index + tokens[before].Length > stop.Index) continue; // Inside a token, where nobody reads it.
            if (depths[before].Depth == 0 && !Opens(tokens[before].Value)) return true;
        }

        return false;
    }

    private static bool Opens(string token) => OpenTag().IsMatch(token);

    private static IEnumerable<LiquidToken> TokensOf(string text)
    {
        var depth = 0;
        foreach (Match token in Token().Matches(text))
        {
            if (EndTag().IsMatch(token.Value)) depth--;
            yield return new LiquidToken(token.Value, depth, null, null);
            if (Opens(token.Value)) depth++;
        }
    }

    internal static string Expression(string token) => token.Trim('{', '}', '-', ' ', '\t', '\r', '\n');

    /// <summary>Which variables a template reads, as <c>root</c> or <c>root.member</c>, and which it makes itself.</summary>
    private sealed class VariableReader : AstVisitor
    {
        public HashSet<string> Read { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Own { get; } = new(StringComparer.Ordinal);

        protected override Expression VisitMemberExpression(MemberExpression memberExpression)
        {
            if (memberExpression.Segments.Count > 0 && memberExpression.Segments[0] is IdentifierSegment root)
                Read.Add(
                    memberExpression.Segments.Count > 1 && memberExpression.Segments[1] is IdentifierSegment member
                        ? $"{root.Identifier}.{member.Identifier}"
                        : root.Identifier);
            return base.VisitMemberExpression(memberExpression);
        }

        protected override Statement VisitAssignStatement(AssignStatement assignStatement)
        {
            Own.Add(assignStatement.Identifier);
            return base.VisitAssignStatement(assignStatement);
        }

        protected override Statement VisitCaptureStatement(CaptureStatement captureStatement)
        {
            Own.Add(captureStatement.Identifier);
            return base.VisitCaptureStatement(captureStatement);
        }

        protected override Statement VisitForStatement(ForStatement forStatement)
        {
            Own.Add(forStatement.Identifier);
            return base.VisitForStatement(forStatement);
        }

        protected override Statement VisitTableRowStatement(TableRowStatement tableRowStatement)
        {
            Own.Add(tableRowStatement.Identifier);
            return base.VisitTableRowStatement(tableRowStatement);
        }
    }

    [GeneratedRegex(
        @"\{%-?\s*comment\s*-?%\}.*?\{%-?\s*endcomment\s*-?%\}|\{\{.*?\}\}|\{%.*?%\}",
        RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    internal static partial Regex Token();

    [GeneratedRegex(@"\|\s*raw\b|^\{%-?\s*raw\b")]
    private static partial Regex RawTag();

    [GeneratedRegex(@"^\{%-?\s*(include|render|layout|liquid)\b")]
    private static partial Regex IncludeTag();

    [GeneratedRegex(@"^\{%-?\s*(if|unless|for|case|capture|tablerow|ifchanged)\b")]
    private static partial Regex OpenTag();

    [GeneratedRegex(@"^\{%-?\s*end(if|unless|for|case|capture|tablerow|ifchanged)\b")]
    private static partial Regex EndTag();

    [GeneratedRegex(@"\((\d+):\d+\)")]
    private static partial Regex LineIn();

    // Only Latin letters, digits, underscores and hyphens join on to it: NON-STOP is another word. Chinese and Japanese set no spaces.
    [GeneratedRegex(@"(?<![A-Za-z0-9_\-\u2010\u2011])STOP(?![A-Za-z0-9_\-\u2010\u2011])")]
    private static partial Regex StopWord();

    [GeneratedRegex(
        @"\b([Rr]eply|[Tt]e?xt|[Ss]end)( with)? ['\u2018\u201C\x22]?STOP\b"
            + @"|(?<![A-Za-z0-9_\-])STOP ?(=|to (stop|end|opt|unsub|cancel|quit)\w*)")]
    private static partial Regex StopAnswer();

    [GeneratedRegex(
        @"(^|[\s_-])(promo|promotion|promotional|offer|advert|advertisement|ad|upsell|cross-?sell|coupon)([\s_-]|$)",
        RegexOptions.IgnoreCase)]
    private static partial Regex PromoClass();

    [GeneratedRegex(@"[?&;](utm_campaign|utm_medium|utm_source|promo|coupon)=", RegexOptions.IgnoreCase)]
    private static partial Regex PromoLink();
}
