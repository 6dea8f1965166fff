namespace Notifications.Sending.Rules;

/// <summary>Restricted processing (GDPR art. 18, R35) blocks every send.</summary>
internal sealed class RestrictionRule : DecisionRule
{
    public override string Name => "restriction";

    public override RuleResult Check(in DecisionInput input) =>
        input.State is { IsRestricted: true } && !input.Answers
            ? new(Reason.ProcessingRestricted)
            : RuleResult.Pass;
}
