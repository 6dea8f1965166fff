namespace Notifications.Sending.Rules;

/// <summary>News of a package that newer news has overtaken is not sent: nobody reads "out for delivery" after "delivered".</summary>
internal sealed class FreshnessRule : DecisionRule
{
    public override string Name => "freshness";

    public override RuleResult Check(in DecisionInput input) => input.NewerKnown ? new(Reason.StaleEvent) : RuleResult.Pass;
}
