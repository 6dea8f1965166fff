using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Unsubscribe;

namespace Notifications.Web.Pages;

/// <summary>
/// What the preference page of one address may do with the account that it belongs to: disable it, enable it again, stop a whole channel of
/// it.
/// </summary>
internal sealed class PreferenceAccount(AddressBook book, Unsubscriber unsubscriber, ContactDesk contacts)
{
    private const string Source = PreferenceEndpoint.Source;

    /// <summary>The channel that the link is not of.</summary>
    public static Channel Other(Channel channel) => channel == Channel.Email ? Channel.Sms : Channel.Email;

    /// <summary>Whether the account still gets something on the other channel.</summary>
    public async ValueTask<bool> IsOpenElsewhereAsync(ContactView contact, LinkToken token) =>
        contact.Profile.Status == ContactStatus.Active
        && (await contacts.OpenAsync(contact, Other(token.Channel), token.Address, CancellationToken.None)).Count > 0;

    /// <summary>
    /// Whether a further address of the account on the link's own channel still gets something; null where the account has no such address.
    /// </summary>
    public async ValueTask<bool?> IsOpenBesideAsync(ContactView contact, LinkToken token) =>
        HasMore(contact, token)
            ? (await contacts.OpenAsync(contact, token.Channel, token.Address, CancellationToken.None)).Count > 0
            : null;

    /// <summary>
    /// Stops a channel of the account, the link's own or the other one, at every address of it (M7): anything may lower (P6). It proves no
    /// address but its own, so taking that back elsewhere is for a link that was sent there.
    /// </summary>
    public async ValueTask<Func<Texts, Said>> StopAsync(LinkToken token, AddressState? state, Channel channel)
    {
        // The link's own address first: whatever cuts the rest off, that one is stopped.
        var own = channel == token.Channel;
        var changed = own && await StopAsync(token);
        var contact = state?.ContactId is { } id ? await contacts.GetAsync(id, CancellationToken.None) : null;
        if (contact is not null)
        {
            foreach (var key in await contacts.OpenAsync(contact, channel, token.Address, CancellationToken.None))
                changed |= await StopAsync(new LinkToken(LinkPurpose.Preferences, key, channel));
        }

        if (!changed) return t => new(t.Unchanged);
        if (!own) return t => new(PreferencePage.Silent(channel, t));
        var more = contact is not null && HasMore(contact, token);
        return t => new(PreferencePage.AllStopped(token, state, more, t));
    }

    /// <summary>Disables the account of an address that has an active one.</summary>
    public async ValueTask<Func<Texts, Said>> DisableAsync(AddressState? state)
    {
        var done = await SetAsync(state is { Contact: ContactStatus.Active } ? state.ContactId : null, ContactStatus.Disabled);
        return t => new(done ? t.AccountDisabled : t.Unchanged);
    }

    /// <summary>Enables it again, where that may be done from here. What else keeps this address silent does so still.</summary>
    public async ValueTask<Func<Texts, Said>> EnableAsync(LinkToken token, AddressState? state)
    {
        var done = await SetAsync(await MayEnableAsync(token, state) ? state!.ContactId : null, ContactStatus.Active);
        var (after, _) = await book.LoadAsync(token.Address, CancellationToken.None);
        var silent = after is { Stopped: not null } || PreferencePage.IsBlocked(after);
        return t => new(!done ? t.Unchanged : silent ? t.AccountEnabledSilent : t.AccountEnabled);
    }

    /// <summary>What the person disabled here, the person may enable here; what the service or an agent disabled stays (P6).</summary>
    public async ValueTask<bool> MayEnableAsync(LinkToken token, AddressState? state)
    {
        if (state is not { ContactId: not null, Contact: ContactStatus.Disabled }) return false;
        var ledger = await book.LedgerAsync(token.Address, CancellationToken.None);
        return ledger.LastOrDefault(e => e.Action == LedgerAction.Disable)?.Detail is { Source: Source, Actor: Actors.Person };
    }

    /// <summary>Whether the account has further addresses on the link's own channel.</summary>
    private static bool HasMore(ContactView contact, LinkToken token) =>
        contact.Addresses.Any(a => a.Address.Channel == token.Channel && a.Key != token.Address);

    private async ValueTask<bool> StopAsync(LinkToken token) =>
        (await unsubscriber.StopAsync(token, UnsubscribeScope.All, Source, CancellationToken.None)).Changed;

    private async ValueTask<bool> SetAsync(string? contact, ContactStatus status) =>
        contact is not null && await contacts.SetStatusAsync(contact, status, Source, Actors.Person, CancellationToken.None) is not null;
}
