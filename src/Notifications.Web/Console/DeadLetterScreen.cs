using System.Globalization;
using System.Text.Json;
using Notifications.Access;
using Notifications.Audit;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Web.Http;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>What the queues gave up, and the buttons that put it back, one letter or a whole queue, or let it go.</summary>
internal sealed class DeadLetterScreen(DeadLetters letters, AuditLog audit, TopicCatalog topics)
{
    private const int PageSize = 50;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapScreen("/console/dead-letters", Scope.Admin, ListAsync);
        routes.MapAct(
            "/console/dead-letters/{queue}/{id}/replay", Scope.Admin,
            (http, form) => ActAsync(http, form, "dead-letter.replay", "queued", "replayed", letters.ReplayAsync));
        routes.MapAct(
            "/console/dead-letters/{queue}/{id}/discard", Scope.Admin,
            (http, form) => ActAsync(http, form, "dead-letter.discard", "discarded", "discarded", letters.DiscardAsync),
            ask: AskAsync);
        routes.MapAct("/console/dead-letters/{queue}/replay-all", Scope.Admin, ReplayAllAsync);
    }

    private async ValueTask<Question?> AskAsync(HttpContext http, PublicForm form)
    {
        var queue = http.Request.RouteValues["queue"] as string ?? "";
        if (!Queues.WithDeadLetters.Contains(queue)
            || !DeadLetters.IsId(http.Id())
            || await letters.FindAsync(queue, http.Id(), http.RequestAborted) is not { } letter)
        {
            return null; // The act says so.
        }

        var what = Read(letter).What;
        return new Question(
            $"Discard “{what}”, given up on {Given(letter)}?",
            $"Why it was given up: {letter.Cause?.TrimEnd('.') ?? "not known"}. It is let go for good: what the queue {queue} could not do is never done. An event about an opt-out may be inside, and then that person is still being sent to.",
            "Discard it", Page(form, null));
    }

    private async ValueTask<IResult> ListAsync(HttpContext http)
    {
        var queue = http.Request.Query["queue"].ToString() is { Length: > 0 } asked && Queues.WithDeadLetters.Contains(asked)
            ? asked
            : null;
        var after = queue is not null && http.Request.Query["after"].ToString() is { Length: > 0 } from && DeadLetters.IsId(from)
            ? from
            : null;
        var parts = new List<Html>();
        foreach (var name in queue is null ? Queues.WithDeadLetters : [queue])
        {
            var found = await letters.ListAsync(name, after, queue is null ? 10 : PageSize, http.RequestAborted);
            if (found.Count == 0 && queue is null) continue;
            parts.Add(Html.Of($"""
                <h2>Queue {Parts.Code(name)}</h2>
                {Parts.Table("Queue " + name, ["Given up", "Tries", "What", "Why", "Replay", "Discard"], found.Select(f => (Html[])[Parts.Time(f.Letter.At), Html.Of($"{f.Letter.Deliveries}"), What(http, Read(f.Letter)), Html.Of($"{f.Letter.Cause ?? "not known"}"), Act(http, queue, name, f.Id, f.Letter, "Replay"), Act(http, queue, name, f.Id, f.Letter, "Discard", "danger")]), "Nothing here.")}
                {(found.Count > 1 ? Parts.Button(http, $"/console/dead-letters/{name}/replay-all", "Replay all of this queue", name: "list", value: queue ?? "", about: name) : Html.None)}
                {(queue is null ? found.Count == 10 ? Html.Of($"<p><a href=\"/console/dead-letters?queue={name}\">All of this queue</a></p>") : Html.None : Parts.Pager("/console/dead-letters?queue=" + name, found.Count == PageSize ? found[^1].Id : null, after is not null))}
                """));
        }

        return new ConsolePage("Dead letters", Html.Of($"""
            <h1>Dead letters</h1>
            <p class="lead">Work that failed again and again and was given up. Replaying is safe: a message that went out is not sent twice.</p>
            {Left(http)}
            {(parts.Count == 0 ? Html.Of($"<p class=\"empty\">No queue has given anything up.</p>") : Html.Join(parts))}
            """));
    }

    // What it is, the type that an event has, and the message's id where it is one.
    private (string What, string? Type, MessageId? Message) Read(DeadLetter letter)
    {
        try
        {
            if (letter.Queue == Queues.Send
                && JsonSerializer.Deserialize(letter.Body, CoreJson.Default.SendRequest) is { } message
                && MessageId.TryParse(message.Id, out var id))
            {
                return ("A message of " + (topics.Find(message.Topic)?.Name ?? message.Topic), null, id);
            }

            if (letter.Queue == Queues.Inbound && JsonSerializer.Deserialize(letter.Body, CoreJson.Default.InboundEvent) is { } happening)
                return (RecordWords.Event(happening.Type) ?? "An event of a type that nobody reads", happening.Type, null);
        }
        catch (JsonException)
        {
            // It was given up because it is not what the queue holds.
        }

        return ($"A letter of {Parts.Number(letter.Body.Length)} bytes", null, null);
    }

    private static Html What(HttpContext http, (string What, string? Type, MessageId? Message) letter) =>
        letter.Type is { } type ? RecordWords.Beside(letter.What, type)
        : letter.Message is { } id && http.User().May(Scope.Privacy)
            ? Html.Of($"{letter.What}, <a href=\"{Parts.Person(id.Address)}/messages/{id.Suffix}\">its receipt</a>")
        : Html.Of($"{letter.What}");

    // What the message of the act before has no room for.
    private static Html Left(HttpContext http) =>
        int.TryParse(http.Request.Query["remaining"], NumberStyles.None, CultureInfo.InvariantCulture, out var left) && left > 0
            ? Html.Of($"<p>Left on that queue’s list: {Parts.Number(left)}{(left == DeadLetters.MostCounted ? " or more" : "")}.</p>")
            : Html.None;

    // The list that was looked at travels along, so that the next letter of it is looked at after.
    private Html Act(HttpContext http, string? list, string queue, string id, DeadLetter letter, string label, string look = "quiet") =>
        Parts.Button(
            http, $"/console/dead-letters/{queue}/{id}/{label.ToLowerInvariant()}", label, look, name: "list", value: list ?? "",
            about: $"{Read(letter).What}, {Given(letter)}");

    private static string Given(DeadLetter letter) => letter.At.UtcDateTime.ToString("d MMM yyyy, HH:mm", CultureInfo.InvariantCulture);

    private async ValueTask<IResult> ActAsync(
        HttpContext http, PublicForm form, string act, string after, string said,
        Func<string, string, CancellationToken, ValueTask<bool>> run)
    {
        var queue = http.Request.RouteValues["queue"] as string ?? "";
        var id = http.Id();
        if (!Queues.WithDeadLetters.Contains(queue) || !DeadLetters.IsId(id) || !await letters.HasAsync(queue, id, CancellationToken.None))
            return Back(form, "gone");
        // Before the act, so that none is without its entry (R68).
        await audit.WriteAsync(http.User().Actor, act, $"{queue}:{id}", "dead", after, CancellationToken.None);
        return Back(form, await run(queue, id, CancellationToken.None) ? said : "gone");
    }

    private async ValueTask<IResult> ReplayAllAsync(HttpContext http, PublicForm form)
    {
        var queue = http.Request.RouteValues["queue"] as string ?? "";
        if (!Queues.WithDeadLetters.Contains(queue) || !await letters.AnyAsync(queue, CancellationToken.None))
            return Back(form, "gone");
        await audit.WriteAsync(http.User().Actor, "dead-letter.replay-all", queue, "dead", "queued", CancellationToken.None);
        var (replayed, remaining) = await letters.ReplayAllAsync(queue, CancellationToken.None);
        return Back(form, remaining > 0 ? "replayed-some" : replayed > 0 ? "replayed-all" : "gone", remaining);
    }

    private static IResult Back(PublicForm form, string said, int remaining = 0) =>
        ConsolePage.Go(Page(form, said) + (remaining > 0 ? "&remaining=" + remaining.ToString(CultureInfo.InvariantCulture) : ""));

    // The list that was looked at.
    private static string Page(PublicForm form, string? said)
    {
        var list = form["list"] is { } queue && Queues.WithDeadLetters.Contains(queue) ? "queue=" + queue : null;
        return "/console/dead-letters"
            + (list is null && said is null ? "" : "?")
            + string.Join('&', ((string?[])[list, said is null ? null : "said=" + said]).OfType<string>());
    }
}
