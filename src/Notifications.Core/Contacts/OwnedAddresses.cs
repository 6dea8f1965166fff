using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Privacy;

namespace Notifications.Contacts;

/// <summary>What a contact does to the records of the addresses that it owns.</summary>
internal sealed class OwnedAddresses(AddressBook book, TopicCatalog topics, PrivacyRequests requests)
{
    /// <summary>
    /// Puts an address under a contact, with its name. Not done where it belongs to another contact or to a person who was erased. Language
    /// and time zone are copied over the address's own where <paramref name="copy"/> says so, else only where it has none.
    /// </summary>
    public async ValueTask<ContactResult> AttachAsync(
        AddressKey key, Address address, ContactProfile profile, bool copy, string actor, CancellationToken cancel)
    {
        var draft = new LedgerDraft(LedgerAction.Disable, LedgerDraft.AllTopics, "contact", actor);
        var result = ContactResult.Done;
        await book.ChangeAsync(key, ConsentDesk.Blank(address), (state, now) =>
        {
            result = state.ContactId is { } owner && owner != profile.Id
                ? ContactResult.AddressTaken
                : state.IsErased ? ContactResult.AddressErased : ContactResult.Done;
            if (result != ContactResult.Done) return new Change(state, []);
            var change = AddressTransitions.Attach(state, profile.Id, profile.Status, draft);
            if (profile.RestrictedBy is { } request)
                change = change.Then(
                    s => AddressTransitions.Restrict(
                        s, draft with { Action = LedgerAction.Restrict, Evidence = PrivacyRequest.EvidenceOf(request) }, now));
            if (profile.ObjectedAt is { } objected) change = change.Then(s => Objection.Carry(s, topics, objected, actor, now));
            var tags = profile.Tags is { } given && !given.AsSpan().SequenceEqual(state.Tags) ? given : state.Tags;
            var (locale, zone) = copy
                ? (profile.Locale ?? state.Locale, profile.TimeZone ?? state.TimeZone)
                : (state.Locale ?? profile.Locale, state.TimeZone ?? profile.TimeZone);
            var next = change.State with
            {
                Value = address.Value, Name = profile.Name, Locale = locale, TimeZone = zone, Tags = tags,
            };
            return next == state ? new Change(state, []) : change with { State = next };
        }, null, cancel);
        return result;
    }

    /// <summary>
    /// Lets an address go. What restricts the account goes on over an address that leaves it (R35). That of an erased person is written
    /// down nowhere again.
    /// </summary>
    public async ValueTask DetachAsync(AddressKey key, Address address, ContactProfile profile, CancellationToken cancel)
    {
        if (profile.RestrictedBy is not null
            && (await book.LoadAsync(key, cancel)).State is { RestrictedSince: not null, IsErased: false } state
            && state.ContactId == profile.Id)
        {
            await requests.HoldAsync(profile.Id, address, key, cancel);
        }

        await book.ChangeAsync(
            key, null,
            (state, _) => new Change(state.ContactId == profile.Id ? state with { ContactId = null, Name = null } : state, []), null,
            cancel);
    }

    /// <summary>Disables or enables every address of a contact.</summary>
    public async ValueTask SetStatusAsync(
        ContactView contact, ContactStatus status, string source, string actor, CancellationToken cancel)
    {
        var id = contact.Profile.Id;
        var draft = new LedgerDraft(
            status == ContactStatus.Active ? LedgerAction.Enable : LedgerAction.Disable, LedgerDraft.AllTopics, source, actor);
        foreach (var (key, address) in contact.Addresses)
        {
            var takesOver = status == ContactStatus.Disabled && await TakesOverAsync(key, draft, cancel);
            await book.ChangeAsync(
                key, ConsentDesk.Blank(address) with { ContactId = id },
                (state, _) =>
                    state.ContactId is { } owner && owner != id
                        ? new Change(state, [])
                        : AddressTransitions.SetContact(state, status, draft, takesOver),
                null, cancel);
        }
    }

    /// <summary>
    /// Whether the service or an agent disables what somebody else had disabled: it is theirs from then on, and what the person had
    /// disabled the person can enable no more (P6). Never the other way round.
    /// </summary>
    private async ValueTask<bool> TakesOverAsync(AddressKey key, LedgerDraft draft, CancellationToken cancel)
    {
        if (draft.Actor == Actors.Person || (await book.LoadAsync(key, cancel)).State?.Contact != ContactStatus.Disabled) return false;
        var last = (await book.LedgerAsync(key, cancel)).LastOrDefault(e => e.Action == LedgerAction.Disable)?.Detail;
        return last?.Source != draft.Source || last?.Actor != draft.Actor;
    }
}
