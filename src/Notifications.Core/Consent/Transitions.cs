using Notifications.Addresses;

namespace Notifications.Consent;

/// <summary>
/// Every lawful move of what an address agreed to, as pure functions (docs/state-machines.md). Nothing else writes a status, so P6 (only
/// evidence raises permission, anything may lower it) is decided here; what holds for the whole address is with
/// <see cref="AddressTransitions"/>.
/// </summary>
public static class Transitions
{
    /// <summary>
    /// A stop that is said again so soon after the last is the same stop, so that a repeated click writes nothing (R10): by as much, and no
    /// more, <see cref="AddressState.StoppedAt(string)"/> may lag behind the person's last word.
    /// </summary>
    public static readonly TimeSpan SameStop = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The person agreed. Subscribed at once when <paramref name="confirmed"/> or when the topic needs no double opt-in; else it waits, and
    /// what was said before holds until it is confirmed. Saying again what already holds changes nothing; a newer policy version is a new
    /// consent, and so is an opt-in where there was a soft one (R37). After an objection marketing waits for the person's own confirmation,
    /// whatever the topic needs (R36). What waits already gives way to a newer policy version, and what was last asked for by
    /// <paramref name="before"/> to the same version too, and is to be asked about anew: a confirmation proves the act that it was asked
    /// for (R26).
    /// </summary>
    public static Change OptIn(
        AddressState state, Topic topic, LedgerDraft draft, bool confirmed, DateTimeOffset now, DateTimeOffset? before = null)
    {
        if (state.IsErased) return new(state, []); // Nobody adds an erased person again (R34).
        var existing = state.Find(topic.Key);
        var status = state.StatusOf(topic);
        if (Asks(state, topic, confirmed))
        {
            // A stop that it comes after may lie ahead, where the clock was set back.
            var since = state.StoppedAt(topic.Key) is { } stopped && stopped > now ? stopped.AddMilliseconds(1) : now;
            var asked = new WaitingOptIn(since, draft.Source, draft.PolicyVersion);
            if (existing?.Unconfirmed is { } waits && !(state.StoppedAt(topic.Key) > waits.Since))
            {
                var newer = PolicyVersions.Compare(draft.PolicyVersion, waits.PolicyVersion);
                var over = existing.WaitsSince <= before;
                if (newer < 0 || (newer == 0 && (!over || existing.AlsoStops is not null))) return new(state, []);
                // What moved here from another address waits from then on: its stops count from its own moment (R33).
                var next = existing.WaitsAs(existing.AlsoStops is null ? asked : asked with { Since = waits.Since });
                return new(state.With(over ? next.Unasked() : next), [draft]);
            }

            if (status == SubscriptionStatus.Subscribed && !IsSoft(existing!) && !IsNewer(draft, existing!, now)) return new(state, []);
            var waiting = existing?.WithoutWaiting() is { } holds
                ? holds with { Waiting = asked }
                : new Subscription(topic.Key, SubscriptionStatus.Pending, now, draft.Source, draft.PolicyVersion);
            return new(state.With(waiting), [draft]);
        }

        if (status == SubscriptionStatus.Subscribed && !IsSoft(existing!) && !IsNewer(draft, existing!, now)) return new(state, []);
        return new(
            Raise(state, new Subscription(topic.Key, SubscriptionStatus.Subscribed, now, draft.Source, draft.PolicyVersion)), [draft]);
    }

    /// <summary>Whether an opt-in would permit at once what is not permitted.</summary>
    internal static bool Raises(AddressState state, Topic topic, bool confirmed) =>
        state.StatusOf(topic) != SubscriptionStatus.Subscribed && !Asks(state, topic, confirmed);

    private static bool Asks(AddressState state, Topic topic, bool confirmed) =>
        !confirmed
            && (topic.DoubleOptIn
                || (topic.IsMarketing && state.ObjectedAt is not null && state.StatusOf(topic) != SubscriptionStatus.Subscribed));

    /// <summary>
    /// The person is a customer and did not refuse (R37). Says something only where nothing was ever said: neither a refusal nor a consent
    /// gives way to it, and no objection.
    /// </summary>
    public static Change SoftOptIn(AddressState state, Topic topic, LedgerDraft draft, DateTimeOffset now) =>
        state.IsErased
            || state.Stopped is not null
            || state.ObjectedAt is not null
            || state.Find(topic.Key) is not null
            || !topic.IsMarketing
            ? new(state, [])
            : new(state.With(new Subscription(topic.Key, SubscriptionStatus.Subscribed, now, draft.Source, draft.PolicyVersion)), [draft]);

