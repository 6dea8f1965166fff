namespace Notifications.Sending;

/// <summary>
/// A queue item that was given up, kept until a person replays or discards it. <paramref name="Cause"/> is why, in our words or as the type
/// of what was thrown; null where nobody lived to say. <paramref name="Replaying"/>: who puts it back just now; null where nobody began to.
/// <paramref name="Turn"/>: what tells the write that kept it from every other; null in one that a former version kept.
/// </summary>
public sealed record DeadLetter(
    string Queue, byte[] Body, int Deliveries, DateTimeOffset At, string? Cause = null, ReplayClaim? Replaying = null, string? Turn = null);

/// <summary>That a call puts a letter back since then, under a name that no other call has.</summary>
public sealed record ReplayClaim(DateTimeOffset Since, string By);

/// <summary>
/// That an item is given up: since when, and why last. It gives the item's letter its id, so that an item which comes twice is kept once.
/// <paramref name="DealtWith"/>: an operator has put the letter back or let it go, of a message that had been given up then; another of its
/// items that comes only now makes no letter.
/// </summary>
public sealed record GivenUp(DateTimeOffset At, string? Cause, DateTimeOffset? DealtWith = null);
