using Notifications.Addresses;

namespace Notifications.Sending.Rules;

/// <summary>A suppressed or erased address gets nothing. Only an operator's own block lets a STOP or HELP be answered.</summary>
internal sealed class SuppressionRule : DecisionRule
{
    public override string Name => "suppression";

    public override RuleResult Check(in DecisionInput input)
    {
        if (input.State is not { } state) return RuleResult.Pass;
        if (state.IsErased) return new(Reason.SuppressedErased);
        return state.Suppression?.Reason switch
        {
            null => RuleResult.Pass,
            SuppressionReason.Manual when input.Answers => RuleResult.Pass,
            { } block => new(Of(block)),
        };
    }

    /// <summary>Why a block keeps a message back.</summary>
    public static Reason Of(SuppressionReason block) => block switch
    {
        SuppressionReason.Bounce => Reason.SuppressedBounce,
        SuppressionReason.Complaint => Reason.SuppressedComplaint,
        SuppressionReason.Erased => Reason.SuppressedErased,
        SuppressionReason.Invalid => Reason.SuppressedInvalid,
        _ => Reason.SuppressedManual,
    };
}
