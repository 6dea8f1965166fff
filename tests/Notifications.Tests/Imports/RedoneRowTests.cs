using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Notifications.Addresses;
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
using Notifications.Tests.Sending;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Imports;

/// <summary>
/// A piece of an import that a crash cut off before it was counted is worked on again: what its rows said stands, and is not said twice.
/// </summary>
public sealed class RedoneRowTests : IDisposable
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly KeyRing _ring = KeyRing.Parse(KeyRing.NewJson(), "test");
    private readonly HookedStore _store;
    private readonly AddressBook _book;
    private readonly ImportDesk _desk;
    private readonly Importer _importer;

    public RedoneRowTests()
    {
        var (memory, blobs, options) = (new MemoryStore(_time), new MemoryBlobs(), new ImportOptions { PartBytes = 4 << 10 });
        _store = new HookedStore(memory);
        _book = new AddressBook(_store, _time);
        _desk = new ImportDesk(_store, memory, blobs, new AuditLog(_store, _time), options, _time);
        _importer = new Importer(
            _desk,
            _book, new ContactDesk(
                _book, _store, _ring, new TopicCatalog(), new PrivacyRequests(_store, new PrivacyOptions(), _time), _time),
            new Suppressions(_book, _store, _ring), blobs,
            new TopicCatalog(), _ring,
            new OurAddresses(new SenderOptions(), new SmsOptions(), new LinkOptions { PublicUrl = "https://mail.example.com" }), options,
            new SendingOptions(), _time, NullLogger<Importer>.Instance);
    }

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task P5_Rows_that_a_crash_left_uncounted_are_counted_and_stand_in_the_ledger_once()
    {
        var import = await CutOffAsync(
            ImportWorld.Agreed(Ana.Value, at: "2026-03-01T10:00:00Z")
            + $"{Ana.Value},,newsletter,email,unsubscribed,,,,2026-04-01T10:00:00Z,,,,,\n"
            + ImportWorld.Agreed(Ana.Value, at: "2026-05-01T10:00:00Z"));
        Assert.Equal(3, (await LedgerAsync()).Count);
        await FinishAsync(import);
        var done = (await _desk.FindAsync(import, default))!;
        Assert.Equal((ImportStatus.Completed, 3L, 0L, 1L), (done.Status, done.Accepted, done.Rejected, done.Lowered));
        Assert.Equal([LedgerAction.OptIn, LedgerAction.OptOut, LedgerAction.OptIn], (await LedgerAsync()).Select(e => e.Action));
    }

    [Fact]
    public async Task P5_A_row_that_was_taken_in_before_a_crash_takes_nothing_back_of_what_the_person_said_since()
    {
        var import = await CutOffAsync($"{Ana.Value},,newsletter,email,unsubscribed,,,,,,,,,\n");
        _time.Advance(TimeSpan.FromMinutes(1));
        await _book.ChangeAsync(
            _ring.KeyOf(Ana), null,
            (s, now) =>
                Transitions.OptIn(
                    s, new TopicCatalog().Find(TopicKey.Newsletter)!,
                    new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "page", "person"), confirmed: true, now),
            null, default);
        await FinishAsync(import);
        Assert.Equal([LedgerAction.OptOut, LedgerAction.OptIn], (await LedgerAsync()).Select(e => e.Action));
        Assert.Equal(
            SubscriptionStatus.Subscribed, (await _book.LoadAsync(_ring.KeyOf(Ana), default)).State!.StatusOf(TopicKey.Newsletter));
        Assert.Equal(1, (await _desk.FindAsync(import, default))!.Lowered);
    }

    [Fact]
    public async Task P5_An_import_whose_progress_was_refused_by_its_own_write_goes_on()
    {
        // More than is read at once, so that there is more than one piece.
        var id = await ReceiveAsync(string.Concat(Enumerable.Range(0, 700).Select(i => ImportWorld.Agreed($"person{i}@example.com"))));
        Assert.True((await _desk.FindAsync(id, default))!.Parts > 1);
        _store.AfterCommit = (changes, result) =>
            result.Committed && changes.Any(c => c.Key == id) ? CommitResult.Conflict(0) : result;
        await _importer.DoAsync(new ImportWork(id), default);
        var import = (await _desk.FindAsync(id, default))!;
        Assert.Equal((ImportStatus.Completed, 700L, 0L), (import.Status, import.Accepted, import.Rejected));
    }

    [Fact]
    public async Task P5_Rows_whose_write_was_refused_by_its_own_repetition_are_accepted_and_stand_in_the_ledger_once()
    {
        var id = await ReceiveAsync(
            $"{Ana.Value},,newsletter,email,unsubscribed,,,,2026-02-01T10:00:00Z,,,,,\n"
            + ImportWorld.Agreed(Ana.Value, at: "2026-03-01T10:00:00Z")
            + $"{Ana.Value},,newsletter,email,unsubscribed,,,,2026-04-01T10:00:00Z,,,,,\n");
        _store.AfterCommit = (changes, result) =>
            result.Committed && changes.Any(static c => c.Key == Rows.State) ? CommitResult.Conflict(0) : result;
        await FinishAsync(id);
        var done = (await _desk.FindAsync(id, default))!;
        Assert.Equal((ImportStatus.Completed, 3L, 0L, 2L), (done.Status, done.Accepted, done.Rejected, done.Lowered));
        Assert.Equal([LedgerAction.OptOut, LedgerAction.OptIn, LedgerAction.OptOut], (await LedgerAsync()).Select(e => e.Action));
        Assert.Equal(1, await LinesOfErrorsAsync(id));
    }

    [Fact]
    public async Task P5_Rows_that_another_worker_took_in_meanwhile_are_not_said_to_be_wrong()
    {
        var id = await ReceiveAsync(
            ImportWorld.Agreed(Ana.Value, at: "2026-03-01T10:00:00Z")
            + $"{Ana.Value},,newsletter,email,unsubscribed,,,,2026-04-01T10:00:00Z,,,,,\n");
        var key = _ring.KeyOf(Ana).Value;
        _store.BeforeRead = async (table, partition) =>
        {
            if (table != Tables.Addresses || partition != key) return;
            _store.BeforeRead = null; // This worker has looked for what was said, and goes on when the other is done.
            await _importer.DoAsync(new ImportWork(id), default);
        };
        await _importer.DoAsync(new ImportWork(id), default);
        var done = (await _desk.FindAsync(id, default))!;
        Assert.Equal((ImportStatus.Completed, 2L, 0L), (done.Status, done.Accepted, done.Rejected));
        Assert.Equal([LedgerAction.OptIn, LedgerAction.OptOut], (await LedgerAsync()).Select(e => e.Action));
        Assert.Equal(1, await LinesOfErrorsAsync(id));
    }

    [Theory]
    [InlineData("""{"import":"i1","row":7}""", 7L)]
    [InlineData("""{"import":"i2","row":7}""", null)]
    [InlineData("""{"import":1,"row":7}""", null)]
    [InlineData("""{"import":"i1","row":"7"}""", null)]
    [InlineData("""{"import":"i1","row":7.5}""", null)]
    [InlineData("""["i1"]""", null)]
    public void P5_Evidence_of_any_shape_stands_in_no_imports_way(string evidence, long? row) =>
        Assert.Equal(row, ImportRow.NumberIn(evidence, "i1"));

    /// <summary>Takes rows in, and dies between their commits and the count of their piece.</summary>
    private async Task<string> CutOffAsync(string rows)
    {
        var id = await ReceiveAsync(rows);
        _store.BeforeCommit = changes => changes.Any(c => c.Key == id) ? throw new StorageUnavailableException() : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await _importer.DoAsync(new ImportWork(id), default));
        _store.BeforeCommit = null;
        return id;
    }

    private async Task<string> ReceiveAsync(string rows)
    {
        var id = _desk.NewId();
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(ImportWorld.Header + rows));
        await _desk.CreateAsync(
            id, (await _desk.ReceiveAsync(id, body, new ImportSettings(), default))!, new ImportSettings(), "service:test", default);
        return id;
    }

    // The header is one.
    private async Task<int> LinesOfErrorsAsync(string import)
    {
        var text = new StringBuilder();
        await foreach (var piece in _desk.ErrorsAsync(import, default)) text.Append(Encoding.UTF8.GetString(piece.Span));
        return text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
    }

    private async Task FinishAsync(string import)
    {
        while (!(await _desk.FindAsync(import, default))!.IsFinal) await _importer.DoAsync(new ImportWork(import), default);
    }

    private async Task<IReadOnlyList<LedgerEntry>> LedgerAsync() => await _book.LedgerAsync(_ring.KeyOf(Ana), default);
}
