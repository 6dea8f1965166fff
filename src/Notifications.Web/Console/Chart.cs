using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>
/// Bars over time as inline SVG, each with the table of the same numbers. No script, no style attribute: the policy allows neither.
/// </summary>
internal static class Chart
{
    /// <summary>One column; the parts stand on each other, in the order of the series.</summary>
    public sealed record Column(string Label, params long[] Parts);

    /// <summary>
    /// Columns over time. <paramref name="series"/> are the names of the parts, each with a class of the stylesheet (<c>s1</c> to
    /// <c>s4</c>).
    /// </summary>
    public static Html Columns(string title, string[] series, IReadOnlyList<Column> columns)
    {
        var most = Math.Max(1, columns.Count == 0 ? 0 : columns.Max(c => c.Parts.Sum()));
        var width = 100.0 / Math.Max(1, columns.Count);
        var bars = columns.SelectMany((column, i) =>
        {
            var top = 100.0;
            return column.Parts.Select((part, s) =>
            {
                var height = 100.0 * part / most;
                top -= height;
                return part == 0
                    ? Html.None
                    : Html.Of(
                        $"<rect class=\"{new Html("s" + (s + 1))}\" x=\"{Parts.Coordinate(i * width + width * .12)}\" y=\"{Parts.Coordinate(top)}\" width=\"{Parts.Coordinate(width * .76)}\" height=\"{Parts.Coordinate(height)}\"><title>{column.Label}: {Parts.Number(part)} {series[s]}</title></rect>");
            });
        });
        var legend = series.Length < 2
            ? Html.None
            : Html.Of(
                $"<ul class=\"legend\">{Html.Join(series.Select((name, s) => Html.Of($"<li><span class=\"key {new Html("k" + (s + 1))}\" aria-hidden=\"true\"></span>{name}</li>")))}</ul>");
        var total = string.Join(", ", series.Select((name, s) => $"{Parts.Number(columns.Sum(c => c.Parts[s]))} {name}"));
        return Html.Of($"""
            <figure class="chart card">
            <figcaption><strong>{title}</strong><span class="dim">{total}</span></figcaption>
            {(columns.All(c => c.Parts.Sum() == 0) ? Html.Of($"<p class=\"empty\">Nothing was counted.</p>") : Html.Of($"""
            {legend}<div class="plot"><span class="most" aria-hidden="true">{Parts.Number(most)}</span>
            <svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="{title}: {total}">{Html.Join(bars)}</svg>
            <div class="ends" aria-hidden="true"><span>{(columns.Count == 0 ? "" : columns[0].Label)}</span><span>{(columns.Count == 0 ? "" : columns[^1].Label)}</span></div></div>
            <details><summary>The numbers</summary>
            {Parts.Table(title, ["When", .. series], columns.Where(c => c.Parts.Sum() > 0).Reverse().Select(c => (Html[])[Html.Of($"{c.Label}"), .. c.Parts.Select(p => Html.Of($"{Parts.Number(p)}"))]), "")}</details>
            """))}
            </figure>

            """);
    }

    /// <summary>Bars beside their words, the longest first.</summary>
    public static Html Bars(string title, string what, IReadOnlyList<(string Label, long Count)> bars, string empty)
    {
        var most = Math.Max(1, bars.Count == 0 ? 0 : bars.Max(b => b.Count));
        var rows = bars.OrderByDescending(b => b.Count).Select(b => Html.Of($"""
            <tr><th scope="row">{b.Label.Replace('-', ' ')}</th><td><svg class="bar-line" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="s1" x="0" y="0" width="{Parts.Coordinate(100.0 * b.Count / most)}" height="10"/></svg></td><td class="num">{Parts.Number(b.Count)}</td></tr>

            """));
        return Html.Of($"""
            <figure class="chart card">
            <figcaption><strong>{title}</strong><span class="dim">{Parts.Number(bars.Sum(b => b.Count))} {what}</span></figcaption>
            {(bars.Count == 0 ? Html.Of($"<p class=\"empty\">{empty}</p>") : Html.Of($"<table class=\"bars\"><caption class=\"hidden\">{title}</caption><tbody>{Html.Join(rows)}</tbody></table>"))}
            </figure>

            """);
    }
}
