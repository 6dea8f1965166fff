using System.Diagnostics;
using System.Text;
using Notifications.Storage;
using Notifications.Storage.Sqlite;
using SQLitePCL;

namespace Notifications.Benchmarks.Load;

/// <summary>
/// The limit of sending: raw SQLite that writes the rows of messages already sent, each as long as the product's own: those that a claim
/// replaces and the message's own in one transaction, then the message's again with its outcome, in group commits as large as the
/// product's.
/// </summary>
internal static class RawMessages
{
    /// <summary>What one message wrote: its address, the rows that its claim replaced, and its own.</summary>
    public readonly record struct Written(byte[] Address, byte[][] Replaced, byte[] Message);

    /// <summary>Reads what a message wrote.</summary>
    /// <param name="store">The product's store.</param>
    /// <param name="address">The address's key.</param>
    /// <param name="replaced">The keys of the rows besides the message's own that its claim replaces.</param>
    public static async Task<Written> ReadAsync(SqliteStore store, string address, params string[] replaced)
    {
        var rows = new byte[replaced.Length][];
        for (var i = 0; i < rows.Length; i++) rows[i] = (await store.GetAsync(Tables.Addresses, address, replaced[i]))!.Value.ToArray();
        var message = (await store.RangeAsync(Tables.Addresses, address, RowRange.Prefix(Rows.MessagePrefix), 1))[0].Value.ToArray();
        return new(Encoding.UTF8.GetBytes(address), rows, message);
    }

    /// <summary>Messages a second, in random order of their addresses.</summary>
    public static double Rate(Written[] messages, int group)
    {
        Random.Shared.Shuffle(messages);
        var folder = Directory.CreateTempSubdirectory("notifications-raw-").FullName;
        try
        {
            using var file = new RawFile(Path.Combine(folder, "raw.db"));
            file.Execute("BEGIN");
            foreach (var message in messages) Replace(file, message, 1);
            file.Execute("COMMIT");
            var started = Stopwatch.GetTimestamp();
            for (var from = 0; from < messages.Length; from += group)
            {
                var until = Math.Min(messages.Length, from + group);
                file.Execute("BEGIN");
                for (var i = from; i < until; i++)
                {
                    // An outcome adds about as much.
                    var claimed = messages[i].Message.AsSpan(0, messages[i].Message.Length - Math.Min(80, messages[i].Message.Length / 4));
                    Replace(file, messages[i], i);
                    file.Put(messages[i].Address, " message", i, claimed);
                }

                file.Execute("COMMIT");
                file.Execute("BEGIN");
                for (var i = from; i < until; i++) file.Put(messages[i].Address, " message", i, messages[i].Message);
                file.Execute("COMMIT");
            }

            return messages.Length / Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Replace(RawFile file, Written message, long etag)
    {
        for (var r = 0; r < message.Replaced.Length; r++)
            file.Put(message.Address, r == 0 ? " state" : " watch", etag, message.Replaced[r]);
    }

    /// <summary>A file of the product's layout and durability.</summary>
    private sealed class RawFile : IDisposable
    {
        private readonly sqlite3 _database;
        private readonly sqlite3_stmt _put;

        public RawFile(string path)
        {
            Check(raw.sqlite3_open(path, out _database));
            Execute(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-32768;"
                + Schema.Rows);
            Check(raw.sqlite3_prepare_v2(
                _database, "INSERT INTO rows(key, etag, value) VALUES(?1, ?2, ?3) ON CONFLICT DO UPDATE SET etag=?2, value=?3", out _put));
        }

        public void Execute(string sql) => Check(raw.sqlite3_exec(_database, sql));

        public void Put(byte[] key, string suffix, long etag, ReadOnlySpan<byte> value)
        {
            Span<byte> buffer = stackalloc byte[key.Length + suffix.Length];
            key.CopyTo(buffer);
            Encoding.ASCII.GetBytes(suffix, buffer[key.Length..]);
            Check(raw.sqlite3_bind_blob(_put, 1, buffer));
            Check(raw.sqlite3_bind_int64(_put, 2, etag));
            Check(raw.sqlite3_bind_blob(_put, 3, value));
            if (raw.sqlite3_step(_put) != raw.SQLITE_DONE) throw new InvalidOperationException("A raw row was not written.");
            raw.sqlite3_reset(_put);
        }

        public void Dispose()
        {
            raw.sqlite3_finalize(_put);
            raw.sqlite3_close_v2(_database);
        }

        private static void Check(int code)
        {
            if (code is not raw.SQLITE_OK) throw new InvalidOperationException($"SQLite answered {code}.");
        }
    }
}
