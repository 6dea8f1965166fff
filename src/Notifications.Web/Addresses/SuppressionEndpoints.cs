using Notifications.Access;
using Notifications.Addresses;
using Notifications.Security;
using Notifications.Web.Http;

namespace Notifications.Web.Addresses;

/// <summary>An address to block.</summary>
internal sealed record SuppressionInput(
    string? Email = null, string? Phone = null, string? Reason = null, string? Note = null, string? Agent = null);

/// <summary>
/// A blocked address; the address itself is missing where only its keyed hash is left. <paramref name="Beneath"/>: an operator has blocked
/// it as well, which stands when this is lifted.
/// </summary>
internal sealed record SuppressionView(
    string? Address, Channel Channel, SuppressionReason Reason, DateTimeOffset Since, string? Note, ManualBlock? Beneath = null)
{
    public static SuppressionView Of(string? address, Channel channel, Suppression block) =>
        new(address, channel, block.Reason, block.Since, block.Note, block.Beneath);
}

/// <summary>A page of blocked addresses, in the order of their keyed hashes.</summary>
internal sealed record SuppressionList(IReadOnlyList<SuppressionView> Suppressions, string? Next) : Listed;

/// <summary>Blocks addresses, lifts blocks, lists them.</summary>
internal sealed class SuppressionEndpoints(
    Suppressions suppressions, Blocks blocks, AddressBook book, KeyRing ring, Idempotency idempotency)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi(
            "GET", "/v1/suppressions", Scope.Contacts, ListAsync, new("The blocked addresses", null, (200, typeof(SuppressionList)))
            {
                Description = "With email or phone only that address, if it is blocked.",
                Query = [.. Api.ByAddress, .. Api.Paging],
            });
        routes.MapApi(
            "POST", "/v1/suppressions", Scope.Contacts, PostAsync,
            new("Block an address", typeof(SuppressionInput), (200, typeof(SuppressionView)))
            {
                Description = "reason is manual, bounce, complaint or invalid. A weaker reason never replaces a stronger one; the answer is the block as it stands. A manual block stands beneath any other (beneath) and is there when that is lifted.",
            });
        routes.MapApi("DELETE", "/v1/suppressions", Scope.Contacts, DeleteAsync, new("Lift a block", null, (204, null), (200, typeof(SuppressionView)))
        {
            Description = "204: the address is not blocked any more. Where a manual block stood beneath the one that is lifted, it stands on and is answered, 200, however often this is said; reason=manual lifts the manual block, and that alone. The block of an erased person stays: 409.",
            Query = [.. Api.ByAddress, new("reason", "manual: lifts the manual block alone.")],
        });
    }

    private async ValueTask<Answer> ListAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var limit = Paging.Limit(http, errors);
        var after = Paging.AfterKey(http, errors);
        var query = http.Request.Query;
        Address? only = query.ContainsKey("email") || query.ContainsKey("phone") ? AddressInput.Query(http, errors) : null;
        if (errors.Any) return errors.Answer();
        if (only is { } address)
        {
            var state = (await book.LoadAsync(ring.KeyOf(address), http.RequestAborted)).State;
            return Answer.Json(
                new SuppressionList(
                    state?.Suppression is { } block
                        ? [SuppressionView.Of(state.Value, address.Channel, block)]
                        : [],
                    null),
                WebJson.Default.SuppressionList);
        }

        var found = await suppressions.ListAsync(after, limit, http.RequestAborted);
        var views = found.Select(f => SuppressionView.Of(f.Row.Address, f.Row.Channel, f.Row.Suppression)).ToList();
        return Answer.Json(new SuppressionList(views, found.Count == limit ? found[^1].Key.Value : null), WebJson.Default.SuppressionList);
    }

    private async ValueTask<Answer> PostAsync(HttpContext http) => await idempotency.RunAsync(
        http, async body => body.Parse(WebJson.Default.SuppressionInput, out var input) ?? await AddAsync(http, input));

    private async ValueTask<Answer> AddAsync(HttpContext http, SuppressionInput input)
    {
        var errors = new FieldErrors();
        var address = AddressInput.Read(errors, "", input.Email, input.Phone);
        SuppressionReason? reason = input.Reason switch
        {
            "manual" => SuppressionReason.Manual,
            "bounce" => SuppressionReason.Bounce,
            "complaint" => SuppressionReason.Complaint,
            "invalid" => SuppressionReason.Invalid,
            _ => null,
        };
        if (reason is null) errors.Add("reason", "must be manual, bounce, complaint or invalid");
        var note = errors.Optional("note", input.Note, 500);
        var actor = ActorInput.Read(http, errors, input.Agent);
        if (errors.Any) return errors.Answer();
        var state = await blocks.AddAsync(address!.Value, reason!.Value, note, "api", actor, http.RequestAborted);
        return Answer.Json(SuppressionView.Of(state.Value, address.Value.Channel, state.Suppression!), WebJson.Default.SuppressionView);
    }

    private async ValueTask<Answer> DeleteAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var address = AddressInput.Query(http, errors);
        var own = http.Request.Query["reason"].ToString();
        if (own is not ("" or "manual")) errors.Add("reason", "must be manual, or be left out");
        if (errors.Any) return errors.Answer();
        var state = await blocks.RemoveAsync(address!.Value, "api", http.Actor(), http.RequestAborted, own.Length > 0);
        if (state is null) return Problem.NotFound("This address is not blocked.");
        return state.Suppression switch
        {
            null => Answer.Nothing,
            { Reason: SuppressionReason.Erased } =>
                Problem.Conflict("erased", "The person was erased; the block that keeps the address out stays."),
            var stands => Answer.Json(SuppressionView.Of(state.Value, address.Value.Channel, stands), WebJson.Default.SuppressionView),
        };
    }
}
