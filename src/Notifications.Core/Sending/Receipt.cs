namespace Notifications.Sending;

/// <summary>
/// Why this message was, or was not, sent (P2): the newest ledger entry at the time, the policy version of the consent, every rule's
/// result. Results are stored as <see cref="Reason"/> numbers in the order of <see cref="DecisionRules.All"/>.
/// </summary>
public sealed record Receipt(long LedgerSeq, string LedgerHash, string? PolicyVersion, byte[] Results, DateTimeOffset At)
{
    /// <summary>Rule by rule, in words.</summary>
    public IEnumerable<(string Rule, Reason Result)> Rules()
    {
        for (var i = 0; i < Results.Length && i < DecisionRules.All.Count; i++)
            yield return (DecisionRules.All[i].Name, (Reason)Results[i]);
    }
}
