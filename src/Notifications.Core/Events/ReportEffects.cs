using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;

namespace Notifications.Events;

/// <summary>
/// What a provider's word does to an address. Every step only goes one way, so that the same words in any order and number end in the same
/// state (R65).
/// </summary>
internal static class ReportEffects
{
    /// <summary>
    /// The change. <paramref name="draft"/> is a suppression's entry; <paramref name="at"/> is when the provider said so.
    /// </summary>
    public static Change Of(
        AddressState state, ReportOutcome outcome, LedgerDraft draft, SendingOptions options, DateTimeOffset at, DateTimeOffset now)
    {
        switch (outcome.Effect)
        {
            case ReportEffect.Suppress:
                return AddressTransitions.Suppress(state, SuppressionReason.Bounce, outcome.Why, draft, now);
            case ReportEffect.Invalid:
                return AddressTransitions.Suppress(state, SuppressionReason.Invalid, outcome.Why, draft, now);
            case ReportEffect.Complaint:
                return AddressTransitions.Suppress(state, SuppressionReason.Complaint, outcome.Why, draft, now);
            case ReportEffect.Stop:
                return state.ResumedAt > at
                    ? new(state, [])
                    : Transitions.StopByText(state, draft with { Action = LedgerAction.StopAll }, at, now);
            case ReportEffect.SoftBounce:
                var counted = CountSoft(state, options, at);
                if (counted.SoftBounceDays.Length < options.SoftBounceLimit) return new(counted, []);
                return AddressTransitions.Suppress(
                    counted, SuppressionReason.Bounce, $"Failed softly on {options.SoftBounceLimit} days.", draft, now);
            default:
                return new(state, []);
        }
    }

    /// <summary>Whether an effect can have blocked the address, so that the list of the blocked has to follow.</summary>
    public static bool Blocks(ReportEffect effect) =>
        effect is ReportEffect.Suppress or ReportEffect.Invalid or ReportEffect.Complaint or ReportEffect.SoftBounce;

    /// <summary>The ledger's entry of a provider's word: by which event or message it came, and what it was.</summary>
    public static LedgerDraft Draft(string source, string name, string id, ReportOutcome outcome) =>
        new(LedgerAction.Suppress, LedgerDraft.AllTopics, source, Actors.Provider)
        {
            Evidence = LedgerEvidence.Of(json =>
            {
                json.WriteString(name, id);
                json.WriteString("report", outcome.Name);
            }),
        };

    // Days, not messages: one bad day of a mailbox that gets much mail counts once. A set of days is the same in whatever order it was
    // filled.
    private static AddressState CountSoft(AddressState state, SendingOptions options, DateTimeOffset at)
    {
        var day = (int)(at.ToUnixTimeSeconds() / 86400);
        if (Array.IndexOf(state.SoftBounceDays, day) >= 0) return state;
        var newest = Math.Max(day, state.SoftBounceDays.Length > 0 ? state.SoftBounceDays[^1] : 0);
        if (day <= newest - options.SoftBounceDays) return state;
        int[] days = [.. state.SoftBounceDays.Where(d => d > newest - options.SoftBounceDays), day];
        Array.Sort(days);
        return state with { SoftBounceDays = days };
    }
}
