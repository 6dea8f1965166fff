using System.Diagnostics;
using System.Globalization;
using Notifications.Benchmarks.Load;
using Notifications.Storage;
using Notifications.Storage.Sqlite;
using SQLitePCL;

namespace Notifications.Benchmarks.Scenarios;

/// <summary>
/// A campaign from launch to the last recorded outcome, handed to a sender that does nothing, against raw SQLite writing the same rows (each claim's two, each
/// outcome's one) in group commits as large as the product's own. NOTIFICATIONS_BENCH_CAMPAIGN sets the number of recipients, 100,000 when left out.
/// </summary>
internal static class CampaignScenario
{
    public static int Size(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    public static async Task<Result[]> RunAsync()
    {
        var count = Size("NOTIFICATIONS_BENCH_CAMPAIGN", 100_000);
        double product, limit;
        await using (var warm = new CampaignBed(new NullSender()))
        {
            await warm.SubscribeAsync(10_000);
            await warm.RunAsync();
        }

        await using (var bed = new CampaignBed(new NullSender()))
        {
            await bed.SubscribeAsync(count);
            var commits = bed.Store.Commits;
            var (seconds, _) = await bed.RunAsync();
            product = count / seconds;
            var group = Math.Max(1, (int)(2L * count / Math.Max(1, bed.Store.Commits - commits)));
            Console.Error.WriteLine($"  {seconds:0.0} s, {group} writes of messages to a commit");
            limit = await RawAsync(bed, count, group);
        }

        return
        [
            new("campaign", "messages/s, launch to recorded", product, limit, 0.5, AtLeast: true),
            new("campaign", "messages/s on this machine", product, 10_000, 1, AtLeast: true),
        ];
    }

    /// <summary>Per message: a state row replaced and a message row inserted, then the message row replaced; sealed bytes as long as the product's own.</summary>
    private static async Task<double> RawAsync(CampaignBed bed, int count, int group)
    {
        var rows = new List<(byte[] Key, byte[] State, byte[] Claimed, byte[] Recorded)>(count);
        for (var i = 0; i < count; i++)
        {
            var key = bed.Ring.KeyOf(CampaignBed.Person(i));
            var state = (await bed.Store.GetAsync(Tables.Addresses, key.Value, Rows.State))!.Value.ToArray();
            var message = (await bed.Store.RangeAsync(Tables.Addresses, key.Value, RowRange.Prefix(Rows.MessagePrefix), 1))[0].Value.ToArray();
            rows.Add((System.Text.Encoding.UTF8.GetBytes(key.Value), state, message[..^Math.Min(80, message.Length / 4)], message));
        }

        var folder = Directory.CreateTempSubdirectory("notifications-raw-").FullName;
        try
        {
            Check(raw.sqlite3_open(Path.Combine(folder, "raw.db"), out var database));
            Check(raw.sqlite3_exec(database, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-32768; CREATE TABLE rows(key BLOB PRIMARY KEY, etag INTEGER NOT NULL, value BLOB NOT NULL) WITHOUT ROWID"));
            Check(raw.sqlite3_prepare_v2(database, "INSERT INTO rows VALUES(?1, ?2, ?3) ON CONFLICT DO UPDATE SET etag=?2, value=?3", out var put));
            Check(raw.sqlite3_exec(database, "BEGIN"));
            foreach (var row in rows) Put(put, row.Key, " state", 1, row.State);
            Check(raw.sqlite3_exec(database, "COMMIT"));
            Random.Shared.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(rows));
            var started = Stopwatch.GetTimestamp();
            for (var from = 0; from < count; from += group)
            {
                var until = Math.Min(count, from + group);
                Check(raw.sqlite3_exec(database, "BEGIN"));
                for (var i = from; i < until; i++)
                {
                    Put(put, rows[i].Key, " state", i, rows[i].State);
                    Put(put, rows[i].Key, " message", i, rows[i].Claimed);
                }

                Check(raw.sqlite3_exec(database, "COMMIT"));
                Check(raw.sqlite3_exec(database, "BEGIN"));
                for (var i = from; i < until; i++) Put(put, rows[i].Key, " message", i, rows[i].Recorded);
                Check(raw.sqlite3_exec(database, "COMMIT"));
            }

            var perSecond = count / Stopwatch.GetElapsedTime(started).TotalSeconds;
            raw.sqlite3_finalize(put);
            raw.sqlite3_close_v2(database);
            return perSecond;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Put(sqlite3_stmt put, byte[] key, string suffix, long etag, byte[] value)
    {
        Span<byte> buffer = stackalloc byte[key.Length + suffix.Length];
        key.CopyTo(buffer);
        System.Text.Encoding.ASCII.GetBytes(suffix, buffer[key.Length..]);
        Check(raw.sqlite3_bind_blob(put, 1, buffer));
        Check(raw.sqlite3_bind_int64(put, 2, etag));
        Check(raw.sqlite3_bind_blob(put, 3, value));
        if (raw.sqlite3_step(put) != raw.SQLITE_DONE) throw new InvalidOperationException("A raw row was not written.");
        raw.sqlite3_reset(put);
    }

    private static void Check(int code)
    {
        if (code is not raw.SQLITE_OK) throw new InvalidOperationException($"SQLite answered {code}.");
    }
}
