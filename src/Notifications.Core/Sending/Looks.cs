using System.Buffers.Binary;

namespace Notifications.Sending;

/// <summary>
/// When a message that waits for a break or a cap to end is looked at. Either can end before its time, or a stop come in between, and the
/// message must not lie until the day that was foreseen. Each message has moments of its own: all of them together are spread evenly, and
/// two queue items of one message meet again in one row of the schedule.
/// </summary>
internal static class Looks
{
    /// <summary>The longest that a message goes without a look.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromHours(6);

    /// <summary>The next look after <paramref name="now"/>, which is <paramref name="until"/> where that comes first.</summary>
    public static DateTimeOffset Next(MessageId id, DateTimeOffset until, DateTimeOffset now)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.OperationId.TryWriteBytes(bytes);
        var every = (long)Every.TotalMilliseconds;
        var since = (now.ToUnixTimeMilliseconds() + BinaryPrimitives.ReadUInt32LittleEndian(bytes)) % every;
        var next = now.AddMilliseconds(every - since);
        return next < until ? next : until;
    }
}
