using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Notifications.Addresses;
using Notifications.Local.Pump;
using Notifications.Packages;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Storage.Sqlite;
using SQLitePCL;

namespace Notifications.Benchmarks.Scenarios;

/// <summary>
/// One package followed by many: an event, and for every follower decided, claimed, rendered, handed to a null sender and recorded, through Local's own
/// pump on SQLite. The limit writes the same sealed message rows, in the order they were written in, raw into a file of the same layout and durability,
/// 256 to a commit. <c>FANOUT_WATCHERS</c> sets how many follow; 100,000 when not given.
/// </summary>
internal static class FanOut
{
    private const int PerCommit = 256;
    private const string Number = "LX123456785CN";

    public static async Task<Result[]> RunAsync()
    {
        var watchers = int.Parse(Environment.GetEnvironmentVariable("FANOUT_WATCHERS") ?? "100000", CultureInfo.InvariantCulture);
        var folder = Directory.CreateTempSubdirectory("notifications-fanout-").FullName;
        try
        {
            var sender = new NullSender();
            var (rate, keys) = await ProductAsync(folder, watchers, sender);
            var limit = await LimitAsync(folder, keys);
            return [new("fanout", $"messages/s, {watchers:N0} followers of one package", rate, limit, 0.5, AtLeast: true), new("fanout", "messages/s on two cores", rate, 10_000, 1, AtLeast: true)];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(double Rate, MessageId[] Ids)> ProductAsync(string folder, int watchers, NullSender sender)
    {
        await using var sqlite = SqliteStore.Open(Path.Combine(folder, "product.db"), TimeProvider.System);
        var options = new NotificationsOptions { PublicUrl = "https://mail.example.com", Packages = { CollapseWindow = TimeSpan.Zero } };
        var services = new ServiceCollection().AddLogging();
        services.AddSingleton<IEmailSender>(sender).AddSingleton<ISmsSender>(sender);
        services.AddNotifications(options, KeyRing.Parse(KeyRing.NewJson(), options.Environment), Instance.New(exclusive: true), new Backend(sqlite, sqlite, sqlite));
        await using var provider = services.BuildServiceProvider();
        var watches = provider.GetRequiredService<Watches>();
        _ = TrackingNumber.TryParse(Number, out var number, out _);
        await Parallel.ForEachAsync(Enumerable.Range(0, watchers), new ParallelOptions { MaxDegreeOfParallelism = 256 }, async (i, cancel) =>
            await watches.WatchAsync(new WatchRequest(number, new Address(Channel.Email, $"person{i}@example.com"), "app", "service:benchmark"), cancel));
        sender.Expect(watchers);

        var queue = provider.GetRequiredService<IWorkQueue>();
        using var pump = new QueuePump(queue, provider.GetRequiredService<Work>(), sqlite.WaitForWorkAsync, options.Sending, NullLogger<QueuePump>.Instance);
        await pump.StartAsync(default);
        GC.Collect();
        using var self = Process.GetCurrentProcess();
        var (before, most) = (self.WorkingSet64, 0L);
        var now = TimeProvider.System.GetUtcNow();
        var started = Stopwatch.GetTimestamp();
        await provider.GetRequiredService<PackageTracker>().AcceptAsync(number, new PackageEvent("e1", ParcelStatus.InTransit, null, "Departed from facility", "Leipzig, Germany", now, "DHL", now), default);

        // The last item leaves its queue once the last message is recorded.
        while (sender.Sent < watchers || await queue.CountAsync(Queues.Packages) + await queue.CountAsync(Queues.Send) > 0)
        {
            self.Refresh();
            most = Math.Max(most, self.WorkingSet64);
            await Task.Delay(20);
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await pump.StopAsync(default);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {watchers:N0} told in {seconds:0.0} s; working set {before >> 20} MB before, {most >> 20} MB at most; {sqlite.Commits:N0} commits since opening"));
        var ids = sender.Ids();
        if (ids.Distinct().Count() != watchers || sender.Sent != watchers) throw new InvalidOperationException($"{sender.Sent} hand-offs for {watchers} followers.");
        return (watchers / seconds, ids);
    }

    private static async Task<double> LimitAsync(string folder, MessageId[] ids)
    {
        await using var store = SqliteStore.Open(Path.Combine(folder, "product.db"), TimeProvider.System);
        var rows = new List<(byte[] Key, byte[] Value)>(ids.Length);
        foreach (var id in ids)
        {
            var row = await store.GetAsync(Tables.Addresses, id.Address.Value, Rows.Message(id.Suffix)) ?? throw new InvalidOperationException("A message has no record.");
            rows.Add((System.Text.Encoding.UTF8.GetBytes($"{Tables.Addresses}\0{id.Address.Value}\0{row.Key}"), row.Value.ToArray()));
        }

        Check(raw.sqlite3_open(Path.Combine(folder, "raw.db"), out var database));
        Check(raw.sqlite3_exec(database, "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-32768"));
        Check(raw.sqlite3_exec(database, "CREATE TABLE rows(key BLOB PRIMARY KEY, etag INTEGER NOT NULL, value BLOB NOT NULL) WITHOUT ROWID"));
        Check(raw.sqlite3_prepare_v2(database, "INSERT INTO rows VALUES (?, 1, ?)", out var insert));
        var started = Stopwatch.GetTimestamp();
        foreach (var group in rows.Chunk(PerCommit))
        {
            Check(raw.sqlite3_exec(database, "BEGIN"));
            foreach (var (key, value) in group)
            {
                raw.sqlite3_bind_blob(insert, 1, key);
                raw.sqlite3_bind_blob(insert, 2, value);
                if (raw.sqlite3_step(insert) != raw.SQLITE_DONE) throw new InvalidOperationException("A raw row was not written.");
                raw.sqlite3_reset(insert);
            }

            Check(raw.sqlite3_exec(database, "COMMIT"));
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        raw.sqlite3_finalize(insert);
        raw.sqlite3_close_v2(database);
        return rows.Count / seconds;
    }

    private static void Check(int code)
    {
        if (code is not raw.SQLITE_OK) throw new InvalidOperationException($"SQLite answered {code}.");
    }

    private sealed class NullSender : IEmailSender, ISmsSender
    {
        private MessageId[] _ids = [];
        private int _sent;

        public int Sent => _sent;

        public bool Deduplicates => false;

        /// <summary>Makes room beforehand, so that what memory grows by is the product's.</summary>
        public void Expect(int messages) => _ids = new MessageId[messages + 1000];

        public MessageId[] Ids() => _ids[.._sent];

        public ValueTask<HandOff> SendAsync(OutgoingEmail email, CancellationToken cancel)
        {
            _ids[Interlocked.Increment(ref _sent) - 1] = email.Id;
            return ValueTask.FromResult(HandOff.Accepted(null));
        }

        public ValueTask<HandOff> SendAsync(OutgoingSms sms, CancellationToken cancel) => throw new NotSupportedException("This scenario is by mail.");
    }
}
