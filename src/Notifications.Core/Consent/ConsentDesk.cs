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
}

/// <summary>Records what people agree to, confirm and take back, and asks for the confirmation that double opt-in needs.</summary>
public sealed class ConsentDesk(AddressBook book, KeyRing ring, MessageIds ids, SendQueue queue, SendingOptions options, TimeProvider time)
{
    /// <summary>
    /// The person agreed. While it waits for a confirmation, one confirmation message goes out per window, however often this is asked (R63).
    /// </summary>
    public async ValueTask<(ConsentResult Result, AddressState State)> OptInAsync(Address address, Topic topic, LedgerDraft draft, bool confirmed, string? locale, CancellationToken cancel)
    {
        var key = ring.KeyOf(address);
        var ask = false;
        var result = (await book.ChangeAsync(key, Blank(address), (state, now) =>
        {
            var change = Transitions.OptIn(Known(state, address, locale), topic, draft, confirmed, now);
            ask = change.State.Find(topic.Key) is { Status: SubscriptionStatus.Pending };
            if (!ask || change.State.Find(topic.Key) is not { } pending || pending.ConfirmationAt > now - options.ConfirmationWindow) return Same(state, change);
            var seq = state.Ledger.Seq + change.Entries.Count;
            return change with { State = change.State.With(pending with { ConfirmationAt = now, ConfirmationSeq = seq }) };
        }, null, cancel))!;

        // The confirmation's id is derived from the entry it asks about: asking again within the window, or after a crash right here, finds the same message.
        if (ask && result.State.Find(topic.Key) is { } waiting) await AskAsync(key, address, topic, waiting, locale ?? result.State.Locale, cancel);
        return (result.Changed ? ConsentResult.Recorded : ConsentResult.Unchanged, result.State);
    }

    /// <summary>The person confirmed a pending opt-in.</summary>
    public async ValueTask<(ConsentResult Result, AddressState? State)> ConfirmAsync(AddressKey key, string topic, LedgerDraft draft, CancellationToken cancel)
    {
        var result = await book.ChangeAsync(key, null, (state, now) => Transitions.Confirm(state, topic, draft, now), null, cancel);
        if (result is null) return (ConsentResult.NothingPending, null);
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

    private async ValueTask AskAsync(AddressKey key, Address address, Topic topic, Subscription pending, string? locale, CancellationToken cancel)
    {
        var id = ids.Derive(key, $"confirm/{topic.Key}/{pending.ConfirmationSeq}/{pending.ConfirmationAt?.ToUnixTimeMilliseconds()}");
        if (await queue.IsRecordedAsync(id, cancel)) return;
        await queue.EnqueueAsync(new SendRequest
        {
            Id = id.ToString(),
            Channel = address.Channel,
            To = address.Value,
            Topic = topic.Key,
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
        if (state.Value is not null && (locale is null || state.Locale is not null)) return state;
        return state with { Value = address.Value, Region = state.Region ?? RegionOf(address), Locale = state.Locale ?? locale };
    }

    // Filling in an address is no reason to write when nothing was said.
    private static Change Same(AddressState state, Change change) => change.Entries.Count == 0 && state.Value is not null ? new Change(state, []) : change;

    private static string? RegionOf(Address address) =>
        address.Channel == Channel.Sms && PhoneNumber.TryParse(address.Value, out var phone, out _) ? phone.Region : null;
}
