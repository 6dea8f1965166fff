using System.Text.Json;
using Notifications.Access;
using Notifications.Audiences;
using Notifications.Web.Http;

namespace Notifications.Web.Audiences;

/// <summary>A segment to keep.</summary>
/// <param name="Name">What people call it, 1 to 100 characters.</param>
/// <param name="Filter">Who matches.</param>
internal sealed record SegmentInput(string? Name = null, JsonElement? Filter = null)
{
    /// <summary>Reads a filter; each problem names its path.</summary>
    public static Segment? Read(FieldErrors errors, string field, JsonElement json)
    {
        if (!Inputs.IsText(json))
        {
            errors.Add(field, "must be valid text in UTF-8");
            return null;
        }

        var problems = new List<SegmentProblem>();
        var segment = SegmentReader.Read(json, field, problems);
        foreach (var problem in problems) errors.Add(RequestBody.Short(problem.Path), problem.Message);
        return segment;
    }
}

/// <summary>A stored segment.</summary>
/// <param name="Id">The segment's id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Filter">Who matches.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
internal sealed record SegmentView(string Id, string Name, Segment Filter, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public static SegmentView Of(StoredSegment segment) =>
        new(segment.Id, segment.Name, segment.Filter, segment.CreatedAt, segment.UpdatedAt);
}

/// <summary>A page of segments, in the order of their ids.</summary>
/// <param name="Segments">The segments.</param>
/// <param name="Next">What <c>after</c> is for the next page; left out on the last one.</param>
internal sealed record SegmentList(IReadOnlyList<SegmentView> Segments, string? Next) : Listed;

/// <summary>Keeps segments.</summary>
internal sealed class SegmentEndpoints(StoredSegments segments, AudienceDesk desk, Idempotency idempotency) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi(
            "GET", "/v1/segments", Scope.Campaigns, ListAsync,
            new("The stored segments", null, (200, typeof(SegmentList))) { Query = Api.Paging });
        routes.MapApi(
            "POST", "/v1/segments", Scope.Campaigns, PostAsync,
            new("Keep a segment", typeof(SegmentInput), (201, typeof(SegmentView)))
            {
                GivesETag = true,
                GivesLocation = true,
            });
        routes.MapApi(
            "GET", "/v1/segments/{id}", Scope.Campaigns, GetAsync, new("A segment", null, (200, typeof(SegmentView))) { GivesETag = true });
        routes.MapApi(
            "PUT", "/v1/segments/{id}", Scope.Campaigns, PutAsync, new("Change a segment", typeof(SegmentInput), (200, typeof(SegmentView)))
            {
                GivesETag = true,
                HeedsIfMatch = true,
                Description = "Holds for what is selected from then on. What a GET has answered can be put back: what is not the caller's to set is passed over. With If-Match it is changed only as it was read: 412 when somebody else has changed it meanwhile.",
            });
        routes.MapApi("DELETE", "/v1/segments/{id}", Scope.Campaigns, DeleteAsync, new("Forget a segment", null, (204, null))
        {
            HeedsIfMatch = true,
            Description = "A campaign whose audience names it, or leaves it out, is refused until that is changed. With If-Match it is forgotten only as it was read.",
        });
    }

    private async ValueTask<Answer> ListAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var limit = Paging.Limit(http, errors);
        var after = Paging.After(http, errors, StoredSegments.IsId);
        if (errors.Any) return errors.Answer();
        var found = await segments.ListAsync(after, limit, http.RequestAborted);
        return Answer.Json(
            new SegmentList([.. found.Select(SegmentView.Of)], Paging.Next(found.Count == limit ? found[^1].Id : null)),
            WebJson.Default.SegmentList);
    }

    private async ValueTask<Answer> PostAsync(HttpContext http) => await idempotency.RunAsync(http, async body =>
    {
        var (name, filter, wrong) = Read(body);
        if (wrong is not null) return wrong;
        var made = await desk.CreateSegmentAsync(
            name!, filter!, http.Actor(), CancellationToken.None, KeyedRun.Of(http)?.Hex(12));
        return View(made, StatusCodes.Status201Created) with { Location = "/v1/segments/" + made.Id };
    });

    private async ValueTask<Answer> GetAsync(HttpContext http) =>
        await segments.FindAsync(http.Id(), http.RequestAborted) is { } found ? View(found) : NotFound();

    private async ValueTask<Answer> PutAsync(HttpContext http)
    {
        var (body, problem) = await RequestBody.ReadAsync(http);
        if (problem is not null) return problem;
        var (name, filter, wrong) = Read(body!, http.Id());
        if (wrong is not null) return wrong;
        if (!TrySeen(http, out var seen)) return IfMatch.Wrong();
        var (before, after) = await desk.UpdateSegmentAsync(http.Id(), name!, filter!, seen, http.Actor(), CancellationToken.None);
        return before is null ? NotFound() : after is null ? Stale() : View(after);
    }

    private async ValueTask<Answer> DeleteAsync(HttpContext http)
    {
        if (!TrySeen(http, out var seen)) return IfMatch.Wrong();
        var (before, done) = await desk.DeleteSegmentAsync(http.Id(), seen, http.Actor(), CancellationToken.None);
        return before is null ? NotFound() : done ? Answer.Nothing : Stale();
    }

    private static (string? Name, Segment? Filter, Answer? Problem) Read(RequestBody body, string? id = null)
    {
        var (type, shown) = (WebJson.Default.SegmentInput, WebJson.Default.SegmentView);
        if (AsShown.Parse(body, id, type, shown, out var input) is { } wrong) return (null, null, wrong);
        var errors = new FieldErrors();
        var name = errors.Required("name", input.Name, 100);
        Segment? filter = null;
        if (input.Filter is { } json) filter = SegmentInput.Read(errors, "filter", json);
        else errors.Add("filter", "is required");
        return (name, filter, errors.Any ? errors.Answer() : null);
    }

    private static Answer View(StoredSegment segment, int status = StatusCodes.Status200OK) =>
        Answer.Json(
            SegmentView.Of(segment), WebJson.Default.SegmentView,
            status) with { ETag = IfMatch.Tag(segment.UpdatedAt.ToUnixTimeMilliseconds()) };

    private static bool TrySeen(HttpContext http, out DateTimeOffset? seen)
    {
        var ours = IfMatch.TrySeen(http, out var state) && !(state > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());
        seen = ours && state is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;
        return ours;
    }

    private static Answer Stale() => IfMatch.Stale("segment-changed", "Somebody else has changed this segment meanwhile.");

    private static Answer NotFound() => Problem.NotFound("No segment has this id.");
}
