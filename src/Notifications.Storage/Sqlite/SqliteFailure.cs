using SQLitePCL;
using static SQLitePCL.raw;

namespace Notifications.Storage.Sqlite;

/// <summary>What SQLite answers when it does not do what was asked.</summary>
internal static class SqliteFailure
{
    /// <summary>The code and its own text, which never quotes data; the code is its <see cref="Exception.HResult"/>, too.</summary>
    public static StorageUnavailableException Of(int code) => new($"SQLite: {sqlite3_errstr(code).utf8_to_string()} ({code}).")
    {
        HResult = code,
        IsDamage = Primary(code) is SQLITE_CORRUPT or SQLITE_NOTADB,
    };

    /// <summary>The file, what is wrong with it at its opening, and the remedy.</summary>
    public static string AtOpening(StorageUnavailableException failure, string file)
    {
        var why = failure.Message.TrimEnd('.');
        return Primary(failure.HResult) switch
        {
            SQLITE_CORRUPT or SQLITE_NOTADB =>
                $"{file} is damaged, or no store ({why}). Move the directory away and restore its copy into an empty one.",
            SQLITE_BUSY or SQLITE_LOCKED =>
                $"{file} is in use by another program ({why}): a sqlite3 shell, or a second process whose lock file was removed. End it, and start again.",
            SQLITE_FULL => $"The disk of {file} is full ({why}). Make room, and start again.",
            _ => $"{file} cannot be opened ({why}). See that it and its directory can be read and written, and that the disk works.",
        };
    }

    // What stands above the lowest byte says where it was met.
    private static int Primary(int code) => code & 0xff;
}
