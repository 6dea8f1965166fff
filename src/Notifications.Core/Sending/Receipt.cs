namespace Notifications.Sending;

/// <summary>Why this message was, or was not, sent (P2).</summary>
/// <remarks>
/// Results are stored as <see cref="Reason"/> numbers in the order of <see cref="DecisionRules.All"/>.
/// </remarks>
/// <param name="LedgerSeq">The newest entry of the consent ledger at the time; 0 where there was none.</param>
/// <param name="LedgerHash">That entry's hash, 64 zeros where there was none.</param>
/// <param name="PolicyVersion">The policy version of the consent, or null.</param>
/// <param name="Results">Every rule's result, one byte each: its reason by number, in the order of the rules.</param>
/// <param name="At">When it was decided.</param>
public sealed record Receipt(long LedgerSeq, string LedgerHash, string? PolicyVersion, byte[] Results, DateTimeOffset At)
{
    /// <summary>Rule by rule, in words.</summary>
    public IEnumerable<(string Rule, Reason Result)> Rules()
    {
        for (var i = 0; i < Results.Length && i < DecisionRules.All.Count; i++)
            yield return (DecisionRules.All[i].Name, (Reason)Results[i]);
    }
}
