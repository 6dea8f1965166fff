namespace Notifications.Sending;

/// <summary>
/// What came of one message's turn: what becomes of the work, and the message's record as it now stands (null where there is none).
/// </summary>
public readonly record struct Dispatched(WorkOutcome Outcome, MessageRecord? Record)
{
    /// <summary>Whether the message waits on, just as it did before, and nothing was written.</summary>
    public bool WaitsOn { get; init; }
}
