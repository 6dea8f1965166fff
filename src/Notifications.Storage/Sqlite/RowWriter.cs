using System.Globalization;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Notifications.Storage.Sqlite;

/// <summary>The table port's statements that write.</summary>
internal sealed class RowWriter(Connection connection, Writer writer)
{
    private readonly sqlite3_stmt _etag = connection.Prepare("SELECT etag FROM rows WHERE key=?1");
    private readonly sqlite3_stmt _insert = connection.Prepare(
        "INSERT INTO rows(key, etag, value) VALUES(?1, ?2, ?3) ON CONFLICT DO NOTHING");
    private readonly sqlite3_stmt _replace = connection.Prepare("UPDATE rows SET etag=?2, value=?3 WHERE key=?1 AND etag=?4");
    private readonly sqlite3_stmt _put = connection.Prepare(
        "INSERT INTO rows(key, etag, value) VALUES(?1, ?2, ?3) ON CONFLICT DO UPDATE SET etag=?2, value=?3");
    private readonly sqlite3_stmt _delete = connection.Prepare("DELETE FROM rows WHERE key=?1");
    private readonly sqlite3_stmt _deleteMatch = connection.Prepare("DELETE FROM rows WHERE key=?1 AND etag=?4");

    /// <summary>
    /// The first change carries its precondition in its statement; the others are checked before it is written. A conflict then needs no
    /// undoing, and costs the rest of the group nothing.
    /// </summary>
    public CommitResult Commit(string table, string partition, IReadOnlyList<RowChange> changes)
    {
        for (var i = 1; i < changes.Count; i++)
        {
            if (!Holds(table, partition, changes[i])) return CommitResult.Conflict(Holds(table, partition, changes[0]) ? i : 0);
        }

        var etags = new string[changes.Count];
        for (var i = 0; i < etags.Length; i++)
        {
            var etag = writer.NextNumber();
            if (!Apply(table, partition, changes[i], etag)) return CommitResult.Conflict(i);
            etags[i] = changes[i].Kind == RowChangeKind.Delete ? "" : etag.ToString(CultureInfo.InvariantCulture);
        }

        return CommitResult.Success(etags);
    }

    private bool Holds(string table, string partition, in RowChange change)
    {
        if (change.Kind == RowChangeKind.Put) return true;
        Span<byte> buffer = stackalloc byte[RowKey.Size(table, partition, change.Key)];
        Connection.Check(sqlite3_bind_blob(_etag, 1, RowKey.Write(buffer, table, partition, change.Key)));
        using var walk = new Walk(_etag);
        var found = Connection.Step(_etag);
        return change.Kind == RowChangeKind.Insert
            ? !found
            : found && (change.ETag is null || Parse(change.ETag) == sqlite3_column_int64(_etag, 0));
    }

    private bool Apply(string table, string partition, in RowChange change, long etag)
    {
        var statement = change.Kind switch
        {
            RowChangeKind.Insert => _insert,
            RowChangeKind.Replace => _replace,
            RowChangeKind.Put => _put,
            _ => change.ETag is null ? _delete : _deleteMatch,
        };
        Span<byte> buffer = stackalloc byte[RowKey.Size(table, partition, change.Key)];
        Connection.Check(sqlite3_bind_blob(statement, 1, RowKey.Write(buffer, table, partition, change.Key)));
        if (change.Kind != RowChangeKind.Delete)
        {
            Connection.Check(sqlite3_bind_int64(statement, 2, etag));
            Connection.Check(sqlite3_bind_blob(statement, 3, change.Value.Span));
        }

        if (change.Kind == RowChangeKind.Replace || (change.Kind == RowChangeKind.Delete && change.ETag is not null))
            Connection.Check(sqlite3_bind_int64(statement, 4, Parse(change.ETag!)));
        Connection.Run(statement);
        return connection.Changes == 1;
    }

    // An ETag that is none of ours matches no row: they begin at one.
    private static long Parse(string etag) =>
        long.TryParse(etag, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
}
