using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Web.Http;

namespace Notifications.Web.Audiences;

/// <summary>A list's name.</summary>
/// <param name="Name">What people call it, 1 to 100 characters.</param>
internal sealed record ListInput(string? Name = null);

/// <summary>One address of a list: exactly one of the two.</summary>
/// <param name="Email">An email address; or give <c>phone</c>.</param>
/// <param name="Phone">A phone number in international form, such as +14155550123; or give <c>email</c>.</param>
internal sealed record ListMemberInput(string? Email = null, string? Phone = null);

/// <summary>Whom to put on a list and whom to take off it: 1 to 500 addresses together.</summary>
/// <param name="Add">Whom to put on it; who is on it already stays.</param>
/// <param name="Remove">Whom to take off it; who is not on it is passed over.</param>
internal sealed record ListMembersInput(IReadOnlyList<ListMemberInput>? Add = null, IReadOnlyList<ListMemberInput>? Remove = null);

/// <summary>A static list.</summary>
/// <param name="Id">The list's id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Members">How many addresses are on it; left out where many lists are shown.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it was last renamed.</param>
internal sealed record ListView(string Id, string Name, long? Members, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>A page of lists, in the order of their ids.</summary>
/// <param name="Lists">The lists.</param>
/// <param name="Next">What <c>after</c> is for the next page; left out on the last one.</param>
internal sealed record ListPage(IReadOnlyList<ListView> Lists, string? Next) : Listed;

/// <summary>What a change of members came to.</summary>
/// <param name="Added">How many addresses came onto it.</param>
/// <param name="Removed">How many addresses were taken off it.</param>
/// <param name="Members">How many are on it now.</param>
internal sealed record ListChanged(int Added, int Removed, long Members);

/// <summary>One member.</summary>
/// <param name="Key">The address's keyed hash, 22 characters.</param>
/// <param name="Channel">The channel; left out where nothing is recorded of the address.</param>
/// <param name="Address">The address; left out where nothing is recorded of it.</param>
internal sealed record ListMemberView(string Key, Channel? Channel, string? Address);

/// <summary>A page of members, in the order of their keyed hashes.</summary>
/// <param name="Members">The members.</param>
/// <param name="Next">What <c>after</c> is for the next page; left out on the last one.</param>
internal sealed record ListMembers(IReadOnlyList<ListMemberView> Members, string? Next) : Listed;

/// <summary>Keeps static lists.</summary>
internal sealed class ListEndpoints(StaticLists lists, AudienceDesk desk, AddressBook book, KeyRing ring, Idempotency idempotency)
    : IEndpoints
{
    private const int MaxMembers = 500;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi(
            "GET", "/v1/lists", Scope.Campaigns, ListAsync, new("The static lists", null, (200, typeof(ListPage))) { Query = Api.Paging });
        routes.MapApi(
            "POST", "/v1/lists", Scope.Campaigns, PostAsync,
            new("Make a list", typeof(ListInput), (201, typeof(ListView)))
            {
                GivesLocation = true,
                Description = "Being on a list permits nothing: who never agreed gets nothing.",
            });
        routes.MapApi(
            "GET", "/v1/lists/{id}", Scope.Campaigns, GetAsync, new("A list and how many are on it", null, (200, typeof(ListView))));
        routes.MapApi("PUT", "/v1/lists/{id}", Scope.Campaigns, PutAsync, new("Rename a list", typeof(ListInput), (200, typeof(ListView))));
        routes.MapApi(
            "DELETE", "/v1/lists/{id}", Scope.Campaigns, DeleteAsync,
            new("Delete a list", null, (204, null))
            {
                Description = "Nobody's permission changes. A campaign whose audience names it, or leaves it out, is refused until that is changed. Of more than 10,000 members the rest is taken out by a timer.",
            });
        routes.MapApi(
            "GET", "/v1/lists/{id}/members", Scope.Contacts, MembersAsync,
            new("Who is on a list", null, (200, typeof(ListMembers))) { Query = Api.Paging });
        routes.MapApi(
            "POST", "/v1/lists/{id}/members", Scope.Campaigns, ChangeAsync,
            new("Put addresses on a list, or take them off", typeof(ListMembersInput), (200, typeof(ListChanged)))
            {
                Description = $"Up to {MaxMembers} addresses together. Adding gives no permission and removing takes none.",
            });
    }

    private async ValueTask<Answer> ListAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var limit = Paging.Limit(http, errors);
        var after = Paging.After(http, errors, StoredSegments.IsId);
        if (errors.Any) return errors.Answer();
        var (found, next) = await lists.ListAsync(after, limit, http.RequestAborted);
        return Answer.Json(new ListPage([.. found.Select(l => View(l, null))], Paging.Next(next)), WebJson.Default.ListPage);
    }

    private async ValueTask<Answer> PostAsync(HttpContext http) => await idempotency.RunAsync(http, async body =>
    {
        var (name, wrong) = Read(body);
        if (wrong is not null) return wrong;
        var made = await desk.CreateListAsync(name!, http.Actor(), CancellationToken.None, KeyedRun.Of(http)?.Hex(12));
        return Answer.Json(
            View(made, 0), WebJson.Default.ListView, StatusCodes.Status201Created) with { Location = "/v1/lists/" + made.Id };
    });

    private async ValueTask<Answer> GetAsync(HttpContext http) =>
        await lists.FindAsync(http.Id(), http.RequestAborted) is { } found
            ? Answer.Json(View(found, await lists.SizeAsync(found.Id, http.RequestAborted)), WebJson.Default.ListView)
            : NotFound();

    private async ValueTask<Answer> PutAsync(HttpContext http)
    {
        var (body, problem) = await RequestBody.ReadAsync(http);
        if (problem is not null) return problem;
        var (name, wrong) = Read(body!, http.Id());
        if (wrong is not null) return wrong;
        if (await desk.RenameListAsync(http.Id(), name!, http.Actor(), CancellationToken.None) is not { } after) return NotFound();
        return Answer.Json(View(after, await lists.SizeAsync(after.Id, CancellationToken.None)), WebJson.Default.ListView);
    }

    private async ValueTask<Answer> DeleteAsync(HttpContext http) =>
        await desk.DeleteListAsync(http.Id(), http.Actor(), CancellationToken.None) ? Answer.Nothing : NotFound();

    private async ValueTask<Answer> MembersAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var limit = Paging.Limit(http, errors);
        var after = Paging.AfterKey(http, errors);
        if (errors.Any) return errors.Answer();
        if (await lists.FindAsync(http.Id(), http.RequestAborted) is not { } list) return NotFound();
        var keys = await lists.MembersAsync(list.Id, after, limit, http.RequestAborted);
        var views = new List<ListMemberView>(keys.Count);
        foreach (var key in keys)
        {
            var state = await PassedOver.ShownAsync(
                Tables.Addresses, async () => (await book.LoadAsync(key, http.RequestAborted)).State);
            views.Add(new ListMemberView(key.Value, state?.Channel, state?.Value));
            if (PassedOver.Current is { IsFull: true, EndedAt: null }) break;
        }

        var more = views.Count == limit || views.Count < keys.Count;
        return Answer.Json(new ListMembers(views, Paging.Next(more ? views[^1].Key : null)), WebJson.Default.ListMembers);
    }

    private async ValueTask<Answer> ChangeAsync(HttpContext http) => await idempotency.RunAsync(http, async body =>
    {
        if (body.Parse(WebJson.Default.ListMembersInput, out var input) is { } wrong) return wrong;
        var errors = new FieldErrors();
        var add = Keys(errors, "add", input.Add);
        var remove = Keys(errors, "remove", input.Remove);
        if (add.Count + remove.Count is 0 or > MaxMembers && !errors.Any)
            errors.Add("add", $"and remove must have 1 to {MaxMembers} addresses together");
        if (errors.Any) return errors.Answer();
        var id = http.Id();
        if (await desk.ChangeMembersAsync(id, add, remove, http.Actor(), CancellationToken.None) is not var (added, removed))
            return NotFound();
        return Answer.Json(
            new ListChanged(added, removed, await lists.SizeAsync(id, CancellationToken.None)), WebJson.Default.ListChanged);
    });

    private List<AddressKey> Keys(FieldErrors errors, string field, IReadOnlyList<ListMemberInput>? members)
    {
        var keys = new List<AddressKey>();
        for (var i = 0; i < (members?.Count ?? 0) && i <= MaxMembers; i++)
        {
            if (members![i] is not { } one) errors.Add($"{field}[{i}]", "must be an object");
            else if (AddressInput.Read(errors, $"{field}[{i}].", one.Email, one.Phone) is { } address) keys.Add(ring.KeyOf(address));
        }

        return keys;
    }

    private static (string? Name, Answer? Problem) Read(RequestBody body, string? id = null)
    {
        var (type, shown) = (WebJson.Default.ListInput, WebJson.Default.ListView);
        if (AsShown.Parse(body, id, type, shown, out var input) is { } wrong) return (null, wrong);
        var errors = new FieldErrors();
        var name = errors.Required("name", input.Name, 100);
        return (name, errors.Any ? errors.Answer() : null);
    }

    private static ListView View(StaticList list, long? members) => new(list.Id, list.Name, members, list.CreatedAt, list.UpdatedAt);

    private static Answer NotFound() => Problem.NotFound("No list has this id.");
}
