using System.Globalization;
using System.Text.Json;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>The pieces that screens are put together from. Everything in a hole is encoded by <see cref="Html"/>.</summary>
internal static class Parts
{
    /// <summary>How many characters a word has at most that is not broken in a table.</summary>
    private const int WordLength = 17;

    /// <summary>How many characters of an address a column has room for, where it stands in a table.</summary>
    private const int ColumnLength = 32;

    /// <summary>A field that is wrong says so. A page opens at the first of them (<see cref="ConsolePage"/>).</summary>
    public static readonly Html Invalid = new(" aria-invalid=\"true\"");

    /// <summary>
    /// A form that posts, with its token. <paramref name="ask"/>: the act whose answer a browser with scripts shows on every change.
    /// </summary>
    public static Html Form(HttpContext http, string action, Html body, string look = "", string? ask = null) =>
        Html.Of($"<form method=\"post\" action=\"{action}\"{Class(look)}{Attribute("data-ask", ask)}>{Token(http)}\n{body}</form>\n");

    /// <summary>A form that posts a file: its token comes first, so that it is known before the file arrives.</summary>
    public static Html FileForm(HttpContext http, string action, Html body, string look, string? ask = null) =>
        Html.Of(
            $"<form method=\"post\" action=\"{action}\" enctype=\"multipart/form-data\"{Class(look)}{Attribute("data-ask", ask)}>{Token(http)}\n{body}</form>\n");

    /// <summary>The hidden field that a form of this session carries.</summary>
    public static Html Token(HttpContext http)
    {
        var sessions = http.RequestServices.GetRequiredService<Sessions>();
        return Html.Of($"<input type=\"hidden\" name=\"{Sessions.TokenField}\" value=\"{sessions.TokenOf(http.User().Session)}\">");
    }

    /// <summary>A form of one button.</summary>
    public static Html Button(
        HttpContext http, string action, string label, string look = "quiet", string? name = null, string? value = null,
        string? about = null) =>
        Form(
            http, action,
            Html.Of(
                $"<button class=\"{look}\"{Attribute("name", name)}{Attribute("value", value)}{Attribute("aria-label", about is null ? null : label + ": " + about)}>{label}</button>"),
            "act");

    /// <summary>
    /// What Enter presses in a form whose first button is not the one that is meant. Nobody sees it, and no key but Enter leads to it.
    /// </summary>
    public static Html Enter(string name, string value) =>
        Html.Of($"<button class=\"hidden\" name=\"{name}\" value=\"{value}\" tabindex=\"-1\" aria-hidden=\"true\"></button>");

