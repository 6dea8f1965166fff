using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Web.Http;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>Static lists and who is on them. A list gives no permission and takes none (P6).</summary>
internal sealed class ListScreen(StaticLists lists, AudienceDesk desk, AddressBook book, KeyRing ring)
{
    private const int PageSize = 50;
    private const int MostLines = 500;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapScreen("/console/lists", Scope.Campaigns, http => AllAsync(http, null));
        routes.MapAct("/console/lists", Scope.Campaigns, CreateAsync);
        routes.MapScreen("/console/lists/{id}", Scope.Campaigns, http => ShowAsync(http, null, null));
        routes.MapAct("/console/lists/{id}", Scope.Campaigns, ChangeAsync);
        routes.MapAct(
            "/console/lists/{id}/delete", Scope.Campaigns, DeleteAsync,
            ask: async (http, _) =>
                await lists.FindAsync(http.Id(), http.RequestAborted) is { } list
                    ? new Question(
                        $"Delete the list {list.Name}?",
                        $"It has {Members(await lists.SizeAsync(list.Id, http.RequestAborted))}. Nobody’s permission changes; a campaign that names the list, or leaves it out, is refused from then on.",
                        "Delete the list", "/console/lists/" + list.Id)
                    : null);
    }

    private async ValueTask<IResult> AllAsync(HttpContext http, string? wrong, string? typed = null)
    {
        ConsoleMap.Looks();
        var after = http.Request.Query["after"].ToString() is var text && StoredSegments.IsId(text) ? text : null;
        var (found, next) = await lists.ListAsync(after, PageSize, http.RequestAborted);
        var rows = new List<Html[]>();
        foreach (var list in found)
            rows.Add(
                [
                    Html.Of($"<a href=\"/console/lists/{list.Id}\"><strong>{list.Name}</strong></a>"),
                    Html.Of($"{Parts.Number(await lists.SizeAsync(list.Id, http.RequestAborted))}"), Parts.Day(list.CreatedAt),
                ]);
        return new ConsolePage("Lists", Html.Of($"""
            <h1>Lists</h1>
            <p class="lead">Addresses put together by hand, for a campaign to be narrowed to. Being on a list permits nothing: who never agreed gets nothing.</p>
            {Parts.Table("Lists", ["Name", "Members", "Made"], rows, "There is no list yet.")}
            {Parts.Pager("/console/lists", next, after is not null)}
            <h2>Make a list</h2>
            {Parts.Form(http, "/console/lists", Html.Of($"{Parts.Field("name", "Name", typed, max: 100, required: true, wrong: wrong)}<button class=\"primary\">Make the list</button>"), "card slim")}
            """)) { Status = wrong is null ? 200 : 400 };
    }

    private async ValueTask<IResult> CreateAsync(HttpContext http, PublicForm form)
    {
        var errors = new FieldErrors();
        var name = errors.Required("name", form["name"]?.Trim(), 100);
        if (errors.Any) return await AllAsync(http, errors.All[0].Message, form["name"]);
        var made = await desk.CreateListAsync(name!, http.User().Actor, CancellationToken.None);
        return ConsolePage.Go($"/console/lists/{made.Id}?said=saved");
    }

    private async ValueTask<IResult> ShowAsync(HttpContext http, string? wrong, string? typed)
    {
        ConsoleMap.Looks();
        if (await lists.FindAsync(http.Id(), http.RequestAborted) is not { } list) return Missing();
        AddressKey? after = AddressKey.TryParse(http.Request.Query["after"].ToString(), out var from) ? from : null;
        var keys = await lists.MembersAsync(list.Id, after, PageSize, http.RequestAborted);
        var rows = new List<Html[]>();
        foreach (var key in keys)
        {
            var state = await PassedOver.ShownAsync(
                Tables.Addresses, async () => (await book.LoadAsync(key, http.RequestAborted)).State);
            var shown = state?.Address is not { } address
                ? Parts.Short(key.Value)
                : Parts.Address(http.User().May(Scope.Contacts) || http.User().May(Scope.Privacy) ? address.Value : address.Masked());
            rows.Add(
                [
                    state is not null && http.User().May(Scope.Privacy)
                        ? Html.Of($"<a href=\"{Parts.Person(key)}\">{shown}</a>")
                        : shown,
                    Html.Of($"{(state is null ? "nothing is known of it, or it cannot be read" : Parts.Spoken(state.Channel))}"),
                ]);
        }

        return new ConsolePage(list.Name, Html.Of($"""
            <p><a href="/console/lists">All lists</a></p>
            <h1>{list.Name}</h1>
            <p class="lead">{Members(await lists.SizeAsync(list.Id, http.RequestAborted))}.</p>
            {Parts.Table("Members", ["Address", "Channel"], rows, "Nobody is on it.")}
            {Parts.Pager("/console/lists/" + list.Id, keys.Count == PageSize ? keys[^1].Value : null, after is not null)}
            <h2>Change it</h2>
            {Parts.Form(http, "/console/lists/" + list.Id, Html.Of($"{Parts.Area("addresses", "Addresses", typed, 6, $"Email addresses and phone numbers, one a line, up to {MostLines}.", 60_000, required: true, wrong: wrong, look: "code")}<p class=\"inline wrap\"><button class=\"primary\" name=\"act\" value=\"add\">Put on the list</button><button name=\"act\" value=\"remove\">Take off the list</button></p>"), "card slim")}
            <p>{Parts.Button(http, $"/console/lists/{list.Id}/delete", "Delete the list", "danger")}</p>
            """)) { Status = wrong is null ? 200 : 400 };
    }

    private async ValueTask<IResult> ChangeAsync(HttpContext http, PublicForm form)
    {
        if (await lists.FindAsync(http.Id(), http.RequestAborted) is not { } list) return Missing();
        var typed = AddressLines.Read(form["addresses"]);
        if (typed.Count is 0 or > MostLines) return await ShowAsync(http, $"1 to {MostLines} addresses, please.", form["addresses"]);
        var keys = new List<AddressKey>();
        foreach (var (text, line) in typed)
        {
            if (!Address.TryParse(Address.ChannelOf(text), text, out var address, out var problem))
                return await ShowAsync(http, $"Line {line} {problem}. Nothing was changed.", form["addresses"]);
            keys.Add(ring.KeyOf(address));
        }

        var remove = form["act"] == "remove";
        if (await desk.ChangeMembersAsync(
            list.Id, remove ? [] : keys, remove ? keys : [], http.User().Actor, CancellationToken.None) is not var (added, removed))
        {
            return Missing();
        }

        return ConsolePage.Go($"/console/lists/{list.Id}?said={(added + removed > 0 ? "saved" : "same")}");
    }

    private async ValueTask<IResult> DeleteAsync(HttpContext http, PublicForm form) =>
        ConsolePage.Go(
            "/console/lists?said="
            + (await desk.DeleteListAsync(http.Id(), http.User().Actor, CancellationToken.None) ? "deleted" : "gone"));

    private static string Members(long count) => $"{Parts.Number(count)} {(count == 1 ? "address" : "addresses")}";

    private static ConsolePage Missing() => ConsolePage.Missing("No list has this id.");
}
