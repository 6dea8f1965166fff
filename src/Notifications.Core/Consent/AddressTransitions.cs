using Notifications.Addresses;

namespace Notifications.Consent;

/// <summary>
/// Every lawful move of what stands over all topics of an address, as pure functions: a break, what waits to be read, a block, its account,
/// restriction and erasure.
/// </summary>
public static class AddressTransitions
{
    /// <summary>
    /// The person takes a break from marketing until <paramref name="until"/>, which the entry's evidence tells, or with null ends it. No
    /// permission is given or taken.
    /// </summary>
    public static Change Pause(AddressState state, DateTimeOffset? until, LedgerDraft draft) =>
        state.PausedUntil == until
            ? new(state, [])
            : new(
                state with { PausedUntil = until },
                [until is { } at ? draft with { Evidence = LedgerEvidence.OfBreak(at, draft.Evidence) } : draft]);

    /// <summary>
    /// So many texts and mails of an address wait to be read at most. Anybody can write: a further one is read too, and lets the record
    /// grow no more, or it could hold no STOP at last.
    /// </summary>
    public const int MostReviews = 20;

    /// <summary>Something the person wrote waits for a human reader: marketing pauses (R41).</summary>
    public static Change OpenReview(AddressState state, string item, LedgerDraft draft) =>
        state.Reviews.Length >= MostReviews || Array.IndexOf(state.Reviews, item) >= 0
            ? new(state, [])
            : new(state with { Reviews = [.. state.Reviews, item], ReviewPending = true }, [draft]);

    /// <summary>A human has read it. The pause ends with the last open item.</summary>
    public static Change CloseReview(AddressState state, string item, LedgerDraft draft)
    {
        if (Array.IndexOf(state.Reviews, item) < 0) return new(state, []);
        var open = Array.FindAll(state.Reviews, r => r != item);
        return new(state with { Reviews = open, ReviewPending = open.Length > 0 }, [draft]);
    }

    /// <summary>
    /// What held marketing back at a former address holds it back here too (R33): the break, where some of it is left and it is the longer
    /// one, and what still waits to be read.
    /// </summary>
    public static Change Restrain(AddressState state, Restraint restraint, LedgerDraft draft, DateTimeOffset now)
    {
        var change = restraint.PausedUntil is { } until && until > now && !(state.PausedUntil >= until)
            ? Pause(state, until, draft with { Action = LedgerAction.Pause })
            : new(state, []);
        foreach (var item in restraint.Reviews)
            change = change.Then(s => OpenReview(s, item, draft with { Action = LedgerAction.Review }));
        return change;
    }

    /// <summary>
    /// Another address has this one's place (R33): it is stopped, and everything on it one by one beneath that stop, so that taking the
    /// stop back brings nothing back (P6).
    /// </summary>
    public static Change Leave(AddressState state, AddressKey to, LedgerDraft draft, DateTimeOffset now)
    {
        var change = Transitions.StopAll(state, draft with { Action = LedgerAction.StopAll }, now);
        foreach (var subscription in change.State.Subscriptions)
            change = change.Then(
                s => Transitions.OptOut(s, draft with { Action = LedgerAction.OptOut, Topic = subscription.Topic }, now));
        var stop = change.State.Stopped!;
        var left = new Departure(to.Value, state.Ledger.Seq + change.Entries.Count, state.ContactId, stop.SaidAt);
        return change with { State = change.State with { Stopped = stop with { Left = left } } };
    }

    /// <summary>
    /// Blocks the address. A block never gives way to a weaker one: erased, complaint, bounce, invalid, manual. An operator's own stands
    /// beneath the others, whichever came first.
    /// </summary>
    public static Change Suppress(AddressState state, SuppressionReason reason, string? note, LedgerDraft draft, DateTimeOffset now)
    {
        var present = state.Suppression;
        draft = draft with { Evidence = LedgerEvidence.OfBlock(reason, draft.Evidence) };
        if (reason == SuppressionReason.Manual && present is { Manual: null, Reason: not SuppressionReason.Erased })
            return new(state with { Suppression = present with { Beneath = new ManualBlock(now, note) } }, [draft]);
        if (present is not null && Strength(present.Reason) >= Strength(reason)) return new(state, []);
        return new(state with { Suppression = new Suppression(reason, now, note, present?.Manual) }, [draft]);
    }

    /// <summary>
    /// Lifts a block; an operator's own beneath it stands then, and is lifted as <paramref name="own"/>, which lifts nothing else. That of
    /// an erased person stays (R34).
    /// </summary>
    public static Change Unsuppress(AddressState state, LedgerDraft draft, bool own = false)
    {
        if (state.Suppression is not { Reason: not SuppressionReason.Erased } block) return new(state, []);
        if (own && block.Manual is null) return new(state, []);
        if (own && block.Beneath is not null) return new(state with { Suppression = block with { Beneath = null } }, [draft]);
        if (!own && block.Kept) return new(state, []);
        var left = block.Beneath is { } stands
            ? new Suppression(SuppressionReason.Manual, stands.Since, stands.Note, Kept: true)
            : null;
        return new(state with { Suppression = left, SoftBounceDays = [] }, [draft]);
    }

    /// <summary>
    /// Puts the address under a contact. A disabled or restricted contact lowers the address; an active one does not raise it.
    /// </summary>
    public static Change Attach(AddressState state, string contactId, ContactStatus status, LedgerDraft draft)
    {
        if (state.IsErased) return new(state, []);
        var next = state with { ContactId = contactId, Contact = status == ContactStatus.Active ? state.Contact : status };
        return new(next, next.Contact == state.Contact ? [] : [draft]);
    }

    /// <summary>The contact was disabled or enabled; said <paramref name="again"/> by somebody else, it is written down again.</summary>
    public static Change SetContact(AddressState state, ContactStatus status, LedgerDraft draft, bool again = false) =>
        (state.Contact == status && !again) || state.IsErased
            ? new(state, [])
            : new(state with { Contact = status }, [draft]);

    /// <summary>The person is erased: what is left is the block and the ledger's head (R34).</summary>
    public static Change Erase(AddressState state, LedgerDraft draft, DateTimeOffset now) =>
        state is { Contact: ContactStatus.Erased, Suppression.Reason: SuppressionReason.Erased, Value: null }
            ? new(state, [])
            : new(
                new AddressState
                {
                    Channel = state.Channel,
                    Contact = ContactStatus.Erased,
                    Suppression = new Suppression(SuppressionReason.Erased, now),
                    Ledger = state.Ledger,
                },
                [draft]);

    /// <summary>
    /// Processing is restricted: it stands beside the account's status, so that enabling the account does not lift it (R35).
    /// </summary>
    public static Change Restrict(AddressState state, LedgerDraft draft, DateTimeOffset now) =>
        state.RestrictedSince is not null || state.IsErased
            ? new(state, [])
            : new(state with { RestrictedSince = now }, [draft]);

    /// <summary>The restriction ends.</summary>
    public static Change Unrestrict(AddressState state, LedgerDraft draft) =>
        state.RestrictedSince is null ? new(state, []) : new(state with { RestrictedSince = null }, [draft]);

    private static int Strength(SuppressionReason reason) => reason switch
    {
        SuppressionReason.Erased => 5,
        SuppressionReason.Complaint => 4,
        SuppressionReason.Bounce => 3,
        SuppressionReason.Invalid => 2,
        _ => 1,
    };
}
