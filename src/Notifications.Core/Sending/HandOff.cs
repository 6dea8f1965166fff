namespace Notifications.Sending;

/// <summary>What a provider did with a message.</summary>
public enum HandOffResult
{
    /// <summary>It has the message.</summary>
    Accepted,

    /// <summary>It wants fewer; try after <see cref="HandOff.RetryAfter"/>.</summary>
    Throttled,

    /// <summary>It refused for good.</summary>
    Rejected,

    /// <summary>It did not take the message, and may later.</summary>
    Unavailable,

    /// <summary>The answer was lost: it may have the message.</summary>
    Unknown,

    /// <summary>It was never offered: its campaign stands still.</summary>
    Withheld,

    /// <summary>It was never offered: the person has said something since the decision, or its time is over.</summary>
    Overtaken,
}

/// <summary>
/// The closed answer of a hand-off. <paramref name="Detail"/> is for the timeline and names no address; <paramref name="Refusal"/> is what
/// an answer that is not "yes" says of the address or of us, where it says so. <paramref name="Unoffered"/>: the provider was not asked,
/// so it uses up no attempt and begins no time, however often it happens.
/// </summary>
public readonly record struct HandOff(
    HandOffResult Result, string? ProviderId = null, string? Detail = null, TimeSpan? RetryAfter = null, Refusal? Refusal = null,
    bool Unoffered = false)
{
    /// <summary>The provider has it.</summary>
    public static HandOff Accepted(string? providerId) => new(HandOffResult.Accepted, providerId);

    /// <summary>The provider wants fewer.</summary>
    public static HandOff Throttled(TimeSpan retryAfter, string? detail = null) => new(HandOffResult.Throttled, null, detail, retryAfter);

    /// <summary>The provider refused for good.</summary>
    public static HandOff Rejected(string detail, Refusal? refusal = null) => new(HandOffResult.Rejected, null, detail, Refusal: refusal);

    /// <summary>The provider did not take it, and may later.</summary>
    public static HandOff Unavailable(string detail, TimeSpan? retryAfter = null, Refusal? refusal = null) =>
        new(HandOffResult.Unavailable, null, detail, retryAfter, refusal);

    /// <summary>We have no place for it just now: our own quota, our own rate, or our own store says so.</summary>
    public static HandOff Waits(TimeSpan retryAfter, string detail) =>
        new(HandOffResult.Throttled, null, detail, retryAfter, Unoffered: true);

    /// <summary>The provider failed too often to be asked just now.</summary>
    public static HandOff Barred(TimeSpan retryAfter) =>
        new(HandOffResult.Unavailable, null, "The circuit to the provider is open.", retryAfter, Unoffered: true);

    /// <summary>The campaign stands still.</summary>
    public static HandOff Withheld => new(HandOffResult.Withheld);

    /// <summary>The decision does not stand any more.</summary>
    public static HandOff Overtaken => new(HandOffResult.Overtaken);

    /// <summary>The answer was lost.</summary>
    public static HandOff Unknown(string detail) => new(HandOffResult.Unknown, null, detail);
}
