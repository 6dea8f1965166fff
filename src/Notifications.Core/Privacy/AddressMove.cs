using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Security;

namespace Notifications.Privacy;

/// <summary>
/// A changed address (R33), in two halves that can each be done again: the new address takes over, then the old one leaves. Once the old one is stopped by the
/// second, the first must not be done again, or that stop would be taken over as if the person had said it.
/// </summary>
public sealed class AddressMove(AddressBook book, ConsentDesk consents, ContactDesk contacts, TopicCatalog topics, KeyRing ring, StaticLists lists)
{
    /// <summary>What was subscribed waits for the new address's own confirmation; what was stopped, or blocked by the person, stays so. An erased person's address takes over nothing.</summary>
    public async ValueTask TakeOverAsync(Address from, Address to, PrivacyRequest request, CancellationToken cancel)
    {
        var (old, _) = await book.LoadAsync(ring.KeyOf(from), cancel);
        if (old is null) return;
        var key = ring.KeyOf(to);
        LedgerDraft Draft(LedgerAction action, string topic) => new(action, topic, PrivacyDesk.Source, request.Actor);
        var blocked = old.Suppression is { Reason: SuppressionReason.Complaint or SuppressionReason.Manual } s ? s : null;
        var taken = (await book.ChangeAsync(key, ConsentDesk.Blank(to) with { Locale = old.Locale, TimeZone = old.TimeZone }, (state, now) =>
        {
            if (state.Suppression?.Reason == SuppressionReason.Erased) return new Change(state, []);
            var entries = new List<LedgerDraft>();
            void Apply(Change change)
            {
                state = change.State;
                entries.AddRange(change.Entries);
            }

            if (state.Tags.Length == 0 && old.Tags.Length > 0) state = state with { Tags = old.Tags };
            if (old.Stopped is not null) Apply(Transitions.StopAll(state, Draft(LedgerAction.StopAll, LedgerDraft.AllTopics), now));
            if (blocked is not null) Apply(Transitions.Suppress(state, blocked.Reason, blocked.Note, Draft(LedgerAction.Suppress, LedgerDraft.AllTopics), now));
            if (old.RestrictedSince is not null) Apply(Transitions.Restrict(state, Draft(LedgerAction.Restrict, LedgerDraft.AllTopics), now));
            foreach (var subscription in old.Subscriptions)
                if (subscription.Status == SubscriptionStatus.Unsubscribed) Apply(Transitions.OptOut(state, Draft(LedgerAction.OptOut, subscription.Topic), now));
            return new Change(state, entries);
        }, null, cancel))!.State;

        var asked = new List<(Topic, LedgerDraft)>();
        foreach (var subscription in old.Subscriptions)
        {
            // The new address's own "no" is older than this wish and still stands; a stop over everything too.
            if (subscription.Status != SubscriptionStatus.Subscribed || taken.StatusOf(subscription.Topic) == SubscriptionStatus.Unsubscribed || topics.Find(subscription.Topic) is not { } topic) continue;
            asked.Add((topic.Unproven(), Draft(LedgerAction.OptIn, topic.Key) with { PolicyVersion = subscription.PolicyVersion }));
        }

        if (asked.Count > 0) await consents.OptInAsync(to, asked, confirmed: false, old.Locale, cancel);
    }

    /// <summary>The old address is stopped, and its places on lists and in the account are the new one's. False where that is of an erased person and gets no place (R34).</summary>
    public async ValueTask<bool> LeaveAsync(Address from, Address to, PrivacyRequest request, CancellationToken cancel)
    {
        var (old, key) = (ring.KeyOf(from), ring.KeyOf(to));
        var draft = new LedgerDraft(LedgerAction.StopAll, LedgerDraft.AllTopics, PrivacyDesk.Source, request.Actor);
        await book.ChangeAsync(old, null, (state, now) => Transitions.StopAll(state, draft, now), null, cancel);
        if ((await book.LoadAsync(key, cancel)).State?.Suppression?.Reason == SuppressionReason.Erased) return false;
        await lists.MoveAsync(old, key, cancel);
        if (request.ContactId is { } id && await contacts.GetAsync(id, cancel) is { } contact)
            await contacts.PutAsync(id, contact.Profile.Name, contact.Profile.Locale, contact.Profile.TimeZone, [.. contact.Addresses.Select(a => a.Address == from ? to : a.Address)], request.Actor, cancel);
        return true;
    }
}
