using Notifications.Sending;

namespace Notifications.Campaigns;

/// <summary>What else is known of one recipient's message.</summary>
[Flags]
public enum OutcomeMarks : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The message has a record.</summary>
    Recorded = 1,

    /// <summary>It was called spam.</summary>
    Complained = 2,

    /// <summary>The person unsubscribed with its link.</summary>
    Unsubscribed = 4,

    /// <summary>It was opened.</summary>
    Opened = 8,

    /// <summary>A link in it was followed.</summary>
    Clicked = 16,

    /// <summary>It came back for good.</summary>
    Hard = 32,

    /// <summary>It came back for now.</summary>
    Soft = 64,
}

/// <summary>What has come of one recipient of a campaign, in five bytes. All zero: nothing was decided yet.</summary>
/// <param name="Status">Where the message stands.</param>
/// <param name="Reason">Why it stands there.</param>
/// <param name="Marks">What else is known.</param>
/// <param name="Foretold">What the dry run had said.</param>
/// <param name="Because">Why it came otherwise.</param>
public readonly record struct Outcome(
    MessageStatus Status, Reason Reason, OutcomeMarks Marks = OutcomeMarks.None, Foretold Foretold = default,
    Because Because = Because.AsForetold)
{
    /// <summary>The length of one.</summary>
    public const int Bytes = 5;

    /// <summary>Why it stands there; null where nothing was decided yet: a zero is no decision to allow it (P2).</summary>
    public Reason? Decided => Status == MessageStatus.Queued && Reason == Reason.Allowed ? null : Reason;

    /// <summary>Whether nothing will happen to the message any more except reports.</summary>
    public bool Settled => Status is not (MessageStatus.Queued or MessageStatus.Deferred or MessageStatus.Sending);

    /// <summary>Whether its message waits, written down, for something to come.</summary>
    public bool PutOff => !Settled && Status != MessageStatus.Sending && Has(OutcomeMarks.Recorded);

    /// <summary>Whether it was given up, and its dead letter is an operator's to put back.</summary>
    public bool GivenUp => Status == MessageStatus.Failed && Reason == Reason.ProviderUnavailable;

    /// <summary>Whether it was handed off: a provider has it, or it came back, be it at once.</summary>
    public bool Sent => Status is MessageStatus.Sent or MessageStatus.Delivered or MessageStatus.Bounced;

    /// <summary>Whether a mark is set.</summary>
    public bool Has(OutcomeMarks mark) => (Marks & mark) != 0;

    /// <summary>Reads the outcome of one member.</summary>
    public static Outcome Read(ReadOnlySpan<byte> outcomes, int member)
    {
        var at = outcomes.Slice(member * Bytes, Bytes);
        return new Outcome((MessageStatus)at[0], (Reason)at[1], (OutcomeMarks)at[2], new Foretold(at[3]), (Because)at[4]);
    }

    /// <summary>Writes the outcome of one member.</summary>
    public void Write(Span<byte> outcomes, int member)
    {
        var at = outcomes.Slice(member * Bytes, Bytes);
        (at[0], at[1], at[2], at[3], at[4]) = ((byte)Status, (byte)Reason, (byte)Marks, Foretold.Value, (byte)Because);
    }

    /// <summary>
    /// The outcome that a record tells. Without one, what is known stays: the record of an erased person is gone, and its message was sent
    /// all the same.
    /// </summary>
    public static Outcome Of(MessageRecord? record, Outcome known) => record is null
        ? known
        : known with
        {
            Status = record.Status,
            Reason = record.Reason,
            Marks = OutcomeMarks.Recorded | MarksOf(record) | (known.Marks & OutcomeMarks.Unsubscribed),
        };

    /// <summary>
    /// The outcome of a message whose record went before it was settled: nothing will happen to it any more. Of one that was being handed
    /// off nobody can say what came of it.
    /// </summary>
    public Outcome Lost(bool erased) => erased && Status != MessageStatus.Sending
        ? this with { Status = MessageStatus.Skipped, Reason = Reason.SuppressedErased }
        : this with { Status = MessageStatus.Unknown, Reason = Reason.Unknown };

    private static OutcomeMarks MarksOf(MessageRecord record)
    {
        var marks = OutcomeMarks.None;
        foreach (var happening in record.Timeline)
        {
            marks |= happening.Event switch
            {
                MessageRecord.ReportPrefix + "complaint" => OutcomeMarks.Complained,
                MessageRecord.ReportPrefix + "bounce" or MessageRecord.ReportPrefix + "invalid" => OutcomeMarks.Hard,
                MessageRecord.ReportPrefix + "soft-bounce" => OutcomeMarks.Soft,
                MessageRecord.Opened => OutcomeMarks.Opened,
                MessageRecord.Clicked => OutcomeMarks.Clicked,
                _ => OutcomeMarks.None,
            };
        }

        return marks;
    }
}

/// <summary>Why a recipient's outcome is not what the dry run had said.</summary>
public enum Because : byte
{
    /// <summary>It is, as far as it has come; or there was no dry run.</summary>
    AsForetold = 0,

    /// <summary>The ledger of the address has a newer entry than at the dry run.</summary>
    Changed = 1,

    /// <summary>A rule that looks at the time: quiet hours, or an end.</summary>
    Clock = 2,

    /// <summary>The address came into the audience after the dry run.</summary>
    Joined = 3,

    // 4 is free.

    /// <summary>The campaign was paused or cancelled.</summary>
    Operator = 5,

    /// <summary>The provider's answer.</summary>
    Provider = 6,

    /// <summary>Nothing explains it: a fault of ours.</summary>
    Unexplained = 7,

    /// <summary>How much the address had been sent: a cap, or a break that the person takes, which is one.</summary>
    Cap = 8,
}

/// <summary>
/// What a dry run had said of one address: a reason, or that it was not in the audience, or that there was no dry run (zero).
/// </summary>
public readonly record struct Foretold(byte Value)
{
    /// <summary>The address was not in the audience.</summary>
    public static Foretold Absent => new(255);

    /// <summary>The decision it would have had.</summary>
    public static Foretold Of(Reason reason) => new((byte)(reason + 1));

    /// <summary>The reason; null where the address was absent or there was no dry run.</summary>
    public Reason? Reason => Value is 0 or 255 ? null : (Reason)(Value - 1);
}
