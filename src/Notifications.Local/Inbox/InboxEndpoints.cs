using System.Globalization;
using System.Text;
using System.Text.Json;
using MimeKit;
using Notifications.Addresses;
using Notifications.Smtp;
using Notifications.Web.Http;
using Notifications.Web.Pages;

namespace Notifications.Local.Inbox;

/// <summary><c>/inbox</c> for people, and the few endpoints beside it for machines. This machine only.</summary>
internal sealed class InboxEndpoints(InboxStore inbox, InboxPages pages, PhoneOwner owner)
{
    private const string MailCsp =
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; base-uri 'self'";

    private static readonly FormatOptions CrLf = WithCrLf();

    public static void Map(IEndpointRouteBuilder routes)
    {
        var inbox = routes.ServiceProvider.GetRequiredService<InboxEndpoints>();
        Map(Verbs.Read, "/inbox", inbox.ListAsync);
        Map(Verbs.Read, "/inbox/mails/{id}", inbox.MailAsync);
        Map(Verbs.Read, "/inbox/phones/{phone}", inbox.ThreadAsync);
        Map(Verbs.Read, "/inbox/messages", inbox.MessagesAsync);
        Map(Verbs.Read, "/inbox/messages/{id}", inbox.MessageAsync);
        Map(Verbs.Read, "/inbox/messages/{id}/raw", inbox.RawAsync);
        Map(Verbs.Read, "/inbox/messages/{id}/html", inbox.HtmlAsync);
        Map(["POST"], "/inbox/sms", inbox.ReplyAsync);
        Map(["DELETE"], "/inbox/messages", inbox.ClearAsync);

        void Map(string[] verbs, string pattern, Func<HttpContext, ValueTask<IResult>> handler)
        {
            RequestDelegate run = async http => await (await handler(http)).ExecuteAsync(http);
            routes.MapMethods(pattern, verbs, LoopbackOnly.Wrap(run)).IsPublic("Loopback only.").ExcludeFromDescription();
        }
    }

    private async ValueTask<IResult> ListAsync(HttpContext http) => await pages.ListAsync(http.RequestAborted);

    private async ValueTask<IResult> MailAsync(HttpContext http) =>
        await pages.MailAsync(http.Id(), http.RequestAborted) is { } page ? page : Missing();

    private async ValueTask<IResult> ThreadAsync(HttpContext http) =>
        await pages.ThreadAsync(http.Request.RouteValues["phone"] as string ?? "", http.RequestAborted) is { } page ? page : Missing();

    private async ValueTask<IResult> MessagesAsync(HttpContext http)
    {
        var query = http.Request.Query;
        var limit = int.TryParse(query["limit"], NumberStyles.None, CultureInfo.InvariantCulture, out var asked) && asked > 0
            ? asked
            : 1000;

        // An unescaped plus sign arrives as a space.
        var to = query.TryGetValue("to", out var t) ? t.ToString().Replace(' ', '+') : null;
        var after = query.TryGetValue("after", out var a) && a.ToString() is { Length: > 0 } text ? text : null;
        return Answer.Json(await inbox.ListAsync(to, after, limit, http.RequestAborted), InboxJson.Default.ListInboxMessage);
    }

    private async ValueTask<IResult> MessageAsync(HttpContext http) =>
        await FindAsync(http) is { } message ? Answer.Json(message, InboxJson.Default.InboxMessage) : Missing();

    private async ValueTask<IResult> RawAsync(HttpContext http)
    {
        if (await FindAsync(http) is not { } message) return Missing();
        if (message.Outgoing() is not { } mail)
            return new Answer(StatusCodes.Status200OK, Encoding.UTF8.GetBytes(message.Text ?? ""), "text/plain; charset=utf-8");
        using var mime = MimeMail.Build(mail, message.At);
        using var raw = new MemoryStream();
        await mime.WriteToAsync(CrLf, raw, http.RequestAborted);
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{message.Id}.eml\"";
        return new Answer(StatusCodes.Status200OK, raw.ToArray(), "message/rfc822");
    }

    // The mail runs in a sandbox of its own: no script, no form, nothing loaded from anywhere; its links open in a new tab.
    private async ValueTask<IResult> HtmlAsync(HttpContext http)
    {
        if (await FindAsync(http) is not { Html: { } html }) return Missing();
        var head = html.IndexOf("<head>", StringComparison.OrdinalIgnoreCase);
        html = head < 0 ? "<base target=\"_blank\">" + html : html.Insert(head + "<head>".Length, "<base target=\"_blank\">");
        http.Response.Headers.ContentSecurityPolicy = MailCsp;
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        return new Answer(StatusCodes.Status200OK, Encoding.UTF8.GetBytes(html), "text/html; charset=utf-8");
    }

    private async ValueTask<IResult> ReplyAsync(HttpContext http)
    {
        var json = !http.Request.HasFormContentType;
        var (reply, problem) = json ? await JsonReplyAsync(http) : await FormReplyAsync(http);
        if (problem is not null) return problem;
        if (!PhoneNumber.TryParse(reply!.From, out var from, out var wrong)) return Problem.Invalid("from", wrong);
        if (reply.Text is not { Length: > 0 and <= 2048 } text) return Problem.Invalid("text", "must have 1 to 2048 characters");
        if (!owner.Reaches(reply.To)) return Problem.Invalid("to", "must be a number or short code that texts come from");
        if (await owner.ReplyAsync(from, string.IsNullOrEmpty(reply.To) ? null : reply.To, text, http.RequestAborted) is not { } id)
            return Problem.Of(
                StatusCodes.Status502BadGateway, "webhook-refused", "The webhook did not take the text.",
                "See the log of this process.");
        if (json) return Answer.Json(new InboxReplied(id), InboxJson.Default.InboxReplied, StatusCodes.Status202Accepted);
        await AnsweredAsync(from, id, http.RequestAborted);
        return new Answer(StatusCodes.Status303SeeOther, default)
        {
            Location = pages.PathOf((await inbox.FindAsync(id, http.RequestAborted))!),
        };
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

    private async ValueTask<IResult> ClearAsync(HttpContext http)
    {
        if (http.Request.Query.Count > 0)
            return Problem.Invalid("query", "must be left out: the whole inbox is emptied, and nothing narrows that");
        await inbox.ClearAsync(http.RequestAborted);
        return Answer.Nothing;
    }

    /// <summary>As mail is on its way (RFC 5322 section 2.1), and not as files of this machine are.</summary>
    private static FormatOptions WithCrLf()
    {
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        return format;
    }

    private ValueTask<InboxMessage?> FindAsync(HttpContext http) => inbox.FindAsync(http.Id(), http.RequestAborted);

    private static Answer Missing() => Problem.NotFound("The inbox has no such message.");
}
