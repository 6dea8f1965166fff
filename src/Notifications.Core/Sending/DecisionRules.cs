using Notifications.Sending.Rules;

namespace Notifications.Sending;

/// <summary>What one rule found. <paramref name="Until"/> says when a "not yet" ends.</summary>
public readonly record struct RuleResult(Reason Reason, DateTimeOffset? Until = null)
{
    /// <summary>The rule has nothing against the message.</summary>
    public static RuleResult Pass => default;

    /// <summary>Whether the rule has nothing against the message.</summary>
    public bool Passed => Reason == Reason.Allowed;
}

/// <summary>One rule: a name that stands in receipts, and a verdict from nothing but the input.</summary>
public abstract class DecisionRule
{
    /// <summary>The name in receipts.</summary>
    public abstract string Name { get; }

    /// <summary>Looks at the input.</summary>
    public abstract RuleResult Check(in DecisionInput input);
}

/// <summary>
/// The rules in their order (DESIGN section 5). The first that does not pass decides; all are evaluated, so a receipt shows every obstacle.
/// </summary>
public static class DecisionRules
{
    /// <summary>In order. Stored receipts name rules by position: only append.</summary>
    public static IReadOnlyList<DecisionRule> All => Rules;

    private static readonly DecisionRule[] Rules =
    [
        new AccountRule(),
        new RestrictionRule(),
        new SuppressionRule(),
        new SubscriptionRule(),
        new PolicyVersionRule(),
        new ReviewRule(),
        new ExpiryRule(),
        new DuplicateRule(),
        new QuietHoursRule(),
        new FrequencyCapRule(),
        new FreshnessRule(),
        new PauseRule(),
        new CampaignRule(),
    ];

    /// <summary>Decides. Pure: the same input gives the same answer at any time, which is what makes receipts explainable.</summary>
    public static Decision Decide(in DecisionInput input)
    {
        var results = new Reason[Rules.Length];
        var first = RuleResult.Pass;
        for (var i = 0; i < Rules.Length; i++)
        {
            var result = Rules[i].Check(input);
            results[i] = result.Reason;
            if (first.Passed) first = result;
        }

        var verdict = first.Passed ? Verdict.Allow : first.Until is null ? Verdict.Skip : Verdict.Defer;
        return new Decision(verdict, first.Reason, first.Until, results);
    }
}
