using System.Text.Json;
using System.Text.Json.Serialization;
using Notifications.Access;
using Notifications.Audit;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Web.Http;

namespace Notifications.Web.Sending;

/// <summary>A queue item that was given up: what it was about, not what it said.</summary>
/// <param name="Id">The letter's id, within its queue.</param>
/// <param name="Queue">The queue that gave it up.</param>
/// <param name="Deliveries">How often it was tried.</param>
/// <param name="At">When it was given up.</param>
/// <param name="Cause">Why: a sentence of ours, or the type of what was thrown; left out where nobody lived to say.</param>
/// <param name="MessageId">The message that it was about.</param>
/// <param name="Topic">The key of that message's topic.</param>
/// <param name="EventType">The type of the event that it was, as the provider names it.</param>
internal sealed record DeadLetterView(
    string Id, string Queue, int Deliveries, DateTimeOffset At, string? Cause, string? MessageId, string? Topic, string? EventType);

/// <summary>A page of dead letters, queue by queue, oldest first.</summary>
/// <param name="DeadLetters">The letters.</param>
/// <param name="Next">What <c>after</c> is for the next page; left out on the last one.</param>
internal sealed record DeadLetterList(IReadOnlyList<DeadLetterView> DeadLetters, string? Next) : Listed;

/// <summary>A letter that is on its queue again, or discarded.</summary>
/// <param name="Id">The letter's id.</param>
/// <param name="Queue">Its queue.</param>
/// <param name="Status">What became of it.</param>
internal sealed record ReplayView(string Id, string Queue, string Status);

/// <summary>How many letters of a queue are on it again.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Replayed">How many are on it again.</param>
/// <param name="Remaining">How many of those that were there are left for another request, 1000 where that many or more are.</param>
internal sealed record ReplayAllView(string Queue, int Replayed, int Remaining);

/// <summary>What to put back: one letter of a queue, or every one where <see cref="Id"/> is left out.</summary>
/// <param name="Queue">The queue whose letters are meant.</param>
internal sealed record ReplayInput(string? Queue = null)
{
    private string? _id;

    /// <summary>The letter's id.</summary>
    public string? Id
    {
        get => _id;
        set => (_id, MeansOne) = (value, true);
    }

    /// <summary>An id is there, if only null: whoever meant one letter does not put back all of them.</summary>
    [JsonIgnore]
    public bool MeansOne { get; private set; }
}

