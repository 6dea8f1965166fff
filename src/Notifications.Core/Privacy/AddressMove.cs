using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Packages;
using Notifications.Review;
using Notifications.Security;

namespace Notifications.Privacy;

/// <summary>
/// A changed address (R33). Where an operator knows that it is the same person's, in two halves that can each be done again: the new
/// address takes over, then the old one leaves. Once the old one is stopped by the second, the first must not be done again, or that stop
/// would be taken over as if the person had said it. Where the holder of the old address says so by a link, nothing is proven of the new
/// one: it is asked, and what it does not confirm changes nothing there (<see cref="AskAsync"/>).
/// </summary>
public sealed class AddressMove(
    AddressBook book, ConsentDesk consents, ContactDesk contacts, TopicCatalog topics, KeyRing ring, StaticLists lists, Watches watches,
    ReviewDesk reviews, WatchOptions options)
{
    /// <summary>Of how many followed packages a new address is asked at once: each is a message of its own.</summary>
    public int MostPackages => options.MaxPending;

    /// <summary>What is on at an address, and so can move; and what it has stopped.</summary>
    public async ValueTask<MovingAddress> ReadAsync(AddressKey key, AddressState state, CancellationToken cancel)
    {
        var followed = await watches.FollowedAsync(key, state, cancel);
        return new MovingAddress(
            key,
            [.. topics.All.Where(t => state.StatusOf(t) == SubscriptionStatus.Subscribed)],
            followed,

            // A package that speaks was followed after package updates were stopped: at the new address that older stop would silence it.
            [
                .. state.Subscriptions.Where(
                    s => s.Status == SubscriptionStatus.Unsubscribed && !(s.Topic == TopicKey.PackageUpdates && followed.Count > 0)).Select(
                        s => s.Topic),
                .. state.ObjectedAt is { } objected ? (string[])[Objection.Moving(objected)] : [],
            ]);
    }

    /// <summary>
    /// Asks a new address to confirm what is on at the old one, which stays as it is. A break and what waits to be read come with that
    /// confirmation. The drafts say who asks, and with which words.
    /// </summary>
    public async ValueTask AskAsync(
        MovingAddress moving, Address to, Func<Topic, LedgerDraft> optIn, Func<string, LedgerDraft> follow, string locale,
        CancellationToken cancel)
    {
        var holds = Restraint.Of(await GoAsync(moving.From, ring.KeyOf(to), cancel));
        if (moving.On.Count > 0)
            await consents.MoveInAsync(to, [.. moving.On.Select(t => (t.Unproven(), optIn(t)))], moving.Stopped, holds, locale, cancel);
        await FollowAsync(moving.Packages, moving.From, to, follow, moving.Stopped, locale, cancel);
        await reviews.SettleAsync(holds, moving.From, ring.KeyOf(to), Actors.Person, cancel);
    }

    /// <summary>
    /// Whether the new address belongs to another account than the one in which it would take the old one's place: then nothing is moved.
    /// </summary>
    public async ValueTask<bool> IsTakenAsync(Address to, PrivacyRequest request, CancellationToken cancel) =>
        request.ContactId is { } id
            && (await book.LoadAsync(ring.KeyOf(to), cancel)).State?.ContactId is { } owner
            && owner != id
            && await contacts.GetAsync(id, cancel) is not null;

    /// <summary>
    /// What was subscribed or followed waits for the new address's own confirmation; what was stopped, or blocked by the person, stays so,
    /// and so does a disabled account, a break and what waits to be read. Where somebody uses the new address already, who may be a
    /// stranger, a break and what waits to be read come with the confirmation, and nothing moves there of a disabled account. An erased
    /// person's address takes over nothing.
    /// </summary>
    public async ValueTask TakeOverAsync(Address from, Address to, PrivacyRequest request, CancellationToken cancel)
    {
        var key = ring.KeyOf(to);
        if (await GoAsync(ring.KeyOf(from), key, cancel) is not { } old) return;
        var (holds, used) = (Restraint.Of(old), false);
        LedgerDraft Draft(LedgerAction action, string topic) => new(action, topic, PrivacyDesk.Source, request.Actor);
        var complaint = old.Suppression is { Reason: SuppressionReason.Complaint } s ? s : null;
        var taken = (await book.ChangeAsync(
            key, ConsentDesk.Blank(to) with { Locale = old.Locale, TimeZone = old.TimeZone }, (state, now) =>
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
                var suppress = Draft(LedgerAction.Suppress, LedgerDraft.AllTopics);
                if (complaint is not null) Apply(AddressTransitions.Suppress(state, complaint.Reason, complaint.Note, suppress, now));
                if (old.Suppression?.Manual is { } own)
                    Apply(AddressTransitions.Suppress(state, SuppressionReason.Manual, own.Note, suppress, now));
                if (old.RestrictedSince is not null)
                    Apply(AddressTransitions.Restrict(state, Draft(LedgerAction.Restrict, LedgerDraft.AllTopics), now));
                foreach (var subscription in old.Subscriptions)
                    if (subscription.Status == SubscriptionStatus.Unsubscribed)
                        Apply(Transitions.OptOut(state, Draft(LedgerAction.OptOut, subscription.Topic), now));
                if (old.ObjectedAt is { } objected) Apply(Objection.Carry(state, topics, objected, request.Actor, now));
                used = IsUsed(state, request);
                if (!used && old.Contact == ContactStatus.Disabled)
                    Apply(AddressTransitions.SetContact(state, ContactStatus.Disabled, Draft(LedgerAction.Disable, LedgerDraft.AllTopics)));
                if (!used && holds is not null)
                    Apply(AddressTransitions.Restrain(state, holds, Draft(LedgerAction.Pause, LedgerDraft.AllTopics), now));
                return new Change(state, entries);
            }, null, cancel))!.State;

        // Every send of a disabled account stops, a question too (M8).
        if (old.Contact == ContactStatus.Disabled && taken.Contact != ContactStatus.Disabled) return;

        var asked = new List<(Topic, LedgerDraft)>();
        foreach (var subscription in old.Subscriptions)
        {
            // The new address's own "no" is older than this wish and still stands; a stop over everything too.
            if (topics.Find(subscription.Topic) is not { } topic
                || subscription.Status != SubscriptionStatus.Subscribed
                || old.IsObjected(topic)
                || taken.StatusOf(subscription.Topic) == SubscriptionStatus.Unsubscribed)
            {
                continue;
            }

            // A stop that comes in between is the later word.
            asked.Add(
                (topic.Unproven(),
                    Draft(LedgerAction.OptIn, topic.Key) with { PolicyVersion = subscription.PolicyVersion, SaidAt = request.RecordedAt }));
        }

        if (asked.Count > 0) await consents.MoveInAsync(to, asked, [], used ? holds : null, old.Locale, cancel);
        await reviews.SettleAsync(holds, ring.KeyOf(from), key, request.Actor, cancel);
        if (taken.Stopped is not null
            || (taken.StatusOf(TopicKey.PackageUpdates) == SubscriptionStatus.Unsubscribed
                && old.StatusOf(TopicKey.PackageUpdates) != SubscriptionStatus.Unsubscribed))
        {
            return;
        }

        await FollowAsync(
            await watches.FollowedAsync(ring.KeyOf(from), old, cancel), used ? ring.KeyOf(from) : null, to,
            _ => Draft(LedgerAction.Watch, TopicKey.PackageUpdates), [], old.Locale, cancel);
    }

    /// <summary>
    /// The old address is stopped, and everything on it one by one beneath that stop: who holds it now may not be the person, and taking
    /// the stop back brings nothing back (P6). Its places on lists and in the account are the new one's, but for one that is of an erased
    /// person (R34) or has come to belong to another account meanwhile, which is the answer.
    /// </summary>
    public async ValueTask<ContactResult> LeaveAsync(Address from, Address to, PrivacyRequest request, CancellationToken cancel)
    {
        var (old, key) = (ring.KeyOf(from), ring.KeyOf(to));
        LedgerDraft Draft(LedgerAction action, string topic) => new(action, topic, PrivacyDesk.Source, request.Actor);
        await book.ChangeAsync(old, null, (state, now) =>
        {
            var change = Transitions.StopAll(state, Draft(LedgerAction.StopAll, LedgerDraft.AllTopics), now);
            foreach (var subscription in change.State.Subscriptions)
                change = change.Then(s => Transitions.OptOut(s, Draft(LedgerAction.OptOut, subscription.Topic), now));
            return change;
        }, null, cancel);
        foreach (var (number, watch) in await watches.OfAsync(old, cancel))
            if (watch.Status != WatchStatus.Unwatched)
                await watches.UnwatchAsync(old, number, PrivacyDesk.Source, request.Actor, null, cancel);
        if ((await book.LoadAsync(key, cancel)).State?.Suppression?.Reason == SuppressionReason.Erased) return ContactResult.AddressErased;
        await lists.MoveAsync(old, key, cancel);
        return request.ContactId is { } id && await contacts.ReplaceAsync(id, from, to, request.Actor, cancel) is { } replaced
            ? replaced
            : ContactResult.Done;
    }

    /// <summary>
    /// The old record as it stands after the move. Where something its person wrote waits to be read, it says where to, in one order with
    /// the decision on that.
    /// </summary>
    private async ValueTask<AddressState?> GoAsync(AddressKey from, AddressKey to, CancellationToken cancel) =>
        (await book.ChangeAsync(
            from, null,
            (state, _) =>
                new Change(
                    state.Reviews is [] || state.MovedTo.Contains(to.Value) ? state : state with { MovedTo = [.. state.MovedTo, to.Value] },
                    []),
            null, cancel))?.State;

    /// <summary>Whether somebody gets something here by their own word, and nothing says that it is the person who moves here.</summary>
    private static bool IsUsed(AddressState state, PrivacyRequest request) =>
        !(request.ContactId is { } id && state.ContactId == id)
            && state.Stopped is null
            && (state.Watching > 0 || Array.Exists(state.Subscriptions, s => s.Status == SubscriptionStatus.Subscribed));

    private async ValueTask FollowAsync(
        IReadOnlyList<(string Number, WatchRecord Watch)> followed, AddressKey? from, Address to,
        Func<string, LedgerDraft> draft, IReadOnlyCollection<string> stopped, string? locale, CancellationToken cancel)
    {
        var waiting = 0;
        foreach (var (text, watch) in followed)
        {
            if (waiting >= MostPackages) return; // No more are asked about.
            if (!TrackingNumber.TryParse(text, out var number, out _)) continue;
            var said = draft(text);
            var answer = await watches.WatchAsync(new WatchRequest(number, to, said.Source, said.Actor)
            {
                Filter = watch.Filter,
                Daily = watch.Daily,
                Locale = watch.Locale ?? locale,
                PolicyVersion = said.PolicyVersion,
                Wording = said.Wording,
                Evidence = said.Evidence,
                AlsoStops = [.. stopped],
                MovedFrom = from?.Value,
            }, cancel);
            if (answer.Status == WatchStatus.Pending) waiting++;
        }
    }
}
