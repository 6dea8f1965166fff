namespace Notifications.Privacy;

/// <summary>What became of an import.</summary>
public enum ImportResult
{
    /// <summary>Taken in.</summary>
    Done,

    /// <summary>
    /// It is not an export of a known form, its ledger does not verify, or it permits more than its ledger gives evidence for (P6).
    /// </summary>
    NotValid,

    /// <summary>
    /// Something is known already of an address, be it only that its owner was erased, or of the account; nothing was written, but where it
    /// came to be known while the import went on.
    /// </summary>
    Known,
}
