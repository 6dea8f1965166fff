using System.Text.Json.Serialization;
using Notifications.Addresses;
using Notifications.Sending;

namespace Notifications.Campaigns;

/// <summary>How far the selection of one bucket has come. Written together with the batches it has made.</summary>
/// <param name="Cursor">The last address key that is in a batch; null at the beginning.</param>
/// <param name="Batches">How many batches the bucket has.</param>
/// <param name="Done">Whether the bucket's end was reached.</param>
public sealed record BucketRow(string? Cursor, int Batches, bool Done);

/// <summary>
/// One batch and what has come of it: the accountable row that the campaign's numbers are summed from. Who is in it stands beside, see
/// <see cref="BatchMembers"/>.
/// </summary>
public sealed record BatchRow
{
    /// <summary>How many recipients it has, 1 to 100.</summary>
    public required int Size { get; init; }

    /// <summary>When it is to be sent; null for at once.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The subject it tries, from 0; null outside the test.</summary>
    public int? Subject { get; init; }

    /// <summary>Whether it waits for the test's winner.</summary>
    public bool Held { get; init; }

    /// <summary>
    /// Whether it waits to be released, by the throttle or by the winner; true again where a pause began while it slept. All other batches
    /// are on the queue from the beginning.
    /// </summary>
    public bool Waits { get; init; }

    /// <summary>
    /// The campaign's epoch in which the throttle, or the winner, last let it go; 0 where neither did. In a later one, after a pause, what
    /// slept into that waits anew.
    /// </summary>
    public int ReleasedIn { get; init; }

    /// <summary>
    /// What has come of each recipient, <see cref="Outcome.Bytes"/> each, in the order of the members; null while nothing has begun.
    /// </summary>
    public byte[]? Outcomes { get; init; }

    /// <summary>What has come of one recipient.</summary>
    public Outcome Of(int member) => Outcomes is null ? default : Outcome.Read(Outcomes, member);

    /// <summary>Whether the outcome of at least one recipient is such.</summary>
    public bool Any(Func<Outcome, bool> such)
    {
        for (var i = 0; i < Size; i++)
            if (such(Of(i))) return true;
        return false;
    }

    /// <summary>How many go out when it is released: all, or once it has begun those that wait for the campaign alone.</summary>
    [JsonIgnore]
    public int Goes =>
        Outcomes is null
            ? Size
            : Enumerable.Range(0, Size).Count(i => Of(i) is { PutOff: true, Reason: Reason.CampaignPaused });

    /// <summary>Whether something is left to be done.</summary>
    [JsonIgnore]
    public bool Unsettled => Outcomes is null || Any(static o => !o.Settled);
}

/// <summary>
/// The address keys of a batch, 16 bytes each, in the order in which they were selected. Nothing else names its recipients: no address
/// stands in a campaign's rows.
/// </summary>
public static class BatchMembers
{
    /// <summary>Writes keys.</summary>
    public static byte[] Write(IReadOnlyList<AddressKey> keys)
    {
        var bytes = new byte[keys.Count * AddressKey.Bytes];
        for (var i = 0; i < keys.Count; i++) keys[i].CopyTo(bytes.AsSpan(i * AddressKey.Bytes));
        return bytes;
    }

    /// <summary>Reads keys.</summary>
    public static AddressKey[] Read(ReadOnlySpan<byte> bytes)
    {
        var keys = new AddressKey[bytes.Length / AddressKey.Bytes];
        for (var i = 0; i < keys.Length; i++) keys[i] = AddressKey.From(bytes.Slice(i * AddressKey.Bytes, AddressKey.Bytes));
        return keys;
    }
}

/// <summary>When a campaign was last looked at, and what was seen then, so that the next look sees what happened between.</summary>
/// <param name="Epoch">The campaign's epoch.</param>
/// <param name="At">When it was.</param>
/// <param name="Sent">How many were sent.</param>
/// <param name="Unavailable">How many found no provider.</param>
/// <param name="Quiet">How many waited for quiet hours to end.</param>
/// <param name="Forgone">How many the throttle no longer lets go: others took their place, or a hold passed it by.</param>
/// <param name="Slept">How many slept into a pause, and wait to be let go anew.</param>
public sealed record TickRow(
    int Epoch, DateTimeOffset At, long Sent, long Unavailable, long Quiet = 0, long Forgone = 0, long Slept = 0);
