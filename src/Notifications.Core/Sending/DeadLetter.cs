namespace Notifications.Sending;

/// <summary>A queue item that was given up, kept until a person replays or discards it.</summary>
public sealed record DeadLetter(string Queue, byte[] Body, int Deliveries, DateTimeOffset At);
