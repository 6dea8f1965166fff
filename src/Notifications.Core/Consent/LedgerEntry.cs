namespace Notifications.Consent;

/// <summary>
/// One line of an address's consent ledger (R26): who said what, when, where, in which words, under which policy. Entries are only ever
/// appended; each names the hash of the one before it.
/// </summary>
public sealed record LedgerEntry
{
    /// <summary>1, 2, 3 ... within the address.</summary>
    public required long Seq { get; init; }

    /// <summary>When it was recorded, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The topic's key, or <c>*</c> for everything on the channel.</summary>
    public required string Topic { get; init; }

    /// <summary>What happened.</summary>
    public required LedgerAction Action { get; init; }

    /// <summary>The policy version it was said under, or null.</summary>
    public string? PolicyVersion { get; init; }

    /// <summary>Everything that may name a person; null after erasure, which leaves <see cref="DetailDigest"/> and so the chain.</summary>
    public LedgerDetail? Detail { get; init; }

    /// <summary>SHA-256 in hex over the salted detail. Without the salt it says nothing about the detail.</summary>
    public required string DetailDigest { get; init; }

    /// <summary>Hash of the entry before, 64 zeros at the first.</summary>
    public required string Previous { get; init; }

    /// <summary>
    /// SHA-256 in hex over seq, at in milliseconds, topic, action, policy version, detail digest and the hash of the entry before.
    /// </summary>
    /// <remarks>See <see cref="LedgerChain.Hash"/>.</remarks>
    public required string Hash { get; init; }
}

/// <summary>The part of a ledger entry that erasure destroys.</summary>
/// <param name="Salt">16 random bytes in hex, so that the digest cannot be guessed back once this is gone.</param>
/// <param name="Source">Where it came from: a form, an unsubscribe link, an SMS, an agent's screen.</param>
/// <param name="Actor">Who acted: <c>person</c>, <c>service:NAME</c>, <c>agent:NAME</c>, <c>product:NAME</c>.</param>
/// <param name="Wording">The exact words the person agreed to, or null.</param>
/// <param name="Evidence">The evidence object as it was given, compact JSON, or null.</param>
public sealed record LedgerDetail(string Salt, string Source, string Actor, string? Wording, string? Evidence);
