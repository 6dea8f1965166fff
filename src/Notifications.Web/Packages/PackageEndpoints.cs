using Notifications.Access;
using Notifications.Packages;
using Notifications.Web.Http;

namespace Notifications.Web.Packages;

/// <summary>Takes events of packages from services, and shows what came of them.</summary>
internal sealed class PackageEndpoints(PackageTracker tracker, Idempotency idempotency, TimeProvider time) : IEndpoints
{
    private static readonly string Statuses = string.Join(", ", EnumWord.All<ParcelStatus>());

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi(
            "POST", "/v1/packages/{number}/events", Scope.Send, PostAsync,
            new("Tell what happened to a package", typeof(PackageEventInput), (202, typeof(PackageEventAccepted)))
            {
                Description = "Everyone who follows the package hears of it once, if it is news. The same id twice is one event; an event older than the last tells nobody; a time in the future is set to now, and so is one that is left out. occurredAt is a time in RFC 3339 form and keeps its offset: messages show the time at the place. status is one of " + Statuses + ", in any case, and many words of other systems are understood for it. An optional member may also be an empty text.",
            });
        routes.MapApi(
            "GET", "/v1/packages/{number}", Scope.Send, GetAsync, new("What is known of a package", null, (200, typeof(PackageDetails)))
            {
                Description = "Its events, newest first, each with its outcome: announced (it waits to be told, or was), superseded (a newer one came before it was told, and speaks in its place if it is news), stale-event (older than what was known) or no-news.",
            });
    }

    private async ValueTask<Answer> PostAsync(HttpContext http) => await idempotency.RunAsync(
        http, async body => body.Parse(WebJson.Default.PackageEventInput, out var input) ?? await AcceptAsync(http, input));

    private async ValueTask<Answer> AcceptAsync(HttpContext http, PackageEventInput input)
    {
        var errors = new FieldErrors();
        var number = PackageInput.Number(http, errors);
        var id = errors.Required("id", input.Id, 200);
        var status = errors.Required("status", input.Status, 60);
        var known = StatusTable.Default.TryRead(status, out var parcel, out var sub);
        if (status is not null && !known) errors.Add("status", "must be one of " + Statuses);
        if (!string.IsNullOrWhiteSpace(input.SubStatus))
        {
            if (!StatusTable.Default.TryRead(input.SubStatus, out var of, out sub) || sub is null || (known && of != parcel))
                errors.Add("subStatus", "must belong to the status, as in Exception_Returned");
        }

        var description = errors.Optional("description", input.Description, 500);
        var location = errors.Optional("location", input.Location, 200);
        var carrier = errors.Optional("carrier", input.Carrier, 100);
        var now = time.UtcNowMs();
        var at = string.IsNullOrWhiteSpace(input.OccurredAt) ? null : input.OccurredAt;
        var occurred =
            Inputs.Time(errors, "occurredAt", at) is not null && Rfc3339.TryParseThere(at!, out var there) ? there : now;
        if (errors.Any) return errors.Answer();
        await tracker.AcceptAsync(
            number!.Value, new PackageEvent(id!, parcel, sub, description, location, occurred, carrier, now), http.RequestAborted);
        return Answer.Json(
            new PackageEventAccepted(number.Value.Value, id!, "queued"), WebJson.Default.PackageEventAccepted,
            StatusCodes.Status202Accepted);
    }

    private async ValueTask<Answer> GetAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var number = PackageInput.Number(http, errors);
        if (errors.Any) return errors.Answer();
        if (await tracker.FindAsync(number!.Value, http.RequestAborted) is not { } package)
            return Problem.NotFound("Nothing is known of this package.");
        var events = await tracker.EventsAsync(number.Value, http.RequestAborted);
        var newest = events.OrderByDescending(row => row.Event.OccurredAt)
            .ThenByDescending(row => row.Event.ReceivedAt)
            .Select(PackageEventView.Of)
            .ToList();
        return Answer.Json(
            new PackageDetails(number.Value.Value, package.Last?.Status, package.Last?.Sub, package.Stage, package.DeliveredAt, newest),
            WebJson.Default.PackageDetails);
    }
}
