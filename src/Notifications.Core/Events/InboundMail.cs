namespace Notifications.Events;

/// <summary>
/// What matters of a mail that came to the unsubscribe mailbox. Who reads the MIME fills it; who it is from proves nothing.
/// </summary>
public sealed record InboundMail
{
    /// <summary>The type of the event that carries it.</summary>
    public const string EventType = "Notifications.InboundMail";

    /// <summary>Every text that may be a link token: from <c>unsubscribe+TOKEN@</c> and the subject. At most 20.</summary>
    public string[] Tokens { get; init; } = [];

    /// <summary>
    /// The type of a feedback report (RFC 5965), such as <c>abuse</c>, in lower case; null for any other mail.
    /// </summary>
    public string? Feedback { get; init; }

    /// <summary>
    /// What a bounce (RFC 3464) says of a failed delivery: its Status and Diagnostic-Code; null for any other mail, also where the delivery
    /// was delayed or done.
    /// </summary>
    public string? Bounce { get; init; }

    /// <summary>
    /// Whom a bounce says that it is about: the address of its Final-Recipient as written, which is another than ours where the mail was
    /// forwarded; null for any other mail.
    /// </summary>
    public string? Undelivered { get; init; }

    /// <summary>
    /// Every text that may be a link token in the List-Unsubscribe header of the mail that a feedback report or a bounce encloses, at
    /// most 20; null for any other mail.
    /// </summary>
    public string[]? Enclosed { get; init; }

    /// <summary>
    /// Its subject asks to stop, or its subject or recipient holds what has the shape of a token: a person may be behind it, whatever sent
    /// it.
    /// </summary>
    public bool Asks { get; init; }

    /// <summary>The From address as written, or null.</summary>
    public string? From { get; init; }

    /// <summary>The subject and the beginning of the text, for a human reader.</summary>
    public string Text { get; init; } = "";

    /// <summary>A machine sent it (RFC 3834 section 5: Auto-Submitted other than no; also Precedence bulk, list or junk).</summary>
    public bool AutoSubmitted { get; init; }

    /// <summary>Its return path is empty: a bounce (RFC 5321 section 4.5.5).</summary>
    public bool NullReturnPath { get; init; }
}