    /// <summary>
    /// A table; on a narrow screen each row stands as a card with its headings beside the values, but for a value that begins with its
    /// heading, as a button does. A column is as wide as its longest word (console.css): only longer ones than
    /// <see cref="WordLength"/> are broken, so that none of them hides a column. <paramref name="brief"/>: the line that a row is on a
    /// narrow screen until it is opened, where there are too many rows to read each as a card.
    /// </summary>
    public static Html Table(
        string caption, string[] headings, IEnumerable<Html[]> rows, string empty, bool showCaption = false,
        IEnumerable<Html>? brief = null)
    {
        var briefs = brief?.Select(b => Html.Of($"<td class=\"brief\"><details><summary>{b}</summary></details></td>")).ToList();
        var lines = rows.Select(
            (cells, row) =>
                Html.Of(
                    $"<tr>{(briefs is null ? Html.None : briefs[row])}{Html.Join(cells.Select((cell, i) => cell.ToString().Length == 0 ? new Html("<td></td>") : Html.Of($"<td{(Begins(cell.Value, headings[i]) ? Html.None : Attribute("data-label", headings[i]))}><div data-word=\"{LongestWord(cell.Value)}\">{cell}</div></td>")))}</tr>\n")).ToList();
        if (lines.Count == 0) return Html.Of($"<p class=\"empty\">{empty}</p>\n");
        return Html.Of($"""
            <div class="tablebox"><table class="grid">
            <caption{(showCaption ? Html.None : new Html(" class=\"hidden\""))}>{caption}</caption>
            <thead><tr>{(briefs is null ? Html.None : new Html("<td class=\"brief\"></td>"))}{Html.Join(headings.Select(h => h.Length == 0 ? new Html("<td></td>") : Html.Of($"<th scope=\"col\">{h}</th>")))}</tr></thead>
            <tbody>
            {Html.Join(lines)}</tbody>
            </table></div>

            """);
    }

    /// <summary>
    /// The longest word in what a markup shows, of those that are not too long: no line ends within it, not at a hyphen either. Escaped
    /// characters part words.
    /// </summary>
    private static string LongestWord(string markup)
    {
        var (whole, part) = (LongestWord(markup, false), LongestWord(markup, true));
        return whole.Length >= part.Length ? whole : part;
    }

    private static string LongestWord(string markup, bool hyphensPart)
    {
        var (best, at) = (0..0, 0);
        for (var i = 0; i <= markup.Length; i++)
        {
            if (i < markup.Length
                && !char.IsWhiteSpace(markup[i])
                && markup[i] is not ('–' or '<' or '&' or ';')
                && (markup[i] != '-' || !hyphensPart))
            {
                continue;
            }

            if (i - at > best.End.Value - best.Start.Value && i - at <= WordLength) best = at..i;
            if (i < markup.Length && markup[i] == '<') i = markup.IndexOf('>', i) is > 0 and var end ? end : markup.Length;
            at = i + 1;
        }

        return markup[best];
    }

    /// <summary>Whether what a markup shows begins with a word.</summary>
    private static bool Begins(string markup, string word)
    {
        var i = 0;
        while (i < markup.Length && (markup[i] == '<' || char.IsWhiteSpace(markup[i])))
            i = markup[i] == '<' && markup.IndexOf('>', i) is > 0 and var end ? end + 1 : i + 1;
        return markup.AsSpan(i).StartsWith(word, StringComparison.Ordinal);
    }

    /// <summary>Names with their values.</summary>
    public static Html Facts(params (string Name, Html Value)[] facts) =>
        Html.Of(
            $"<dl class=\"facts\">{Html.Join(facts.Where(f => f.Value.ToString().Length > 0).Select(f => Html.Of($"<div><dt>{f.Name}</dt><dd>{f.Value}</dd></div>\n")))}</dl>\n");

    /// <summary>One number with what it counts; <paramref name="level"/> is <c>good</c>, <c>warn</c>, <c>bad</c> or nothing.</summary>
    public static Html Stat(string label, string value, string? note = null, string level = "", string? path = null)
    {
        var inner = Html.Of(
            $"<span class=\"label\">{label}</span><strong>{value}</strong>{(note is null ? Html.None : Html.Of($"<span class=\"note\">{note}</span>"))}");
        return path is null
            ? Html.Of($"<div class=\"stat {level}\">{inner}</div>\n")
            : Html.Of($"<a class=\"stat {level}\" href=\"{path}\">{inner}</a>\n");
    }

    /// <summary>What would become of an audience now, by reason.</summary>
    public static Html Counted(AudienceCount count) => Html.Of($"""
        <div class="stats">{Stat("In the audience", Number(count.Selected))}{Stat("Would be sent now", Number(count.Allowed), null, "good")}</div>
        {(count.Skipped.Count + count.Deferred.Count == 0 ? Html.None : Chart.Bars("Who would get nothing, or not now", "people", [.. count.Skipped.Concat(count.Deferred).Select(r => (ReasonWords.Of(r.Key), r.Value))], ""))}
        """);

    /// <summary>A share of a whole as a bar, with what it says for those who cannot see it.</summary>
    public static Html Bar(string says, params (string Look, double Share, string Title)[] parts)
    {
        var x = 0.0;
        var bars = new List<Html>();
        foreach (var (look, share, title) in parts)
        {
            if (share <= 0) continue;
            bars.Add(
                Html.Of(
                    $"<rect class=\"{look}\" x=\"{Coordinate(x)}\" y=\"0\" width=\"{Coordinate(share)}\" height=\"10\"><title>{title}</title></rect>"));
            x += share;
        }

        return Html.Of(
            $"<svg class=\"bar-line thick\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{says}\">{Html.Join(bars)}</svg>");
    }

    /// <summary>A coloured word. The word says it too.</summary>
    public static Html Badge(string word, string level = "") => Html.Of($"<span class=\"badge {level}\">{word}</span>");

    /// <summary>
    /// A label with its input. <paramref name="name"/>: what it is sent as, where another form of the page has a field of that name too;
    /// <paramref name="known"/>: what is offered, though anything may be entered.
    /// </summary>
    public static Html Field(
        string id, string label, string? value = null, string type = "text", string? hint = null, int max = 320, bool required = false,
        string? wrong = null, string? name = null, IEnumerable<(string Value, string Label)>? known = null) =>
        Html.Of($"""
        <p class="field"><label for="{id}">{label}</label>
        <input type="{type}" id="{id}" name="{name ?? id}" value="{value}" maxlength="{max}"{(required ? new Html(" required") : Html.None)}{Described(id, hint, wrong)} autocomplete="off"{(known is null ? Html.None : Html.Of($" list=\"{id}-list\""))}>{Hints(id, hint, wrong)}{(known is null ? Html.None : Html.Of($"<datalist id=\"{id}-list\">{Options(known, null)}</datalist>"))}</p>

        """);

    /// <summary>A label with a larger input; <paramref name="name"/> as for <see cref="Field"/>.</summary>
    public static Html Area(
        string id, string label, string? value = null, int rows = 3, string? hint = null, int max = 1000, bool required = false,
        string? wrong = null, string look = "", string? name = null) =>
        Html.Of($"""
        <p class="field"><label for="{id}">{label}</label>
        <textarea id="{id}" name="{name ?? id}" rows="{rows}" maxlength="{max}"{Class(look)}{(required ? new Html(" required") : Html.None)}{Described(id, hint, wrong)}>
        {value}</textarea>{Hints(id, hint, wrong)}</p>

        """);

    /// <summary>
    /// A label with a list to choose from. What is chosen and not on the list stays chosen, as gone: a browser would send the first of the
    /// list in its place. <paramref name="name"/> as for <see cref="Field"/>; <paramref name="group"/>: what an option stands under.
    /// </summary>
    public static Html Select(
        string id, string label, IEnumerable<(string Value, string Label)> options, string? chosen = null, string? hint = null,
        string? wrong = null, string? name = null, Func<string, string?>? group = null)
    {
        var all = options.ToList();
        if (chosen is { Length: > 0 } && all.All(o => o.Value != chosen)) all.Add((chosen, chosen + " (gone)"));
        return Html.Of($"""
            <p class="field"><label for="{id}">{label}</label>
            <select id="{id}" name="{name ?? id}"{Described(id, hint, wrong)}>{Html.Join(all.GroupBy(o => group?.Invoke(o.Value)).Select(g => g.Key is { } under ? Html.Of($"<optgroup label=\"{under}\">{Options(g, chosen)}</optgroup>") : Options(g, chosen)))}</select>{Hints(id, hint, wrong)}</p>

            """);
    }

    private static Html Options(IEnumerable<(string Value, string Label)> options, string? chosen) =>
        Html.Join(
            options.Select(
                o => Html.Of($"<option value=\"{o.Value}\"{(o.Value == chosen ? new Html(" selected") : Html.None)}>{o.Label}</option>")));

    /// <summary>A box to tick. <paramref name="wrong"/>: the id of what says what is wrong with it, and with those after it.</summary>
    public static Html Check(string name, string label, bool on = false, string? hint = null, string? wrong = null) => Html.Of($"""
        <label class="tick-box"><input type="checkbox" name="{name}" value="yes"{(on ? new Html(" checked") : Html.None)}{(wrong is null ? Html.None : Html.Of($" aria-describedby=\"{wrong}\"{Invalid}"))}> <span>{label}{(hint is null ? Html.None : Html.Of($"<small>{hint}</small>"))}</span></label>

        """);

    /// <summary>Moves on through a list.</summary>
    public static Html Pager(string path, string? next, bool begun) => next is null && !begun
        ? Html.None
        : Html.Of(
            $"<nav class=\"pager\" aria-label=\"Pages\">{(begun ? Html.Of($"<a class=\"button\" href=\"{path}\">First page</a>") : Html.None)}{(next is null ? Html.None : Html.Of($"<a class=\"button\" href=\"{path}{(path.Contains('?', StringComparison.Ordinal) ? "&" : "?")}after={Uri.EscapeDataString(next)}\" rel=\"next\">Next page</a>"))}</nav>\n");

    /// <summary>A moment, in UTC.</summary>
    public static Html Time(DateTimeOffset at) =>
        Html.Of(
            $"<time datetime=\"{at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)}\" title=\"{at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC\">{at.UtcDateTime.ToString("d MMM yyyy, HH:mm", CultureInfo.InvariantCulture)}</time>");

    /// <summary>A day.</summary>
    public static Html Day(DateTimeOffset at) =>
        Html.Of($"<time datetime=\"{at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}\">{DayText(at)}</time>");

    /// <summary>A day, in UTC, where no markup can stand.</summary>
    public static string DayText(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>An address, or a line with one in it.</summary>
    public static Html Address(string text) =>
        Html.Of($"<span class=\"address{(text.Length > ColumnLength ? " long" : "")}\">{Html.Broken(text)}</span>");

    /// <summary>A channel as people call what comes by it.</summary>
    public static string Spoken(Channel channel) => channel == Channel.Email ? "email" : "text message";

    /// <summary>The topic that a form begins with: marketers make what it is for.</summary>
    public static Topic FirstTopic(TopicCatalog topics) => topics.All.FirstOrDefault(t => t.IsMarketing) ?? topics.All[0];

    /// <summary>A language by its English name, beside its tag; a tag that names none that is known, as it stands.</summary>
    public static Html Language(string? tag)
    {
        if (tag is null) return Html.None;
        try
        {
            return Html.Of($"{CultureInfo.GetCultureInfo(tag, predefinedOnly: true).EnglishName} {Code(tag)}");
        }
        catch (CultureNotFoundException)
        {
            return Code(tag);
        }
    }

    /// <summary>Whether the language that a tag begins with is known: "German" has the form of a tag too.</summary>
    public static bool IsLanguage(string tag)
    {
        try
        {
            CultureInfo.GetCultureInfo(tag.Split('-')[0], predefinedOnly: true);
            return true;
        }
        catch (CultureNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Code, an id, a hash.</summary>
    public static Html Code(string? text) => text is null ? Html.None : Html.Of($"<code>{text}</code>");

    /// <summary>A hash's beginning, all of it on pointing.</summary>
    public static Html Short(string hash, int letters = 12) =>
        Html.Of($"<code title=\"{hash}\">{(hash.Length > letters ? hash[..letters] + "…" : hash)}</code>");

    /// <summary>A number with its thousands apart.</summary>
    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A share as per cent.</summary>
    public static string Percent(double share) =>
        share.ToString(share is > 0 and < 0.01 ? "P2" : "P1", CultureInfo.InvariantCulture).Replace(" ", "", StringComparison.Ordinal);

    /// <summary>An enum's word as it stands in the API.</summary>
    public static string Word<T>(T value) where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    /// <summary>A number of a drawing.</summary>
    public static string Coordinate(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Where the person of an address is looked at.</summary>
    public static string Person(AddressKey key) => "/console/people/" + key.Value;

    private static Html Attribute(string name, string? value) => value is null ? Html.None : Html.Of($" {new Html(name)}=\"{value}\"");

    private static Html Class(string look) => look.Length == 0 ? Html.None : Html.Of($" class=\"{look}\"");

    private static Html Described(string id, string? hint, string? wrong) =>
        hint is null && wrong is null
            ? Html.None
            : Html.Of($" aria-describedby=\"{id}-hint\"{(wrong is null ? Html.None : Invalid)}");

    private static Html Hints(string id, string? hint, string? wrong) =>
        hint is null && wrong is null
            ? Html.None
            : Html.Of($"<small id=\"{id}-hint\"{(wrong is null ? Html.None : new Html(" class=\"fault\""))}>{wrong ?? hint}</small>");
}
