using SQLitePCL;
using static SQLitePCL.raw;

namespace Notifications.Storage.Sqlite;

/// <summary>A walk over the rows of a statement, which is reset at its end, however that comes, and holds no snapshot then.</summary>
internal readonly struct Walk(sqlite3_stmt statement) : IDisposable
{
    public void Dispose() => _ = sqlite3_reset(statement);
}
