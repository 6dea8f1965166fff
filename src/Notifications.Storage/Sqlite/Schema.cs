namespace Notifications.Storage.Sqlite;

/// <summary>The file's layout.</summary>
internal static class Schema
{
    /// <summary>Set on the connection that writes. FULL: a commit is on the disk before it is answered.</summary>
    public const string Writer = """
        PRAGMA page_size=4096;
        PRAGMA journal_mode=WAL;
        PRAGMA synchronous=FULL;
        PRAGMA wal_autocheckpoint=4000;
        PRAGMA journal_size_limit=67108864;
        PRAGMA cache_size=-32768;
        PRAGMA temp_store=MEMORY;
        """;

    /// <summary>Set on each connection that reads.</summary>
    public const string Reader = """
        PRAGMA query_only=1;
        PRAGMA cache_size=-4096;
        PRAGMA temp_store=MEMORY;
        """;

    /// <summary>
    /// Rows of a partition stand side by side in one tree, so that a claim (state replaced, message inserted) writes one page where it can.
    /// Queue items are ordered by the time they are due: receiving is a walk from the start of a queue, however long it is. The counts of the
    /// queues are kept because counting a long one is not free.
    /// </summary>
    public const string Create = """
        CREATE TABLE IF NOT EXISTS rows(key BLOB PRIMARY KEY, etag INTEGER NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS items(queue BLOB, due INTEGER, id INTEGER, receipt INTEGER NOT NULL, received INTEGER NOT NULL, body BLOB NOT NULL,
            PRIMARY KEY(queue, due, id)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS queues(queue BLOB PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS blobs(container TEXT NOT NULL, name TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY(container, name));
        CREATE TABLE IF NOT EXISTS generation(one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL);
        INSERT INTO generation VALUES(1, 1) ON CONFLICT DO UPDATE SET number = number + 1;
        """;
}
