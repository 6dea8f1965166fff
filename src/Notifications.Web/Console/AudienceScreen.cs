using System.Text.Json;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Audit;
using Notifications.Security;
using Notifications.Web.Audiences;
using Notifications.Web.Http;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>Static lists, and segments. Neither gives a permission nor takes one.</summary>
internal sealed class AudienceScreen(StaticLists lists, StoredSegments segments, AddressBook book, KeyRing ring, AuditLog audit)
{
    private const int PageSize = 50;
    private const int MostLines = 500;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapScreen("/console/lists", Scope.Campaigns, ListsAsync);
        routes.MapAct("/console/lists", Scope.Campaigns, CreateListAsync);
        routes.MapScreen("/console/lists/{id}", Scope.Campaigns, http => ListAsync(http, null, null));
        routes.MapAct("/console/lists/{id}", Scope.Campaigns, ChangeListAsync);
        routes.MapAct("/console/lists/{id}/delete", Scope.Campaigns, DeleteListAsync);
        routes.MapScreen("/console/segments", Scope.Campaigns, http => SegmentsAsync(http, new FieldErrors(), null));
        routes.MapAct("/console/segments", Scope.Campaigns, CreateSegmentAsync);
        routes.MapScreen("/console/segments/{id}", Scope.Campaigns, http => SegmentAsync(http, new FieldErrors(), null));
        routes.MapAct("/console/segments/{id}", Scope.Campaigns, ChangeSegmentAsync);
        routes.MapAct("/console/segments/{id}/delete", Scope.Campaigns, DeleteSegmentAsync);
    }

    private async ValueTask<IResult> ListsAsync(HttpContext http)
    {
        var after = After(http);
        var (found, next) = await lists.ListAsync(after, PageSize, http.RequestAborted);
        var rows = new List<Html[]>();
        foreach (var list in found) rows.Add([Html.Of($"<a href=\"/console/lists/{list.Id}\"><strong>{list.Name}</strong></a>"), Html.Of($"{Parts.Number(await lists.SizeAsync(list.Id, http.RequestAborted))}"), Parts.Day(list.CreatedAt)]);
        return new ConsolePage("Lists", Html.Of($"""
            <h1>Lists</h1>
            <p class="lead">Addresses put together by hand. Being on a list permits nothing: who never agreed gets nothing.</p>
            {Parts.Table("Lists", ["Name", "Members", "Made"], rows, "There is no list yet.")}
            {Parts.Pager("/console/lists", next, after is not null)}
            <h2>Make a list</h2>
            {Parts.Form(http, "/console/lists", Html.Of($"{Parts.Field("name", "Name", max: 100, required: true)}<button class=\"primary\">Make the list</button>"), "card slim")}
            """));
    }

    private async ValueTask<IResult> CreateListAsync(HttpContext http, PublicForm form)
    {
        var errors = new FieldErrors();
        var name = errors.Required("name", form["name"], 100);
        if (errors.Any) return ConsolePage.Notice(400, "The list needs a name", "Give it 1 to 100 characters. Go back and try again.");
        var made = await lists.CreateAsync(name!, CancellationToken.None);
        await audit.WriteAsync(http.User().Actor, "list.create", made.Id, null, made.Name, CancellationToken.None);
        return ConsolePage.Go($"/console/lists/{made.Id}?said=saved");
    }

    private async ValueTask<IResult> ListAsync(HttpContext http, string? wrong, string? typed)
    {
        if (await lists.FindAsync(Id(http), http.RequestAborted) is not { } list) return ConsolePage.Missing("No list has this id.");
        AddressKey? after = AddressKey.TryParse(http.Request.Query["after"].ToString(), out var from) ? from : null;
        var keys = await lists.MembersAsync(list.Id, after, PageSize, http.RequestAborted);
        var rows = new List<Html[]>();
        foreach (var key in keys)
        {
            var (state, _) = await book.LoadAsync(key, http.RequestAborted);
            var name = state?.Address is { } address ? http.User().May(Scope.Contacts) || http.User().May(Scope.Privacy) ? address.Value : address.Masked() : key.Value;
            rows.Add([http.User().May(Scope.Privacy) ? Html.Of($"<a href=\"{Parts.Person(key)}\">{name}</a>") : Html.Of($"{name}"), Html.Of($"{(state is null ? "nothing is known" : state.Channel.Name())}")]);
        }

        return new ConsolePage(list.Name, Html.Of($"""
            <p><a href="/console/lists">All lists</a></p>
            <h1>{list.Name}</h1>
            <p class="lead">{Parts.Number(await lists.SizeAsync(list.Id, http.RequestAborted))} addresses, in the order of their hashes.</p>
            {Parts.Table("Members", ["Address", "Channel"], rows, "Nobody is on it.")}
            {Parts.Pager("/console/lists/" + list.Id, keys.Count == PageSize ? keys[^1].Value : null, after is not null)}
            <h2>Change it</h2>
            {Parts.Form(http, "/console/lists/" + list.Id, Html.Of($"{Parts.Area("addresses", "Addresses", typed, 6, $"Email addresses and phone numbers, one a line, up to {MostLines}.", 60_000, required: true, wrong: wrong, look: "code")}<p class=\"inline wrap\"><button class=\"primary\" name=\"act\" value=\"add\">Put on the list</button><button name=\"act\" value=\"remove\">Take off the list</button></p>"), "card slim")}
            {Parts.Button(http, $"/console/lists/{list.Id}/delete", "Delete the list", "danger", "Delete the list? Nobody’s permission changes.")}
            """)) { Status = wrong is null ? 200 : 400 };
    }

    private async ValueTask<IResult> ChangeListAsync(HttpContext http, PublicForm form)
    {
        if (await lists.FindAsync(Id(http), http.RequestAborted) is not { } list) return ConsolePage.Missing("No list has this id.");
        var lines = (form["addresses"] ?? "").Split(['\n', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (lines.Length is 0 or > MostLines) return await ListAsync(http, $"1 to {MostLines} lines, please.", form["addresses"]);
        var keys = new List<AddressKey>();
        for (var i = 0; i < lines.Length; i++)
        {
            if (!Address.TryParse(lines[i].StartsWith('+') ? Channel.Sms : Channel.Email, lines[i], out var address, out var problem)) return await ListAsync(http, $"Line {i + 1} {problem}. Nothing was changed.", form["addresses"]);
            keys.Add(ring.KeyOf(address));
        }

        var remove = form["act"] == "remove";
        var changed = remove ? await lists.RemoveAsync(list.Id, keys, CancellationToken.None) : await lists.AddAsync(list.Id, keys, CancellationToken.None);
        await audit.WriteAsync(http.User().Actor, "list.members", list.Id, null, remove ? $"+0 -{changed}" : $"+{changed} -0", CancellationToken.None);
        return ConsolePage.Go($"/console/lists/{list.Id}?said={(changed > 0 ? "saved" : "same")}");
    }

    private async ValueTask<IResult> DeleteListAsync(HttpContext http, PublicForm form)
    {
        if (await lists.FindAsync(Id(http), http.RequestAborted) is not { } list || !await lists.DeleteAsync(list.Id, CancellationToken.None)) return ConsolePage.Go("/console/lists?said=gone");
        await audit.WriteAsync(http.User().Actor, "list.delete", list.Id, list.Name, null, CancellationToken.None);
        return ConsolePage.Go("/console/lists?said=deleted");
    }

    private async ValueTask<IResult> SegmentsAsync(HttpContext http, FieldErrors errors, PublicForm? form)
    {
        var after = After(http);
        var found = await segments.ListAsync(after, PageSize, http.RequestAborted);
        return new ConsolePage("Segments", Html.Of($"""
            <h1>Segments</h1>
            <p class="lead">Filters over who is subscribed. Looked at anew whenever somebody is selected.</p>
            {Parts.Table("Segments", ["Name", "Filter", "Changed"], found.Select(s => (Html[])[Html.Of($"<a href=\"/console/segments/{s.Id}\"><strong>{s.Name}</strong></a>"), Parts.Code(Text(s)), Parts.Day(s.UpdatedAt)]), "There is no segment yet.")}
            {Parts.Pager("/console/segments", found.Count == PageSize ? found[^1].Id : null, after is not null)}
            <h2>Make a segment</h2>
            {Parts.Form(http, "/console/segments", Html.Of($"""
            {Wrong(errors)}{Parts.Field("name", "Name", form?["name"], max: 100, required: true)}
            <p class="hint">Everything that you fill in must hold. Leave out what does not matter.</p>
            {Parts.Field("locale", "Languages", form?["locale"], hint: "Such as de, pt-BR; any of them will do.")}{Parts.Field("country", "Countries", form?["country"], hint: "Such as PT, ES; any of them will do.")}{Parts.Field("tag", "Tags", form?["tag"], hint: "Any of them will do.")}{Parts.Field("subscribedSince", "Subscribed since", form?["subscribedSince"], hint: "A date such as 2026-01-31, or a period back such as P90D.", max: 30)}{Parts.Field("subscribedBefore", "Subscribed before", form?["subscribedBefore"], max: 30)}{Parts.Field("engagedSince", "Opened or clicked since", form?["engagedSince"], max: 30)}{Parts.Select("watching", "Follows a package", [("", "does not matter"), ("yes", "yes"), ("no", "no")], form?["watching"])}
            <details><summary>Or write it out, as JSON</summary>{Parts.Area("filter", "Filter", form?["filter"], 5, "With all, any and not; stands in place of the fields above.", 20_000, look: "code")}</details>
            <button class="primary">Make the segment</button>
            """), "card slim")}
            """)) { Status = errors.Any ? 400 : 200 };
    }

    private async ValueTask<IResult> CreateSegmentAsync(HttpContext http, PublicForm form)
    {
        var errors = new FieldErrors();
        var name = errors.Required("name", form["name"], 100);
        var filter = Filter(errors, form);
        if (errors.Any || filter is null) return await SegmentsAsync(http, errors, form);
        var made = await segments.CreateAsync(name!, filter, CancellationToken.None);
        await audit.WriteAsync(http.User().Actor, "segment.create", made.Id, null, Text(made), CancellationToken.None);
        return ConsolePage.Go($"/console/segments/{made.Id}?said=saved");
    }

    private async ValueTask<IResult> SegmentAsync(HttpContext http, FieldErrors errors, PublicForm? form)
    {
        if (await segments.FindAsync(Id(http), http.RequestAborted) is not { } segment) return ConsolePage.Missing("No segment has this id.");
        return new ConsolePage(segment.Name, Html.Of($"""
            <p><a href="/console/segments">All segments</a></p>
            <h1>{segment.Name}</h1>
            {Parts.Form(http, "/console/segments/" + segment.Id, Html.Of($"{Wrong(errors)}{Parts.Field("name", "Name", form?["name"] ?? segment.Name, max: 100, required: true)}{Parts.Area("filter", "Filter", form?["filter"] ?? Text(segment), 8, "Holds for what is selected from then on.", 20_000, required: true, look: "code")}<button class=\"primary\">Save</button>"), "card slim")}
            {Parts.Button(http, $"/console/segments/{segment.Id}/delete", "Delete the segment", "danger", "Delete the segment? An audience that names it selects nobody from then on.")}
            """)) { Status = errors.Any ? 400 : 200 };
    }

    private async ValueTask<IResult> ChangeSegmentAsync(HttpContext http, PublicForm form)
    {
        if (await segments.FindAsync(Id(http), http.RequestAborted) is not { } before) return ConsolePage.Missing("No segment has this id.");
        var errors = new FieldErrors();
        var name = errors.Required("name", form["name"], 100);
        var filter = Filter(errors, form);
        if (errors.Any || filter is null) return await SegmentAsync(http, errors, form);
        if (await segments.UpdateAsync(before.Id, name!, filter, CancellationToken.None) is not { } after) return ConsolePage.Missing("No segment has this id.");
        await audit.WriteAsync(http.User().Actor, "segment.update", after.Id, Text(before), Text(after), CancellationToken.None);
        return ConsolePage.Go($"/console/segments/{after.Id}?said=saved");
    }

    private async ValueTask<IResult> DeleteSegmentAsync(HttpContext http, PublicForm form)
    {
        if (await segments.FindAsync(Id(http), http.RequestAborted) is not { } before || !await segments.DeleteAsync(before.Id, CancellationToken.None)) return ConsolePage.Go("/console/segments?said=gone");
        await audit.WriteAsync(http.User().Actor, "segment.delete", before.Id, Text(before), null, CancellationToken.None);
        return ConsolePage.Go("/console/segments?said=deleted");
    }

    private static Segment? Filter(FieldErrors errors, PublicForm form)
    {
        var json = form["filter"]?.Trim();
        if (string.IsNullOrEmpty(json))
        {
            using var buffer = new MemoryStream();
            using (var writer = new Utf8JsonWriter(buffer))
            {
                writer.WriteStartObject();
                foreach (var name in (string[])["locale", "country", "tag"])
                {
                    var words = (form[name] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                    if (words.Length == 0) continue;
                    writer.WriteStartArray(name);
                    foreach (var word in words) writer.WriteStringValue(word);
                    writer.WriteEndArray();
                }

                foreach (var name in (string[])["subscribedSince", "subscribedBefore", "engagedSince"])
                    if (form[name]?.Trim() is { Length: > 0 } moment) writer.WriteString(name, moment);
                if (form["watching"] is "yes" or "no") writer.WriteBoolean("watching", form["watching"] == "yes");
                writer.WriteEndObject();
            }

            json = System.Text.Encoding.UTF8.GetString(buffer.ToArray());
        }

        try
        {
            return SegmentInput.Read(errors, "filter", JsonElement.Parse(json));
        }
        catch (JsonException)
        {
            errors.Add("filter", "must be valid JSON");
            return null;
        }
    }

    private static Html Wrong(FieldErrors errors) => errors.Any ? Html.Of($"<div class=\"warn\" role=\"alert\"><ul>{Html.Join(errors.All.Select(e => Html.Of($"<li>{e.Field} {e.Message}</li>")))}</ul></div>") : Html.None;

    private static string Text(StoredSegment segment) => JsonSerializer.Serialize(segment.Filter, CoreJson.Default.Segment);

    private static string? After(HttpContext http) => http.Request.Query["after"].ToString() is var text && StoredSegments.IsId(text) ? text : null;

    private static string Id(HttpContext http) => http.Request.RouteValues["id"] as string ?? "";
}
