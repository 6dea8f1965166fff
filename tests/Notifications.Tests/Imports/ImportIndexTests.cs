using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Audit;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Imports;
using Notifications.Privacy;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Imports;

/// <summary>
/// The audience index follows an import piece by piece, and also where the work on a piece was cut off before the index was told.
/// </summary>
public sealed class ImportIndexTests
{
    private const int People = 500;
    private readonly IndexedStore _store = new(new MemoryStore(new FakeTimeProvider()));
    private readonly ImportDesk _desk;
    private readonly Importer _importer;

    public ImportIndexTests()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
        var (ring, blobs, options) = (KeyRing.Parse(KeyRing.NewJson(), "test"), new MemoryBlobs(), new ImportOptions());
        var book = new AddressBook(_store, time, new AudienceIndex(_store, NullLogger<AudienceIndex>.Instance));
        _desk = new ImportDesk(_store, _store.Inner, blobs, new AuditLog(_store, time), options, time);
        _importer = new Importer(
            _desk,
            book, new ContactDesk(
                book, _store, ring, new TopicCatalog(), new PrivacyRequests(_store, new PrivacyOptions(), time), time),
            new Suppressions(book, _store, ring), blobs,
            new TopicCatalog(), ring,
            new OurAddresses(new SenderOptions(), new SmsOptions(), new LinkOptions { PublicUrl = "https://mail.example.com" }), options,
            new SendingOptions(), time, NullLogger<Importer>.Instance);
    }

    [Fact]
    public async Task The_index_follows_an_import_in_one_commit_a_bucket_up_and_down()
    {
        await DoAsync(
            await TakeAsync(ImportWorld.Header + string.Concat(Enumerable.Range(0, People).Select(i => ImportWorld.Agreed(Person(i))))));
        Assert.Equal(People, await IndexedAsync());
        Assert.InRange(_store.Commits, 1, AudienceBuckets.All.Length);

        _store.Commits = 0;
        await DoAsync(
            await TakeAsync(
                "email,topic,status\n" + string.Concat(Enumerable.Range(0, 300).Select(i => $"{Person(i)},newsletter,unsubscribed\n"))));
        Assert.Equal(People - 300, await IndexedAsync()); // At the end of the import, not some time after.
        Assert.InRange(_store.Commits, 1, AudienceBuckets.All.Length);
    }

    [Fact]
    public async Task Whom_a_cut_off_import_had_recorded_and_not_indexed_the_import_that_goes_on_indexes()
    {
        var import = await TakeAsync(
            ImportWorld.Header + string.Concat(Enumerable.Range(0, People).Select(i => ImportWorld.Agreed(Person(i)))));
        _store.IndexIsAway = true;
        await Assert.ThrowsAsync<StorageUnavailableException>(() => DoAsync(import)); // The queue brings it back.
        Assert.Equal(
            (People, 0),
            ((await _store.ScanAsync(Tables.Addresses, null, 10_000)).Count(r => r.Row.Key == Rows.State), await IndexedAsync()));
        _store.IndexIsAway = false;
        await DoAsync(import);
        Assert.Equal(People, await IndexedAsync());
        Assert.Equal(
            (ImportStatus.Completed, (long)People),
            ((await _desk.FindAsync(import, default))!.Status, (await _desk.FindAsync(import, default))!.Accepted));
    }

    private static string Person(int number) => $"person{number}@example.com";

    private async Task<string> TakeAsync(string file)
    {
        var id = _desk.NewId();
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(file));
        var upload = (await _desk.ReceiveAsync(id, body, new ImportSettings(), default))!;
        Assert.Null(upload.Failure);
        await _desk.CreateAsync(id, upload, new ImportSettings(), "service:test", default);
        return id;
    }

    private async Task DoAsync(string import)
    {
        while (!(await _desk.FindAsync(import, default))!.IsFinal) await _importer.DoAsync(new ImportWork(import), default);
    }

    private async Task<int> IndexedAsync() => (await _store.ScanAsync(Tables.Audience, null, 10_000)).Count;

    /// <summary>Counts commits to the index, and can refuse them.</summary>
    private sealed class IndexedStore(MemoryStore inner) : ITableStore
    {
        private int _commits;

        public MemoryStore Inner => inner;

        public bool IndexIsAway { get; set; }

        public int Commits { get => _commits; set => _commits = value; }

        public ValueTask<Row?> GetAsync(string table, string partition, string row, CancellationToken cancel = default) =>
            inner.GetAsync(table, partition, row, cancel);

        public ValueTask<IReadOnlyList<Row>> RangeAsync(
            string table, string partition, RowRange range, int limit, CancellationToken cancel = default) =>
            inner.RangeAsync(table, partition, range, limit, cancel);

        public ValueTask<IReadOnlyList<ScannedRow>> ScanAsync(
            string table, (string Partition, string Row)? after, int limit, CancellationToken cancel = default) =>
            inner.ScanAsync(table, after, limit, cancel);

        public ValueTask<CommitResult> CommitAsync(
            string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default)
        {
            if (table != Tables.Audience) return inner.CommitAsync(table, partition, changes, cancel);
            if (IndexIsAway) throw new StorageUnavailableException("The index is away.");
            Interlocked.Increment(ref _commits);
            return inner.CommitAsync(table, partition, changes, cancel);
        }
    }
}
