using SQLitePCL;
using static SQLitePCL.raw;

namespace Notifications.Storage.Sqlite;

/// <summary>The blob port's statements that write.</summary>
internal sealed class BlobWriter(Connection connection)
{
    private readonly sqlite3_stmt _put = connection.Prepare(
        "INSERT INTO blobs(container, name, content) VALUES(?1, ?2, ?3) ON CONFLICT DO UPDATE SET content=?3");
    private readonly sqlite3_stmt _delete = connection.Prepare("DELETE FROM blobs WHERE container=?1 AND name=?2");

    public void Put(string container, string name, ReadOnlySpan<byte> content)
    {
        Connection.Check(sqlite3_bind_text(_put, 1, container));
        Connection.Check(sqlite3_bind_text(_put, 2, name));
        Connection.Check(sqlite3_bind_blob(_put, 3, content));
        Connection.Run(_put);
        // Let go of the copy the statement holds.
        _ = sqlite3_clear_bindings(_put);
    }

    public void Delete(string container, string name)
    {
        Connection.Check(sqlite3_bind_text(_delete, 1, container));
        Connection.Check(sqlite3_bind_text(_delete, 2, name));
        Connection.Run(_delete);
    }
}
