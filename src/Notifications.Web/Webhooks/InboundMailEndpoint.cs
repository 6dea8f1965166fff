using System.Security.Cryptography;
using System.Text.Json;
using Notifications.Events;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Web.Http;

namespace Notifications.Web.Webhooks;

/// <summary>
/// <c>/webhooks/email</c>: a mail that came to the unsubscribe mailbox, as raw MIME of any content type (R13). What matters of it is on the
/// queue before the answer. Its id is a hash of the mail, so the same mail delivered again is the same event.
/// </summary>
internal sealed class InboundMailEndpoint(WebhookSecret secret, IWorkQueue queue, TimeProvider time) : IEndpoints
{
    private const int Limit = 10 * 1024 * 1024;

    public void Map(IEndpointRouteBuilder routes)
    {
        RequestDelegate post = async http => await (await PostAsync(http)).ExecuteAsync(http);
        routes.MapMethods("/webhooks/email", ["POST"], post).IsPublic("It carries its own secret.").ExcludeFromDescription();
    }

    private async ValueTask<Answer> PostAsync(HttpContext http)
    {
        if (!secret.IsCarriedBy(http.Request)) return WebhookSecret.Unauthorized();
        var (body, problem) = await RequestBody.ReadRawAsync(http, Limit);
        if (problem is not null) return problem;
        if (body!.Bytes.Length == 0) return Problem.Invalid("body", "must be a mail as raw MIME");
        var mail = InboundMime.Parse(body.Bytes.Span);
        var id = "mail/" + Convert.ToHexStringLower(SHA256.HashData(body.Bytes.Span).AsSpan(0, 16));
        var happening = new InboundEvent(
            id, InboundMail.EventType, JsonSerializer.SerializeToElement(mail, CoreJson.Default.InboundMail), time.UtcNowMs());
        await queue.EnqueueAsync(
            Queues.Inbound, JsonSerializer.SerializeToUtf8Bytes(happening, CoreJson.Default.InboundEvent), default, CancellationToken.None);
        return new Answer(StatusCodes.Status200OK, default);
    }
}
