using System.Net;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace Notifications.Tests.ConsolePages;

/// <summary>What the console answered, read whole.</summary>
internal sealed record Screen(HttpStatusCode Status, string? Location, HttpResponseMessage Response, string Text)
{
    public IDocument Document => new HtmlParser().ParseDocument(Text);

    public string? Header(string name) => Response.Headers.TryGetValues(name, out var values) ? values.Single() : null;

    /// <summary>
    /// What a browser would send of a form that nobody touched, but for its token: of a list where nothing is chosen, the first.
    /// </summary>
    public Dictionary<string, string> Fields(string action)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in Document.QuerySelector($"form[action='{action}']")!
            .QuerySelectorAll("input[name], textarea[name], select[name]"))
        {
            if (field.GetAttribute("name")! is var name
                && (name == "form" || (field.GetAttribute("type") is "checkbox" or "radio" && !field.HasAttribute("checked"))))
            {
                continue;
            }

            fields[name] = field.LocalName switch
            {
                "textarea" => field.TextContent,
                "select" => (field.QuerySelector("option[selected]") ?? field.QuerySelector("option")!).GetAttribute("value")!,
                _ => field.GetAttribute("value") ?? "",
            };
        }

        return fields;
    }
}