    /// <summary>
    /// The person confirmed. Only what waits can be confirmed; where it came from a changed address, what that one had stopped is stopped
    /// with it, and marketing held back as there (R33). By a text of <paramref name="said"/> it is what waited then: what has taken its
    /// place since waits on, where it is under a newer policy, or one of another scheme.
    /// </summary>
    public static Change Confirm(AddressState state, string topic, LedgerDraft draft, DateTimeOffset now, DateTimeOffset? said = null)
    {
        if (state.Find(topic) is not { Unconfirmed: { } last } waiting || waiting.WaitedAt(said) is not { } asked) return new(state, []);
        draft = draft with { PolicyVersion = asked.PolicyVersion };
        var confirmed = new Subscription(topic, SubscriptionStatus.Subscribed, now, draft.Source, asked.PolicyVersion);
        if (PolicyVersions.Compare(last.PolicyVersion, asked.PolicyVersion) is null or > 0)
            return new(
                Raise(
                    state,
                    confirmed with
                    {
                        Waiting = last,
                        ConfirmationAt = waiting.ConfirmationAt,
                        ConfirmationSeq = waiting.ConfirmationSeq,
                        AskedBefore = waiting.AskedBefore,
                        AlsoStops = waiting.AlsoStops,
                        AlsoHolds = waiting.AlsoHolds,
                    }),
                [draft]);
        return Moved(new(Raise(state, confirmed), [draft]), waiting.AlsoStops, waiting.AlsoHolds, asked.Since, draft, now);
    }

    /// <summary>
    /// Of the stops that come with the confirmation of a changed address, asked for at <paramref name="asked"/>, those that hold: what the
    /// person asked for here themselves since then is not among them.
    /// </summary>
    public static IReadOnlyList<string> StopsWith(AddressState state, string[]? stops, DateTimeOffset asked) =>
        [
            .. (stops ?? []).Where(
                topic =>
                    !(state.Find(topic) is { } own
                        && (own.Unconfirmed?.Since > asked || (own.Status == SubscriptionStatus.Subscribed && own.Since > asked)))),
        ];

    /// <summary>
    /// What comes with the confirmation of a changed address, and not before it, for anybody can name another's: the stops of the former
    /// one, and what held marketing back there (R33).
    /// </summary>
    private static Change Moved(
        Change confirmed, string[]? stops, Restraint? holds, DateTimeOffset asked, LedgerDraft draft, DateTimeOffset now)
    {
        foreach (var topic in StopsWith(confirmed.State, stops, asked))
            confirmed = confirmed.Then(
                s => Objection.MovedAt(topic, asked) is { } objected
                    ? StopMarketing(s, [], objected, draft.Actor, now)
                    : OptOut(
                        s,
                        new LedgerDraft(LedgerAction.OptOut, topic, ConsentSource.AddressChange, draft.Actor) { Evidence = draft.Evidence },
                        now));
        return holds is null
            ? confirmed
            : confirmed.Then(
                s => AddressTransitions.Restrain(
                    s, holds,
                    new LedgerDraft(LedgerAction.Pause, LedgerDraft.AllTopics, ConsentSource.AddressChange, draft.Actor)
                    {
                        Evidence = draft.Evidence,
                    },
                    now));
    }

    /// <summary>
    /// The person confirmed the following of a package. After "stop everything" only that begins again (R45): package updates count as
    /// stopped since then, so that what was followed before keeps silent, and the other topics become unsubscribed one by one. Where it
    /// came from a changed address, <paramref name="alsoStops"/> is what that one had stopped, <paramref name="alsoHolds"/> what holds
    /// marketing back there, and <paramref name="asked"/> when it was moved.
    /// </summary>
    public static Change Follow(
        AddressState state, LedgerDraft draft, DateTimeOffset now, string[]? alsoStops = null, Restraint? alsoHolds = null,
        DateTimeOffset asked = default) =>
        Moved(
            new((state.Stopped is { } stopped ? Lift(state, stopped) : state).Followed(state.FollowedFrom(now)), [draft]), alsoStops,
            alsoHolds, asked, draft, now);

