using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Notifications.Addresses;
using Notifications.Imports;
using Notifications.Privacy;
using Notifications.Storage;
using Notifications.Tests.Campaigns;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Privacy;

/// <summary>Erasures where what is kept for others is more than an answer can wait for.</summary>
public sealed class LongSweepTests
{
    private const int Answers = 3000;
    private readonly SlowScans _slow;
    private readonly CampaignWorld _world;

    public LongSweepTests()
    {
        SlowScans? slow = null;
        _world = new CampaignWorld(between: store => (slow = new SlowScans(store), store));
        _slow = slow!;
        _slow.Clock = _world.Clock;
    }

    [Fact]
    public async Task R34_An_erasure_that_cannot_wait_for_the_sweep_has_emptied_the_persons_own_records_and_says_what_is_still_done()
    {
        await FillAsync();
        var ana = await PersonAsync("ana", "a0500");
        var request = await EraseAsync(ana);
        Assert.Equal(PrivacyStatus.Running, request.Status);
        Assert.Contains("is still being looked for", request.Outcome, StringComparison.Ordinal);
        Assert.False(request.WaitsForHand); // Nobody can call it done.
        Assert.Null(await Desk.CompleteAsync(request, "Told.", "agent:mia", default));
        var state = await _world.StateAsync(ana);
        Assert.Equal((SuppressionReason.Erased, (string?)null), (state.Suppression!.Reason, state.Value));
        Assert.DoesNotContain(await AllAsync(Tables.Addresses), r => Names(r, ana));
        Assert.Contains(await AllAsync(Tables.Idempotency), r => Names(r, ana));

        _slow.Each = TimeSpan.Zero;
        await Desk.SweepAsync(default);
        var done = (await Desk.FindAsync(request.Id, default))!;
        Assert.Equal((PrivacyStatus.Completed, 0), (done.Status, done.Addresses.Length));
        Assert.Equal("Erased. The keyed hash of each address stays, with a block, so that no import adds it again.", done.Outcome);
        await NobodyIsNamedAsync(ana);
    }

    [Fact]
    public async Task R34_One_sweep_is_for_all_who_were_erased_goes_on_where_it_was_cut_off_and_who_comes_meanwhile_has_the_next()
    {
        await FillAsync();
        var (ana, bob, carol) = (await PersonAsync("ana", "a0600"), await PersonAsync("bob", "a2900"), await PersonAsync("carol", "a0700"));
        var (first, second) = (await EraseAsync(ana), await EraseAsync(bob));
        _slow.Each = TimeSpan.Zero;
        while (_slow.OfAnswers < 4) Assert.True(await IsCutOffAsync());
        _slow.Each = TimeSpan.FromSeconds(15);
        var third = await EraseAsync(carol); // What names her stands before the place where the sweep is.
        _slow.Each = TimeSpan.Zero;
        for (var cuts = 0; await IsCutOffAsync(); cuts++) Assert.True(cuts < 40, "The sweep does not come to an end.");
        foreach (var one in (PrivacyRequest[])[first, second, third])
            Assert.Equal(PrivacyStatus.Completed, (await Desk.FindAsync(one.Id, default))!.Status);
        await NobodyIsNamedAsync(ana, bob, carol);
        // Seven pages once for two people and once for the one who came meanwhile, and what was read when a run ended.
        Assert.InRange(_slow.OfAnswers, 14, 24);
        Assert.DoesNotContain(
            await AllAsync(Tables.Keys), r => r.Partition.StartsWith("erasure", StringComparison.Ordinal)); // The next begins anew.
    }

