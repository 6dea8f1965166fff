using Notifications.Addresses;

namespace Notifications.Sending;

/// <summary>
/// The look at a person's record right before a hand-off that did not begin at once (P1): between the claim and here it may have waited for
/// a place at the provider, for its quota or for another attempt, and the person may have said stop meanwhile. What is said stands in the
/// ledger, so its head tells, and a stop that is repeated moves its moment. Within a quarter of a second of the claim nothing is read. The
/// hour may have passed as well: a text of marketing does not arrive after its window has closed (R52), an answer not after its minutes
/// (R44).
/// </summary>
/// <param name="Book">Where the record is.</param>
/// <param name="Address">Whose record.</param>
/// <param name="Known">The record that the decision knew; null where nothing is to be looked at, as before the answer to a person's own
/// text.</param>
/// <param name="Topic">The message's topic.</param>
/// <param name="NotAfter">From when on the decision does not stand any more, whatever the person says; null for never.</param>
/// <param name="Time">The clock.</param>
/// <param name="Claimed">When the message was claimed, as a timestamp of that clock.</param>
public readonly record struct LastLook(
    AddressBook Book, AddressKey Address, AddressState? Known, string Topic, DateTimeOffset? NotAfter, TimeProvider Time, long Claimed)
{
    private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(250);

    private bool IsInTime => NotAfter is not { } end || Time.UtcNowMs() < end;

    /// <summary>Whether the decision still stands: on the newest word of the person, and at this hour.</summary>
    public ValueTask<bool> HoldsAsync(CancellationToken cancel) =>
        Known is null || Time.GetElapsedTime(Claimed) <= AtOnce ? new(IsInTime) : ReadAsync(cancel);

    private async ValueTask<bool> ReadAsync(CancellationToken cancel) =>
        (await Book.LoadAsync(Address, cancel)).State is { } now
            && now.Ledger.Seq == Known!.Ledger.Seq
            && now.Stopped == Known.Stopped
            && now.StoppedAt(Topic) == Known.StoppedAt(Topic)
            && IsInTime;
}
