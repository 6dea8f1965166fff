namespace Notifications.Privacy;

/// <summary>An import that was begun and is not at its end.</summary>
/// <param name="Restriction">The request that restricts what comes restricted with it; null where nothing does.</param>
/// <param name="At">When it was begun.</param>
public sealed record BegunImport(string? Restriction, DateTimeOffset At)
{
    /// <summary>The keyed hashes of its addresses; null where an earlier version wrote it.</summary>
    public string[]? Keys { get; init; }

    /// <summary>Whether an alert has said that entries of a ledger are missing.</summary>
    public bool Told { get; init; }
}
