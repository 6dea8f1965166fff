using System.Globalization;
using System.Security.Cryptography;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Contacts;
using Notifications.Privacy;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Web.Http;

namespace Notifications.Web.Sending;

/// <summary>Queues messages, shows what became of them, and tells what would.</summary>
internal sealed class MessageEndpoints(
    MessageIntake intake, SendQueue queue, MessageReader reader, DecisionDesk decisions, ContactDesk contacts, KeyRing ring,
    Idempotency idempotency, PrivacyOptions privacy) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi(
            "POST", "/v1/messages", Scope.Send, PostAsync, new("Queue one message", typeof(MessageInput), (202, typeof(MessageAccepted)))
            {
                Description = "Durable before it is answered. Whether it may go out is decided when its turn comes, on what the person has said by then. A contact with several addresses gets one message on each.",
            });
        routes.MapApi(
            "POST", "/v1/messages/batch", Scope.Send, PostBatchAsync,
            new("Queue up to 500 messages", typeof(BatchInput), (202, typeof(BatchAnswer)))
            {
                Description = "One result each, in order: a bad message spoils no other. The schema is that of good ones, so what checks requests against it on their way refuses a batch for one bad message. A bare array of messages is taken too.",
            });
        routes.MapApi(
            "GET", "/v1/messages", Scope.Send, ListAsync,
            new("The messages of an address or a contact, newest first", null, (200, typeof(MessageList)))
            {
                Description = "Give exactly one of email, phone and contactId; of a contact, those of all the addresses that it has now. One whose turn has not come has no record yet, and is not among them (but what is due on a later day is); nor is one whose record was purged (by default 400 days after it ended). Every record of the address is read for a page.",
                Query =
                [
                    .. Api.ByAddress, ("contactId", "A contact's id; or give email or phone."), .. Api.Paging,
                ],
            });
        routes.MapApi(
            "GET", "/v1/messages/{id}", Scope.Send, GetAsync, new("What became of a message, and why", null, (200, typeof(MessageView)))
            {
                Description = "A message for a later day says until when it waits (dueAt). A message without a record has a note. Of a campaign's it tells whether its turn has not come, or never came because the campaign was cancelled (skipped, campaign-cancelled, without a receipt: no rule was asked), or the record is no longer kept. Any other is queued: it waits for its turn, or its record was purged (by default 400 days after it ended). An id does not tell its age.",
            });
        routes.MapApi(
            "POST", "/v1/decisions", Scope.Send, DecideAsync,
            new("What would become of a message now", typeof(MessageInput), (200, typeof(DecisionView)))
            {
                Description = "Nothing is sent. With sendAt it is what would become of it then, by what is known now. A contact with several addresses gets one decision for each, under decisions.",
            });
    }

    private ValueTask<Answer> PostAsync(HttpContext http) => idempotency.RunAsync(http, async body =>
    {
        var (requests, problem) = await ReadAsync(http, body.Bytes, null);
        if (problem is not null) return problem;
        await QueueAllAsync(requests);
        return Answer.Json(MessageAccepted.Of(requests), WebJson.Default.MessageAccepted, StatusCodes.Status202Accepted);
    });

    private async ValueTask<Answer> PostBatchAsync(HttpContext http)
    {
        var (body, problem) = await RequestBody.ReadAsync(http, RequestBody.BatchLimit);
        if (problem is not null) return problem;
        if (MessageBatch.Cut(body!.Bytes, out var messages) is { } wrong) return wrong;
        return await idempotency.RunAsync(http, body, () => QueueBatchAsync(http, messages));
    }

    private async ValueTask<Answer> QueueBatchAsync(HttpContext http, IReadOnlyList<ReadOnlyMemory<byte>> messages)
    {
        var results = new BatchResult[messages.Count];
        var accepted = new List<SendRequest>(messages.Count);
        var rejected = 0;
        for (var i = 0; i < results.Length; i++)
        {
            var (requests, problem) = await ReadAsync(http, messages[i], i);
            if (problem is not null)
            {
                results[i] = new BatchResult(i, null, null, null, problem.Problem);
                rejected++;
                continue;
            }

            accepted.AddRange(requests);
            var answer = MessageAccepted.Of(requests);
            results[i] = new BatchResult(i, answer.Id, answer.Status, answer.Messages, null);
        }

        await QueueAllAsync(accepted);
        return Answer.Json(
            new BatchAnswer(results.Length - rejected, rejected, results), WebJson.Default.BatchAnswer, StatusCodes.Status202Accepted);
    }

    private async ValueTask<Answer> GetAsync(HttpContext http)
    {
        const string none = "No message has this id.";
        if (!MessageId.TryParseCopied(http.Id(), out var id)) return Problem.NotFound(none);
        return await reader.FindAsync(id, http.RequestAborted) is { } record
            ? Answer.Json(MessageView.Of(id, record, privacy), WebJson.Default.MessageView)
            : Problem.NotFound(none);
    }

    private async ValueTask<Answer> ListAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var of = await OfAsync(http, errors);
        var limit = Paging.Limit(http, errors);
        (DateTimeOffset At, string Id)? before = null;
        if (http.Request.Query.TryGetValue("after", out var after) && (before = Place(after.ToString())) is null)
            errors.Add("after", Paging.NotNext);
        if (errors.Any) return errors.Answer();
        var (newest, all) = await reader.NewestAsync(of, before, limit, http.RequestAborted);
        return Answer.Json(
            new MessageList(
                [.. newest.Select(m => MessageView.Of(m.Id, m.Record, privacy))],
                all > limit && newest is [.., var last] ? $"{last.At.ToUnixTimeMilliseconds()}-{last.Id}" : null),
            WebJson.Default.MessageList);
    }

    private async ValueTask<IReadOnlyList<AddressKey>> OfAsync(HttpContext http, FieldErrors errors)
    {
        var query = http.Request.Query;
        if (!query.TryGetValue("contactId", out var id))
            return AddressInput.Query(http, errors, third: "contactId") is { } one ? [ring.KeyOf(one)] : [];
        if (query.ContainsKey("email") || query.ContainsKey("phone")) errors.Add("contactId", "and email or phone exclude each other");
        else if (Inputs.IsId(id) && await contacts.GetAsync(id!, http.RequestAborted) is { } contact)
            return [.. contact.Addresses.Select(a => a.Key)];
        else errors.Add("contactId", "is not a known contact");
        return [];
    }

    private static (DateTimeOffset At, string Id)? Place(string next) =>
        next.Split('-', 2) is [var at, var id]
        && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var ms)
        && ms <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
        && MessageId.TryParse(id, out _)
            ? (DateTimeOffset.FromUnixTimeMilliseconds(ms), id)
            : null;

    private async ValueTask<Answer> DecideAsync(HttpContext http) => await idempotency.AskAsync(http, async body =>
    {
        var (requests, wrong) = await ReadAsync(http, body.Bytes, null);
        if (wrong is not null) return wrong;
        var views = new DecisionView[requests.Count];
        for (var i = 0; i < views.Length; i++)
            views[i] = DecisionView.Of(await decisions.AskAsync(requests[i], http.RequestAborted), requests[i].Channel);
        return Answer.Json(
            views.Length == 1 ? views[0] : new DecisionView(null, null, null, null, null, null, views), WebJson.Default.DecisionView);
    });

    private async ValueTask<(IReadOnlyList<SendRequest> Requests, Answer? Problem)> ReadAsync(
        HttpContext http, ReadOnlyMemory<byte> json, int? index)
    {
        if (json.Length > RequestBody.Limit) return ([], Problem.TooLarge(RequestBody.Limit));
        if (RequestBody.Parse(json.Span, WebJson.Default.MessageInput, out var input) is { } wrong) return ([], wrong);
        return await intake.ReadAsync(input, json.Length, http.Key().Id, Seed(http, json, index), http.RequestAborted);
    }

    /// <summary>
    /// What message ids are derived from, so that a repeated request can only ever name the same messages, however late it comes (P5). With
    /// what is asked for: once its answer is forgotten, the same Idempotency-Key with another message is another one, and not lost.
    /// </summary>
    private static string? Seed(HttpContext http, ReadOnlyMemory<byte> json, int? index)
    {
        if (Idempotency.KeyOf(http) is not { } key) return null;
        var asked = Convert.ToBase64String(SHA256.HashData(json.Span));
        return index is null ? $"api/{http.Key().Id}/{key}\0{asked}" : $"api/{http.Key().Id}/{key}\0{index}\0{asked}";
    }

    // Side by side, so that the store makes them durable with one sync. Not given up when the caller goes: it may have been told by then.
    private async ValueTask QueueAllAsync(IReadOnlyList<SendRequest> requests)
    {
        if (requests.Count == 1)
        {
            await queue.AcceptAsync(requests[0], CancellationToken.None);
            return;
        }

        var all = new Task[requests.Count];
        for (var i = 0; i < all.Length; i++) all[i] = queue.AcceptAsync(requests[i], CancellationToken.None).AsTask();
        await Task.WhenAll(all);
    }
}
