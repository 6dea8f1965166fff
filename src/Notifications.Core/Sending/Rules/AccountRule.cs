using Notifications.Addresses;

namespace Notifications.Sending.Rules;

/// <summary>A disabled account gets nothing (M8); an answer to the person's own text is not "sent to the account".</summary>
internal sealed class AccountRule : DecisionRule
{
    public override string Name => "account";

    public override RuleResult Check(in DecisionInput input) =>
        input.State?.Contact is ContactStatus.Disabled && input.Purpose != MessagePurpose.Reply
            ? new(Reason.AccountDisabled)
            : RuleResult.Pass;
}
