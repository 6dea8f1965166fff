using System.Text;

namespace Notifications.Storage.Sqlite;

/// <summary>
/// A row's place as one key that SQLite compares bytewise: table, zero, partition, zero, row, in UTF-8. Zero is below every character a key
/// may hold, so the order is that of (table, partition, row).
/// </summary>
internal static class RowKey
{
    /// <summary>Bytes that surely hold the key of these parts.</summary>
    public static int Size(string table, string partition, string row) => (table.Length + partition.Length + row.Length) * 3 + 2;

    /// <summary>Writes a key and returns it.</summary>
    public static ReadOnlySpan<byte> Write(Span<byte> buffer, string table, string partition, string row)
    {
        var length = Partition(buffer, table, partition);
        return buffer[..(length + Encoding.UTF8.GetBytes(row, buffer[length..]))];
    }

    /// <summary>Writes what follows every row of the partition, and returns it.</summary>
    public static ReadOnlySpan<byte> WriteEnd(Span<byte> buffer, string table, string partition)
    {
        var length = Partition(buffer, table, partition);
        buffer[length - 1] = 1;
        return buffer[..length];
    }

    /// <summary>Writes what precedes (0) or follows (1) every row of the table, and returns it.</summary>
    public static ReadOnlySpan<byte> WriteTable(Span<byte> buffer, string table, byte end)
    {
        var length = Encoding.UTF8.GetBytes(table, buffer);
        buffer[length++] = end;
        return buffer[..length];
    }

    /// <summary>Reads the partition and the row of a key whose table has <paramref name="table"/> characters.</summary>
    public static (string Partition, string Row) Read(ReadOnlySpan<byte> key, int table)
    {
        var rest = key[(table + 1)..];
        var zero = rest.IndexOf((byte)0);
        return (Encoding.UTF8.GetString(rest[..zero]), Encoding.UTF8.GetString(rest[(zero + 1)..]));
    }

    private static int Partition(Span<byte> buffer, string table, string partition)
    {
        var length = Encoding.UTF8.GetBytes(table, buffer);
        buffer[length++] = 0;
        length += Encoding.UTF8.GetBytes(partition, buffer[length..]);
        buffer[length++] = 0;
        return length;
    }
}
