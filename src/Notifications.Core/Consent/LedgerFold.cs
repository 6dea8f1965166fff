using System.Text.Json;
using Notifications.Addresses;

namespace Notifications.Consent;

/// <summary>
/// What an address's record was at a past moment, as its ledger tells it. The ledger holds no caps or settings; locale and time zone are
/// today's. Where an entry of a former version does not say why an address was blocked, a block that still stands keeps its reason, and an
/// earlier one counts as manual.
/// </summary>
public static class LedgerFold
{
    /// <summary>Folds the entries up to and including <paramref name="at"/>; null where nothing had been said by then.</summary>
    public static AddressState? At(IReadOnlyList<LedgerEntry> entries, AddressState today, TopicCatalog topics, DateTimeOffset at)
    {
        AddressState? state = null;
        foreach (var entry in entries)
        {
            if (entry.At > at) break;
            state = Apply(
                state
                    ?? new AddressState
                    {
                        Channel = today.Channel,
                        Value = today.Value,
                        Region = today.Region,
                        Locale = today.Locale,
                        TimeZone = today.TimeZone,
                    },
                entry, today, topics) with { Ledger = new LedgerHead(entry.Seq, entry.Hash) };
        }

        return state;
    }

    private static AddressState Apply(AddressState state, LedgerEntry entry, AddressState today, TopicCatalog topics)
    {
        var draft = new LedgerDraft(entry.Action, entry.Topic, entry.Detail?.Source ?? "", "") { PolicyVersion = entry.PolicyVersion };
        switch (entry.Action)
        {
            case LedgerAction.OptIn when SoftOptIn.Is(draft.Source):
                // Marketing when it was said, whatever it is today.
                return Transitions.SoftOptIn(state, new Topic { Key = entry.Topic }, draft, entry.At).State;
            case LedgerAction.OptIn:
                var topic = topics.Of(entry.Topic);
                // What an import takes in holds at once.
                return Transitions.OptIn(
                    state, ConsentSource.IsUnproven(entry.Detail) ? topic.Unproven() : topic, draft,
                    Holds(entry, "confirmed", JsonValueKind.True)
                        || (Holds(entry, "import", JsonValueKind.String) && Holds(entry, "row", JsonValueKind.Number)),
                    entry.At, before: entry.At).State;
            case LedgerAction.Confirm when entry.Topic == TopicKey.PackageUpdates
                && (state.Find(entry.Topic) is not { Waits: true } || Holds(entry, "package", JsonValueKind.String)):
                return Transitions.Follow(state, draft, entry.At).State; // Of one package, not of the topic.
            case LedgerAction.Confirm: return Transitions.Confirm(state, entry.Topic, draft, entry.At, said: Answered(state, entry)).State;
            case LedgerAction.OptOut: return Transitions.OptOut(state, draft, entry.At).State;
            case LedgerAction.StopAll when ConsentSource.IsText(entry.Detail):
                return Transitions.StopByText(state, draft, entry.At, now: entry.At).State;
            case LedgerAction.StopAll: return Transitions.StopAll(state, draft, entry.At).State;
            case LedgerAction.Resume when entry.Topic == LedgerDraft.AllTopics
                && ConsentSource.IsText(entry.Detail)
                && state.Stopped is { } stopped: return Transitions.Resume(state, draft).State with { LiftedStop = stopped.SaidAt };
            case LedgerAction.Resume when entry.Topic == LedgerDraft.AllTopics: return Transitions.Resume(state, draft).State;
            case LedgerAction.Resume when ConsentSource.IsText(entry.Detail):
                return Transitions.Choose(state, entry.Topic, draft, entry.At).State;
            case LedgerAction.Resume when state.Find(entry.Topic) is { Status: SubscriptionStatus.Unsubscribed }:
                return Transitions.Restore(state, entry.Topic, draft).State;
            case LedgerAction.Resume: return Transitions.Choose(state, entry.Topic, draft, entry.At).State;
            case LedgerAction.Watch: return state.Followed(state.FollowedFrom(entry.At));
            case LedgerAction.Suppress: return state with { Suppression = Blocked(state, entry, today.Suppression) };
            case LedgerAction.Unsuppress: return state with { Suppression = Stood(today.Suppression, entry.At) };
            case LedgerAction.Disable: return AddressTransitions.SetContact(state, ContactStatus.Disabled, draft).State;
            case LedgerAction.Enable: return AddressTransitions.SetContact(state, ContactStatus.Active, draft).State;
            case LedgerAction.Objection: return state with { ObjectedAt = Objection.SaidAt(entry) };
            case LedgerAction.Restrict: return AddressTransitions.Restrict(state, draft, entry.At).State;
            case LedgerAction.Unrestrict: return AddressTransitions.Unrestrict(state, draft).State;
            case LedgerAction.Erase: return AddressTransitions.Erase(state, draft, entry.At).State;
            case LedgerAction.Expire: return Transitions.Expire(state, entry.Topic, draft).State;
            case LedgerAction.Review: return Reviews(state, state.Reviews.Length + 1);
            case LedgerAction.Reviewed: return Reviews(state, Math.Max(0, state.Reviews.Length - 1));
            case LedgerAction.Pause: return state with { PausedUntil = LedgerEvidence.MomentIn(entry.Detail?.Evidence, "until") };
            case LedgerAction.Unpause: return state with { PausedUntil = null };
            default: return state;
        }
    }

    private static Suppression Blocked(AddressState state, LedgerEntry entry, Suppression? today)
    {
        if (LedgerEvidence.BlockIn(entry.Detail?.Evidence) is { } reason)
            return AddressTransitions.Suppress(state, reason, null, new LedgerDraft(entry.Action, entry.Topic, "", ""), entry.At)
                .State.Suppression!;
        var own = today?.Manual is { } manual && manual.Since <= entry.At ? manual with { Note = null } : null;
        if (today is { Reason: not SuppressionReason.Manual } stands && stands.Since == entry.At)
            return new Suppression(stands.Reason, entry.At, null, own);
        return state.Suppression is { Reason: not SuppressionReason.Manual } present && own?.Since == entry.At
            ? present with { Beneath = own }
            : new Suppression(SuppressionReason.Manual, entry.At);
    }

    // What stands today since before was not what was lifted.
    private static Suppression? Stood(Suppression? today, DateTimeOffset at)
    {
        var own = today?.Manual is { } manual && manual.Since < at ? manual with { Note = null } : null;
        if (today is { Reason: not SuppressionReason.Manual } && today.Since < at) return today with { Note = null, Beneath = own };
        return own is null ? null : new Suppression(SuppressionReason.Manual, own.Since);
    }

    // A text may have answered what waited before: the version tells.
    private static DateTimeOffset? Answered(AddressState state, LedgerEntry entry) =>
        state.Find(entry.Topic) is { Replaced: { } before, Unconfirmed: { } last }
            && before.PolicyVersion == entry.PolicyVersion
            && last.PolicyVersion != entry.PolicyVersion
            ? before.Since
            : null;

    private static AddressState Reviews(AddressState state, int open) =>
        state with { Reviews = [.. Enumerable.Range(0, open).Select(_ => "")], ReviewPending = open > 0 };

    private static bool Holds(LedgerEntry entry, string name, JsonValueKind kind) =>
        LedgerEvidence.Has(entry.Detail?.Evidence, name, kind);
}
