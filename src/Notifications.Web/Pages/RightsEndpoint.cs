using System.Text.Json;
using Notifications.Addresses;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Security;
using Notifications.Unsubscribe;
using Notifications.Web.Privacy;
using Notifications.Web.Subscribe;

namespace Notifications.Web.Pages;

/// <summary>
/// The rights that <c>/p/{token}</c> carries out by itself. The link proves one address, so each is of that address alone, with the
/// exceptions of <see cref="PrivacyDesk.OpenByHolderAsync"/>; every act is a recorded request with its clock and its outcome (R31).
/// </summary>
internal sealed class RightsEndpoint(
    PrivacyDesk desk, PersonHtml html, RightsPanels panels, Watches watches, AddressBook book, KeyRing ring,
    SignupLimits limits)
{
    /// <summary>
    /// Exports, second steps and the end of an erasure: what is answered with a page or a file of its own; null for any other form.
    /// </summary>
    public async ValueTask<IResult?> AnswerAsync(HttpContext http, LinkToken token, PublicForm form, AddressState? state, Texts texts)
    {
        if (form["export"] is not ("json" or "html") && form["erase"] is not ("ask" or "yes") && form["lift"] != "ask") return null;
        if (state?.Address is not { } address) return state is { IsErased: true } ? RightsPanels.Erased(texts) : null;
        if (!limits.Allow(http.Connection.RemoteIpAddress)) return SubscribeEndpoint.Busy(http, texts);
        var name = PublicLinks.Name(token, state, texts);
        var back = http.Request.Path.Value!;
        if (form["lift"] == "ask")
            return panels.AskLift(state, await watches.OfAsync(token.Address, CancellationToken.None), name, back, texts);
        if (form["erase"] == "ask") return panels.AskErase(name, back, texts);
        if (form["erase"] == "yes")
        {
            await desk.OpenByHolderAsync(PrivacyRight.Erasure, address, CancellationToken.None);
            return RightsPanels.Erased(texts);
        }

        var readable = form["export"] == "html";
        var request = await desk.OpenByHolderAsync(
            readable ? PrivacyRight.Access : PrivacyRight.Portability, address, CancellationToken.None);
        var export = (await desk.ExportAsync(request, CancellationToken.None))!;
        await desk.NoteExportAsync(request, readable, request.Actor, CancellationToken.None);
        return readable
            ? new Page(
                texts.DataTitle, Html.Of($"{html.Body(export, texts)}\n<p class=\"note\"><a href=\"{back}\">{texts.ToPreferences}</a></p>"))
            {
                Texts = texts,
            }
            : new Download("my-data.json", JsonSerializer.SerializeToUtf8Bytes(export, CoreJson.Default.PersonExport));
    }

    /// <summary>
    /// Objects (R36). Also where only the address's key is known: there is nothing to send to then, and nobody to say no to.
    /// </summary>
    public async ValueTask<Func<Texts, Said>> ObjectAsync(LinkToken token, AddressState? state)
    {
        if (state?.Address is not { } address) return t => new(t.Unchanged);
        await desk.OpenByHolderAsync(PrivacyRight.Objection, address, CancellationToken.None);
        return t => new(RightsPanels.Objected(state, PublicLinks.Name(token, state, t), t));
    }

    /// <summary>Restricts (R35).</summary>
    public async ValueTask<Func<Texts, Said>> RestrictAsync(LinkToken token, AddressState? state)
    {
        if (state is not { Address: { } address, RestrictedSince: null }) return t => new(t.Unchanged);
        await desk.OpenByHolderAsync(PrivacyRight.Restriction, address, CancellationToken.None);
        return t => new(Texts.Fill(t.Restricted, "address", PublicLinks.Name(token, state, t)));
    }

    /// <summary>Lifts what the person restricted here, after the notice was shown; what somebody else restricted stays.</summary>
    public async ValueTask<Func<Texts, Said>> LiftAsync(LinkToken token, AddressState? state, Texts texts)
    {
        if (state?.Address is not { } address) return t => new(t.Unchanged);
        var name = PublicLinks.Name(token, state, texts);
        var notice = panels.Notice(state, await watches.OfAsync(token.Address, CancellationToken.None), name, texts);
        var lifted = false;
        foreach (var request in await desk.HoldersRestrictionsAsync(ring.KeyOf(address), CancellationToken.None))
            lifted |= await desk.LiftAsync(request, notice, request.Actor, CancellationToken.None) is not null;
        var (after, _) = await book.LoadAsync(token.Address, CancellationToken.None);
        var silent = after is { Stopped: not null } || PreferencePage.IsBlocked(after);
        return lifted ? t => new(silent ? t.LiftedSilent : Texts.Fill(t.Lifted, "address", name)) : t => new(t.Unchanged);
    }

    /// <summary>Whether the person may lift the restriction here.</summary>
    public async ValueTask<bool> MayLiftAsync(LinkToken token) =>
        (await desk.HoldersRestrictionsAsync(token.Address, CancellationToken.None)).Count > 0;
}