/// <summary>Shows what queues gave up, puts it back, or lets it go.</summary>
internal sealed class DeadLetterEndpoints(DeadLetters letters, AuditLog audit, Idempotency idempotency) : IEndpoints
{
    private const string ReplayAct = "dead-letter.replay", Queued = "queued";
    private const string AllInTurns =
        "A request puts letters back for 20 seconds at most, the oldest first; remaining says how many are left (1000: that many or more). Repeat it under another Idempotency-Key until that is 0.";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi("GET", "/v1/dead-letters", Scope.Admin, ListAsync, new("What queues gave up", null, (200, typeof(DeadLetterList)))
        {
            Query =
            [
                new("queue", "A queue's name; all of them, one after the other, when left out.") { Words = Queues.WithDeadLetters },
                .. Api.Paging,
            ],
        });
        routes.MapApi(
            "POST", "/v1/dead-letters", Scope.Admin, ReplayAsync,
            new("Put dead letters back on their queue", typeof(ReplayInput), (202, typeof(ReplayAllView)))
            {
                Description = "The letter with the id, or every letter of the queue where id is left out; an id that is null is refused. " + AllInTurns,
            });
        routes.MapApi(
            "POST", "/v1/dead-letters/{queue}/{id}/replay", Scope.Admin,
            http => ActAsync(http, ReplayAct, Queued, StatusCodes.Status202Accepted, letters.ReplayAsync),
            new("Put a dead letter back on its queue", null, (202, typeof(ReplayView))));
        routes.MapApi(
            "POST", "/v1/dead-letters/{queue}/{id}/discard", Scope.Admin,
            http => ActAsync(http, "dead-letter.discard", "discarded", StatusCodes.Status200OK, letters.DiscardAsync),
            new("Let a dead letter go for good", null, (200, typeof(ReplayView))));
        routes.MapApi(
            "POST", "/v1/dead-letters/{queue}/replay", Scope.Admin, ReplayAllAsync,
            new("Put every dead letter of a queue back", null, (202, typeof(ReplayAllView))) { Description = AllInTurns });
    }

    private async ValueTask<Answer> ListAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var limit = Paging.Limit(http, errors);
        var query = http.Request.Query;
        var queue = query.TryGetValue("queue", out var name) ? name.ToString() : null;
        var after = query.TryGetValue("after", out var from) ? from.ToString() : null;
        if (queue is not null && Array.IndexOf(Queues.WithDeadLetters, queue) < 0)
            errors.Add("queue", $"must be one of {string.Join(", ", Queues.WithDeadLetters)}");

        // Without a queue the position names the one it is in: imports:0001-a.
        var begun = 0;
        if (after is not null && queue is null)
        {
            var colon = after.IndexOf(':', StringComparison.Ordinal);
            begun = Array.IndexOf(Queues.WithDeadLetters, after[..Math.Max(colon, 0)]);
            after = after[(colon + 1)..];
        }

        if (begun < 0 || (after is not null && !DeadLetters.IsId(after))) errors.Add("after", Paging.NotNext);
        if (errors.Any) return errors.Answer();

        string? next = null;
        var views = new List<DeadLetterView>();
        foreach (var one in queue is null ? Queues.WithDeadLetters[begun..] : [queue])
        {
            foreach (var (id, letter) in await letters.ListAsync(one, after, limit - views.Count, http.RequestAborted))
                views.Add(Describe(id, letter));
            after = null;
            next = Paging.Next(views.Count == limit ? views[^1].Id : null);
            if (next is null) continue;
            if (queue is null) next = $"{one}:{next}";
            break;
        }

        return Answer.Json(new DeadLetterList(views, next), WebJson.Default.DeadLetterList);
    }

    private async ValueTask<Answer> ActAsync(
        HttpContext http, string act, string after, int status, Func<string, string, CancellationToken, ValueTask<bool>> run) =>
        await idempotency.RunAsync(http, WebJson.Default.NoInput, async _ =>
        {
            var queue = http.Request.RouteValues["queue"] as string ?? "";
            var id = http.Id();
            if (Array.IndexOf(Queues.WithDeadLetters, queue) < 0 || !DeadLetters.IsId(id)) return NoLetter();
            return await DoneAsync(http, queue, id, act, after, run)
                ? Answer.Json(new ReplayView(id, queue, after), WebJson.Default.ReplayView, status)
                : NoLetter();
        });

    /// <summary>Whether there was such a letter, and the act is done.</summary>
    private async ValueTask<bool> DoneAsync(
        HttpContext http, string queue, string id, string act, string after, Func<string, string, CancellationToken, ValueTask<bool>> run)
    {
        if (!await letters.HasAsync(queue, id, CancellationToken.None)) return false;
        // Before the act, so that none is without its entry (R68).
        await audit.WriteAsync(http.Actor(), act, $"{queue}:{id}", "dead", after, CancellationToken.None);
        return await run(queue, id, CancellationToken.None);
    }

    private async ValueTask<Answer> ReplayAsync(HttpContext http) => await idempotency.RunAsync(http, async body =>
    {
        if (body.Parse(WebJson.Default.ReplayInput, out var input) is { } wrong) return wrong;
        var errors = new FieldErrors();
        var known = Array.IndexOf(Queues.WithDeadLetters, input.Queue) >= 0;
        if (!known)
            errors.Add("queue", input.Queue is null ? "is required" : $"must be one of {string.Join(", ", Queues.WithDeadLetters)}");
        if (input.MeansOne && (input.Id is null || !DeadLetters.IsId(input.Id))) errors.Add("id", "must be that of a dead letter, or be left out");
        if (errors.Any) return errors.Answer();
        if (input.Id is not { } id) return await ReplayAllAsync(http, input.Queue!);
        return await DoneAsync(http, input.Queue!, id, ReplayAct, Queued, letters.ReplayAsync) ? Replayed(input.Queue!, 1, 0) : NoLetter();
    });

    private async ValueTask<Answer> ReplayAllAsync(HttpContext http) =>
        await idempotency.RunAsync(http, WebJson.Default.NoInput, async _ =>
        {
            var queue = http.Request.RouteValues["queue"] as string ?? "";
            if (Array.IndexOf(Queues.WithDeadLetters, queue) < 0) return Problem.NotFound("There is no queue of this name.");
            return await ReplayAllAsync(http, queue);
        });

    private async ValueTask<Answer> ReplayAllAsync(HttpContext http, string queue)
    {
        if (await letters.AnyAsync(queue, CancellationToken.None))
            await audit.WriteAsync(http.Actor(), "dead-letter.replay-all", queue, "dead", Queued, CancellationToken.None);
        var (replayed, remaining) = await letters.ReplayAllAsync(queue, CancellationToken.None);
        return Replayed(queue, replayed, remaining);
    }

    private static Answer Replayed(string queue, int replayed, int remaining) => Answer.Json(
        new ReplayAllView(queue, replayed, remaining), WebJson.Default.ReplayAllView, StatusCodes.Status202Accepted);

    private static Answer NoLetter() => Problem.NotFound("No dead letter of this queue has this id.");

    private static DeadLetterView Describe(string id, DeadLetter letter)
    {
        SendRequest? message = null;
        InboundEvent? happening = null;
        try
        {
            if (letter.Queue == Queues.Send) message = JsonSerializer.Deserialize(letter.Body, CoreJson.Default.SendRequest);
            else if (letter.Queue == Queues.Inbound) happening = JsonSerializer.Deserialize(letter.Body, CoreJson.Default.InboundEvent);
        }
        catch (JsonException)
        {
            // It was given up because it is not what the queue holds: there is no more to tell.
        }

        return new DeadLetterView(
            id, letter.Queue, letter.Deliveries, letter.At, letter.Cause, message?.Id, message?.Topic, happening?.Type);
    }
}
