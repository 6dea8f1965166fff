using System.Text.Json;
using Notifications.Addresses;
using Notifications.Templates;

namespace Notifications.Sending;

/// <summary>One message as it waits on the queue: everything that deciding and rendering need besides the address's record.</summary>
public sealed record SendRequest
{
    /// <summary>The message's id.</summary>
    public required string Id { get; init; }

    /// <summary>The channel.</summary>
    public required Channel Channel { get; init; }

    /// <summary>The normalised address; empty for a campaign's message, which takes it from the address's record.</summary>
    public required string To { get; init; }

    /// <summary>
    /// The contact that it is for, where its client named one: once the address has left that, it is for nobody there.
    /// </summary>
    public string? ContactId { get; init; }

    /// <summary>The topic's key.</summary>
    public required string Topic { get; init; }

    /// <summary>
    /// Further topics that a confirmation asks about, chosen in one act with <see cref="Topic"/>; empty in any other message.
    /// </summary>
    public string[] AlsoTopics { get; init; } = [];

    /// <summary>What it is for.</summary>
    public MessagePurpose Purpose { get; init; }

    /// <summary>A template's name; null takes the topic's own.</summary>
    public string? Template { get; init; }

    /// <summary>What the template reads as <c>data</c>.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>Ready content in place of a template.</summary>
    public MessageContent? Content { get; init; }

    /// <summary>The package it is about, or null.</summary>
    public string? TrackingNumber { get; init; }

    /// <summary>
    /// Which change of the package it tells, rising; 0 where it tells none in particular. See <see cref="Packages.PackageChange.Seq"/>.
    /// </summary>
    public long PackageSeq { get; init; }

    /// <summary>
    /// It is the day's one message about the package: when a newer change was announced meanwhile, that one's message speaks.
    /// </summary>
    public bool Daily { get; init; }

    /// <summary>The campaign it is of, or null.</summary>
    public string? Campaign { get; init; }

    /// <summary>The campaign's batch it is counted in, or null.</summary>
    public string? Batch { get; init; }

    /// <summary>
    /// Its campaign is throttled: what quiet hours put off comes as long after they end as it was decided after they began.
    /// </summary>
    public bool Paced { get; init; }

    /// <summary>A subject in place of the template's (Liquid), or null.</summary>
    public string? Subject { get; init; }

    /// <summary>Not before this moment.</summary>
    public DateTimeOffset? SendAt { get; init; }

    /// <summary>Not from this moment on.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>BCP 47 language tag to render in; null takes the person's.</summary>
    public string? Locale { get; init; }

    /// <summary>The API client that queued it.</summary>
    public string? Client { get; init; }

    /// <summary>
    /// Dropped without a record where nothing is known of the address: whoever queued it must not show whether anything is (R63).
    /// </summary>
    public bool OnlyKnown { get; init; }

    /// <summary>
    /// It is no message yet: at its time the person is asked about what waits then and was not asked about (R63), the topics or the one
    /// package that it names.
    /// </summary>
    public bool AskWhenDue { get; init; }

    /// <summary>When it was accepted.</summary>
    public DateTimeOffset AcceptedAt { get; init; }

    /// <summary>It has a record already, as one that was put off: that is read first.</summary>
    public bool Recorded { get; init; }

    /// <summary>How many times the provider was not there.</summary>
    public int Attempt { get; init; }

    /// <summary>
    /// How many times in a row the circuit to the provider was open when its turn came; only the pause until its next turn grows with it.
    /// </summary>
    public int Barred { get; init; }

    /// <summary>An operator took it out of the dead letters: a failed record may be tried again.</summary>
    public bool Replayed { get; init; }

    /// <summary>
    /// When its message had been given up before the replay that this item is of; null in one that knows of none. Given up itself, it is
    /// not what was left of the time before.
    /// </summary>
    public DateTimeOffset? ReplayOf { get; init; }

    /// <summary>What its batch renders once for all; never on the queue, and null for a message by itself.</summary>
    internal MailMerge? Merge { get; init; }
}

/// <summary>
/// Content that needs no template. Email wants <paramref name="Subject"/> and text or HTML; SMS wants <paramref name="Text"/>.
/// </summary>
public sealed record MessageContent(string? Subject, string? Text, string? Html);
