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

    /// <summary>The last moment at which that can have been, where the evidence tells the second without a fraction; else null.</summary>
    public DateTimeOffset? SaidBy { get; init; }

    /// <summary>
    /// A service tells of it, and may tell the same again: unlike what the person does here, it is no news by itself. Over a stop it holds
    /// only with <see cref="SaidAt"/> (P6).
    /// </summary>
    public bool Told { get; init; }

    /// <summary>Whether it is told over a stop, to <paramref name="topic"/> also an objection, without saying when it was said.</summary>
    public bool IsUndated(Addresses.AddressState state, Topic? topic = null) =>
        Told && SaidAt is null && (topic is null ? state.StoppedAt(Topic) : state.StoppedAt(topic)) is not null;

    /// <summary>
    /// Whether the person has said stop since, to <paramref name="topic"/> also by an objection. Within the second that is told the stop
    /// came first, unless it ended a consent of that second: that one may be told again.
    /// </summary>
    public bool IsOvertaken(Addresses.AddressState state, Topic? topic = null)
    {
        if (SaidAt is not { } said || (topic is null ? state.StoppedAt(Topic) : state.StoppedAt(topic)) is not { } stopped) return false;
        return stopped >= said
            && (stopped == said || !(SaidBy > stopped) || (state.Find(Topic)?.HeldSince is { } held && held >= said && held <= stopped));
    }
}
