using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Notifications.Addresses;
using Notifications.Privacy;

namespace Notifications.Web.Privacy;

/// <summary>An export for reading: one page without script, image or outside reference, that can be kept and printed.</summary>
internal static class PersonHtml
{
    public static byte[] Write(PersonExport export)
    {
        var page = new StringBuilder("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>What we hold about you</title></head><body><main>");
        Line(page, "h1", "What we hold about you");
        Line(page, "p", $"As of {At(export.At)}.");
        Line(page, "h2", "Who receives it");
        page.Append("<ul>");
        foreach (var recipient in export.Recipients) Line(page, "li", recipient);
        page.Append("</ul>");
        if (export.Contact is { } contact)
        {
            Line(page, "h2", "Your account");
            Line(page, "p", $"{contact.Id}, {contact.Status}. Name: {contact.Name ?? "none"}. Language: {contact.Locale ?? "none"}. Time zone: {contact.TimeZone ?? "none"}. Since {At(contact.CreatedAt)}.");
        }

        foreach (var one in export.Addresses) WriteAddress(page, one);
        return Encoding.UTF8.GetBytes(page.Append("</main></body></html>").ToString());
    }

    private static void WriteAddress(StringBuilder page, AddressExport one)
    {
        Line(page, "h2", one.Address);
        if (one.State.Stopped is { } stopped) Line(page, "p", $"Everything is stopped since {At(stopped.Since)}.");
        if (one.State.Suppression is { } block) Line(page, "p", $"Blocked since {At(block.Since)}: {block.Reason}.");
        if (one.State.RestrictedSince is { } restricted) Line(page, "p", $"Processing is restricted since {At(restricted)}.");
        Table(page, "Subscriptions", ["Topic", "Status", "Since", "Source"], one.State.Subscriptions.Select(s => (string?[])[s.Topic, s.Status.ToString(), At(s.Since), s.Source]));
        Table(page, one.Verified ? "History (the chain of hashes holds)" : "History (the chain of hashes is broken)", ["When", "What", "Topic", "Where", "Who", "Words", "Policy", "Evidence"],
            one.Ledger.Select(e => (string?[])[At(e.At), e.Action.ToString(), e.Topic, e.Detail?.Source, e.Detail?.Actor, e.Detail?.Wording, e.PolicyVersion, e.Detail?.Evidence]));
        Table(page, "Messages", ["When", "Topic", "What became of it", "Reason"],
            one.Messages.Select(m => (string?[])[m.Record.Timeline is [var first, ..] ? At(first.At) : null, m.Record.Topic, m.Record.Status.ToString(), m.Record.Reason.ToString()]));
        Table(page, "Packages", ["Number", "Status", "Since"], one.Watches.Select(w => (string?[])[w.TrackingNumber, w.Watch.Status.ToString(), At(w.Watch.Since)]));
    }

    private static void Table(StringBuilder page, string title, string[] heads, IEnumerable<string?[]> rows)
    {
        Line(page, "h3", title);
        page.Append("<table><thead><tr>");
        foreach (var head in heads) page.Append("<th scope=\"col\">").Append(head).Append("</th>");
        page.Append("</tr></thead><tbody>");
        foreach (var row in rows)
        {
            page.Append("<tr>");
            foreach (var cell in row) Line(page, "td", cell ?? "");
            page.Append("</tr>");
        }

        page.Append("</tbody></table>");
    }

    private static void Line(StringBuilder page, string tag, string text) => page.Append('<').Append(tag).Append('>').Append(HtmlEncoder.Default.Encode(text)).Append("</").Append(tag).Append('>');

    private static string At(DateTimeOffset at) => at.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