    [Fact]
    public async Task R34_Who_cannot_be_looked_for_while_a_sweep_goes_on_has_the_next_and_is_not_called_erased_by_this()
    {
        await FillAsync();
        var (ana, bob) = (await PersonAsync("ana", "a2950"), await PersonAsync("bob", "a0500"));
        var (first, second) = (await EraseAsync(ana), await EraseAsync(bob));
        _slow.Each = TimeSpan.Zero;
        _slow.Left = 1;
        await Assert.ThrowsAsync<AggregateException>(async () => await Desk.SweepAsync(default)); // Begun for both.
        var row = (await Store.GetAsync(Tables.Requests, "requests", second.Id))!;
        await Store.CommitAsync(Tables.Requests, "requests", [RowChange.Put(second.Id, "no JSON"u8.ToArray())]);
        while (_slow.OfAnswers < 5)
        {
            _slow.Left = 3;
            await Assert.ThrowsAsync<AggregateException>(async () => await Desk.SweepAsync(default));
        }

        _slow.Left = int.MaxValue;
        await Store.CommitAsync(Tables.Requests, "requests", [RowChange.Put(second.Id, row.Value.ToArray())]);
        await Desk.SweepAsync(default);
        foreach (var one in (PrivacyRequest[])[first, second])
            Assert.Equal(PrivacyStatus.Completed, (await Desk.FindAsync(one.Id, default))!.Status);
        await NobodyIsNamedAsync(ana, bob);
    }

    [Fact]
    public async Task R34_A_request_whose_sweep_is_still_to_come_holds_the_addresses_and_nothing_else_that_tells_who_it_is()
    {
        await FillAsync();
        var request = await Desk.OpenAsync(
            PrivacyRight.Erasure, [await PersonAsync("erna", "a0100")], null, "Erna wrote a letter.", null, "agent:mia", default);
        Assert.Equal((PrivacyStatus.Running, (string?)null, (string?)null), (request.Status, request.Note, request.ContactId));
        Assert.Single(request.Addresses);
    }

    [Fact]
    public async Task R34_A_sweep_that_is_cut_off_among_the_files_goes_on_behind_those_that_it_has_looked_through()
    {
        const int Files = 60;
        var blobs = new CountedBlobs();
        for (var i = 0; i < Files; i++) await blobs.PutAsync(Containers.DeadLetters, $"{i:D3}.json", "[]"u8.ToArray());
        var sweep = new ErasureSweep(
            Store, _world.Get<StoredTables>(), _world.Get<IWorkQueue>(), blobs, _world.Get<ImportDesk>(), _world.Clock,
            NullLogger<ErasureSweep>.Instance) { Page = 10 };
        var request = new PrivacyRequest
        {
            Id = "000000000000001-00000001",
            Type = PrivacyRight.Erasure,
            Addresses = ["email:ana@example.com"],
            AddressKeys = [_world.Ring.KeyOf(CoreProduct.Email("ana@example.com")).Value],
            OpenedAt = _world.Clock.GetUtcNow(),
            DueAt = _world.Clock.GetUtcNow(),
            Actor = "agent:mia",
        };
        var done = 0;
        ValueTask DoneAsync(IReadOnlyList<PrivacyRequest> swept, int unreadable)
        {
            done = swept.Count;
            return ValueTask.CompletedTask;
        }

        for (var cuts = 0; done == 0; cuts++)
        {
            Assert.True(cuts < 10, "It does not come to an end.");
            blobs.Left = 25;
            try
            {
                await sweep.RunAsync([request], DoneAsync, default);
            }
            catch (CrashException)
            {
                // As a run that is cut off.
            }
        }

        Assert.Equal(1, done);
        Assert.InRange(blobs.Reads, Files, Files + 3 * 10); // A page is read again.
    }

    private PrivacyDesk Desk => _world.Get<PrivacyDesk>();

    private ITableStore Store => _world.Get<ITableStore>();

    /// <summary>Runs the timer for three pages; false where that did for everything.</summary>
    private async Task<bool> IsCutOffAsync()
    {
        _slow.Left = 3;
        try
        {
            await Desk.SweepAsync(default);
            return false;
        }
        catch (AggregateException cut) when (cut.InnerExceptions.All(e => e is CrashException))
        {
            return true;
        }
        finally
        {
            _slow.Left = int.MaxValue;
        }
    }

