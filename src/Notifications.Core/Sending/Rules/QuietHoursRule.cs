using Notifications.Addresses;

namespace Notifications.Sending.Rules;

/// <summary>
/// Marketing texts arrive by day, where the person is (R52). Where no hour is known to be day, one waits some days for a time zone, and is
/// then not sent at all (P8).
/// </summary>
internal sealed class QuietHoursRule : DecisionRule
{
    public override string Name => "quiet-hours";

    public override RuleResult Check(in DecisionInput input)
    {
        if (!input.IsMarketing || input.Channel != Channel.Sms) return RuleResult.Pass;
        var opens = QuietHours.NextOpening(input.Now, input.State?.TimeZone, input.State?.RegionToday, input.Options);
        if (opens is null) return RuleResult.Pass;
        if (opens != QuietHours.Never) return new(Reason.QuietHours, opens);
        return input.Now - input.DueSince > input.Options.GiveUpAfter
            ? new(Reason.QuietHours)
            : new(Reason.QuietHours, input.Now.AddDays(1));
    }
}