    /// <summary>
    /// The person said stop to one topic. Recorded also where nothing was ever agreed: it then stands against later imports. Said again it
    /// counts from then, and nothing undoes it any more; the ledger has an entry only where there was something to stop. It never counts
    /// from before what it stops: evidence that is older than that raises nothing, also where the clock was set back (P6).
    /// </summary>
    public static Change OptOut(AddressState state, LedgerDraft draft, DateTimeOffset now)
    {
        if (draft.Topic == TopicKey.PackageUpdates) now = AfterFollowing(state, now);
        var existing = state.Find(draft.Topic);
        var from = existing is null ? now : After(existing, now);
        var follows = draft.Topic == TopicKey.PackageUpdates && Follows(state);
        // Beneath a stop over everything they speak no more already.
        var undoable = follows && state.Stopped is null && draft.Source != Objection.Source;
        if (existing is { Status: SubscriptionStatus.Unsubscribed })
        {
            // There is something to stop: an opt-in that waits, a package followed since, or an undo, which takes back what the same way
            // said and nothing else.
            var ends = existing.Waiting is not null
                || (existing.Before is not null && existing.Source != draft.Source)
                || follows;
            if (!ends && now - existing.Since < SameStop) return new(state, []);
            var again = existing.WithoutWaiting()! with
            {
                Since = from,
                Before = undoable
                    ? new StoppedConsent(existing.Since, existing.Source, existing.PolicyVersion, null, SubscriptionStatus.Unsubscribed)
                    : null,
            };
            return ends ? new(state.With(again with { Source = draft.Source }), [draft]) : new(state.With(again), []);
        }

        var before = existing is { Status: SubscriptionStatus.Subscribed } && draft.Source != Objection.Source
            ? new StoppedConsent(existing.Since, existing.Source, existing.PolicyVersion, existing.IntroducedBy)
            : undoable ? new StoppedConsent(state.FollowedAt!.Value, draft.Source, null, null, SubscriptionStatus.None)
            : null;
        return new(
            state.With(new Subscription(
                draft.Topic, SubscriptionStatus.Unsubscribed, from, draft.Source, existing?.PolicyVersion, Before: before)),
            [draft]);
    }

    /// <summary>
    /// The person objected to direct marketing at <paramref name="at"/> (R36). Each of <paramref name="marketing"/> is stopped, but for
    /// what they asked for since, and no undo brings it back; against later topics and earlier evidence that moment stands. What lies ahead
    /// was asked for before the clock was set back.
    /// </summary>
    public static Change StopMarketing(
        AddressState state, IEnumerable<string> marketing, DateTimeOffset at, string actor, DateTimeOffset now)
    {
        if (state.IsErased || state.ObjectedAt >= at) return new(state, []);
        var said = new LedgerDraft(LedgerAction.Objection, LedgerDraft.AllTopics, Objection.Source, actor)
        {
            Evidence = Objection.Evidence(at),
        };
        var change = new Change(state with { ObjectedAt = at }, [said]);
        foreach (var topic in marketing)
            if (!(state.Find(topic) is { } own
                && (own.Status == SubscriptionStatus.Subscribed ? own.Since : own.Unconfirmed?.Since) is { } asked
                && asked > at
                && asked <= now))
                change = change.Then(s => OptOut(s, new LedgerDraft(LedgerAction.OptOut, topic, Objection.Source, actor), now));
        return change;
    }

    /// <summary>
    /// The person takes a stop of one topic back: the consent that it ended holds again as it was, or the packages that it silenced speak
    /// again, and nothing more. What was asked for since waits on. How long that may be said is the caller's to decide.
    /// </summary>
    public static Change Restore(AddressState state, string topic, LedgerDraft draft)
    {
        if (state.Find(topic) is not { Status: SubscriptionStatus.Unsubscribed, Before: { } before } stopped) return new(state, []);
        var restored = before.Status switch
        {
            SubscriptionStatus.Subscribed or SubscriptionStatus.Unsubscribed => state.With(
                stopped with
                {
                    Status = before.Status,
                    Since = before.Since,
                    Source = before.Source,
                    PolicyVersion = before.PolicyVersion,
                    IntroducedBy = before.IntroducedBy,
                    Before = null,
                }),
            _ when stopped.Waiting is { } asked => state.With(
                (stopped with { Status = SubscriptionStatus.Pending, Before = null, Waiting = null }).WaitsAs(asked) with
                {
                    Replaced = null,
                }),
            _ => Without(state, topic),
        };
        return new(restored, [draft with { Topic = topic, PolicyVersion = before.PolicyVersion }]);
    }

