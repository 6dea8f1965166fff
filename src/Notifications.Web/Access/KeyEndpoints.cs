using Notifications.Access;
using Notifications.Contacts;
using Notifications.Web.Http;

namespace Notifications.Web.Access;

/// <summary>A key to make.</summary>
/// <param name="Name">What people call it, 1 to 64 characters; the ledger and the audit name it as the actor.</param>
/// <param name="Scopes">What it may do, at least one.</param>
internal sealed record KeyInput(string? Name = null, IReadOnlyList<string>? Scopes = null);

/// <summary>A key.</summary>
/// <param name="Id">The key's id, which revokes it.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="RevokedAt">When it was revoked; left out while it is good.</param>
/// <param name="Secret">
/// What stands after <c>Bearer</c> in the Authorization header. It is shown once, when the key is made, and kept only as a hash.
/// </param>
internal sealed record KeyView(
    string Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt, string? Secret)
{
    public static KeyView Of(ApiKey key, string? secret = null) => new(key.Id, key.Name, key.Scopes, key.CreatedAt, key.RevokedAt, secret);
}

/// <summary>A page of keys, oldest first, the revoked ones too.</summary>
/// <param name="Keys">The keys.</param>
/// <param name="Next">What <c>after</c> is for the next page; left out on the last one.</param>
internal sealed record KeyList(IReadOnlyList<KeyView> Keys, string? Next) : Listed;

/// <summary>Makes, lists and revokes API keys.</summary>
internal sealed class KeyEndpoints(ApiKeys keys, KeyDesk desk, Idempotency idempotency) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi("GET", "/v1/keys", Scope.Admin, ListAsync, new("The API keys, oldest first", null, (200, typeof(KeyList)))
        {
            Query = Api.Paging,
        });
        routes.MapApi("POST", "/v1/keys", Scope.Admin, PostAsync, new("Make an API key", typeof(KeyInput), (201, typeof(KeyView)))
        {
            Description = "The secret is in this answer and nowhere else; not even a replay with the same Idempotency-Key shows it again. Where a request ended before it was answered, its repetition revokes the key that it had made and nobody has, and makes another.",
        });
        routes.MapApi(
            "DELETE", "/v1/keys", Scope.Admin, http => RevokeAsync(http, http.Request.Query["id"].ToString()),
            new("Revoke an API key", null, (204, null))
            {
                Description = "It is refused everywhere within five seconds. The key that makes the request cannot be revoked with itself: 409.",
                Query = [new("id", "The key's id.") { Required = true }],
            });
        routes.MapApi(
            "DELETE", "/v1/keys/{id}", Scope.Admin, http => RevokeAsync(http, http.Id()),
            new("Revoke an API key", null, (204, null)));
    }

    private async ValueTask<Answer> ListAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var limit = Paging.Limit(http, errors);
        var all = await keys.ListAsync(http.RequestAborted); // Of keys there are few.
        var after = Paging.After(http, errors, id => all.Any(k => k.Id == id));
        if (errors.Any) return errors.Answer();
        var rest = after is null ? all : [.. all.SkipWhile(k => k.Id != after).Skip(1)];
        var page = rest.Take(limit).Select(k => KeyView.Of(k)).ToList();
        return Answer.Json(new KeyList(page, rest.Count > limit ? page[^1].Id : null), WebJson.Default.KeyList);
    }

    private async ValueTask<Answer> PostAsync(HttpContext http) => await idempotency.RunAsync(http, async body =>
    {
        if (body.Parse(WebJson.Default.KeyInput, out var input) is { } wrong) return wrong;
        var errors = new FieldErrors();
        if (errors.Required("name", input.Name, 64) is { } name && !ContactId.IsValid(name)) errors.Add("name", ContactId.Rule);
        var given = input.Scopes ?? [];
        if (given.Count == 0) errors.Add("scopes", $"must name at least one of {string.Join(", ", Scope.All)}");
        for (var i = 0; i < given.Count; i++)
            if (Array.IndexOf(Scope.All, given[i]) < 0) errors.Add($"scopes[{i}]", $"must be one of {string.Join(", ", Scope.All)}");
        if (errors.Any) return errors.Answer();
        if (await desk.CreateAsync(
            input.Name!.Trim(), [.. given.Distinct(StringComparer.Ordinal)], http.Actor(), await FreeIdAsync(http))
            is not var (key, secret))
            return Problem.Of(
                409, "name-taken", "An active key has this name.",
                "Take another name, or revoke that key first: the audit knows people and programs by the names of their keys.");
        var kept = Answer.Json(KeyView.Of(key), WebJson.Default.KeyView, StatusCodes.Status201Created);
        return Answer.Json(KeyView.Of(key, secret), WebJson.Default.KeyView, StatusCodes.Status201Created) with { Kept = kept.Body };
    });

    /// <summary>
    /// The id for the key of a request that carries an Idempotency-Key; null for one that does not. What runs of the request before this
    /// one have made is revoked: nobody was told its secret.
    /// </summary>
    private async ValueTask<string?> FreeIdAsync(HttpContext http)
    {
        if (KeyedRun.Of(http) is not { } run) return null;
        if (!run.Again) return run.Hex(12);
        var all = await keys.ListAsync(CancellationToken.None);
        for (var number = 0; ; number++)
        {
            var id = run.Hex(12, number);
            if (all.FirstOrDefault(k => k.Id == id) is not { } lost) return id;
            if (lost.RevokedAt is null) await desk.RevokeAsync(lost, http.Actor());
        }
    }

    private async ValueTask<Answer> RevokeAsync(HttpContext http, string id)
    {
        if (id.Length == 0) return Problem.Invalid("id", "is required");
        if (id == http.Key().Id)
            return Problem.Conflict("key-in-use", "This is the key that the request came with; revoke it with another one.");
        if ((await keys.ListAsync(http.RequestAborted)).FirstOrDefault(k => k.Id == id) is not { } key)
            return Problem.NotFound("No key has this id.");
        if (key.RevokedAt is null) await desk.RevokeAsync(key, http.Actor()); // Else it was revoked before, and that stands in the audit.
        return Answer.Nothing;
    }
}
