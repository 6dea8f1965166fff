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

    /// <summary>The person was erased, and nobody adds them again (R34).</summary>
    Erased,
}

/// <summary>Records what people agree to, confirm and take back, and asks for the confirmation that double opt-in needs.</summary>
public sealed class ConsentDesk(
    AddressBook book, KeyRing ring, MessageIds ids, SendQueue queue, TopicCatalog topics, SendingOptions options, TimeProvider time)
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromHours(1);

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
        var result = (await book.ChangeAsync(key, Blank(address), (state, now) =>
        {
            heard = [.. chosen.Where(c => !c.Draft.IsOvertaken(state, c.Topic))];
            if (heard.Count == 0) return new Change(state, []);
            var next = Known(state, address, locale);
            var entries = new List<LedgerDraft>();
            foreach (var (topic, draft) in heard)
            {
                var change = Transitions.OptIn(next, topic, draft, confirmed, now, now - options.ConfirmationWindow);
                next = change.State;
                entries.AddRange(change.Entries);
            }

            var told = next;
            if (stopped is not null) next = Brought(next, heard, stopped, holds);
            if (Waits(next, heard) && MayAsk(next, state.Stopped, now - options.ConfirmationWindow))
                return new Change(Asking(next, now, state.Ledger.Seq + entries.Count), entries);
            return ReferenceEquals(next, told) ? Same(state, new Change(next, entries)) : new Change(next, entries);
        }, null, cancel))!;

        // The confirmation's id is derived from the entry it asks about: asking again within the window, or after a crash right here, finds
        // the same message.
        if (result.State.Contact == ContactStatus.Erased) return (ConsentResult.Erased, result.State);
        if (heard.Count == 0) return (ConsentResult.Overtaken, result.State);
        var answer = result.Changed ? ConsentResult.Recorded : ConsentResult.Unchanged;
        if (!Waits(result.State, heard)) return (answer, result.State);
        var asked = Asked(result.State);
        await AskAsync(key, address, asked, locale ?? result.State.Locale, cancel);
        if (result.State.AskedAt() is { } opened && Unasked(result.State) is { } unasked)
            await queue.EnqueueAsync(Later(key, address, unasked.Topic, opened, locale), cancel);
        return (answer, result.State);
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
            (state, now) => Same(state, Transitions.SoftOptIn(Known(state, address, locale), topic, draft, now)), null, cancel))!;
        if (result.State.Contact == ContactStatus.Erased) return (ConsentResult.Erased, result.State);
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

    /// <summary>
    /// What the newest confirmation message asks about and can still be chosen; what was chosen after it waits too, and is not among them.
    /// </summary>
    public Subscription[] Asked(AddressState state) =>
        Array.FindAll(state.Subscriptions, s => s.ConfirmationAt is not null && StillWaits(state, s));

    /// <summary>
    /// Whether something waits that can still be chosen, and no question is as young as this, unless a stop has answered that. The sign-up
    /// form's question about a package is one too.
    /// </summary>
    private bool MayAsk(AddressState state, StopAll? stop, DateTimeOffset since) =>
        Array.Exists(state.Subscriptions, s => StillWaits(state, s))
            && !(state.PackageAskedAt is { } package && package > since && !(stop?.Since >= package))
            && !Array.Exists(
                state.Subscriptions,
                s => s.ConfirmationAt is { } asked && StillWaits(state, s) && asked > since && !(stop?.Since >= asked));

    // Nobody is asked about a topic that is not in the settings any more (P8).
    private bool StillWaits(AddressState state, Subscription one) => state.StillWaits(one) && topics.Find(one.Topic) is not null;

    /// <summary>The record with everything that waits, and can still be chosen, asked about now.</summary>
    private AddressState Asking(AddressState state, DateTimeOffset now, long seq) =>
        state with { Subscriptions = Array.ConvertAll(state.Subscriptions, s => StillWaits(state, s) ? s.Ask(now, seq) : s) };

    private static bool Waits(AddressState state, IReadOnlyList<(Topic Topic, LedgerDraft Draft)> chosen) =>
        chosen.Any(c => state.Find(c.Topic.Key) is { Waits: true });

    /// <summary>The person confirmed several pending opt-ins at once; the answer is the topics that hold now, and the record.</summary>
    public async ValueTask<(IReadOnlyList<string> Topics, AddressState? State)> ConfirmAsync(
        AddressKey key, IReadOnlyCollection<string> chosen, LedgerDraft draft, CancellationToken cancel)
    {
        var result = await book.ChangeAsync(key, null, (state, now) =>
        {
            var entries = new List<LedgerDraft>();
            foreach (var topic in chosen)
            {
                var change = Transitions.Confirm(state, topic, draft with { Topic = topic }, now);
                state = change.State;
                entries.AddRange(change.Entries);
            }

            return new Change(state, entries);
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

    /// <summary>
    /// The person asks for the confirmation once more, behind their own link: one message about everything that waits, and none within an
    /// hour of the last one, whoever asked for that.
    /// </summary>
    public async ValueTask AskAgainAsync(AddressKey key, CancellationToken cancel)
    {
        var result = await book.ChangeAsync(
            key, null,
            (state, now) =>
                MayAsk(state, state.Stopped, now - AskAgainAfter)
                    ? new Change(Asking(state, now, state.Ledger.Seq), [])
                    : new Change(state, []),
            null, cancel);
        if (result?.State is { Address: { } address } asked) await AskAsync(key, address, Asked(asked), asked.Locale, cancel);
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

    /// <summary>
    /// The window of a confirmation ended: what was chosen in it is asked about now, with all that waits, unless it was stopped or
    /// something was asked meanwhile (R63).
    /// </summary>
    public async ValueTask<WorkOutcome> AskWhenDueAsync(SendRequest question, CancellationToken cancel)
    {
        if (!MessageId.TryParse(question.Id, out var id)) return WorkOutcome.GiveUp("The message id is not one of ours.");
        // A queue counts in whole seconds, and may be one early.
        if (question.SendAt - time.GetUtcNow() is { } early && early > TimeSpan.Zero)
            return WorkOutcome.Later(early + TimeSpan.FromSeconds(1));
        var result = await book.ChangeAsync(
            id.Address,
            null,
            (state, now) =>
                Unasked(state) is not null && MayAsk(state, state.Stopped, now - options.ConfirmationWindow)
                    ? new Change(Asking(state, now, state.Ledger.Seq), [])
                    : new Change(state, []),
            null,
            cancel);

        // Also where the record was changed by a delivery that died right after: the id finds the same message (P5).
        if (result?.State is { Address: { } address } after
            && Asked(after) is [{ ConfirmationAt: { } at }, ..] asked
            && at >= question.SendAt)
        {
            await AskAsync(id.Address, address, asked, question.Locale ?? after.Locale, cancel);
        }

        // A package was asked about meanwhile, and that question asks about no topic. It waits in the schedule, where an erasure finds it
        // (R34).
        if (result?.State is { } held
            && Unasked(held) is not null
            && held.PackageAskedAt + options.ConfirmationWindow is { } free
            && free > time.GetUtcNow())
        {
            await queue.EnqueueAsync(question with { SendAt = free }, cancel);
        }

        return WorkOutcome.Done;
    }

    /// <summary>
    /// Something that waits, that nobody was asked about and that no stop has answered since it was chosen; null for none.
    /// </summary>
    private Subscription? Unasked(AddressState state) =>
        Array.Find(
            state.Subscriptions,
            s => s.ConfirmationAt is null && StillWaits(state, s) && !(state.StoppedAt(s.Topic) >= s.Unconfirmed!.Since));

    // One per window, however many are chosen in it: its id and its time are those of the question that opened the window.
    private SendRequest Later(AddressKey key, Address address, string topic, DateTimeOffset opened, string? locale) => new()
    {
        Id = ids.Derive(key, $"ask/{opened.ToUnixTimeMilliseconds()}").ToString(),
        Channel = address.Channel,
        To = address.Value,
        Topic = topic,
        Purpose = MessagePurpose.Confirmation,
        AskWhenDue = true,
        SendAt = opened + options.ConfirmationWindow,
        Locale = locale,
        AcceptedAt = time.UtcNowMs(),
    };

    private async ValueTask AskAsync(AddressKey key, Address address, Subscription[] asked, string? locale, CancellationToken cancel)
    {
        if (asked is not [var first, .. var others]) return;
        var id = ids.Derive(key, $"confirm/{first.ConfirmationSeq}/{first.ConfirmationAt?.ToUnixTimeMilliseconds()}");
        if (await queue.IsRecordedAsync(id, cancel)) return;
        await queue.EnqueueAsync(new SendRequest
        {
            Id = id.ToString(),
            Channel = address.Channel,
            To = address.Value,
            Topic = first.Topic,
            AlsoTopics = Array.ConvertAll(others, s => s.Topic),
            Purpose = MessagePurpose.Confirmation,
            Locale = locale,
            AcceptedAt = time.UtcNowMs(),
        }, cancel);
    }

    /// <summary>A record of an address that nothing is known of yet.</summary>
    public static AddressState Blank(Address address) =>
        new() { Channel = address.Channel, Value = address.Value, Region = PhoneNumber.RegionOf(address) };

    /// <summary>The record with the address itself filled in where only its key was known. An erased person's stays empty.</summary>
    private static AddressState Known(AddressState state, Address address, string? locale)
    {
        if (state.Suppression?.Reason == SuppressionReason.Erased) return state;
        var region = state.Region ?? PhoneNumber.RegionOf(address);
        return state with { Value = address.Value, Region = region, Locale = state.Locale ?? locale };
    }

    // Filling in an address is no reason to write when nothing was said.
    private static Change Same(AddressState state, Change change) =>
        change.Entries.Count == 0 && state.Value is not null ? new Change(state, []) : change;
}
