using System.Runtime.InteropServices;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Notifications.Storage.Sqlite;

/// <summary>One SQLite connection and its prepared statements; used by one thread at a time.</summary>
internal sealed class Connection : IDisposable
{
    // Milliseconds.
    private const int Wait = 5000, CheckpointWait = 20;

    // SQLITE_FCNTL_HAS_MOVED, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE.
    private const int HasMoved = 20, NoCheckpointOnClose = 1006;

    private readonly sqlite3 _db;
    private readonly List<sqlite3_stmt> _statements = [];

    // One process owns the data, so on Unix the index of the write-ahead log lives on the heap and a read takes no file lock: two system
    // calls less.
    private static readonly string? Vfs = OperatingSystem.IsWindows() ? null : "unix-excl";

    static Connection()
    {
        Batteries_V2.Init();
        // Counting every allocation takes one mutex for all threads.
        _ = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    }

    public Connection(string file, bool create)
        : this(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (create ? SQLITE_OPEN_CREATE : 0))
    {
    }

    private Connection(string file, int flags)
    {
        var code = sqlite3_open_v2(file, out _db, flags, Vfs!);
        if (code != SQLITE_OK)
        {
            _db?.Dispose();
            throw SqliteFailure.Of(code);
        }

        _ = sqlite3_extended_result_codes(_db, 1);
        _ = sqlite3_busy_timeout(_db, Wait);
    }

    /// <summary>Reads a file as it is without its log, and locks nothing.</summary>
    public static Connection WithoutLog(string file)
    {
        var path = file.Replace("%", "%25", StringComparison.Ordinal)
            .Replace("?", "%3f", StringComparison.Ordinal)
            .Replace("#", "%23", StringComparison.Ordinal);
        return new Connection($"file:{path}?immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI);
    }

    /// <summary>
    /// Whether the file is no longer where it was opened: what is written to it then is gone when it is closed. Never on Windows, where a
    /// file that is open cannot be removed.
    /// </summary>
    public bool FileIsGone
    {
        get
        {
            var gone = 0;
            return sqlite3_file_control(_db, 0, HasMoved, ref gone) == SQLITE_OK && gone != 0;
        }
    }

    /// <summary>Whether closing leaves the log beside the file, in place of copying it there.</summary>
    public bool KeepsLog
    {
        set => Check(sqlite3_db_config(_db, NoCheckpointOnClose, value ? 1 : 0, out _));
    }

    /// <summary>Rows changed by the statement that ran last.</summary>
    public int Changes => sqlite3_changes(_db);

    public void Execute(string sql) => Check(sqlite3_exec(_db, sql));

    /// <summary>The one number that a query gives.</summary>
    public long Number(string sql)
    {
        Check(sqlite3_prepare_v2(_db, sql, out var statement));
        using (statement) return Step(statement)
            ? sqlite3_column_int64(statement, 0)
            : throw new InvalidOperationException("The query gave nothing.");
    }

    /// <summary>Prepares a statement that lives as long as the connection.</summary>
    public sqlite3_stmt Prepare(string sql)
    {
        Check(sqlite3_prepare_v3(_db, sql, SQLITE_PREPARE_PERSISTENT, out var statement));
        _statements.Add(statement);
        return statement;
    }

    /// <summary>Copies the log into the file.</summary>
    /// <param name="restart">Whether the next write is to begin the log anew, for which everybody who reads it is waited for, up to 20
    /// ms.</param>
    /// <returns>False when that was in vain, or the disk did not take it: the log then holds what it held.</returns>
    public bool Checkpoint(bool restart)
    {
        _ = sqlite3_busy_timeout(_db, CheckpointWait);
        var code = sqlite3_wal_checkpoint_v2(_db, "main", restart ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE, out _, out _);
        _ = sqlite3_busy_timeout(_db, Wait);
        return code == SQLITE_OK;
    }

    /// <summary>Runs a statement that answers no rows.</summary>
    public static void Run(sqlite3_stmt statement)
    {
        var code = sqlite3_step(statement);
        _ = sqlite3_reset(statement);
        if (code != SQLITE_DONE) throw SqliteFailure.Of(code);
    }

    /// <summary>Moves to the next row of a <see cref="Walk"/>. False at the end.</summary>
    public static bool Step(sqlite3_stmt statement) => sqlite3_step(statement) switch
    {
        SQLITE_ROW => true,
        SQLITE_DONE => false,
        var code => throw SqliteFailure.Of(code),
    };

    public static void Check(int code)
    {
        if (code != SQLITE_OK) throw SqliteFailure.Of(code);
    }

    public void Dispose()
    {
        foreach (var statement in _statements) statement.Dispose();
        _db.Dispose();
    }

    // The binding leaves it out.
    [DllImport("e_sqlite3", CallingConvention = CallingConvention.Cdecl)]
    private static extern int sqlite3_file_control(sqlite3 db, nint name, int operation, ref int value);
}
