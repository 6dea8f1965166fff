namespace Notifications.Sending.Rules;

/// <summary>A message whose time is over is not sent.</summary>
internal sealed class ExpiryRule : DecisionRule
{
    public override string Name => "expiry";

    public override RuleResult Check(in DecisionInput input) =>
        input.ExpiresAt is { } end && end <= input.Now ? new(Reason.Expired) : RuleResult.Pass;
}
