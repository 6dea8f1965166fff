using System.Diagnostics;
using Notifications.Addresses;
using Notifications.Benchmarks.Load;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Storage.Sqlite;
using SQLitePCL;

namespace Notifications.Benchmarks.Scenarios;

/// <summary>
/// Read the record, open it and decide, on one core, against a raw point read of the same bytes by primary key with a prepared statement.
/// </summary>
internal static class Decide
{
    private const int People = 50_000, Rounds = 5, PerRound = 100_000;

    public static async Task<Result[]> RunAsync()
    {
        using var seed = new Seed();
        await seed.SubscribeAsync(People);
        var keys = Enumerable.Range(0, People).Select(i => seed.Ring.KeyOf(Seed.Person(i))).ToArray();
        Random.Shared.Shuffle(keys);

        await using var store = SqliteStore.Open(seed.Folder, TimeProvider.System);
        var book = new AddressBook(new SealedTableStore(store, new DataSealer(seed.Ring)), TimeProvider.System);
        using var raw = new RawReads(store, keys);
        await raw.CopyAsync();
        double product = 0, limit = 0;
        for (var round = 0; round <= Rounds; round++)
        {
            var one = raw.Measure(PerRound);
            var two = await MeasureAsync(book, keys);
            if (round == 0) continue; // warm-up
            limit += one / Rounds;
            product += two / Rounds;
        }

        return [new("decide", "decisions/s on one core", product, limit, 0.6, AtLeast: true)];
    }

    private static async Task<double> MeasureAsync(AddressBook book, AddressKey[] keys)
    {
        var topic = new TopicCatalog().Find(TopicKey.Newsletter)!;
        var options = new SendingOptions();
        var allowed = 0;
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < PerRound; i++)
        {
            var (state, _) = await book.LoadAsync(keys[i % keys.Length], CancellationToken.None);
            var decision =
                DecisionRules.Decide(
                    new DecisionInput
                    {
                        State = state,
                        Topic = topic,
                        Channel = Channel.Email,
                        Now = TimeProvider.System.GetUtcNow(),
                        Options = options,
                    });
            if (decision.Verdict == Verdict.Allow) allowed++;
        }

        var perSecond = PerRound / Stopwatch.GetElapsedTime(started).TotalSeconds;
        return allowed == PerRound ? perSecond : throw new InvalidOperationException($"{PerRound - allowed} decisions were not 'allow'.");
    }

    /// <summary>A database of its own with the same keys and the same sealed bytes.</summary>
    private sealed class RawReads(SqliteStore store, AddressKey[] keys) : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("notifications-raw-").FullName;
        private sqlite3 _database = null!;
        private sqlite3_stmt _read = null!;

        public async Task CopyAsync()
        {
            Check(raw.sqlite3_open(Path.Combine(_folder, "raw.db"), out _database));
            Run("PRAGMA journal_mode=WAL");
            Run("CREATE TABLE rows (partition TEXT, row TEXT, value BLOB, etag INTEGER, PRIMARY KEY (partition, row)) WITHOUT ROWID");
            Run("BEGIN");
            Check(raw.sqlite3_prepare_v2(_database, "INSERT INTO rows VALUES (?, 'state', ?, 1)", out var insert));
            foreach (var key in keys)
            {
                var row = await store.GetAsync(Tables.Addresses, key.Value, Rows.State);
                raw.sqlite3_bind_text(insert, 1, key.Value);
                raw.sqlite3_bind_blob(insert, 2, row!.Value.Span);
                raw.sqlite3_step(insert);
                raw.sqlite3_reset(insert);
            }

            raw.sqlite3_finalize(insert);
            Run("COMMIT");
            Check(raw.sqlite3_prepare_v2(_database, "SELECT value, etag FROM rows WHERE partition = ? AND row = 'state'", out _read));
        }

        public double Measure(int count)
        {
            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < count; i++)
            {
                raw.sqlite3_bind_text(_read, 1, keys[i % keys.Length].Value);
                if (raw.sqlite3_step(_read) != raw.SQLITE_ROW || raw.sqlite3_column_blob(_read, 0).ToArray().Length == 0)
                    throw new InvalidOperationException("A raw row is missing.");
                _ = raw.sqlite3_column_int64(_read, 1);
                raw.sqlite3_reset(_read);
            }

            return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
        }

        public void Dispose()
        {
            raw.sqlite3_finalize(_read);
            raw.sqlite3_close_v2(_database);
            Directory.Delete(_folder, recursive: true);
        }

        private void Run(string sql) => Check(raw.sqlite3_exec(_database, sql));

        private static void Check(int code)
        {
            if (code is not raw.SQLITE_OK) throw new InvalidOperationException($"SQLite answered {code}.");
        }
    }
}
