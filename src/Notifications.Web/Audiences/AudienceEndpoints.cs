using Notifications.Access;
using Notifications.Audiences;
using Notifications.Consent;
using Notifications.Web.Http;

namespace Notifications.Web.Audiences;

/// <summary>Counts audiences.</summary>
internal sealed class AudienceEndpoints(
    AudienceCounter counter, TopicCatalog topics, StoredSegments segments, StaticLists lists, Idempotency idempotency) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapApi(
            "POST", "/v1/audiences/count", Scope.Campaigns, CountAsync,
            new("How many an audience would reach now", typeof(AudienceCountInput), (200, typeof(AudienceCount)))
            {
                Description = "Walks the audience and asks the rules of a send about each member's record: selected = allowed + skipped + deferred, by reason. segment is the id of a stored segment or a filter as in /v1/segments.",
            });

    private async ValueTask<Answer> CountAsync(HttpContext http) => await idempotency.AskAsync(http, async body =>
    {
        if (body.Parse(WebJson.Default.AudienceCountInput, out var input) is { } wrong) return wrong;
        var errors = new FieldErrors();
        var audience = await input.ReadAsync(errors, "", topics, segments, lists, http.RequestAborted);
        if (audience is null) return errors.Answer();
        try
        {
            return Answer.Json(await counter.CountAsync(audience, http.RequestAborted), WebJson.Default.AudienceCount);
        }
        catch (AudienceException gone)
        {
            return Problem.Conflict("audience-gone", gone.Message); // Deleted since it was looked for.
        }
    });
}
