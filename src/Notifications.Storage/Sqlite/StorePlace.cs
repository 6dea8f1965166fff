using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Notifications.Storage.Sqlite;

/// <summary>
/// Tells a store that was put back from a copy by the lock beside it, which is made once and never again: a directory that was copied has
/// one that was made at another moment than the store remembers; and an older store that was put beside the lock has been opened fewer
/// times than the lock says. A disk that was set back whole, by a snapshot, tells nothing; neither does a copy that was written over the
/// files in place, its lock with them.
/// </summary>
internal static class StorePlace
{
    // In the place of the moment: nobody's, until the store is taken over; and of a file system that keeps none.
    private const long Nowhere = 0, Untold = 1;

    /// <summary>Whether the store belongs to another place. One that does not say, new or from before this was kept, is here.</summary>
    public static bool IsOther(Connection connection, FileStream @lock)
    {
        var opening = connection.Number(Schema.Opening);
        var known = connection.Number("SELECT coalesce((SELECT made FROM place), -1)");
        var other = (known is not (-1 or Untold) && known != Made(@lock)) || Openings(@lock) >= opening;
        // Written down, because each start counts an opening.
        connection.Execute(other ? Is(Nowhere) : Belongs(@lock, opening));
        return other;
    }

    /// <summary>Has the lock know the store's last opening; answers the statement that has the store know the lock.</summary>
    public static string Belongs(FileStream @lock, long opening)
    {
        @lock.SetLength(0);
        @lock.Position = 0;
        @lock.Write(Encoding.ASCII.GetBytes(opening.ToString(CultureInfo.InvariantCulture)));
        @lock.Flush(flushToDisk: true);
        return Is(Made(@lock));
    }

    private static string Is(long made) => string.Create(
        CultureInfo.InvariantCulture, $"INSERT INTO place VALUES(1, {made}) ON CONFLICT DO UPDATE SET made={made} WHERE made<>{made}");

    // What a crash has left half written says nothing.
    private static long Openings(FileStream @lock)
    {
        Span<byte> text = stackalloc byte[20];
        @lock.Position = 0;
        var read = @lock.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
        return long.TryParse(text[..read], CultureInfo.InvariantCulture, out var openings) ? openings : 0;
    }

    private static long Made(FileStream @lock)
    {
        if (!OperatingSystem.IsLinux()) return File.GetCreationTimeUtc(@lock.SafeFileHandle).Ticks;
        const int emptyPath = 0x1000, birth = 0x800, mask = 0, seconds = 80, nanoseconds = 88;
        var told = new byte[256];
        try
        {
            if (Statx((int)@lock.SafeFileHandle.DangerousGetHandle(), [0], emptyPath, birth, told) != 0) return Untold;
        }
        catch (EntryPointNotFoundException)
        {
            return Untold;
        }

        return (BinaryPrimitives.ReadUInt32LittleEndian(told.AsSpan(mask)) & birth) == 0
            ? Untold
            : (BinaryPrimitives.ReadInt64LittleEndian(told.AsSpan(seconds)) * 1_000_000_000)
                + BinaryPrimitives.ReadUInt32LittleEndian(told.AsSpan(nanoseconds));
    }

    // .NET does not tell when a file was made on Linux.
    [DllImport("libc", EntryPoint = "statx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(int directory, byte[] path, int flags, uint mask, byte[] told);
}
