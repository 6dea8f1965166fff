using Notifications.Access;
using Notifications.Addresses;
using Notifications.Web.Addresses;
using Notifications.Web.Http;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>The blocked addresses: listed, added to, lifted.</summary>
internal sealed class BlockedScreen(Suppressions suppressions, Blocks blocks, AddressBook book)
{
    private const int PageSize = 50;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapScreen("/console/blocked", Scope.Contacts, async http => await ListAsync(http));
        routes.MapAct("/console/blocked", Scope.Contacts, AddAsync);
        routes.MapAct(
            "/console/blocked/{key}/lift", Scope.Contacts, LiftAsync,
            ask: async (http, _) =>
                AddressKey.TryParse(http.Request.RouteValues["key"] as string, out var key)
                    ? Ask((await book.LoadAsync(key, http.RequestAborted)).State, "/console/blocked")
                    : null);
    }

    /// <summary>What is asked before a block is lifted, here and at the person's own page; null where there is none.</summary>
    public static Question? Ask(AddressState? state, string back) =>
        state is { Suppression: { } block, Address: { } address }
            ? new Question(
                $"Lift the block of {address.Value}?",
                $"Blocked since {Parts.DayText(block.Since)}: {BlockWords.Of(block.Reason).ToLowerInvariant()}.{(block.Note is { } note ? $" The note: “{note}”" : "")}{BlockWords.Beneath(block)} {Afterwards(state)}",
                "Lift the block", back)
            : null;

    // What else stands in the way is not lifted with it.
    private static string Afterwards(AddressState state)
    {
        var why = state.Suppression?.Beneath is not null ? "the block by hand stands"
            : state.Stopped is not null ? "its owner said stop to everything"
            : state.IsRestricted ? "the processing of its data is restricted"
            : state.Contact != ContactStatus.Active ? $"its account is {Parts.Word(state.Contact)}" : null;
        return why is null
            ? "Once lifted, what its owner had agreed to holds again, and is sent."
            : $"Once lifted, nothing is sent to it all the same: {why}.";
    }

    private async ValueTask<ConsolePage> ListAsync(HttpContext http, string? wrong = null, PublicForm? form = null)
    {
        ConsoleMap.Looks();
        AddressKey? after = AddressKey.TryParse(http.Request.Query["after"].ToString(), out var from) ? from : null;
        var found = await suppressions.ListAsync(after, PageSize, http.RequestAborted);
        var linked = http.User().May(Scope.Privacy);
        return new ConsolePage("Blocked addresses", Html.Of($"""
            <h1>Blocked addresses</h1>
            <p class="lead">Nothing at all is sent to these, whatever they subscribed to. The field at the top finds one of them.</p>
            {Parts.Table("Blocked addresses", ["Address", "Channel", "Reason", "Since", "Note", "Lift"], found.Select(f => (Html[])[
                Name(f.Key, f.Row.Address, linked), Html.Of($"{Parts.Spoken(f.Row.Channel)}"), Parts.Badge(BlockWords.Of(f.Row.Suppression.Reason), "bad"), Parts.Day(f.Row.Suppression.Since), Html.Of($"{f.Row.Suppression.Note}{BlockWords.Beneath(f.Row.Suppression)}"),
                f.Row.Suppression.Reason == SuppressionReason.Erased || f.Row.Address is null ? Html.Of($"stays") : BlockWords.Lift(http, $"/console/blocked/{f.Key.Value}/lift", "Lift", f.Row.Suppression, f.Row.Address)]), "No address is blocked.")}
            {Parts.Pager("/console/blocked", found.Count == PageSize ? found[^1].Key.Value : null, after is not null)}
            <h2>Block an address</h2>
            {Parts.Form(http, "/console/blocked", Html.Of($"""
            {Parts.Field("who", "Email address or phone number", form?["who"], required: true, wrong: wrong)}{Parts.Select("reason", "Reason", BlockWords.Choices, form?["reason"])}{Parts.Field("note", "Note", form?["note"], max: 500)}<button class="danger">Block</button>
            """), "card slim")}
            """)) { Status = wrong is null ? 200 : 400 };
    }

    private static Html Name(AddressKey key, string? address, bool linked) =>
        linked ? Html.Of($"<a href=\"{Parts.Person(key)}\">{Parts.Address(address ?? key.Value)}</a>") : Parts.Address(address ?? key.Value);

    private async ValueTask<IResult> AddAsync(HttpContext http, PublicForm form)
    {
        var text = AddressLines.One(form["who"]);
        if (!Address.TryParse(Address.ChannelOf(text), text, out var address, out var problem)) return await ListAsync(http, problem, form);
        var note = form["note"]?.Trim() is { Length: > 0 } words ? FreeText.Cut(words, 500) : null;
        await blocks.AddAsync(address, BlockWords.Read(form["reason"]), note, "console", http.User().Actor, http.RequestAborted);
        return ConsolePage.Go("/console/blocked?said=blocked");
    }

    private async ValueTask<IResult> LiftAsync(HttpContext http, PublicForm form)
    {
        if (!AddressKey.TryParse(http.Request.RouteValues["key"] as string, out var key)
            || (await book.LoadAsync(key, http.RequestAborted)).State is not { Address: { } address })
        {
            return ConsolePage.Go("/console/blocked?said=gone");
        }

        var state = await blocks.RemoveAsync(
            address, "console", http.User().Actor, http.RequestAborted, BlockWords.IsOwn(form));
        if (state is null) return ConsolePage.Go("/console/blocked?said=gone");
        if (state.Suppression is { Reason: SuppressionReason.Manual }) return ConsolePage.Go("/console/blocked?said=own-block");
        if (state.Suppression is not null) return ConsolePage.Go("/console/blocked?said=not-possible");
        return ConsolePage.Go("/console/blocked?said=lifted");
    }
}
