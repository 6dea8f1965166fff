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

    /// <summary>The person has said stop since, by the evidence's own time: the stop stands and nothing was recorded (P6).</summary>
    Overtaken,
}

/// <summary>Records what people agree to, confirm and take back, and asks for the confirmation that double opt-in needs.</summary>
public sealed class ConsentDesk(AddressBook book, KeyRing ring, MessageIds ids, SendQueue queue, SendingOptions options, TimeProvider time)
{
    /// <summary>
    /// The person agreed. While it waits for a confirmation, one confirmation message goes out per window, however often this is asked (R63).
    /// </summary>
    public ValueTask<(ConsentResult Result, AddressState State)> OptInAsync(Address address, Topic topic, LedgerDraft draft, bool confirmed, string? locale, CancellationToken cancel) =>
        OptInAsync(address, [(topic, draft)], confirmed, locale, cancel);

    /// <summary>
    /// The person agreed to several topics in one act: one change, and one confirmation message that names everything that waits. An address gets one such message
    /// per window while it has not answered, by a stop too, whatever was chosen for it (R63); what is chosen within the window can be confirmed on the same page.
    /// </summary>
    public async ValueTask<(ConsentResult Result, AddressState State)> OptInAsync(Address address, IReadOnlyList<(Topic Topic, LedgerDraft Draft)> chosen, bool confirmed, string? locale, CancellationToken cancel)
    {
        var key = ring.KeyOf(address);
        IReadOnlyList<(Topic Topic, LedgerDraft Draft)> heard = chosen;
        var result = (await book.ChangeAsync(key, Blank(address), (state, now) =>
        {
            heard = [.. chosen.Where(c => !c.Draft.IsOvertaken(state))];
            if (heard.Count == 0) return new Change(state, []);
            var next = Known(state, address, locale);
            var entries = new List<LedgerDraft>();
            foreach (var (topic, draft) in heard)
            {
                var change = Transitions.OptIn(next, topic, draft, confirmed, now);
                next = change.State;
                entries.AddRange(change.Entries);
            }

            var waiting = Array.FindAll(next.Subscriptions, static s => s.Waits);
            if (!Waits(next, heard) || Array.Exists(waiting, s => s.ConfirmationAt is { } asked && asked > now - options.ConfirmationWindow && !(state.Stopped?.Since >= asked))) return Same(state, new Change(next, entries));
            foreach (var one in waiting) next = next.With(one with { ConfirmationAt = now, ConfirmationSeq = state.Ledger.Seq + entries.Count });
            return new Change(next, entries);
        }, null, cancel))!;

        // The confirmation's id is derived from the entry it asks about: asking again within the window, or after a crash right here, finds the same message.
        if (Waits(result.State, heard)) await AskAsync(key, address, Asked(result.State), locale ?? result.State.Locale, cancel);
        return (heard.Count == 0 ? ConsentResult.Overtaken : result.Changed ? ConsentResult.Recorded : ConsentResult.Unchanged, result.State);
    }

    /// <summary>The person bought something and did not refuse (R37). Nothing is recorded where the person ever said anything about the topic, or stopped everything.</summary>
    public async ValueTask<(ConsentResult Result, AddressState State)> SoftOptInAsync(Address address, Topic topic, LedgerDraft draft, string? locale, CancellationToken cancel)
    {
        var result = (await book.ChangeAsync(ring.KeyOf(address), Blank(address), (state, now) => Same(state, Transitions.SoftOptIn(Known(state, address, locale), topic, draft, now)), null, cancel))!;
        return (result.Changed ? ConsentResult.Recorded : ConsentResult.Unchanged, result.State);
    }

    /// <summary>What the newest confirmation message asks about and still waits; what was chosen after it waits too, and is not among them.</summary>
    public static Subscription[] Asked(AddressState state) => Array.FindAll(state.Subscriptions, static s => s is { Waits: true, ConfirmationAt: not null });

    private static bool Waits(AddressState state, IReadOnlyList<(Topic Topic, LedgerDraft Draft)> chosen) => chosen.Any(c => state.Find(c.Topic.Key) is { Waits: true });

    /// <summary>The person confirmed several pending opt-ins at once; the answer is the topics that hold now, and the record.</summary>
    public async ValueTask<(IReadOnlyList<string> Topics, AddressState? State)> ConfirmAsync(AddressKey key, IReadOnlyCollection<string> chosen, LedgerDraft draft, CancellationToken cancel)
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

    /// <summary>The person confirmed a pending opt-in.</summary>
    public async ValueTask<(ConsentResult Result, AddressState? State)> ConfirmAsync(AddressKey key, string topic, LedgerDraft draft, CancellationToken cancel)
    {
        var overtaken = false;
        var result = await book.ChangeAsync(key, null, (state, now) => (overtaken = draft.IsOvertaken(state)) ? new Change(state, []) : Transitions.Confirm(state, topic, draft, now), null, cancel);
        if (result is null) return (ConsentResult.NothingPending, null);
        if (overtaken) return (ConsentResult.Overtaken, result.State);
        if (result.Changed) return (ConsentResult.Recorded, result.State);
        return (result.State.StatusOf(topic) == SubscriptionStatus.Subscribed ? ConsentResult.Unchanged : ConsentResult.NothingPending, result.State);
    }

    /// <summary>The person said stop, by whatever way (R42).</summary>
    public async ValueTask<(ConsentResult Result, AddressState State)> OptOutAsync(Address address, LedgerDraft draft, CancellationToken cancel)
    {
        var result = (await book.ChangeAsync(ring.KeyOf(address), Blank(address), (state, now) =>
            Same(state, Transitions.OptOut(Known(state, address, null), draft, now)), null, cancel))!;
        return (result.Changed ? ConsentResult.Recorded : ConsentResult.Unchanged, result.State);
    }

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
    public static AddressState Blank(Address address) => new() { Channel = address.Channel, Value = address.Value, Region = RegionOf(address) };

    /// <summary>The record with the address itself filled in where only its key was known. An erased person's stays empty.</summary>
    private static AddressState Known(AddressState state, Address address, string? locale)
    {
        if (state.Suppression?.Reason == SuppressionReason.Erased) return state;
        return state with { Value = address.Value, Region = state.Region ?? RegionOf(address), Locale = state.Locale ?? locale };
    }

    // Filling in an address is no reason to write when nothing was said.
    private static Change Same(AddressState state, Change change) => change.Entries.Count == 0 && state.Value is not null ? new Change(state, []) : change;

    private static string? RegionOf(Address address) =>
        address.Channel == Channel.Sms && PhoneNumber.TryParse(address.Value, out var phone, out _) ? phone.Region : null;
}
