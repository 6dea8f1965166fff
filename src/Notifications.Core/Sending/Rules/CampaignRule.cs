using Notifications.Campaigns;

namespace Notifications.Sending.Rules;

/// <summary>A paused campaign's messages wait until it is resumed, a cancelled one's do not go out any more.</summary>
internal sealed class CampaignRule : DecisionRule
{
    public override string Name => "campaign";

    public override RuleResult Check(in DecisionInput input) => input.Campaign switch
    {
        null or CampaignStatus.Running or CampaignStatus.Completed => RuleResult.Pass,
        CampaignStatus.Paused => new(Reason.CampaignPaused, DateTimeOffset.MaxValue), // Nobody knows until when; resuming brings it back.
        _ => new(Reason.CampaignCancelled),
    };
}
