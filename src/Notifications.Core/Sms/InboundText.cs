namespace Notifications.Sms;

/// <summary>
/// What one inbound text came to, kept beside the change it made: a redelivery finds it, changes nothing, and only makes sure of the
/// answer.
/// </summary>
/// <param name="Intent">What was read.</param>
/// <param name="At">When the person wrote it.</param>
/// <param name="Answer">What we answer, or null.</param>
/// <param name="AnswerUntil">When an answer comes too late.</param>
/// <param name="Review">The review item it opened, or null.</param>
/// <param name="Packages">The packages whose following it confirmed, or null.</param>
/// <param name="Begins">Whether the answer says that something comes, which a STOP of later date makes untrue.</param>
public sealed record InboundText(
    SmsIntent Intent, DateTimeOffset At, string? Answer, DateTimeOffset AnswerUntil, string? Review, string[]? Packages = null,
    bool Begins = false);
