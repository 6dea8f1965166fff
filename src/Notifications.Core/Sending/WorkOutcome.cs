namespace Notifications.Sending;

/// <summary>What becomes of a queue item.</summary>
public enum WorkResult
{
    /// <summary>The item is done with.</summary>
    Done,

    /// <summary>The item comes back after a delay; this does not count as a failure.</summary>
    Later,

    /// <summary>The item goes to the poison queue, visible and replayable.</summary>
    GiveUp,
}

/// <summary>
/// The closed set of ways in which work ends. An exception is for what nobody planned: the queue brings the item back, and gives up after
/// five.
/// </summary>
/// <param name="Result">What becomes of the item.</param>
/// <param name="Delay">How long it takes until an item that comes back is delivered again.</param>
/// <param name="Why">Why the item was given up; null where it was not.</param>
/// <param name="Recovered">Whether all that a worker left when it died at the item is dealt with: it comes back as for the first time.</param>
public readonly record struct WorkOutcome(WorkResult Result, TimeSpan Delay = default, string? Why = null, bool Recovered = false)
{
    /// <summary>The item is done with.</summary>
    public static WorkOutcome Done => default;

    /// <summary>The item comes back after <paramref name="delay"/>.</summary>
    public static WorkOutcome Later(TimeSpan delay) => new(WorkResult.Later, delay);

    /// <summary>The item comes back after <paramref name="delay"/>, as for the first time.</summary>
    public static WorkOutcome LaterAnew(TimeSpan delay) => new(WorkResult.Later, delay, Recovered: true);

    /// <summary>The item goes to the poison queue.</summary>
    public static WorkOutcome GiveUp(string why) => new(WorkResult.GiveUp, Why: why);
}
