using Notifications.Addresses;
using Notifications.Contacts;
using Notifications.Security;
using Notifications.Storage;

namespace Notifications.Consent;

/// <summary>
/// A phone whose number is written in several forms is one address. Builds of before had a record for each form: whatever such a record
/// says against sends is taken over before anything is sent to the phone, so that no stop is lost (P1, P6), and the record is left.
/// Permissions are not taken over: what the person had agreed to under the other form they are asked about anew.
/// </summary>
public sealed class PhoneForms(AddressBook book, ContactDesk contacts, TopicCatalog topics, KeyRing ring)
{
    /// <summary>The source of what is taken over.</summary>
    public const string Source = "other-form";

    private const string Actor = Actors.Itself + "other-form";

    /// <summary>A phone by the other form of its number, where a build of before has left a record of that.</summary>
    internal async ValueTask<(Address Phone, AddressKey Key, AddressState State)?> OtherAsync(Address phone, CancellationToken cancel) =>
        ring.FormerKeyOf(phone) is { } key && (await book.LoadAsync(key, cancel)).State is { } state
            ? (phone.OtherForm!.Value, key, state)
            : null;

    /// <summary>Takes over what such a record says, where that is not done. Whether it was done now; it can be done again.</summary>
    public async ValueTask<bool> JoinAsync(Address phone, CancellationToken cancel)
    {
        var key = ring.KeyOf(phone);
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            if (await OtherAsync(phone, cancel) is not var (_, former, other) || other.Stopped?.Left?.To == key.Value) return attempt > 0;
            var taken = await book.ChangeAsync(key, ConsentDesk.Blank(phone), (state, now) => TakeOver(state, other, now), null, cancel);
            if (other.IsErased) return taken!.Changed || attempt > 0;
            if (other.ContactId is { } account) await contacts.ReplaceAsync(account, phone, phone, Actor, cancel);
            await book.ChangeAsync(former, null, (state, now) =>
            {
                // What was written since it was read is taken over first (P1).
                if (state.Ledger != other.Ledger) return new Change(state, []);
                var left = AddressTransitions.Leave(state, key, Draft(LedgerAction.StopAll), now);
                return left with { State = left.State with { MovedTo = [.. state.MovedTo.Union([key.Value])] } };
            }, null, cancel);
        }

        throw StorageUnavailableException.Contended($"The record {key}");
    }

    private Change TakeOver(AddressState state, AddressState other, DateTimeOffset now)
    {
        if (other.IsErased) return AddressTransitions.Erase(state, Draft(LedgerAction.Erase), now);
        var change = other.Stopped is { IsSaid: true }
            ? Transitions.StopAll(state, Draft(LedgerAction.StopAll), now)
            : new Change(state, []);
        foreach (var topic in other.Subscriptions.Where(s => s.Status == SubscriptionStatus.Unsubscribed).Select(s => s.Topic))
            change = change.Then(s => Transitions.OptOut(s, Draft(LedgerAction.OptOut) with { Topic = topic }, now));
        if (other.ObjectedAt is { } objected) change = change.Then(s => Objection.Carry(s, topics, objected, Actor, now));
        if (other.Suppression is { } block)
        {
            change = change.Then(s => AddressTransitions.Suppress(s, block.Reason, block.Note, Draft(LedgerAction.Suppress), now));
            if (block.Manual is { } own)
                change = change.Then(
                    s => AddressTransitions.Suppress(s, SuppressionReason.Manual, own.Note, Draft(LedgerAction.Suppress), now));
        }

        if (other.IsRestricted) change = change.Then(s => AddressTransitions.Restrict(s, Draft(LedgerAction.Restrict), now));
        // Also where the account that was disabled has been forgotten since (P6).
        if (other.Contact == ContactStatus.Disabled)
            change = change.Then(s => AddressTransitions.SetContact(s, ContactStatus.Disabled, Draft(LedgerAction.Disable)));
        return Restraint.Of(other) is { } holds
            ? change.Then(s => AddressTransitions.Restrain(s, holds, Draft(LedgerAction.Pause), now))
            : change;
    }

    private static LedgerDraft Draft(LedgerAction action) => new(action, LedgerDraft.AllTopics, Source, Actor);
}
