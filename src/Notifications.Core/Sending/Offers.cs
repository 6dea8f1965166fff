namespace Notifications.Sending;

/// <summary>
/// When a message was offered to a provider, as its lines tell one after the other. A record keeps this once its timeline is too long to
/// keep every line.
/// </summary>
/// <param name="ClaimedAt">Since when it is claimed; null while it is not.</param>
/// <param name="First">When it was first offered, as a repetition has to say; null before.</param>
/// <param name="Since">Since when it has been offered without having been given up; null before.</param>
/// <param name="Open">Whether a provider may have it: not every answer was a certain no.</param>
public sealed record Offers(
    DateTimeOffset? ClaimedAt = null, DateTimeOffset? First = null, DateTimeOffset? Since = null, bool Open = false)
{
    // A provider remembers a request for five minutes, and refuses one that says to be older. One is left for clocks that differ.
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(4);

    /// <summary>
    /// When it was first offered, as the present attempt has to say: where every answer since was a certain no, it begins anew once the
    /// provider has forgotten them. The minimum where it was not offered.
    /// </summary>
    internal DateTimeOffset Told =>
        ClaimedAt is { } now && (First is not { } first || (!Open && now - first > Remembered)) ? now : First ?? DateTimeOffset.MinValue;

    /// <summary>What the lines of a whole timeline tell.</summary>
    internal static Offers Of(ReadOnlySpan<MessageEvent> timeline)
    {
        var offers = new Offers();
        foreach (var line in timeline)
            if (!line.Event.StartsWith(MessageRecord.ReportPrefix, StringComparison.Ordinal)) offers = offers.Then(line);
        return offers;
    }

    /// <summary>The same with the next line; not with a report, which comes at any time.</summary>
    internal Offers Then(MessageEvent line) => line.Event switch
    {
        MessageRecord.Withheld => this with { ClaimedAt = null },
        MessageRecord.Throttled or MessageRecord.Unavailable or MessageRecord.GivenUp => Offered(taken: false),
        MessageRecord.Claimed => Offered(taken: true) with { ClaimedAt = line.At },
        MessageRecord.Replayed => Offered(taken: true) with { Since = null },
        MessageRecord.AnswerLost => Offered(taken: true) with { Open = true }, // Also where its claim was not kept.
        _ => Offered(taken: true),
    };

    private Offers Offered(bool taken) =>
        ClaimedAt is null ? this : new Offers(null, Told, Since ?? ClaimedAt, Open || taken);
}
