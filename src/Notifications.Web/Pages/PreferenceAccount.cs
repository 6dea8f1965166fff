using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Unsubscribe;

namespace Notifications.Web.Pages;

/// <summary>
/// What the preference page of one address may do with the account that it belongs to: disable it, enable it again, stop its other channel.
/// </summary>
internal sealed class PreferenceAccount(AddressBook book, Unsubscriber unsubscriber, ContactDesk contacts)
{
    private const string Source = PreferenceEndpoint.Source;

    /// <summary>The channel that the link is not of.</summary>
    public static Channel Other(Channel channel) => channel == Channel.Email ? Channel.Sms : Channel.Email;

    /// <summary>Whether the account still gets something on the other channel.</summary>
    public async ValueTask<bool> IsOpenElsewhereAsync(ContactView contact, LinkToken token) =>
        contact.Profile.Status == ContactStatus.Active && (await ElsewhereAsync(contact, Other(token.Channel))).Count > 0;

    /// <summary>
    /// Anything may lower (P6), so this link stops the account's other channel too. It proves no address there, so taking that back is for
    /// a link that was sent there.
    /// </summary>
    public async ValueTask<Func<Texts, Said>> StopElsewhereAsync(LinkToken token, AddressState? state)
    {
        var channel = Other(token.Channel);
        if (state?.ContactId is not { } id || await contacts.GetAsync(id, CancellationToken.None) is not { } contact)
            return t => new(t.Unchanged);
        var keys = await ElsewhereAsync(contact, channel);
        foreach (var key in keys)
            await unsubscriber.StopAsync(
                new LinkToken(LinkPurpose.Preferences, key, channel), UnsubscribeScope.All, Source, CancellationToken.None);
        return t =>
            keys.Count == 0
                ? new(t.Unchanged)
                : new(Texts.Fill(t.StoppedChannel, "channel", PublicLinks.By(channel, t)));
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

    /// <summary>The account's addresses on a channel that have not said "stop everything".</summary>
    private async ValueTask<List<AddressKey>> ElsewhereAsync(ContactView contact, Channel channel)
    {
        var open = new List<AddressKey>();
        foreach (var (key, address) in contact.Addresses.Where(a => a.Address.Channel == channel))
            if ((await book.LoadAsync(key, CancellationToken.None)).State is { Stopped: null }) open.Add(key);
        return open;
    }

    private async ValueTask<bool> SetAsync(string? contact, ContactStatus status) =>
        contact is not null && await contacts.SetStatusAsync(contact, status, Source, Actors.Person, CancellationToken.None) is not null;
}
