using System.Text.Json;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Web.Http;

namespace Notifications.Web.Webhooks;

/// <summary>The answer to Event Grid's handshake.</summary>
internal sealed record ValidationAnswer(string ValidationResponse);

/// <summary>
/// <c>/webhooks/eventgrid</c>: puts each event on the queue before it answers, in the Event Grid and the CloudEvents 1.0 schema, and shakes
/// hands (R64). Whoever does not carry the secret is refused. A delivery of which nothing can be read is the sender's mistake (400, not
/// delivered again); of any other, what cannot be read is kept as a dead letter, and takes no opt-out with it. A store that is away is our
/// mistake (503, delivered again, R65).
/// </summary>
internal sealed class EventGridEndpoint(
    WebhookSecret secret, IWorkQueue queue, DeadLetters letters, GivenUpNotes notes, TimeProvider time) : IEndpoints
{
    private const int Limit = 1024 * 1024;

    /// <summary>What a queue item may hold of one event. Communication Services' are a few hundred bytes.</summary>
    private const int EventLimit = 200 * 1024;

    private const string Source = "eventgrid.azure.net";
    private const string Validation = "Microsoft.EventGrid.SubscriptionValidationEvent";

    public void Map(IEndpointRouteBuilder routes)
    {
        const string pattern = "/webhooks/eventgrid";
        RequestDelegate post = async http => await (await PostAsync(http)).ExecuteAsync(http);
        RequestDelegate handshake = http => Handshake(http).ExecuteAsync(http);
        routes.MapMethods(pattern, ["POST"], post).IsPublic("It carries its own secret.").ExcludeFromDescription();
        routes.MapMethods(pattern, ["OPTIONS"], handshake).IsPublic("It carries its own secret.").ExcludeFromDescription();
    }

    private async ValueTask<Answer> PostAsync(HttpContext http)
    {
        if (!secret.IsCarriedBy(http.Request)) return WebhookSecret.Unauthorized();
        var (body, problem) = await RequestBody.ReadAsync(http, Limit);
        if (problem is not null) return problem;
        IReadOnlyList<DeliveredEvent> events;
        try
        {
            events = ProviderEvents.Cut(body!.Bytes.Span, time.UtcNowMs());
        }
        catch (JsonException wrong)
        {
            return Unreadable(wrong.Message);
        }

        if (events is [{ Event: { Type: Validation } validation }])
        {
            // The code is answered; the validationUrl is never fetched: a stranger's URL is no business of ours (R64).
            return validation.Data.TryGetProperty("validationCode", out var code) && code.ValueKind == JsonValueKind.String
                ? Answer.Json(new ValidationAnswer(code.GetString()!), WebJson.Default.ValidationAnswer)
                : Problem.Invalid("[0].data.validationCode", "is required");
        }

        var (items, lost) = (new List<byte[]>(events.Count), new List<(string Why, byte[] Raw)>());
        for (var i = 0; i < events.Count; i++)
        {
            var (read, unread, raw) = events[i];
            var item = read is null ? null : JsonSerializer.SerializeToUtf8Bytes(read, CoreJson.Default.InboundEvent);
            if (item is { Length: <= EventLimit }) items.Add(item);
            else lost.Add((unread ?? $"[{i}].data must have at most {EventLimit / 1024} KiB", raw));
        }

        if (items.Count == 0 && lost is [var first, ..]) return Unreadable(first.Why);
        await Task.WhenAll(items.Select(item => queue.EnqueueAsync(Queues.Inbound, item, default, CancellationToken.None).AsTask()));
        foreach (var (why, raw) in lost)
        {
            var letter = raw.AsMemory(0, Math.Min(raw.Length, EventLimit));
            await notes.AddAsync(Queues.Inbound, letter, $"Of a delivery of {events.Count} events this one could not be read: {why}.");
            await letters.KeepAsync(Queues.Inbound, letter, 1, CancellationToken.None);
        }

        return new Answer(StatusCodes.Status200OK, default);
    }

    private static Answer Unreadable(string why) => Problem.Of(400, "invalid-events", "The delivery cannot be read.", why + ".");

    private Answer Handshake(HttpContext http)
    {
        if (!secret.IsCarriedBy(http.Request)) return WebhookSecret.Unauthorized();
        var origin = http.Request.Headers["WebHook-Request-Origin"].ToString();
        if (!origin.Equals(Source, StringComparison.OrdinalIgnoreCase))
            return Problem.Of(403, "forbidden", "This origin may not deliver events.", $"WebHook-Request-Origin must be {Source}.");
        http.Response.Headers["WebHook-Allowed-Origin"] = Source;
        http.Response.Headers["WebHook-Allowed-Rate"] = "*";
        http.Response.Headers.Allow = "POST";
        return new Answer(StatusCodes.Status200OK, default);
    }
}