    /// <summary>
    /// The person said stop to everything on this channel. What had been consented to stays as it was underneath; an opt-in that still
    /// waits is taken back, so that its confirmation message does not go out after the stop. Said again it counts from then, with an entry
    /// only where there was something to stop.
    /// </summary>
    public static Change StopAll(AddressState state, LedgerDraft draft, DateTimeOffset now)
    {
        var said = now;
        now = AfterAll(state, now);
        if (state.Stopped is { } stands && !(state.FollowedAt > stands.Since) && !Array.Exists(state.Subscriptions, static s => s.Waits))
            return new(said - stands.SaidAt < SameStop ? state : state with { Stopped = stands.Again(now, said) }, []);
        Subscription? Kept(Subscription s)
        {
            if (!s.Waits) return s;
            if (s.WithoutWaiting() is { } holds) return holds;
            // What was followed beneath it speaks again when the stop is taken back (R49).
            return s.Topic == TopicKey.PackageUpdates && Follows(state)
                ? null
                : new Subscription(s.Topic, SubscriptionStatus.Unsubscribed, now, draft.Source, s.PolicyVersion);
        }

        return new(
            state with
            {
                Subscriptions = [.. state.Subscriptions.Select(Kept).OfType<Subscription>()],
                Stopped = (state.Stopped ?? new StopAll(said, draft.Source)).Again(now, said) with { Source = draft.Source },
            },
            [draft]);
    }

    /// <summary>
    /// The person took "stop everything" back: what had been consented to before holds again, and nothing more (R49). What a STOP by text
    /// had taken back, and left in the record, stays so.
    /// </summary>
    public static Change Resume(AddressState state, LedgerDraft draft)
    {
        if (state.Stopped is not { } stopped) return new(state, []);
        var lifted = Array.Exists(state.Subscriptions, static s => s.Waits) ? Lifted(state, stopped) : state.LiftedStop;
        return new(state with { Stopped = null, LiftedStop = lifted }, [draft]);
    }

    /// <summary>
    /// STOP by text, said at <paramref name="at"/>. Texts arrive in any order (R65): one that was said before the person last took a stop
    /// back is recorded with what overtook it, and stops nothing; a later one moves the stop's moment, so that no START from before it can
    /// lift it. What was said or followed after <paramref name="now"/>, where that is told, was so before the clock was set back.
    /// </summary>
    public static Change StopByText(AddressState state, LedgerDraft draft, DateTimeOffset at, DateTimeOffset? now = null)
    {
        if (state.ResumedAt > at)
        {
            var known = state.Stopped is null // One that stands is later.
                ? state with { LiftedStop = state.LiftedStop > at ? state.LiftedStop : at }
                : state;
            return new(known, [draft, draft with { Action = LedgerAction.Resume }]);
        }

        var since = now is { } clock && AfterAll(state, clock) > clock ? AfterAll(state, at) : at;
        var stop = (state.Stopped ?? new StopAll(at, draft.Source)).Again(since, at);
        // Where a START lifted the one before, texts in another order would not tell of it.
        var lifted = state.ResumedAt >= state.LiftedStop ? null : state.LiftedStop;
        if (state.Stopped is null) return new(state with { Stopped = stop, LiftedStop = lifted }, [draft]);
        return new(state.Stopped == stop ? state : state with { Stopped = stop }, []);
    }

    /// <summary>
    /// START by text, said at <paramref name="at"/>: lifts a stop that was not said after it (R49), and is remembered against a STOP still
    /// under way.
    /// </summary>
    public static Change ResumeByText(AddressState state, LedgerDraft draft, DateTimeOffset at)
    {
        var remembered = state.ResumedAt >= at ? state : state with { ResumedAt = at };
        return state.Stopped is null || state.Stopped.SaidAt > at
            ? new(remembered, [])
            : new(remembered with { Stopped = null, LiftedStop = Lifted(state, state.Stopped), Choice = null }, [draft]);
    }

    /// <summary>
    /// After STOP the person chose to keep one topic they had before (R45). Only that one resumes: of package updates without a
    /// subscription, the packages that were followed.
    /// </summary>
    public static Change Choose(AddressState state, string topic, LedgerDraft draft, DateTimeOffset now)
    {
        if (state.Stopped is not { } stopped) return new(state, []);
        if (state.Find(topic) is not { Status: SubscriptionStatus.Subscribed } kept)
        {
            if (topic != TopicKey.PackageUpdates || !Follows(state)) return new(state, []);
            var others = Array.ConvertAll(state.Subscriptions, s => s.Topic == topic ? s : Lower(s, stopped));
            return new(
                state with { Subscriptions = others, Stopped = null, LiftedStop = Lifted(state, stopped), Choice = null },
                [draft with { Topic = topic }]);
        }

        return new(
            Raise(state, kept with { Since = now, Source = draft.Source }) with { Choice = null },
            [draft with { Topic = topic, PolicyVersion = kept.PolicyVersion }]);
    }

