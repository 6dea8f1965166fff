using Notifications.Addresses;
using Notifications.Security;
using Notifications.Sending;

namespace Notifications.Consent;

/// <summary>What a consent request came to.</summary>
public enum ConsentResult
{
    /// <summary>The subscription stands as asked, or as double opt-in has it.</summary>
    Recorded,

    /// <summary>It stood so already.</summary>
    Unchanged,

    /// <summary>A confirmation came for something that is not pending.</summary>
    NothingPending,

    /// <summary>
    /// The person has said stop since, by the evidence's own time or where it has none: the stop stands and nothing was recorded (P6).
    /// </summary>
    Overtaken,

    /// <summary>
    /// The person has said stop, and what a service told of would hold at once without saying when it was said: the stop stands and nothing
    /// was recorded (P6).
    /// </summary>
    Undated,

    /// <summary>The person was erased, and nobody adds them again (R34).</summary>
    Erased,
}

/// <summary>Records what people agree to, confirm and take back, and has the confirmation asked for that double opt-in needs.</summary>
public sealed class ConsentDesk(
    AddressBook book, KeyRing ring, ConsentQuestions questions, TopicCatalog topics, SendingOptions options)
{
    /// <summary>
    /// The person agreed. While it waits for a confirmation, one confirmation message goes out per window, however often this is asked
    /// (R63), and the ledger gets one entry per window too, but for a newer policy: the last one is what a confirmation proves (R26).
    /// </summary>
    public ValueTask<(ConsentResult Result, AddressState State)> OptInAsync(
        Address address, Topic topic, LedgerDraft draft, bool confirmed, string? locale, CancellationToken cancel) =>
        OptInAsync(address, [(topic, draft)], confirmed, locale, cancel);

    /// <summary>
    /// The person agreed to several topics in one act: one change, and one confirmation message that names everything that waits. An
    /// address gets one such message per window while it has not answered, by a stop too, whatever was chosen for it (R63); what is chosen
    /// within the window can be confirmed on the same page, and is asked about in one message more when the window ends, where it waits
    /// then still.
    /// </summary>
    public ValueTask<(ConsentResult Result, AddressState State)> OptInAsync(
        Address address, IReadOnlyList<(Topic Topic, LedgerDraft Draft)> chosen, bool confirmed, string? locale,
        CancellationToken cancel) =>
        OptInAsync(address, chosen, confirmed, null, null, locale, cancel);

    /// <summary>
    /// The person moves here from another address: what was on there waits for the confirmation of this one, and with it that the topics
    /// which were stopped there be stopped here, and marketing held back as it was there (R33).
    /// </summary>
    public ValueTask<(ConsentResult Result, AddressState State)> MoveInAsync(
        Address address,
        IReadOnlyList<(Topic Topic, LedgerDraft Draft)> chosen, IReadOnlyCollection<string> stopped, Restraint? holds, string? locale,
        CancellationToken cancel) =>
        OptInAsync(address, chosen, false, stopped, holds, locale, cancel);

    private async ValueTask<(ConsentResult Result, AddressState State)> OptInAsync(
        Address address,
        IReadOnlyList<(Topic Topic, LedgerDraft Draft)> chosen, bool confirmed, IReadOnlyCollection<string>? stopped, Restraint? holds,
        string? locale, CancellationToken cancel)
    {
        var key = ring.KeyOf(address);
        IReadOnlyList<(Topic Topic, LedgerDraft Draft)> heard = chosen;
        var undated = false;
        var result = (await book.ChangeAsync(key, Blank(address), (state, now) =>
        {
            bool Lacks((Topic Topic, LedgerDraft Draft) one) =>
                Transitions.Raises(state, one.Topic, confirmed) && one.Draft.IsUndated(state, one.Topic);
            undated = chosen.Any(Lacks);
            heard = [.. chosen.Where(c => !c.Draft.IsOvertaken(state, c.Topic) && !Lacks(c))];
            if (heard.Count == 0) return new Change(state, []);
            var change = new Change(Known(state, address, locale), []);
            foreach (var (topic, draft) in heard)
                change = change.Then(s => Transitions.OptIn(s, topic, draft, confirmed, now, now - options.ConfirmationWindow));
            var next = stopped is null ? change.State : Brought(change.State, heard, stopped, holds);
            if (Waits(next, heard))
                next = questions.Ask(
                    next, state.Stopped, now, options.ConfirmationWindow, state.Ledger.Seq + change.Entries.Count);
            return ReferenceEquals(next, change.State) ? Same(state, change) : change with { State = next };
        }, null, cancel))!;

        if (result.State.IsErased) return (ConsentResult.Erased, result.State);
        if (heard.Count == 0) return (undated ? ConsentResult.Undated : ConsentResult.Overtaken, result.State);
        if (Waits(result.State, heard)) await questions.SendAsync(key, address, result.State, locale, cancel);
        return (result.Changed ? ConsentResult.Recorded : ConsentResult.Unchanged, result.State);
    }

    /// <summary>
    /// The person bought something and did not refuse (R37). Nothing is recorded where the person ever said anything about the topic, or
    /// stopped everything.
    /// </summary>
    public async ValueTask<(ConsentResult Result, AddressState State)> SoftOptInAsync(
        Address address, Topic topic, LedgerDraft draft, string? locale, CancellationToken cancel)
    {
        var result = (await book.ChangeAsync(
            ring.KeyOf(address), Blank(address),
            (state, now) => state.StoppedAt(topic) is null
                ? Same(state, Transitions.SoftOptIn(Known(state, address, locale), topic, draft, now))
                : new Change(state, []), // Also where a choice has lifted the stop of everything since.
            null, cancel))!;
        if (result.State.IsErased) return (ConsentResult.Erased, result.State);
        return (result.Changed ? ConsentResult.Recorded : ConsentResult.Unchanged, result.State);
    }

    // What is asked about in the same act is no stop that comes with it.
    private static AddressState Brought(
        AddressState state, IReadOnlyList<(Topic Topic, LedgerDraft Draft)> chosen, IReadOnlyCollection<string> stopped, Restraint? holds)
    {
        foreach (var (topic, _) in chosen)
        {
            if (state.Find(topic.Key) is not { Waits: true } one) continue;
            string[] stops = [.. (one.AlsoStops ?? []).Union(stopped).Except(chosen.Select(c => c.Topic.Key))];
            var held = Restraint.Both(one.AlsoHolds, holds);
            if (!stops.SequenceEqual(one.AlsoStops ?? []) || held != one.AlsoHolds)
                state = state.With(one with { AlsoStops = stops, AlsoHolds = held });
        }

        return state;
    }

    private static bool Waits(AddressState state, IReadOnlyList<(Topic Topic, LedgerDraft Draft)> chosen) =>
        chosen.Any(c => state.Find(c.Topic.Key) is { Waits: true });

    /// <summary>The person confirmed several pending opt-ins at once; the answer is the topics that hold now, and the record.</summary>
    public async ValueTask<(IReadOnlyList<string> Topics, AddressState? State)> ConfirmAsync(
        AddressKey key, IReadOnlyCollection<string> chosen, LedgerDraft draft, CancellationToken cancel)
    {
        var result = await book.ChangeAsync(key, null, (state, now) =>
        {
            var change = new Change(state, []);
            foreach (var topic in chosen) change = change.Then(s => Transitions.Confirm(s, topic, draft with { Topic = topic }, now));
            return change;
        }, null, cancel);
        return ([.. chosen.Where(t => result?.State.StatusOf(t) == SubscriptionStatus.Subscribed)], result?.State);
    }

    /// <summary>
    /// The person confirmed a pending opt-in. What everything was stopped after is confirmed only by a word that says when it was given.
    /// </summary>
    public async ValueTask<(ConsentResult Result, AddressState? State)> ConfirmAsync(
        AddressKey key, string topic, LedgerDraft draft, CancellationToken cancel)
    {
        var overtaken = false;
        var result = await book.ChangeAsync(
            key, null,
            (state, now) =>
                (overtaken = draft.IsOvertaken(state, topics.Find(topic))
                    || (draft.SaidAt is null && state.Find(topic) is { Waits: true } one && !state.StillWaits(one)))
                    ? new Change(state, [])
                    : Transitions.Confirm(state, topic, draft, now),
            null, cancel);
        if (result is null) return (ConsentResult.NothingPending, null);
        if (overtaken) return (ConsentResult.Overtaken, result.State);
        if (result.Changed) return (ConsentResult.Recorded, result.State);
        return (
            result.State.StatusOf(topic) == SubscriptionStatus.Subscribed ? ConsentResult.Unchanged : ConsentResult.NothingPending,
            result.State);
    }

    /// <summary>The person said stop, by whatever way (R42).</summary>
    public async ValueTask<(ConsentResult Result, AddressState State)> OptOutAsync(
        Address address, LedgerDraft draft, CancellationToken cancel)
    {
        var result = (await book.ChangeAsync(ring.KeyOf(address), Blank(address), (state, now) =>
        {
            var known = Known(state, address, null);
            var stopped = Transitions.OptOut(known, draft, now);
            return ReferenceEquals(stopped.State, known) ? Same(state, stopped) : stopped; // Said again its moment alone moves.
        }, null, cancel))!;
        return (result.Changed ? ConsentResult.Recorded : ConsentResult.Unchanged, result.State);
    }

    /// <summary>The person objected to direct marketing (R36).</summary>
    public async ValueTask ObjectAsync(Address address, DateTimeOffset at, string actor, CancellationToken cancel) =>
        await book.ChangeAsync(
            ring.KeyOf(address), Blank(address),
            (state, now) => Same(state, Objection.Say(Known(state, address, null), topics, at, actor, now)), null, cancel);

    /// <summary>A record of an address that nothing is known of yet.</summary>
    public static AddressState Blank(Address address) =>
        new() { Channel = address.Channel, Value = address.Value, Region = PhoneNumber.RegionOf(address) };

    /// <summary>The record with the address itself filled in where only its key was known. An erased person's stays empty.</summary>
    private static AddressState Known(AddressState state, Address address, string? locale)
    {
        if (state.IsErased) return state;
        var region = state.Region ?? PhoneNumber.RegionOf(address);
        return state with { Value = address.Value, Region = region, Locale = state.Locale ?? locale };
    }

    // Filling in an address is no reason to write when nothing was said.
    private static Change Same(AddressState state, Change change) =>
        change.Entries.Count == 0 && state.Value is not null ? new Change(state, []) : change;
}
