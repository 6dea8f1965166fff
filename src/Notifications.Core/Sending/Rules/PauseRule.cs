namespace Notifications.Sending.Rules;

/// <summary>
/// While the person takes a break, marketing waits until it ends. The reason is the frequency cap: a break is a cap that the person has
/// set, nothing for a while, and it ends by itself as a cap does; a stop would not.
/// </summary>
internal sealed class PauseRule : DecisionRule
{
    /// <summary>By which an explanation tells a break from a cap.</summary>
    public const string Break = "pause";

    public override string Name => Break;

    public override RuleResult Check(in DecisionInput input) =>
        input.IsMarketing && input.State?.PausedUntil is { } until && until > input.Now ? new(Reason.FrequencyCap, until) : RuleResult.Pass;
}
