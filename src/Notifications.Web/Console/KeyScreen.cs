using Notifications.Access;
using Notifications.Contacts;
using Notifications.Web.Http;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>API keys: made with scopes, shown once, revoked. The last key that may administer cannot be.</summary>
internal sealed class KeyScreen(ApiKeys keys, KeyDesk desk)
{
    private static readonly Dictionary<string, string> Meanings = new(StringComparer.Ordinal)
    {
        [Scope.Send] = "Queue and read messages, packages",
        [Scope.Contacts] = "Consents, preferences, contacts, blocks, imports",
        [Scope.Campaigns] = "Campaigns, templates, audiences",
        [Scope.Privacy] = "Look people up, ledgers, rights requests",
        [Scope.Admin] = "Keys, audit, review, dead letters",
    };

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapScreen("/console/keys", Scope.Admin, async http => await ListAsync(http, new FieldErrors(), null));
        routes.MapAct("/console/keys", Scope.Admin, CreateAsync);
        routes.MapAct(
            "/console/keys/{id}/revoke", Scope.Admin, RevokeAsync,
            ask: async (http, _) =>
                (await keys.ListAsync(http.RequestAborted)).FirstOrDefault(k => k.Id == http.Id()) is { RevokedAt: null } key
                    ? new Question(
                        $"Revoke the key {key.Name}?",
                        $"It may use {string.Join(", ", key.Scopes)}. Whoever works with it, a person here or a program, is refused within five seconds, and for good: no key can be brought back.",
                        $"Revoke {key.Name}", "/console/keys")
                    : null);
    }

    private async ValueTask<ConsolePage> ListAsync(HttpContext http, FieldErrors errors, PublicForm? form)
    {
        ConsoleMap.Looks();
        var all = await keys.ListAsync(http.RequestAborted);
        var admins = all.Count(k => k.May(Scope.Admin));
        var noScope = errors.All.Any(e => e.Field == "scopes");
        return new ConsolePage("API keys", Html.Of($"""
            <h1>API keys</h1>
            <p class="lead">For programs, and for people to sign in here: give each person their own, and the audit tells who did what.</p>
            {Parts.Table("API keys", ["Name", "Id", "Scopes", "Made", "State", "Revoke"], all.Select(k => (Html[])[Html.Of($"<strong>{k.Name}</strong>"), Parts.Code(k.Id), Html.Of($"{string.Join(", ", k.Scopes)}"), Parts.Day(k.CreatedAt), k.RevokedAt is { } at ? Html.Of($"{Parts.Badge("revoked")} {Parts.Day(at)}") : Parts.Badge("active", "good"), Revoke(http, k, admins)]), "There is none.")}
            <h2>Make a key</h2>
            {Parts.Form(http, "/console/keys", Html.Of($"""
            {Parts.Field("name", "Name", form?["name"], hint: "The person’s or the program’s: letters, digits, dots, underscores and hyphens.", max: 64, required: true, wrong: errors.All.FirstOrDefault(e => e.Field == "name")?.Message)}
            <fieldset class="ticks"><legend>What it may do</legend>
            {(noScope ? Html.Of($"<p class=\"warn\" id=\"scopes-hint\">Tick one at least.</p>") : Html.None)}{Html.Join(Scope.All.Select(s => Parts.Check("scope-" + s, s, form?["scope-" + s] == "yes", Meanings[s], noScope && s == Scope.All[0] ? "scopes-hint" : null)))}</fieldset>
            <button class="primary">Make the key</button>
            """), "card slim")}
            """)) { Status = errors.Any ? 400 : 200 };
    }

    private static Html Revoke(HttpContext http, ApiKey key, int admins)
    {
        if (key.RevokedAt is not null) return Html.None;
        if (key.Id == http.User().KeyId) return Html.Of($"yours");
        return key.May(Scope.Admin) && admins == 1
            ? Html.Of($"the last with admin")
            : Parts.Button(http, $"/console/keys/{key.Id}/revoke", "Revoke", "danger", about: key.Name);
    }

    private async ValueTask<IResult> CreateAsync(HttpContext http, PublicForm form)
    {
        var errors = new FieldErrors();
        var name = form["name"]?.Trim() ?? "";
        string[] scopes = [.. Scope.All.Where(s => form["scope-" + s] == "yes")];
        if (!ContactId.IsValid(name)) errors.Add("name", ContactId.Rule);
        if (scopes.Length == 0) errors.Add("scopes", "must be at least one");
        if (errors.Any) return await ListAsync(http, errors, form);
        if (await desk.CreateAsync(name, scopes, http.User().Actor) is not var (key, secret))
        {
            // It also keeps a page that is loaded again from making a second key.
            errors.Add("name", "is the name of an active key; take another, such as with a number after it, or revoke that one first");
            return await ListAsync(http, errors, form);
        }

        // Not a redirect: the secret is in this one answer and nowhere else.
        return new ConsolePage("A new key", Html.Of($"""
            <h1>The key {key.Name} is made</h1>
            <p class="lead">This is the only time it is shown. Keep it where its owner alone can read it.</p>
            <p class="card secret" role="status"><label for="secret">The key</label><textarea id="secret" rows="1" readonly spellcheck="false">{secret}</textarea></p>
            {Parts.Facts(("Id", Parts.Code(key.Id)), ("Scopes", Html.Of($"{string.Join(", ", key.Scopes)}")))}
            <p><a class="button" href="/console/keys">I have kept it</a></p>
            """));
    }

    private async ValueTask<IResult> RevokeAsync(HttpContext http, PublicForm form)
    {
        var id = http.Id();
        var all = await keys.ListAsync(http.RequestAborted);
        if (all.FirstOrDefault(k => k.Id == id) is not { RevokedAt: null } key) return ConsolePage.Go("/console/keys?said=gone");
        if (key.Id == http.User().KeyId || (key.May(Scope.Admin) && all.Count(k => k.May(Scope.Admin)) == 1))
            return ConsolePage.Go("/console/keys?said=not-possible");
        await desk.RevokeAsync(key, http.User().Actor);
        return ConsolePage.Go("/console/keys?said=revoked");
    }
}
