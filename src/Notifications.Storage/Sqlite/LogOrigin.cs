using System.Buffers.Binary;

namespace Notifications.Storage.Sqlite;

/// <summary>
/// Tells the write-ahead log that belongs to a file from one that was left beside it. SQLite reads any: where a copy is put over a
/// directory whose process was killed, it lays the newer log's pages over the older file, and both are lost.
/// <para>A log's first salt is drawn when it is made and counts up whenever it begins anew, as its sequence number does; the difference
/// names it (https://www.sqlite.org/fileformat2.html, section 4.1). The file holds the name of its log, and the opening that noted it: an
/// opening of an earlier version of this program notes nothing, and then nothing is known.</para>
/// </summary>
internal static class LogOrigin
{
    private const int HeaderSize = 32;

    private const string Known = "SELECT count(*) FROM sqlite_schema WHERE name='log'";
    private const string Another =
        "SELECT count(*) FROM log JOIN generation ON log.generation=generation.number WHERE log.origin<>";

    // Made is the opening that made the log, so that the file alone, without it, is of the one before at least; 0 where that is not known.
    private const string Made = "SELECT log.made FROM log JOIN generation ON log.generation=generation.number";
    private const string Table =
        "CREATE TABLE IF NOT EXISTS log(one INTEGER PRIMARY KEY CHECK (one = 1), generation INTEGER NOT NULL, origin INTEGER NOT NULL, made INTEGER NOT NULL);";

    /// <summary>The name of the log beside a file; null where there is none, or SQLite would not read it.</summary>
    public static uint? Of(string file)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        try
        {
            using var log = File.OpenHandle(file + "-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (RandomAccess.Read(log, header, 0) < HeaderSize) return null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }

        return IsWhole(header) ? Word(header, 4) - Word(header, 3) : null;
    }

    /// <summary>
    /// Whether there is a page in the log. A process that ends in the very moment in which a log is begun leaves its header alone: nothing
    /// of it is laid over the file, whichever it belongs to.
    /// </summary>
    public static bool HasPages(string file) => new FileInfo(file + "-wal") is { Exists: true, Length: > HeaderSize };

    /// <summary>The opening that a file alone is of, as it would be without its log; null where it does not say.</summary>
    public static long? FileAlone(string file)
    {
        if (!File.Exists(file)) return null;
        try
        {
            using var alone = Connection.WithoutLog(file);
            return alone.Number("SELECT coalesce(max(number), 0) FROM generation");
        }
        catch (StorageUnavailableException)
        {
            return null; // The log may hold what makes it whole.
        }
    }

    /// <summary>Whether the log is certainly not the file's.</summary>
    public static bool IsAnothers(Connection connection, uint? origin, long? alone) =>
        origin is { } found
            && connection.Number(Known) == 1
            && (connection.Number(FormattableString.Invariant($"{Another}{found}")) == 1
                || (alone is { } generation && connection.Number($"SELECT coalesce(({Made}), 0)") > generation + 1));

    /// <summary>Notes the log that this opening writes to, and whether it found one.</summary>
    public static void Note(Connection connection, string file, bool found)
    {
        if (Of(file) is not { } origin) return;
        connection.Execute(Table + FormattableString.Invariant($"""
            INSERT INTO log SELECT 1, number, {origin}, {(found ? "0" : "number")} FROM generation WHERE true
            ON CONFLICT DO UPDATE SET
              generation=excluded.generation, made=CASE WHEN origin=excluded.origin THEN made ELSE excluded.made END, origin=excluded.origin;
            """));
    }

    // The checksum over the words before it, in the order of bytes that the magic number says.
    private static bool IsWhole(ReadOnlySpan<byte> header)
    {
        if (Word(header, 0) is not (0x377f0682 or 0x377f0683)) return false;
        var big = (Word(header, 0) & 1) == 1;
        uint first = 0, second = 0;
        for (var i = 0; i < 6; i += 2)
        {
            first += Read(header, i) + second;
            second += Read(header, i + 1) + first;
        }

        return (first, second) == (Word(header, 6), Word(header, 7));

        uint Read(ReadOnlySpan<byte> bytes, int word) =>
            big ? Word(bytes, word) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[(word * 4)..]);
    }

    private static uint Word(ReadOnlySpan<byte> header, int word) => BinaryPrimitives.ReadUInt32BigEndian(header[(word * 4)..]);
}
