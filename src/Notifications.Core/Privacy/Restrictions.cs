using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Security;

namespace Notifications.Privacy;

/// <summary>
/// What restrictions do to addresses and accounts (R35): several may stand over the same data, which are free when the last of them is
/// lifted.
/// </summary>
public sealed class Restrictions(PrivacyRequests requests, AddressBook book, ContactDesk contacts, KeyRing ring)
{
    /// <summary>Restricts what a request names, and an account with whatever comes under it later. What came of it, in words.</summary>
    public async ValueTask<string> RestrictAsync(PrivacyRequest request, CancellationToken cancel)
    {
        // The account first: an address that is attached meanwhile is restricted with it, or found here.
        var addresses = request.Named();
        if (request is { WholeContact: true, ContactId: { } id }
            && await contacts.SetRestrictionAsync(id, request.Id, cancel) is { } contact)
        {
            addresses = [.. addresses.Union(contact.Addresses.Select(a => a.Address))];
        }

        foreach (var address in addresses)
            await book.ChangeAsync(
                ring.KeyOf(address), ConsentDesk.Blank(address), (state, now) => AddressTransitions.Restrict(state, Draft(request), now),
                null, cancel);
        return "The data stay and nothing is sent until the restriction is lifted, of which the person is told before.";
    }

    /// <summary>
    /// Frees what this request alone restricts, and restricts what another does. Whether anything of it is restricted after that.
    /// </summary>
    public async ValueTask<bool> FreeAsync(PrivacyRequest request, LedgerDraft draft, CancellationToken cancel)
    {
        var addresses = request.Named();
        var others = await StandingAsync(request, cancel);
        if (request is { WholeContact: true, ContactId: { } id }
            && await contacts.GetAsync(id, cancel) is { } contact
            && !others.Exists(o => o.Id == contact.Profile.RestrictedBy))
        {
            // The addresses that came under the account since then are restricted by this request too, also one that is just leaving.
            await contacts.SetRestrictionAsync(id, others.FindLast(o => o.WholeContact && o.ContactId == id)?.Id, cancel);
            var left = await contacts.SettleAsync(id, draft.Actor, cancel);
            addresses = [.. addresses.Union(contact.Addresses.Select(a => a.Address)).Union(left)];
        }

        var still = false;
        foreach (var address in addresses)
        {
            var key = ring.KeyOf(address);
            var result = await book.ChangeAsync(
                key, null,
                (state, now) =>
                    others.Find(o => o.Restricts(key, state.ContactId)) is { } other
                        ? AddressTransitions.Restrict(state, Draft(other), now)
                        : AddressTransitions.Unrestrict(state, draft),
                null, cancel);
            still |= result?.State.RestrictedSince is not null;
        }

        return still;
    }

    /// <summary>
    /// Puts the address that takes an old one's place under whatever names the old one, so that lifting frees both. That of an erased
    /// person is written down nowhere again (R34).
    /// </summary>
    public async ValueTask SpreadAsync(Address from, Address to, CancellationToken cancel)
    {
        var (old, key) = (ring.KeyOf(from), ring.KeyOf(to));
        foreach (var standing in await StandingAsync(null, cancel))
        {
            if (!standing.AddressKeys.Contains(old.Value)
                || (await book.LoadAsync(key, cancel)).State is { IsErased: true })
            {
                continue;
            }

            await requests.ChangeAsync(standing.Id, r => r.LiftedAt is null ? r.With(to, key) : null, cancel);
        }
    }

    /// <summary>The restrictions that stand, oldest first, without one.</summary>
    public async ValueTask<List<PrivacyRequest>> StandingAsync(PrivacyRequest? without, CancellationToken cancel)
    {
        var standing = new List<PrivacyRequest>();
        await foreach (var one in requests.OpenAsync(cancel))
            if (one is { Type: PrivacyRight.Restriction, LiftedAt: null } && one.Id != without?.Id) standing.Add(one);
        return standing;
    }

    private static LedgerDraft Draft(PrivacyRequest request) =>
        new(LedgerAction.Restrict, LedgerDraft.AllTopics, PrivacyDesk.Source, request.Actor)
        {
            Evidence = PrivacyRequest.EvidenceOf(request.Id),
        };
}
