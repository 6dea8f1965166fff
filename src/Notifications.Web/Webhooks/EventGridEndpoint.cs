using System.Text.Json;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Web.Http;

namespace Notifications.Web.Webhooks;

/// <summary>The answer to Event Grid's handshake.</summary>
internal sealed record ValidationAnswer(string ValidationResponse);

/// <summary>
/// <c>/webhooks/eventgrid</c>: puts each event on the queue before it answers, in the Event Grid and the CloudEvents 1.0 schema, and shakes
/// hands (R64). Whoever does not carry the secret is refused. An event that cannot be read is the sender's mistake (400, not delivered
/// again); a store that is away is ours (503, delivered again, R65).
/// </summary>
internal sealed class EventGridEndpoint(WebhookSecret secret, IWorkQueue queue)
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
        IReadOnlyList<InboundEvent> events;
        try
        {
            events = ProviderEvents.Parse(body!.Bytes.Span);
        }
        catch (JsonException wrong)
        {
            return Problem.Of(400, "invalid-events", "The delivery cannot be read.", wrong.Message + ".");
        }

        if (events is [{ Type: Validation } validation])
        {
            // The code is answered; the validationUrl is never fetched: a stranger's URL is no business of ours (R64).
            return validation.Data.TryGetProperty("validationCode", out var code) && code.ValueKind == JsonValueKind.String
                ? Answer.Json(new ValidationAnswer(code.GetString()!), WebJson.Default.ValidationAnswer)
                : Problem.Invalid("[0].data.validationCode", "is required");
        }

        var items = new byte[events.Count][];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = JsonSerializer.SerializeToUtf8Bytes(events[i], CoreJson.Default.InboundEvent);
            if (items[i].Length > EventLimit) return Problem.Invalid($"[{i}].data", $"must have at most {EventLimit / 1024} KiB");
        }

        await Task.WhenAll(items.Select(item => queue.EnqueueAsync(Queues.Inbound, item, default, CancellationToken.None).AsTask()));
        return new Answer(StatusCodes.Status200OK, default);
    }

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
