using System.Globalization;
using Notifications.Addresses;
using Notifications.Smtp;
using Notifications.Web.Pages;

namespace Notifications.Local.Inbox;

/// <summary>The inbox as people see it. Everything is on the server; no script.</summary>
internal sealed class InboxPages(InboxStore inbox, TimeProvider time)
{
    private const int Shown = 200;

    public async ValueTask<InboxPage> ListAsync(CancellationToken cancel) => await FrameAsync("Inbox", null, Html.Of($"""
        <div class="empty"><p class="lead">Choose a message.</p><p class="dim">What the product sends on this machine arrives here.</p></div>
        """), cancel);

    public async ValueTask<InboxPage?> MailAsync(string id, CancellationToken cancel)
    {
        if (await inbox.FindAsync(id, cancel) is not { Channel: Channel.Email } mail) return null;
        var headers = Html.Join(mail.Headers.Select(h => Html.Of($"<tr><th scope=\"row\">{h.Key}</th><td>{h.Value}</td></tr>\n")));
        return await FrameAsync(mail.Subject ?? "Mail", PathOf(mail), Html.Of($"""
            <header class="mailhead">
            <h1>{mail.Subject}</h1>
            <p><strong>{mail.FromName}</strong> <span class="dim">{mail.From}</span><br><span class="dim">to {mail.To}, {When(mail.At)}</span></p>
            </header>
            {(mail.Html?.Contains("<img", StringComparison.OrdinalIgnoreCase) == true ? Html.Of($"<p class=\"note\">Images from elsewhere are not loaded here.</p>") : Html.None)}
            <iframe class="mail" sandbox="allow-popups allow-popups-to-escape-sandbox" src="/inbox/messages/{id}/html" title="The mail as its reader sees it"></iframe>
            <details><summary>Text part</summary><pre tabindex="0">{mail.Text}</pre></details>
            <details><summary>Headers</summary><div class="scroll" tabindex="0" role="region" aria-label="Headers"><table>{headers}</table></div></details>
            <p class="note"><a href="/inbox/messages/{id}/raw">Raw message (.eml)</a></p>
            """), cancel);
    }

    // The field to answer in has the focus, so that a thread opens at its newest.
    public async ValueTask<InboxPage?> ThreadAsync(string phone, CancellationToken cancel)
    {
        var texts = await inbox.ThreadAsync(phone, cancel);
        if (texts.Count == 0) return null;
        var number = Phone(texts[0]);
        var bubbles = Html.Join(texts.Select(t => Html.Of($"""
            <li class="{(t.Incoming ? "theirs" : "ours")}"><span class="bubble">{t.Text}</span><small>{(t.Incoming ? "the phone's owner" : t.From)}, {When(t.At)}</small></li>

            """)));
        return await FrameAsync(number, PathOf(texts[0]), Html.Of($"""
            <header class="mailhead"><h1>{number}</h1><p class="dim">Every text to this phone, and what its owner answered.</p></header>
            <ol class="thread">
            {bubbles}</ol>
            <form method="post" action="/inbox/sms" class="reply">
            <input type="hidden" name="from" value="{number}">
            <label for="text">Answer as the phone's owner</label>
            <div class="inline"><input type="text" id="text" name="text" maxlength="1600" required autofocus autocomplete="off" placeholder="STOP, START, HELP, or anything else"><button class="primary">Send</button></div>
            </form>
            """), cancel);
    }

    /// <summary>Where a message is looked at: a text in its thread.</summary>
    public string PathOf(InboxMessage message) =>
        message.Channel == Channel.Sms ? "/inbox/phones/" + inbox.KeyOf(message) : "/inbox/mails/" + message.Id;

    /// <summary>The frame: what is there on the left, one of it on the right.</summary>
    private async ValueTask<InboxPage> FrameAsync(string title, string? open, Html detail, CancellationToken cancel)
    {
        var all = await inbox.ListAsync(null, null, int.MaxValue, cancel);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var items = new List<Html>();
        for (var i = all.Count - 1; i >= 0 && items.Count < Shown; i--)
        {
            var message = all[i];
            var path = PathOf(message);
            if (seen.Add(path)) items.Add(Item(message, path, path == open));
        }

        var list = items.Count == 0
            ? Html.Of(
                $"<div class=\"empty\"><p class=\"lead\">Nothing yet.</p><p class=\"dim\">Queue a message with the API, and it appears here.</p></div>")
            : Html.Of($"<ul class=\"mails\">\n{Html.Join(items)}</ul>");
        return new InboxPage(title, all.Count, open, list, detail);
    }

    private Html Item(InboxMessage message, string path, bool current)
    {
        var mark = current ? new Html(" aria-current=\"page\"") : Html.None;
        if (message.Channel == Channel.Sms)
        {
            return Html.Of($"""
                <li><a href="{path}"{mark}><span class="kind sms">SMS</span><span class="who">{Phone(message)}</span><time>{When(message.At)}</time>
                <span class="what">{(message.Incoming ? "Reply: " : "")}{Snippet(message.Text)}</span></a></li>

                """);
        }

        return Html.Of($"""
            <li><a href="{path}"{mark}><span class="kind">Mail</span><span class="who">{message.To}</span><time>{When(message.At)}</time>
            <span class="what"><b>{message.Subject}</b> {Snippet(message.Text)}</span></a></li>

            """);
    }

    private static string Phone(InboxMessage text) => text.Incoming ? text.From : text.To;

    private static string Snippet(string? text)
    {
        var line = string.Join(' ', (text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= 120 ? line : FreeText.Cut(line, 119) + "…";
    }

    private string When(DateTimeOffset at)
    {
        var local = TimeZoneInfo.ConvertTime(at, time.LocalTimeZone);
        var today = TimeZoneInfo.ConvertTime(time.GetUtcNow(), time.LocalTimeZone).Date;
        return local.ToString(local.Date == today ? "HH:mm" : "d MMM HH:mm", CultureInfo.InvariantCulture);
    }
}
