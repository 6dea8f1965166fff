using Notifications.Access;
using Notifications.Review;
using Notifications.Web.Http;

namespace Notifications.Web.Review;

/// <summary>The decision on an item.</summary>
/// <param name="Id">The item's id.</param>
/// <param name="Verdict">What it means: <c>revoke</c> stops everything on the channel, <c>not-a-revocation</c> only ends the pause.</param>
/// <param name="Agent">The person who decided, as an id of 1 to 64 letters, digits, dots, underscores and hyphens.</param>
internal sealed record ReviewInput(string? Id, string? Verdict, string? Agent);

/// <summary>Something a person wrote that only a person can understand.</summary>
/// <param name="Id">The item's id.</param>
/// <param name="Channel">How it came.</param>
/// <param name="From">Who wrote it; left out where that is not known any more.</param>
/// <param name="Text">What was written.</param>
/// <param name="At">When it came.</param>
/// <param name="Status">Whether somebody has decided.</param>
/// <param name="Verdict">What was decided.</param>
/// <param name="Actor">Who decided.</param>
/// <param name="ResolvedAt">When it was decided.</param>
internal sealed record ReviewView(
    string Id, string Channel, string? From, string Text, DateTimeOffset At, string Status, string? Verdict, string? Actor,
    DateTimeOffset? ResolvedAt);

/// <summary>A page of items, oldest first.</summary>
/// <param name="Items">The items.</param>
/// <param name="Next">What <c>after</c> is for the next page; left out on the last one.</param>
internal sealed record ReviewList(IReadOnlyList<ReviewView> Items, string? Next) : Listed;

/// <summary>What waits for a human reader (R13, R41), and what the reader decides.</summary>
internal sealed class ReviewEndpoints(ReviewDesk desk, Idempotency idempotency) : IEndpoints
{
    /// <summary>Where an item stands.</summary>
    public static readonly string[] Statuses = ["open", "resolved"];

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi("GET", "/v1/review", Scope.Admin, ListAsync, new("What waits for a human reader", null, (200, typeof(ReviewList)))
        {
            Query = [new("status", "Whether somebody has decided: open, the default, or resolved.") { Words = Statuses }, .. Api.Paging],
        });
        routes.MapApi(
            "POST", "/v1/review", Scope.Admin, ResolveAsync, new("Decide on an item", typeof(ReviewInput), (200, typeof(ReviewView)))
            {
                Description = "The verdict is `revoke`, which stops everything on the channel, or `not-a-revocation`, which only ends the pause.",
            });
    }

    private async ValueTask<Answer> ListAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var limit = Paging.Limit(http, errors);
        var after = Paging.After(http, errors, ReviewDesk.IsId);
        var status = http.Request.Query.TryGetValue("status", out var asked) ? asked.ToString() : "open";
        if (Array.IndexOf(Statuses, status) < 0) errors.Add("status", "must be open or resolved");
        if (errors.Any) return errors.Answer();
        var items = await desk.ListAsync(status == "resolved", after, limit, http.RequestAborted);
        return Answer.Json(
            new ReviewList([.. items.Select(View)], Paging.Next(items.Count == limit ? items[^1].Id : null)), WebJson.Default.ReviewList);
    }

    private async ValueTask<Answer> ResolveAsync(HttpContext http)
    {
        var (body, problem) = await RequestBody.ReadAsync(http);
        if (problem is not null) return problem;
        if (body!.Parse(WebJson.Default.ReviewInput, out var decision) is { } wrong) return wrong;
        var errors = new FieldErrors();
        if (!IsItem(decision.Id)) errors.Add("id", "must be the id of an item");
        ReviewVerdict? verdict = decision.Verdict switch
        {
            "revoke" => ReviewVerdict.Revoke,
            "not-a-revocation" => ReviewVerdict.NotARevocation,
            _ => null,
        };
        if (verdict is null) errors.Add("verdict", "must be revoke or not-a-revocation");
        var actor = ActorInput.Read(http, errors, decision.Agent);
        if (errors.Any) return errors.Answer();
        return await idempotency.RunAsync(http, body, async () =>
        {
            return await desk.ResolveAsync(decision.Id!, verdict!.Value, actor, CancellationToken.None) switch
            {
                ReviewResult.Done => Show((await desk.FindAsync(decision.Id!, CancellationToken.None))!),
                ReviewResult.NotFound => Problem.NotFound("No review item has this id."),
                _ => Problem.Conflict("already-resolved", "Somebody has decided on this item before."),
            };
        });
    }

    private static bool IsItem(string? text) =>
        text is { Length: > 0 and <= 60 } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    // Who wrote may not be known, and whom it is about may be.
    private static Answer Show(ReviewItem item) =>
        Answer.Json(View(item), WebJson.Default.ReviewView) with { About = item.AddressKey };

    private static ReviewView View(ReviewItem item) => new(
        item.Id,
        Notifications.Addresses.ChannelNames.Name(item.Channel), item.From, item.Text, item.At, item.Verdict is null ? "open" : "resolved",
        item.Verdict switch { null => null, ReviewVerdict.Revoke => "revoke", _ => "not-a-revocation" }, item.Actor, item.ResolvedAt);
}
