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
/// address takes over, then the old one leaves. The stop that the second sets on the old one is nobody's word
/// (<see cref="Departure"/>): it goes along nowhere, and stands against nothing where the person comes back. Where the holder of the old
/// address says so by a link, nothing is proven of the new one: it is asked, and what it does not confirm changes nothing there
/// (<see cref="AskAsync"/>).
/// </summary>
public sealed class AddressMove(
    AddressBook book, ConsentDesk consents, ContactDesk contacts, TopicCatalog topics, KeyRing ring, StaticLists lists, Watches watches,
    ReviewDesk reviews, Suppressions suppressions, WatchOptions options)
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
    /// The address that has the place of this one now, whose person moved on from it, and perhaps from the next. The address itself where
    /// nobody did, where somebody has begun something there since, who may be another, where it belongs to another account by now, or where
    /// the next one is erased. <paramref name="account"/> is one that it may have come under since.
    /// </summary>
    public async ValueTask<Address> CurrentAsync(Address address, CancellationToken cancel, string? account = null)
    {
        var passed = new HashSet<Address>();
        while (passed.Add(address)
            && (await book.LoadAsync(ring.KeyOf(address), cancel)).State is { Stopped.Left: { To: { } next } left } state
            && AddressKey.TryParse(next, out var key)
            && (await book.LoadAsync(key, cancel)).State is { Address: { } to }
            && (state.ContactId is null || state.ContactId == left.ContactId || state.ContactId == account)
            && !(await book.LedgerAsync(ring.KeyOf(address), cancel)).Any(e => e.Seq > left.Seq && Begins(e.Action)))
        {
            address = to;
        }

        return address;
    }

    private static bool Begins(LedgerAction action) => action is LedgerAction.OptIn or LedgerAction.Confirm or LedgerAction.Watch;

    /// <summary>Whether an address is asked to confirm something, and has not answered.</summary>
    public async ValueTask<bool> IsAskedAsync(Address address, CancellationToken cancel) =>
        (await book.LoadAsync(ring.KeyOf(address), cancel)).State is { } state
            && (Array.Exists(state.Subscriptions, state.StillWaits)
                || (await watches.OfAsync(ring.KeyOf(address), cancel)).Any(w => w.Watch.StillWaits(state)));

    /// <summary>
    /// What was subscribed or followed waits for the new address's own confirmation, and so does what waited at the old one since an
    /// earlier change; what was stopped, or blocked by the person, stays so, and so does a disabled account, a break and what waits to be
    /// read. Where somebody uses the new address already, who may be a stranger, a break and what waits to be read come with the
    /// confirmation, and nothing moves there of a disabled account. An erased person's address takes over nothing. The answer is the old
    /// record as it was read, null where there is none or its person is erased.
    /// </summary>
    public async ValueTask<AddressState?> TakeOverAsync(Address from, Address to, PrivacyRequest request, CancellationToken cancel)
    {
        var key = ring.KeyOf(to);
        if (await GoAsync(ring.KeyOf(from), key, cancel) is not { IsErased: false } old) return null;
        if (await CurrentAsync(from, cancel) != from) return old; // Another change was faster.
        LedgerDraft Draft(LedgerAction action, string topic) => new(action, topic, PrivacyDesk.Source, request.Actor);
        var (found, taken, used) = await CarryAsync(old, to, request, cancel);
        var holds = used ? Restraint.Of(old) : null;

        // Every send of a disabled account stops, a question too (M8).
        if (old.Contact == ContactStatus.Disabled && taken.Contact != ContactStatus.Disabled) return old;

        // The new address's own "no" is older than this wish and still stands; a stop over everything too. But not where the person comes
        // back to it: what stands there a former change of address has set, or went along with it and has been theirs to change since; a
        // stop that was said there after it stands.
        var isBack = found.Stopped?.Left is not null;
        var stopped = taken.Stopped is { IsSaid: true };
        bool IsBarred(string topic) => stopped || (!isBack && found.Find(topic)?.Status == SubscriptionStatus.Unsubscribed);
        var asked = new List<(Topic, LedgerDraft)>();
        var stops = new List<string>();
        foreach (var subscription in old.Subscriptions)
        {
            var waits = MovedIn(old, subscription);
            if (topics.Find(subscription.Topic) is not { } topic
                || !(subscription.Status == SubscriptionStatus.Subscribed ? !old.IsObjected(topic) : waits)
                || IsBarred(subscription.Topic))
            {
                continue;
            }

            // A stop that comes in between is the later word.
            asked.Add(
                (topic.Unproven(),
                    Draft(LedgerAction.OptIn, topic.Key) with
                    {
                        PolicyVersion = waits ? subscription.Unconfirmed!.PolicyVersion : subscription.PolicyVersion,
                        SaidAt = request.RecordedAt,
                    }));
            if (!waits) continue;
            stops.AddRange(subscription.AlsoStops ?? []);
            holds = Restraint.Both(holds, subscription.AlsoHolds);
        }

        if (asked.Count > 0) await consents.MoveInAsync(to, asked, stops, holds, old.Locale, cancel);
        await reviews.SettleAsync(Restraint.Both(Restraint.Of(old), holds), ring.KeyOf(from), key, request.Actor, cancel);
        if ((await book.LoadAsync(key, cancel)).State is { Suppression: not null } blocked)
            await suppressions.IndexAsync(key, blocked, cancel);
        if (stopped
            || (IsBarred(TopicKey.PackageUpdates) && old.StatusOf(TopicKey.PackageUpdates) != SubscriptionStatus.Unsubscribed))
        {
            return old;
        }

        await FollowAsync(
            [
                .. await watches.FollowedAsync(ring.KeyOf(from), old, cancel),
                .. (await watches.OfAsync(ring.KeyOf(from), cancel)).Where(w => w.Watch.AlsoStops is not null && w.Watch.StillWaits(old)),
            ],
            used ? ring.KeyOf(from) : null, to, _ => Draft(LedgerAction.Watch, TopicKey.PackageUpdates), [], old.Locale, cancel);
        return old;
    }

    /// <summary>
    /// Whether what waits came here with a change of address, and so goes on with the next one. Beside a stop of this address's own that is
    /// told of an operator's alone, who knows that it is the same person's.
    /// </summary>
    private static bool MovedIn(AddressState state, Subscription one) =>
        one.Unconfirmed is { } waits
            && (waits.Source == PrivacyDesk.Source
                || (waits.Source == ConsentSource.AddressChange && one.Status == SubscriptionStatus.Pending))
            && state.StillWaits(one);

    /// <summary>
    /// What stands against sends at the old address stands at the new one at once. The answer is the new record as it was found and as it
    /// is then, and whether somebody uses it who may be a stranger.
    /// </summary>
    private async ValueTask<(AddressState Found, AddressState Taken, bool Used)> CarryAsync(
        AddressState old, Address to, PrivacyRequest request, CancellationToken cancel)
    {
        var (holds, used, found) = (Restraint.Of(old), false, ConsentDesk.Blank(to));
        LedgerDraft Draft(LedgerAction action, string topic) => new(action, topic, PrivacyDesk.Source, request.Actor);
        var complaint = old.Suppression is { Reason: SuppressionReason.Complaint } s ? s : null;
        var taken = (await book.ChangeAsync(
            ring.KeyOf(to), ConsentDesk.Blank(to) with { Locale = old.Locale, TimeZone = old.TimeZone }, (state, now) =>
            {
                found = state;
                if (state.IsErased) return new Change(state, []);
                var entries = new List<LedgerDraft>();
                void Apply(Change change)
                {
                    state = change.State;
                    entries.AddRange(change.Entries);
                }

                if (state.Tags.Length == 0 && old.Tags.Length > 0) state = state with { Tags = old.Tags };
                if (state.Stopped is { Left: { To: not null } left } ours)
                    state = state with { Stopped = ours with { Left = left with { To = null } } };
                if (old.Stopped is { IsSaid: true })
                {
                    Apply(Transitions.StopAll(state, Draft(LedgerAction.StopAll, LedgerDraft.AllTopics), now));
                    if (state.Stopped is { Left: not null } said) state = state with { Stopped = said with { Left = null } };
                }

                var suppress = Draft(LedgerAction.Suppress, LedgerDraft.AllTopics);
                if (complaint is not null) Apply(AddressTransitions.Suppress(state, complaint.Reason, complaint.Note, suppress, now));
                if (old.Suppression?.Manual is { } own)
                    Apply(AddressTransitions.Suppress(state, SuppressionReason.Manual, own.Note, suppress, now));
                if (old.RestrictedSince is not null)
                    Apply(AddressTransitions.Restrict(state, Draft(LedgerAction.Restrict, LedgerDraft.AllTopics), now));
                foreach (var subscription in old.Subscriptions)
                    if (subscription.Status == SubscriptionStatus.Unsubscribed && !MovedIn(old, subscription))
                        Apply(Transitions.OptOut(state, Draft(LedgerAction.OptOut, subscription.Topic), now));
                if (old.ObjectedAt is { } objected) Apply(Objection.Carry(state, topics, objected, request.Actor, now));
                used = IsUsed(state, request);
                if (!used && old.Contact == ContactStatus.Disabled)
                    Apply(AddressTransitions.SetContact(state, ContactStatus.Disabled, Draft(LedgerAction.Disable, LedgerDraft.AllTopics)));
                if (!used && holds is not null)
                    Apply(AddressTransitions.Restrain(state, holds, Draft(LedgerAction.Pause, LedgerDraft.AllTopics), now));
                return new Change(state, entries);
            }, null, cancel))!.State;
        return (found, taken, used);
    }

    /// <summary>
    /// The old address is stopped, and everything on it one by one beneath that stop: who holds it now may not be the person, and taking
    /// the stop back brings nothing back (P6). What was said there since it was <paramref name="read"/> for the new one goes along too,
    /// where this is the run that read it. Its places on lists and in the account are the new one's, but for one that is of an erased
    /// person (R34) or has come to belong to another account meanwhile, which is the answer. Null where another change of address was
    /// faster: this one is then of the address that has the old one's place.
    /// </summary>
    public async ValueTask<ContactResult?> LeaveAsync(
        Address from, Address to, PrivacyRequest request, AddressState? read, CancellationToken cancel)
    {
        var (old, key) = (ring.KeyOf(from), ring.KeyOf(to));
        LedgerDraft Draft(LedgerAction action, string topic) => new(action, topic, PrivacyDesk.Source, request.Actor);
        var before = (await book.LoadAsync(old, cancel)).State?.Stopped?.Left?.To;
        var stale = await CurrentAsync(from, cancel) == from ? before : null;
        AddressState? last = null;
        var there = (await book.ChangeAsync(old, null, (state, now) =>
        {
            last = null;
            var isLeft = state.Stopped?.Left?.To is { } other && other != stale;
            if (state.IsErased || isLeft) return new Change(state, []);
            last = state;
            return AddressTransitions.Leave(state, key, Draft(LedgerAction.StopAll, LedgerDraft.AllTopics), now);
        }, null, cancel))?.State;
        if (there?.Stopped?.Left?.To is { } taken && taken != key.Value) return null;
        if (last is not null && read is not null && last.Ledger != read.Ledger) await CarryAsync(last, to, request, cancel);
        foreach (var (number, watch) in await watches.OfAsync(old, cancel))
            if (watch.Status != WatchStatus.Unwatched)
                await watches.UnwatchAsync(old, number, PrivacyDesk.Source, request.Actor, null, cancel);
        if ((await book.LoadAsync(key, cancel)).State is { IsErased: true }) return ContactResult.AddressErased;
        await lists.MoveAsync(old, key, cancel);
        if (request.ContactId is not { } id) return ContactResult.Done;
        var replaced = await contacts.ReplaceAsync(id, from, to, request.Actor, cancel) ?? ContactResult.Done;

        // Who has moved on from the new one already did not find it in its places.
        if (replaced == ContactResult.Done && await CurrentAsync(to, cancel, id) is var current && current != to)
        {
            await lists.MoveAsync(key, ring.KeyOf(current), cancel);
            return await contacts.ReplaceAsync(id, to, current, request.Actor, cancel) ?? ContactResult.Done;
        }

        return replaced;
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
                AlsoStops = [.. stopped.Union(watch.AlsoStops ?? [])],
                MovedFrom = from?.Value,
            }, cancel);
            if (answer.Status == WatchStatus.Pending) waiting++;
        }
    }
}
