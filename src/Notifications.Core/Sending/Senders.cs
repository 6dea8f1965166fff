namespace Notifications.Sending;

/// <summary>A rendered email. Headers are ASCII and free of line breaks (R2).</summary>
public sealed record OutgoingEmail(
    MessageId Id, string From, string FromName, string To, string Subject, string Html, string Text,
    IReadOnlyList<KeyValuePair<string, string>> Headers);

/// <summary>A rendered text.</summary>
public sealed record OutgoingSms(MessageId Id, string From, string To, string Text)
{
    /// <summary>
    /// When the message was first offered to a provider: the same at every further attempt, so that a provider can tell repetitions apart.
    /// </summary>
    public DateTimeOffset FirstOfferedAt { get; init; }
}

/// <summary>The way out for email: Communication Services on Azure, SMTP or the inbox on a laptop.</summary>
public interface IEmailSender
{
    /// <summary>
    /// Whether offering the same message id twice delivers once. Decides what becomes of a send whose outcome a crash has hidden (P5).
    /// </summary>
    bool Deduplicates { get; }

    /// <summary>
    /// How many hand-offs it can have under way at once; more only wait. A campaign claims no more than a few times as many: what is
    /// claimed when a process dies may end as unknown.
    /// </summary>
    int AtOnce => 128;

    /// <summary>
    /// How many hand-offs its quota allows in a minute; 0, the default, where it has none or nobody knows. By it the circuit knows how long
    /// it must look back to see enough of them.
    /// </summary>
    int PerMinute => 0;

    /// <summary>
    /// Waits for what a hand-off has to wait for, such as a quota, or says why none can begin soon. The last look at the person's record
    /// comes after this (P1), so no wait belongs into the hand-off itself.
    /// </summary>
    ValueTask<HandOff?> ReadyAsync(CancellationToken cancel) => new((HandOff?)null);

    /// <summary>Hands off one email. Classifies every failure; throws only what nobody planned.</summary>
    ValueTask<HandOff> SendAsync(OutgoingEmail email, CancellationToken cancel);
}

/// <summary>The way out for texts.</summary>
public interface ISmsSender
{
    /// <inheritdoc cref="IEmailSender.Deduplicates"/>
    bool Deduplicates { get; }

    /// <inheritdoc cref="IEmailSender.AtOnce"/>
    int AtOnce => 128;

    /// <inheritdoc cref="IEmailSender.PerMinute"/>
    int PerMinute => 0;

    /// <inheritdoc cref="IEmailSender.ReadyAsync"/>
    ValueTask<HandOff?> ReadyAsync(CancellationToken cancel) => new((HandOff?)null);

    /// <summary>Hands off one text. Classifies every failure; throws only what nobody planned.</summary>
    ValueTask<HandOff> SendAsync(OutgoingSms sms, CancellationToken cancel);
}
