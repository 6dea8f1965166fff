using System.Text;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Notifications.Storage.Sqlite;

/// <summary>One connection that reads the last committed state; rented by one call at a time.</summary>
internal sealed class Reader : IDisposable
{
    private readonly Connection _connection;
    private readonly sqlite3_stmt _get;
    private readonly sqlite3_stmt _range;
    private readonly sqlite3_stmt _scan;
    private readonly sqlite3_stmt _due;
    private readonly sqlite3_stmt _blob;
    private readonly sqlite3_stmt _names;
    private readonly Damage _damage;

    public Reader(string file, Damage damage)
    {
        _damage = damage;
        _connection = new Connection(file, create: false);
        _connection.Execute(Schema.Reader);
        _get = _connection.Prepare("SELECT etag, value FROM rows WHERE key=?1");
        _range = _connection.Prepare("SELECT key, etag, value FROM rows WHERE key>=?1 AND key<?2 ORDER BY key LIMIT ?3");
        _scan = _connection.Prepare("SELECT key, etag, value FROM rows WHERE key>?1 AND key<?2 ORDER BY key LIMIT ?3");
        _due = _connection.Prepare("SELECT due FROM items WHERE queue=?1 ORDER BY due LIMIT 1");
        _blob = _connection.Prepare("SELECT content FROM blobs WHERE container=?1 AND name=?2");
        _names = _connection.Prepare("SELECT name FROM blobs WHERE container=?1 AND name>?2 AND name>=?3 ORDER BY name LIMIT ?4");
    }

    public Row? Get(string table, string partition, string row)
    {
        Span<byte> buffer = stackalloc byte[RowKey.Size(table, partition, row)];
        Connection.Check(sqlite3_bind_blob(_get, 1, RowKey.Write(buffer, table, partition, row)));
        using var walk = new Walk(_get);
        return Step(_get) ? new Row(row, sqlite3_column_blob(_get, 1).ToArray(), ETag(_get, 0)) : null;
    }

    public IReadOnlyList<Row> Range(string table, string partition, RowRange range, int limit)
    {
        Span<byte> from = stackalloc byte[RowKey.Size(table, partition, range.From ?? "")];
        Span<byte> to = stackalloc byte[RowKey.Size(table, partition, range.To ?? "")];
        Connection.Check(sqlite3_bind_blob(_range, 1, RowKey.Write(from, table, partition, range.From ?? "")));
        Connection.Check(sqlite3_bind_blob(
            _range, 2, range.To is null ? RowKey.WriteEnd(to, table, partition) : RowKey.Write(to, table, partition, range.To)));
        Connection.Check(sqlite3_bind_int64(_range, 3, limit));
        var rows = new List<Row>();
        using var walk = new Walk(_range);
        while (Step(_range))
            rows.Add(new Row(
                RowKey.Read(sqlite3_column_blob(_range, 0), table.Length).Row, sqlite3_column_blob(_range, 2).ToArray(),
                ETag(_range, 1)));
        return rows;
    }

    public IReadOnlyList<ScannedRow> Scan(string table, (string Partition, string Row)? after, int limit)
    {
        var (partition, row) = after ?? ("", "");
        Span<byte> from = stackalloc byte[RowKey.Size(table, partition, row)];
        Span<byte> to = stackalloc byte[RowKey.Size(table, "", "")];
        Connection.Check(sqlite3_bind_blob(
            _scan, 1, after is null ? RowKey.WriteTable(from, table, 0) : RowKey.Write(from, table, partition, row)));
        Connection.Check(sqlite3_bind_blob(_scan, 2, RowKey.WriteTable(to, table, 1)));
        Connection.Check(sqlite3_bind_int64(_scan, 3, limit));
        var rows = new List<ScannedRow>();
        using var walk = new Walk(_scan);
        while (Step(_scan))
        {
            var key = RowKey.Read(sqlite3_column_blob(_scan, 0), table.Length);
            rows.Add(new ScannedRow(key.Partition, new Row(key.Row, sqlite3_column_blob(_scan, 2).ToArray(), ETag(_scan, 1))));
        }

        return rows;
    }

    /// <summary>When the first item of a queue is due, in Unix milliseconds; null when the queue is empty.</summary>
    public long? NextDue(QueueState queue)
    {
        Connection.Check(sqlite3_bind_blob(_due, 1, queue.Key));
        using var walk = new Walk(_due);
        return Step(_due) ? sqlite3_column_int64(_due, 0) : null;
    }

    public ReadOnlyMemory<byte>? Blob(string container, string name)
    {
        Connection.Check(sqlite3_bind_text(_blob, 1, container));
        Connection.Check(sqlite3_bind_text(_blob, 2, name));
        using var walk = new Walk(_blob);
        if (!Step(_blob)) return null;
        return sqlite3_column_blob(_blob, 0).ToArray();
    }

    public IReadOnlyList<string> BlobNames(string container, string prefix, string? after, int limit)
    {
        Connection.Check(sqlite3_bind_text(_names, 1, container));
        Connection.Check(sqlite3_bind_text(_names, 2, after ?? ""));
        Connection.Check(sqlite3_bind_text(_names, 3, prefix));
        Connection.Check(sqlite3_bind_int64(_names, 4, limit));
        var names = new List<string>();
        using var walk = new Walk(_names);
        while (Step(_names))
        {
            var name = sqlite3_column_text(_names, 0).utf8_to_string();
            if (!name.StartsWith(prefix, StringComparison.Ordinal)) break;
            names.Add(name);
        }

        return names;
    }

    /// <summary>The count of every queue that ever held something.</summary>
    public Dictionary<string, long> Counts()
    {
        var statement = _connection.Prepare("SELECT queue, count FROM queues");
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        using var walk = new Walk(statement);
        while (Step(statement))
            counts.Add(Encoding.UTF8.GetString(sqlite3_column_blob(statement, 0)), sqlite3_column_int64(statement, 1));
        return counts;
    }

    public void Dispose() => _connection.Dispose();

    private bool Step(sqlite3_stmt statement)
    {
        try
        {
            return Connection.Step(statement);
        }
        catch (StorageUnavailableException error)
        {
            _damage.Note(error);
            throw;
        }
    }

    private static string ETag(sqlite3_stmt statement, int column) =>
        sqlite3_column_int64(statement, column).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
