namespace Notifications.Storage.Sqlite;

/// <summary>The file's layout.</summary>
internal static class Schema
{
    /// <summary>Bytes of a page of the file and of its log.</summary>
    public const int PageSize = 4096;

    /// <summary>Set on the connection that writes. FULL: a commit is on the disk before it is answered.</summary>
    public const string Writer = """
        PRAGMA page_size=4096;
        PRAGMA journal_mode=WAL;
        PRAGMA synchronous=FULL;
        PRAGMA wal_autocheckpoint=0;
        PRAGMA journal_size_limit=67108864;
        PRAGMA cache_size=-32768;
        PRAGMA temp_store=MEMORY;
        """;

    /// <summary>Set on the connection that copies the log into the file. It keeps no pages.</summary>
    public const string Checkpointer = """
        PRAGMA synchronous=FULL;
        PRAGMA cache_size=0;
        """;

    /// <summary>Set on each connection that reads.</summary>
    public const string Reader = """
        PRAGMA query_only=1;
        PRAGMA cache_size=-4096;
        PRAGMA temp_store=MEMORY;
        """;

    /// <summary>
    /// The version of the file, in its <c>user_version</c>: of the layout, and of what the rows mean. A build that is older refuses the
    /// file. The rule: it is raised with the layout, and whenever a record gains something that holds a message back (an objection, a stop,
    /// a restriction). An older build would drop what it does not know when it next writes the row, and then send (P6). 2: the place, and
    /// everything that records have gained since 1. 3: an operator's block beneath another.
    /// </summary>
    public const int Version = 3;

    /// <summary>
    /// A row is far larger than its key, so the tree that is searched holds keys alone: some seventy to a page, which stay in memory, where
    /// whole rows would be six. The rows themselves stand in the order in which they came, so what is inserted together is written
    /// together.
    /// </summary>
    public const string Rows = """
        CREATE TABLE IF NOT EXISTS rows(id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, etag INTEGER NOT NULL, value BLOB NOT NULL);
        """;

    /// <summary>
    /// Queue items stand in the order in which they came, and are searched by the time they are due: receiving is a walk from the start of
    /// a queue, however long it is. The counts of the queues are kept because counting a long one is not free.
    /// </summary>
    public const string Create = Rows + """
        CREATE TABLE IF NOT EXISTS items(id INTEGER PRIMARY KEY, queue BLOB NOT NULL, due INTEGER NOT NULL, receipt INTEGER NOT NULL, received INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE INDEX IF NOT EXISTS items_due ON items(queue, due);
        CREATE TABLE IF NOT EXISTS queues(queue BLOB PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS blobs(container TEXT NOT NULL, name TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY(container, name));
        CREATE TABLE IF NOT EXISTS generation(one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL);
        INSERT INTO generation VALUES(1, 1) ON CONFLICT DO UPDATE SET number = number + 1;
        CREATE TABLE IF NOT EXISTS place(one INTEGER PRIMARY KEY CHECK (one = 1), made INTEGER NOT NULL);
        PRAGMA user_version=3;
        """;

    /// <summary>How often the file has been opened, this time included.</summary>
    public const string Opening = "SELECT number FROM generation";

    /// <summary>What a file lacks of all that, wholly or not at all: a process that dies leaves no half of it.</summary>
    public const string Complete = "BEGIN IMMEDIATE;" + Create + "COMMIT;";

    /// <summary>
    /// Whether a file has the first layout, which had no version and no numbers of rows: rows and items in trees of their own keys.
    /// </summary>
    public const string IsFirst = """
        SELECT count(*) FROM sqlite_schema WHERE name='rows' AND (SELECT user_version FROM pragma_user_version)=0
        AND NOT EXISTS (SELECT 1 FROM pragma_table_info('rows') WHERE name='id')
        """;

    /// <summary>From the first layout to this one, wholly or not at all.</summary>
    public const string FromFirst = "BEGIN IMMEDIATE; ALTER TABLE rows RENAME TO rows_0; ALTER TABLE items RENAME TO items_0;"
        + Create + """
        INSERT INTO rows(key, etag, value) SELECT key, etag, value FROM rows_0 ORDER BY key;
        INSERT INTO items(id, queue, due, receipt, received, body) SELECT id, queue, due, receipt, received, body FROM items_0 ORDER BY id;
        DROP TABLE rows_0;
        DROP TABLE items_0;
        COMMIT;
        """;
}
