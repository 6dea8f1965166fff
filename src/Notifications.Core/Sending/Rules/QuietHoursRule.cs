using Notifications.Addresses;

namespace Notifications.Sending.Rules;

/// <summary>Marketing texts arrive by day, where the person is (R52).</summary>
internal sealed class QuietHoursRule : DecisionRule
{
    public override string Name => "quiet-hours";

    public override RuleResult Check(in DecisionInput input)
    {
        if (!input.IsMarketing || input.Channel != Channel.Sms) return RuleResult.Pass;
        var opens = QuietHours.NextOpening(input.Now, input.State?.TimeZone, input.State?.Region, input.Options);
        return opens is null ? RuleResult.Pass : new(Reason.QuietHours, opens);
    }
}
