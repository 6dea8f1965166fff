using Notifications.Addresses;

namespace Notifications.Sending.Rules;

/// <summary>
/// A disabled account gets nothing (M8); an answer to the person's own text is not "sent to the account". What was meant for a contact does
/// not go to an address that has left it: it may be somebody else's by now (R33).
/// </summary>
internal sealed class AccountRule : DecisionRule
{
    /// <summary>By which an explanation tells an address that left its contact from one that a campaign had not selected.</summary>
    public const string Account = "account";

    public override string Name => Account;

    public override RuleResult Check(in DecisionInput input) => input.State switch
    {
        { Contact: ContactStatus.Disabled } when !input.Answers => new(Reason.AccountDisabled),
        { Contact: not ContactStatus.Erased } state when input.ContactId is { } meant && state.ContactId != meant =>
            new(Reason.NotSelected),
        _ => RuleResult.Pass,
    };
}
