using Notifications.Consent;

namespace Notifications.Sending.Rules;

/// <summary>Marketing needs a consent under a policy version that still suffices (M15).</summary>
internal sealed class PolicyVersionRule : DecisionRule
{
    public override string Name => "policy-version";

    public override RuleResult Check(in DecisionInput input)
    {
        if (!input.IsMarketing || input.Options.RequiredPolicyVersion is not { } required) return RuleResult.Pass;
        return PolicyVersions.Compare(input.State?.Find(input.Topic.Key)?.PolicyVersion, required) >= 0
            ? RuleResult.Pass
            : new(Reason.PolicyOutdated);
    }
}
