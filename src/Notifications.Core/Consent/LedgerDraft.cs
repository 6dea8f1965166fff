namespace Notifications.Consent;

/// <summary>What is to be written to the ledger, before it has its place and its hash.</summary>
public readonly record struct LedgerDraft(LedgerAction Action, string Topic, string Source, string Actor)
{
    /// <summary>Everything on the address's channel.</summary>
    public const string AllTopics = "*";

    /// <summary>The policy version it was said under, or null.</summary>
    public string? PolicyVersion { get; init; }

    /// <summary>The exact words agreed to, or null.</summary>
    public string? Wording { get; init; }

    /// <summary>The evidence as compact JSON, or null.</summary>
    public string? Evidence { get; init; }

    /// <summary>
    /// When the person said so, where the evidence tells: against a stop of that moment or later it raises nothing (P6). The ledger's own
    /// time is when it was recorded.
    /// </summary>
    public DateTimeOffset? SaidAt { get; init; }

    /// <summary>Whether the person has said stop since, to <paramref name="topic"/> also by an objection.</summary>
    public bool IsOvertaken(Addresses.AddressState state, Topic? topic = null) =>
        SaidAt is { } said && (topic is null ? state.StoppedAt(Topic) : state.StoppedAt(topic)) >= said;
}
