using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Contacts;
using Notifications.Security;
using Notifications.Web.Http;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>One customer: its addresses, and its account disabled and enabled.</summary>
internal sealed class ContactScreen(ContactDesk contacts, KeyRing ring, AuditLog audit)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapScreen("/console/contacts/{id}", Scope.Privacy, ContactAsync);
        routes.MapAct(
            "/console/contacts/{id}/status", Scope.Contacts, SetContactAsync,
            ask: async (http, form) => form["to"] == "disabled" ? await AskAsync(http) : null);
    }

    private async ValueTask<Question?> AskAsync(HttpContext http)
    {
        var id = http.Id();
        if (!Inputs.IsId(id) || await contacts.GetAsync(id, http.RequestAborted) is not { Profile: var profile, Addresses: var addresses })
            return null;
        // Who may not look people up is told how many they are, and not which.
        var which = http.User().May(Scope.Privacy) && addresses.Count > 0
            ? ": " + string.Join(", ", addresses.Select(a => a.Address.Value))
            : "";
        return new Question(
            $"Disable the account of {profile.Name ?? profile.Id}?",
            $"Nothing more is sent to its {addresses.Count} {(addresses.Count == 1 ? "address" : "addresses")} until it is enabled again{which}.",
            "Disable the account", "/console/contacts/" + id);
    }

    private async ValueTask<IResult> ContactAsync(HttpContext http)
    {
        var id = http.Id();
        if (!Inputs.IsId(id) || await contacts.GetAsync(id, http.RequestAborted) is not { } contact)
            return ConsolePage.Missing("No contact has this id.");
        var profile = contact.Profile;
        var active = profile.Status == ContactStatus.Active;
        var act = !http.User().May(Scope.Contacts) || profile.Status is not (ContactStatus.Active or ContactStatus.Disabled)
            ? Html.None
            : active
                ? Parts.Button(http, $"/console/contacts/{id}/status", "Disable the account", "danger", "to", "disabled")
                : Parts.Button(http, $"/console/contacts/{id}/status", "Enable the account", "quiet", "to", "active");
        return new ConsolePage("Contact", Html.Of($"""
            <h1>{profile.Name ?? profile.Id}</h1>
            <p class="badges">{Parts.Badge("Account " + Parts.Word(profile.ShownStatus), profile.ShownStatus == ContactStatus.Active ? "good" : "warn")}</p>
            {Parts.Facts(("Contact id", Parts.Code(profile.Id)), ("Language", Parts.Language(profile.Locale)), ("Time zone", Html.Of($"{profile.TimeZone}")), ("Since", Parts.Day(profile.CreatedAt)), ("Last changed", Parts.Day(profile.UpdatedAt)))}
            <h2>Addresses</h2>
            {Parts.Table("Addresses", ["Address", "Channel"], contact.Addresses.Select(a => (Html[])[Html.Of($"<a href=\"{Parts.Person(a.Key)}\">{Parts.Address(a.Address.Value)}</a>"), Html.Of($"{Parts.Spoken(a.Address.Channel)}")]), "The contact has none.")}
            {act}
            """));
    }

    private async ValueTask<IResult> SetContactAsync(HttpContext http, PublicForm form)
    {
        var id = http.Id();
        ContactStatus? status = form["to"] switch { "active" => ContactStatus.Active, "disabled" => ContactStatus.Disabled, _ => null };
        if (status is not { } wanted || !Inputs.IsId(id) || await contacts.GetAsync(id, http.RequestAborted) is not { } before)
            return ConsolePage.Missing("No contact has this id.");
        if (before.Profile.Status is not (ContactStatus.Active or ContactStatus.Disabled))
            return ConsolePage.Go($"/console/contacts/{id}?said=not-possible");
        var user = http.User();
        // Before the act, so that none is without its entry (R68).
        await audit.WriteAsync(
            user.Actor, wanted == ContactStatus.Active ? "contact.enable" : "contact.disable", ring.LookupHash("contact", id),
            Parts.Word(before.Profile.Status), Parts.Word(wanted), CancellationToken.None);
        if (await contacts.SetStatusAsync(id, wanted, "console", user.Actor, CancellationToken.None) is null)
            return ConsolePage.Missing("No contact has this id.");
        return ConsolePage.Go($"/console/contacts/{id}?said={(wanted == ContactStatus.Active ? "enabled" : "disabled")}");
    }
}
