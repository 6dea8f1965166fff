namespace Notifications.Access;

/// <summary>
/// What a POST with an Idempotency-Key was answered. <paramref name="Status"/> is 0 while the first request is still being worked on.
/// </summary>
/// <param name="BodyHash">SHA-256 of the request body, base64, and its query where it has one: the same key with another of them is
/// refused.</param>
/// <param name="Status">The HTTP status, or 0.</param>
/// <param name="Body">The answer's body, or null.</param>
/// <param name="Instance">The process that works on it; empty once its work has failed: nobody is working on it.</param>
/// <param name="At">When that process began.</param>
public sealed record IdempotencyRecord(string BodyHash, int Status, byte[]? Body, string Instance, DateTimeOffset At)
{
    /// <summary>When the request first came, where another run before this one has ended without an answer; else null.</summary>
    public DateTimeOffset? Came { get; init; }

    /// <summary>
    /// What tells the run that wrote this from every other while it works: its write may be repeated, and then stands in its own way.
    /// </summary>
    public string? Turn { get; init; }

    /// <summary>The answer's Location, or null.</summary>
    public string? Location { get; init; }

    /// <summary>The answer's ETag, or null.</summary>
    public string? ETag { get; init; }

    /// <summary>The key of the address of whom it tells without naming them, by which an erasure finds it (R34); or null.</summary>
    public string? About { get; init; }
}
