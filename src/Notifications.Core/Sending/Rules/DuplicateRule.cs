namespace Notifications.Sending.Rules;

/// <summary>A message that has been decided is not decided again (P5).</summary>
internal sealed class DuplicateRule : DecisionRule
{
    public override string Name => "duplicate";

    public override RuleResult Check(in DecisionInput input) => input.AlreadyDecided ? new(Reason.Duplicate) : RuleResult.Pass;
}
