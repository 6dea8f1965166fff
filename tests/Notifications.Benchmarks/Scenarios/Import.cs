using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Audit;
using Notifications.Benchmarks.Load;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Imports;
using Notifications.Privacy;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Storage.Sqlite;
using SQLitePCL;

namespace Notifications.Benchmarks.Scenarios;

/// <summary>
/// CSV rows with whole evidence, from the first byte of the upload to the end of the import, durable, each with its ledger entry and in the
/// audience; against raw SQLite inserts of the very rows that this left, in the product's own layout and the order of the file, in
/// transactions of a thousand people. IMPORT_ROWS says how many; 200,000 when it does not.
/// </summary>
internal static class Import
{
    private const int Group = 1000;

    public static async Task<Result[]> RunAsync()
    {
        var rows = int.Parse(Environment.GetEnvironmentVariable("IMPORT_ROWS") ?? "200000", CultureInfo.InvariantCulture);
        using var seed = new Seed();
        await using var store = SqliteStore.Open(seed.Folder, TimeProvider.System);
        await RunAsync(store, seed.Ring, rows, rows + (rows / 10)); // warm-up
        var product = await RunAsync(store, seed.Ring, 0, rows);
        var peak = Process.GetCurrentProcess().PeakWorkingSet64 >> 20;
        Console.Error.WriteLine($"{rows} rows, {peak} MiB of resident memory at most.");
        var limit = await RawAsync(store, seed.Ring, rows);
        return [
            new("import", "CSV rows with evidence/s", product, limit, 0.3, AtLeast: true),
            new("import", "CSV rows/s against the 20,000 asked for", product, 20_000, 1, AtLeast: true),
        ];
    }

    private static async Task<double> RunAsync(SqliteStore store, KeyRing ring, int from, int to)
    {
        var sealer = new DataSealer(ring);
        var tables = new SealedTableStore(store, sealer);
        var blobs = new SealedBlobStore(store, sealer);
        var queue = new SealedWorkQueue(store, sealer);
        var book = new AddressBook(tables, TimeProvider.System, new AudienceIndex(tables, NullLogger<AudienceIndex>.Instance));
        var options = new ImportOptions();
        var desk = new ImportDesk(tables, queue, blobs, new AuditLog(tables, TimeProvider.System), options, TimeProvider.System);
        var importer = new Importer(
            desk, book, new ContactDesk(
                book, tables, ring, new TopicCatalog(), new PrivacyRequests(tables, new PrivacyOptions(), TimeProvider.System),
                TimeProvider.System),
            new Suppressions(book, tables, ring),
            blobs, new TopicCatalog(), ring,
            new OurAddresses(
                new SenderOptions(), new SmsOptions(), new Notifications.Unsubscribe.LinkOptions { PublicUrl = "https://mail.example.com" }),
            options, new SendingOptions(), TimeProvider.System, NullLogger<Importer>.Instance);
        var settings = new ImportSettings();
        var id = desk.NewId();
        var started = Stopwatch.GetTimestamp();
        var upload = await desk.ReceiveAsync(id, new Rows(from, to), settings, default)
            ?? throw new InvalidOperationException("The file was refused.");
        await desk.CreateAsync(id, upload, settings, "service:benchmark", default);
        while (!(await desk.FindAsync(id, default))!.IsFinal) await importer.DoAsync(new ImportWork(id), default);
        var perSecond = (to - from) / Stopwatch.GetElapsedTime(started).TotalSeconds;
        var import = (await desk.FindAsync(id, default))!;
        return import.Accepted == to - from
            ? perSecond
            : throw new InvalidOperationException($"{import.Accepted} of {to - from} rows were accepted.");
    }

    private static async Task<double> RawAsync(SqliteStore store, KeyRing ring, int people)
    {
        var folder = Directory.CreateTempSubdirectory("notifications-raw-").FullName;
        try
        {
            Check(raw.sqlite3_open(Path.Combine(folder, "raw.db"), out var database));
            Run("PRAGMA journal_mode=WAL");
            Run("PRAGMA synchronous=FULL");
            Run(Schema.Rows);
            Check(raw.sqlite3_prepare_v2(database, "INSERT INTO rows(key, etag, value) VALUES(?, 1, ?)", out var insert));
            var elapsed = TimeSpan.Zero;
            for (var from = 0; from < people; from += Group)
            {
                var group = new List<(string Partition, Row Row)>();
                for (var i = from; i < Math.Min(from + Group, people); i++)
                {
                    var key = ring.KeyOf(Seed.Person(i));
                    foreach (var row in await store.RangeAsync(Tables.Addresses, key.Value, RowRange.All, 10)) group.Add((key.Value, row));
                    var bucket = AudienceBuckets.Partition(TopicKey.Newsletter, Channel.Email, AudienceBuckets.Of(key));
                    group.Add(
                        (bucket,
                            await store.GetAsync(Tables.Audience, bucket, key.Value)
                                ?? throw new InvalidOperationException("A person is not in the audience.")));
                }

                var started = Stopwatch.GetTimestamp();
                Run("BEGIN");
                foreach (var (partition, row) in group)
                {
                    raw.sqlite3_bind_blob(insert, 1, Encoding.UTF8.GetBytes(partition + "\0" + row.Key));
                    raw.sqlite3_bind_blob(insert, 2, row.Value.Span);
                    if (raw.sqlite3_step(insert) != raw.SQLITE_DONE) throw new InvalidOperationException("A raw row was not written.");
                    raw.sqlite3_reset(insert);
                }

                Run("COMMIT");
                elapsed += Stopwatch.GetElapsedTime(started);
            }

            raw.sqlite3_finalize(insert);
            raw.sqlite3_close_v2(database);
            return people / elapsed.TotalSeconds;

            void Run(string sql) => Check(raw.sqlite3_exec(database, sql));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Check(int code)
    {
        if (code is not raw.SQLITE_OK) throw new InvalidOperationException($"SQLite answered {code}.");
    }

    /// <summary>The file, made as it is read.</summary>
    private sealed class Rows(int from, int to) : Stream
    {
        private readonly MemoryStream _made = new();
        private int _next = -1;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (_made.Position == _made.Length)
            {
                _made.SetLength(0);
                if (_next < 0)
                {
                    _made.Write("email,phone,topic,channel,status,source,policyVersion,wording,at,ip,locale,timeZone,contactId,tags\n"u8);
                    _next = from;
                }

                for (var end = Math.Min(_next + 500, to); _next < end; _next++)
                    _made.Write(
                        Encoding.UTF8.GetBytes(
                            $"{Seed.Person(_next).Value},,newsletter,email,subscribed,signup-form,2026-01,Send me the newsletter.,2026-03-01T10:00:00Z,203.0.113.7,en,Europe/Lisbon,,vip\n"));
                _made.Position = 0;
            }

            return _made.Read(buffer);
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Read(buffer.Span));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
