using Notifications.Access;
using Notifications.Addresses;
using Notifications.Security;
using Notifications.Web.Http;

namespace Notifications.Web.Addresses;

/// <summary>An address to block.</summary>
/// <param name="Email">An email address; or give <c>phone</c>.</param>
/// <param name="Phone">A phone number in international form, such as +14155550123; or give <c>email</c>.</param>
/// <param name="Reason">Why it is blocked. A weaker reason never replaces a stronger one.</param>
/// <param name="Note">A remark for people, at most 500 characters.</param>
/// <param name="Agent">
/// The person at the desk who does this, as an id of 1 to 64 letters, digits, dots, underscores and hyphens; the ledger and the audit then
/// name them in place of the API key.
/// </param>
internal sealed record SuppressionInput(
    string? Email = null, string? Phone = null, string? Reason = null, string? Note = null, string? Agent = null);

/// <summary>A blocked address.</summary>
/// <param name="Address">The address; left out where only its keyed hash is left.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Reason">Why it is blocked.</param>
/// <param name="Since">Since when it is blocked.</param>
/// <param name="Note">A remark for people.</param>
internal sealed record SuppressionView(string? Address, Channel Channel, SuppressionReason Reason, DateTimeOffset Since, string? Note);

/// <summary>A page of blocked addresses, in the order of their keyed hashes.</summary>
/// <param name="Suppressions">The blocked addresses.</param>
/// <param name="Next">What <c>after</c> is for the next page; left out on the last one.</param>
internal sealed record SuppressionList(IReadOnlyList<SuppressionView> Suppressions, string? Next) : Listed;

/// <summary>Blocks addresses, lifts blocks, lists them.</summary>
internal sealed class SuppressionEndpoints(
    Suppressions suppressions, Blocks blocks, AddressBook book, KeyRing ring, Idempotency idempotency) : IEndpoints
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
                Description = "reason is manual, bounce, complaint or invalid. A weaker reason never replaces a stronger one; the answer is the block as it stands.",
            });
        routes.MapApi("DELETE", "/v1/suppressions", Scope.Contacts, DeleteAsync, new("Lift a block", null, (204, null))
        {
            Description = "The block of an erased person stays: 409.",
            Query = Api.ByAddress,
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
                        ? [new SuppressionView(state.Value, address.Channel, block.Reason, block.Since, block.Note)]
                        : [],
                    null),
                WebJson.Default.SuppressionList);
        }

        var found = await suppressions.ListAsync(after, limit, http.RequestAborted);
        var views = found.Select(
            f => new SuppressionView(
                f.Row.Address, f.Row.Channel, f.Row.Suppression.Reason, f.Row.Suppression.Since, f.Row.Suppression.Note)).ToList();
        return Answer.Json(
            new SuppressionList(views, Paging.Next(found.Count == limit ? found[^1].Key.Value : null)), WebJson.Default.SuppressionList);
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
        var stands = state.Suppression!;
        return Answer.Json(
            new SuppressionView(state.Value, address.Value.Channel, stands.Reason, stands.Since, stands.Note),
            WebJson.Default.SuppressionView);
    }

    private async ValueTask<Answer> DeleteAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var address = AddressInput.Query(http, errors);
        if (errors.Any) return errors.Answer();
        var state = await blocks.RemoveAsync(address!.Value, "api", http.Actor(), http.RequestAborted);
        if (state is null) return Problem.NotFound("This address is not blocked.");
        return state.Suppression is null
            ? Answer.Nothing
            : Problem.Conflict("erased", "The person was erased; the block that keeps the address out stays.");
    }
}