    private async Task<PrivacyRequest> EraseAsync(Address address) =>
        await Desk.OpenAsync(PrivacyRight.Erasure, [address], null, null, null, "agent:mia", default);

    private async Task FillAsync()
    {
        for (var i = 0; i < Answers; i++) await AnswerAsync($"a{i:D4}z", "nobody@example.com");
        _slow.Each = TimeSpan.FromSeconds(15);
    }

    private async Task AnswerAsync(string partition, string of) =>
        await Store.CommitAsync(
            Tables.Idempotency, partition, [RowChange.Insert("answer", JsonSerializer.SerializeToUtf8Bytes(new { to = of }))]);

    private async Task<Address> PersonAsync(string name, string partition)
    {
        var address = CoreProduct.Email(name + "@example.com");
        await _world.SubscribeAsync(address);
        await AnswerAsync(partition, address.Value);
        await Store.CommitAsync(
            Tables.Alerts, "alerts", [RowChange.Insert("of-" + name, JsonSerializer.SerializeToUtf8Bytes(new { of = address.Value }))]);
        return address;
    }

    private async Task NobodyIsNamedAsync(params Address[] people)
    {
        foreach (var table in Tables.All)
            foreach (var row in await AllAsync(table))
                Assert.DoesNotContain(people, p => Names(row, p));
    }

    private static bool Names(ScannedRow row, Address address) =>
        Encoding.UTF8.GetString(row.Row.Value.Span).Contains(address.Value, StringComparison.Ordinal);

    private async Task<List<ScannedRow>> AllAsync(string table)
    {
        var rows = new List<ScannedRow>();
        (string, string)? after = null;
        while (await Store.ScanAsync(table, after, 1000) is { Count: > 0 } page)
        {
            rows.AddRange(page);
            after = (page[^1].Partition, page[^1].Row.Key);
        }

        return rows;
    }

    /// <summary>After so many reads the process is gone.</summary>
    private sealed class CountedBlobs : IBlobStore
    {
        private readonly MemoryBlobs _inner = new();

        public int Left { get; set; }

        public int Reads { get; private set; }

        public ValueTask<ReadOnlyMemory<byte>?> GetAsync(string container, string name, CancellationToken cancel = default)
        {
            if (Left-- <= 0) throw new CrashException();
            Reads++;
            return _inner.GetAsync(container, name, cancel);
        }

        public ValueTask PutAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel = default) =>
            _inner.PutAsync(container, name, content, cancel);

        public ValueTask DeleteAsync(string container, string name, CancellationToken cancel = default) =>
            _inner.DeleteAsync(container, name, cancel);

        public ValueTask<IReadOnlyList<string>> ListAsync(
            string container, string prefix, string? after, int limit, CancellationToken cancel = default) =>
            _inner.ListAsync(container, prefix, after, limit, cancel);
    }

    /// <summary>Reading a page takes a while, and at some page a run is cut off.</summary>
    private sealed class SlowScans(ITableStore inner) : PassingStore(inner)
    {
        public FakeTimeProvider? Clock { get; set; }

        public TimeSpan Each { get; set; }

        public int Left { get; set; } = int.MaxValue;

        /// <summary>Pages of answers that a timer's run has read.</summary>
        public int OfAnswers { get; private set; }

        public override ValueTask<IReadOnlyList<ScannedRow>> ScanAsync(
            string table, (string Partition, string Row)? after, int limit, CancellationToken cancel = default)
        {
            if (Left != int.MaxValue && table == Tables.Idempotency) OfAnswers++;
            if (Left != int.MaxValue && Left-- <= 0) throw new CrashException();
            Clock?.Advance(Each);
            return Inner.ScanAsync(table, after, limit, cancel);
        }
    }
}