    /// <summary>Whether packages were followed that no stop of package updates has silenced, beneath a stop over everything.</summary>
    public static bool Follows(AddressState state) =>
        state.FollowedAt is { } followed
            && !(state.Find(TopicKey.PackageUpdates) is { Status: SubscriptionStatus.Unsubscribed } topic && topic.Since >= followed);

    /// <summary>
    /// Nobody confirmed an opt-in in time (R28): what held meanwhile, a stop too, holds on; where nothing did, nothing is left.
    /// </summary>
    public static Change Expire(AddressState state, string topic, LedgerDraft draft)
    {
        if (state.Find(topic) is not { Waits: true } waiting) return new(state, []);
        var left = waiting.WithoutWaiting() is { } holds
            ? state.With(holds)
            : Without(state, topic);
        return new(left, [draft with { Topic = topic }]);
    }

    private static AddressState Without(AddressState state, string topic) =>
        state with { Subscriptions = Array.FindAll(state.Subscriptions, s => s.Topic != topic) };

    /// <summary>
    /// Puts a subscribed topic in place. After "stop everything" an explicit choice resumes only what was chosen (R45): the other topics
    /// become unsubscribed one by one, and the stop over everything is gone. What waits for its confirmation waits on.
    /// </summary>
    private static AddressState Raise(AddressState state, Subscription subscribed) =>
        (state.Stopped is { } stopped ? Lift(state, stopped) : state).With(subscribed);

    // What was followed before the clock was set back lies ahead, and is stopped like the rest (P1).
    private static DateTimeOffset AfterFollowing(AddressState state, DateTimeOffset now) =>
        state.FollowedAt > now ? state.FollowedAt.Value.AddMilliseconds(1) : now;

    // The same of everything on the channel.
    private static DateTimeOffset AfterAll(AddressState state, DateTimeOffset now)
    {
        now = AfterFollowing(state, now);
        foreach (var said in state.Subscriptions) now = After(said, now);
        return now;
    }

    // The same of what was said of one topic, and of what waits there (P6).
    private static DateTimeOffset After(Subscription said, DateTimeOffset now)
    {
        if (said.Since > now) now = said.Since;
        return said.Waiting is { } waits && waits.Since > now ? waits.Since : now;
    }

    // Packages are followed without a subscription, so package updates get one that says stop: what was followed before the stop keeps
    // silent.
    private static AddressState Lift(AddressState state, StopAll stopped)
    {
        var kept = Array.ConvertAll(state.Subscriptions, s => Lower(s, stopped));
        if (state.Find(TopicKey.PackageUpdates) is null)
            kept = [.. kept, new Subscription(TopicKey.PackageUpdates, SubscriptionStatus.Unsubscribed, stopped.Since, stopped.Source)];
        return state with { Subscriptions = kept, Stopped = null, LiftedStop = Lifted(state, stopped) };
    }

    // One that comes late does not make what was said before a later one newer (P6).
    private static DateTimeOffset Lifted(AddressState state, StopAll stopped) =>
        state.LiftedStop > stopped.SaidAt ? state.LiftedStop.Value : stopped.SaidAt;

    private static Subscription Lower(Subscription subscription, StopAll stopped)
    {
        var moves = subscription.Status != SubscriptionStatus.Unsubscribed
            || (subscription.Topic == TopicKey.PackageUpdates && subscription.Since < stopped.Since);
        return moves
            ? subscription with
            {
                Status = SubscriptionStatus.Unsubscribed,
                Since = stopped.Since,
                Source = stopped.Source,
                Before = null,
                Waiting = subscription.Unconfirmed,
            }
            : subscription;
    }

    // An older consent that comes again, or late, lowers no newer one (M15): where the versions have no order, the later word is the newer.
    private static bool IsNewer(LedgerDraft draft, Subscription existing, DateTimeOffset now) =>
        PolicyVersions.Compare(draft.PolicyVersion, existing.PolicyVersion) is { } order
            ? order > 0
            : (draft.SaidAt ?? now) > existing.Since;

    private static bool IsSoft(Subscription existing) => Consent.SoftOptIn.Is(existing.Source);
}
