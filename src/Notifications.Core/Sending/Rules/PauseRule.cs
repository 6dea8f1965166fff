namespace Notifications.Sending.Rules;

/// <summary>
/// While the person takes a break, marketing waits until it ends. The reason is the frequency cap: a break is a cap that the person has set,
/// nothing for a while, and it ends by itself as a cap does; a stop would not.
/// </summary>
internal sealed class PauseRule : DecisionRule
{
    public override string Name => "pause";

    public override RuleResult Check(in DecisionInput input) =>
        input.IsMarketing && input.State?.PausedUntil is { } until && until > input.Now ? new(Reason.FrequencyCap, until) : RuleResult.Pass;
}
