using System.Globalization;
using System.Text;
using System.Text.Json;
using MimeKit;
using Notifications.Addresses;
using Notifications.Local.Mail;
using Notifications.Web.Http;
using Notifications.Web.Pages;

namespace Notifications.Local.Inbox;

/// <summary><c>/inbox</c> for people, and the few endpoints beside it for machines. This machine only.</summary>
internal sealed class InboxEndpoints(InboxStore inbox, InboxPages pages, PhoneOwner owner)
{
    private const string MailCsp =
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; base-uri 'self'";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var inbox = routes.ServiceProvider.GetRequiredService<InboxEndpoints>();
        Read("/inbox", inbox.ListAsync);
        Read("/inbox/mails/{id}", inbox.MailAsync);
        Read("/inbox/phones/{phone}", inbox.ThreadAsync);
        Read("/inbox/messages", inbox.MessagesAsync);
        Read("/inbox/messages/{id}", inbox.MessageAsync);
        Read("/inbox/messages/{id}/raw", inbox.RawAsync);
        Read("/inbox/messages/{id}/html", inbox.HtmlAsync);
        Change("POST", "/inbox/sms", inbox.ReplyAsync);
        Change("DELETE", "/inbox/messages", inbox.ClearAsync);

        void Read(string pattern, RequestDelegate handler) =>
            routes.MapMethods(pattern, Verbs.Read, LoopbackOnly.Wrap(handler)).IsPublic("Loopback only.").ExcludeFromDescription();
        void Change(string verb, string pattern, RequestDelegate handler) =>
            routes.MapMethods(pattern, [verb], LoopbackOnly.Wrap(handler)).IsPublic("Loopback only.").ExcludeFromDescription();
    }

    private async Task ListAsync(HttpContext http) => await (await pages.ListAsync(http.RequestAborted)).ExecuteAsync(http);

    private async Task MailAsync(HttpContext http) => await ShowAsync(http, await pages.MailAsync(Route(http, "id"), http.RequestAborted));

    private async Task ThreadAsync(HttpContext http) =>
        await ShowAsync(http, await pages.ThreadAsync(Route(http, "phone"), http.RequestAborted));

    private async Task MessagesAsync(HttpContext http)
    {
        var query = http.Request.Query;
        var limit = int.TryParse(query["limit"], NumberStyles.None, CultureInfo.InvariantCulture, out var asked) && asked > 0
            ? asked
            : 1000;

        // An unescaped plus sign arrives as a space.
        var to = query.TryGetValue("to", out var t) ? t.ToString().Replace(' ', '+') : null;
        var after = query.TryGetValue("after", out var a) && a.ToString() is { Length: > 0 } text ? text : null;
        await Answer.Json(
            await inbox.ListAsync(to, after, limit, http.RequestAborted), InboxJson.Default.ListInboxMessage).ExecuteAsync(http);
    }

    private async Task MessageAsync(HttpContext http) =>
        await (await FindAsync(http) is { } message ? Answer.Json(message, InboxJson.Default.InboxMessage) : Missing()).ExecuteAsync(http);

    private async Task RawAsync(HttpContext http)
    {
        if (await FindAsync(http) is not { } message)
        {
            await Missing().ExecuteAsync(http);
            return;
        }

        if (message.Outgoing() is not { } mail)
        {
            await new Answer(
                StatusCodes.Status200OK, Encoding.UTF8.GetBytes(message.Text ?? ""), "text/plain; charset=utf-8").ExecuteAsync(http);
            return;
        }

        using var mime = MimeMail.Build(mail, message.At);
        using var raw = new MemoryStream();
        await mime.WriteToAsync(FormatOptions.Default, raw, http.RequestAborted);
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{message.Id}.eml\"";
        await new Answer(StatusCodes.Status200OK, raw.ToArray(), "message/rfc822").ExecuteAsync(http);
    }

    // The mail runs in a sandbox of its own: no script, no form, nothing loaded from anywhere; its links open in a new tab.
    private async Task HtmlAsync(HttpContext http)
    {
        if (await FindAsync(http) is not { Html: { } html })
        {
            await Missing().ExecuteAsync(http);
            return;
        }

        var head = html.IndexOf("<head>", StringComparison.OrdinalIgnoreCase);
        html = head < 0 ? "<base target=\"_blank\">" + html : html.Insert(head + "<head>".Length, "<base target=\"_blank\">");
        http.Response.Headers.ContentSecurityPolicy = MailCsp;
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        await new Answer(StatusCodes.Status200OK, Encoding.UTF8.GetBytes(html), "text/html; charset=utf-8").ExecuteAsync(http);
    }

    private async Task ReplyAsync(HttpContext http)
    {
        var json = http.Request.HasJsonContentType();
        var (reply, problem) = json ? await JsonReplyAsync(http) : await FormReplyAsync(http);
        if (problem is not null)
        {
            await problem.ExecuteAsync(http);
            return;
        }

        if (!PhoneNumber.TryParse(reply!.From, out var from, out var wrong))
        {
            await Problem.Invalid("from", wrong).ExecuteAsync(http);
            return;
        }

        if (reply.Text is not { Length: > 0 and <= 2048 } text)
        {
            await Problem.Invalid("text", "must have 1 to 2048 characters").ExecuteAsync(http);
            return;
        }

        if (await owner.ReplyAsync(from, string.IsNullOrEmpty(reply.To) ? null : reply.To, text, http.RequestAborted) is not { } id)
        {
            await Problem.Of(
                StatusCodes.Status502BadGateway, "webhook-refused", "The webhook did not take the text.",
                "See the log of this process.").ExecuteAsync(http);
        }
        else if (json)
        {
            await Answer.Json(new InboxReplied(id), InboxJson.Default.InboxReplied, StatusCodes.Status202Accepted).ExecuteAsync(http);
        }
        else
        {
            await AnsweredAsync(from, id, http.RequestAborted);
            http.Response.Redirect(pages.PathOf((await inbox.FindAsync(id, http.RequestAborted))!));
            http.Response.StatusCode = StatusCodes.Status303SeeOther;
        }
    }

    // The product's answer follows within moments; a page without a script had better wait for it. Most texts are not answered, so not for
    // long.
    private async Task AnsweredAsync(PhoneNumber phone, string id, CancellationToken cancel)
    {
        for (var i = 0; i < 15 && (await inbox.ListAsync(phone.Value, id, 1, cancel)).Count == 0; i++) await Task.Delay(40, cancel);
    }

    private static async ValueTask<(InboxReply? Reply, Answer? Problem)> JsonReplyAsync(HttpContext http)
    {
        var (body, problem) = await RequestBody.ReadAsync(http, 16 * 1024);
        if (problem is not null) return (null, problem);
        problem = body!.Parse(InboxJson.Default.InboxReply, out var reply);
        return (reply, problem);
    }

    private static async ValueTask<(InboxReply? Reply, Answer? Problem)> FormReplyAsync(HttpContext http) =>
        await PublicForm.ReadAsync(http) is { } form
            ? (new InboxReply(form["from"], form["to"], form["text"]), null)
            : (null, Problem.TooLarge(PublicForm.Limit));

    private async Task ClearAsync(HttpContext http)
    {
        if (http.Request.Query.Count > 0)
        {
            await Problem.Invalid("query", "must be left out: the whole inbox is emptied, and nothing narrows that").ExecuteAsync(http);
            return;
        }

        await inbox.ClearAsync(http.RequestAborted);
        await Answer.Nothing.ExecuteAsync(http);
    }

    private ValueTask<InboxMessage?> FindAsync(HttpContext http) => inbox.FindAsync(Route(http, "id"), http.RequestAborted);

    private static Task ShowAsync(HttpContext http, InboxPage? page) =>
        page is null ? Missing().ExecuteAsync(http) : page.ExecuteAsync(http);

    private static string Route(HttpContext http, string name) => http.Request.RouteValues[name] as string ?? "";

    private static Answer Missing() => Problem.NotFound("The inbox has no such message.");
}
