using System.Globalization;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Unsubscribe;
using Notifications.Web.Subscribe;

namespace Notifications.Web.Pages;

/// <summary>What the preference page corrects: the person's details, and the address itself (M6).</summary>
internal sealed class PreferenceDetails(
    AddressBook book, ContactDesk contacts, AddressMove move, SubscribePage signup, SendingOptions sending, SignupLimits limits,
    KeyRing ring, OurAddresses ours)
{
    /// <summary>
    /// Stores what differs from what the form was shown with: the language may be one that no page has, and each detail stays when another
    /// is changed.
    /// </summary>
    public async ValueTask<Func<Texts, Said>> SaveAsync(LinkToken token, PublicForm form, AddressState? state)
    {
        if (state?.Value is null || state.IsErased) return t => new(t.Unchanged);
        var zone = form["zone"] is { Length: > 0 } chosen && chosen != state.TimeZone ? chosen : null;
        var name = form["name"]?.Trim();
        if (state.ContactId is not null && name is not null && (name.Length > 200 || name.Any(char.IsControl)))
            return t => new(t.NameError) { Panel = "details", Field = "name", Form = form };
        if (zone is not null && !PreferencePage.Zones.Contains(zone))
            return t => new(t.ZoneError) { Panel = "details", Field = "zone", Form = form };
        var locale = form["language"] == state.Locale ? null : Texts.Find(form["language"])?.Language;
        if (state.ContactId is { } id && await contacts.CorrectAsync(id, name, locale, zone, CancellationToken.None) is not null)
            return t => new(t.Saved);

        await book.ChangeAsync(
            token.Address,
            null,
            (now, _) =>
            {
                var next = now with { Locale = locale ?? now.Locale, TimeZone = zone ?? now.TimeZone };
                return new Change(next == now ? now : next, []);
            },
            null,
            CancellationToken.None);
        return t => new(t.Saved);
    }

    /// <summary>
    /// Asks a new address to confirm what is on here (R33). What was stopped here is stopped there once it has confirmed, a blocked address
    /// asks for nothing, and what stands against the new address stays. The answer does not tell what is known of it.
    /// </summary>
    public async ValueTask<Func<Texts, Said>> MoveAsync(HttpContext http, LinkToken token, string? typed, AddressState? state, Texts texts)
    {
        if (!limits.Allow(http.Connection.RemoteIpAddress))
            return t => new(t.BusyText) { Panel = "change", Field = "address", Typed = typed, TooMany = true };
        var right = Address.TryParse(token.Channel, typed, out var address, out _);
        if (!right || ours.Has(address))
            return t => new(right ? t.OursError : token.Channel == Channel.Email ? t.EmailError : Problems.OfPhone(typed, t))
            {
                Panel = "change",
                Field = "address",
                Typed = typed,
            };
        if (state is not { Value: not null, Stopped: null } || PreferencePage.IsBlocked(state)) return t => new(t.Unchanged);
        if (address == state.Address) return t => new(t.Unchanged);
        var moving = await move.ReadAsync(token.Address, state, CancellationToken.None);
        if (moving.IsEmpty) return t => new(t.ChangeNothing);
        LedgerDraft Asked(string topic, string wording) =>
            new(LedgerAction.OptIn, topic, ConsentSource.AddressChange, Actors.Person)
            {
                PolicyVersion = sending.PolicyVersion,
                Wording = wording,
                Evidence = Evidence.Of(http, texts),
            };
        if (limits.Allow(ring.KeyOf(address)))
            await move.AskAsync(
                moving, address, t => Asked(t.Key, signup.Wording(address.Channel, t, texts)),
                n => Asked(TopicKey.PackageUpdates, SubscribePage.Wording(n, texts)), texts.Language,
                CancellationToken.None);
        return t =>
            new(moving.Packages.Count <= move.MostPackages
                ? t.ChangeDone
                : $"{t.ChangeDone}{t.Gap}{Texts.Fill(t.ChangePackages, "count", move.MostPackages.ToString(CultureInfo.InvariantCulture))}");
    }
}
