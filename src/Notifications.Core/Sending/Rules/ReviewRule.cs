namespace Notifications.Sending.Rules;

/// <summary>While a person's message waits to be read by a human, marketing to them waits too (R41): asked again every hour.</summary>
internal sealed class ReviewRule : DecisionRule
{
    public override string Name => "review";

    public override RuleResult Check(in DecisionInput input) =>
        input.IsMarketing && input.State is { ReviewPending: true } ? new(Reason.ReviewPending, input.Now.AddHours(1)) : RuleResult.Pass;
}
