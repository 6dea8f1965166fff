using System.Text;
using Microsoft.Extensions.Time.Testing;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Storage.Sqlite;
using Notifications.Tests.Infrastructure;
using static Notifications.Tests.Storage.StorageText;

namespace Notifications.Tests.Storage;

/// <summary>What only the embedded store promises.</summary>
public sealed class SqliteStoreTests : IDisposable
{
    private const string Table = "addresses";
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("notifications-");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 4, 12, 0, 0, TimeSpan.Zero));

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Concurrent_writes_share_commits()
    {
        await using var store = Open();
        var results = await Task.WhenAll(Enumerable.Range(0, 64).Select(w => Task.Run(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                Assert.True((await store.CommitAsync(Table, $"p{w}", [RowChange.Insert($"r{i}", Bytes("x"))])).Committed);
                await store.EnqueueAsync("send", Bytes("x"));
            }

            return true;
        })));
        Assert.Equal(64, results.Length);
        Assert.Equal(1280, await store.CountAsync("send"));
        Assert.InRange(store.Commits, 1, 64 * 40 / 4);
    }

    [Fact]
    public async Task A_conflict_of_one_caller_fails_no_other_of_its_group()
    {
        await using var store = Open();
        await store.CommitAsync(Table, "p", [RowChange.Insert("taken", Bytes("x"))]);
        var before = store.Commits;
        var good = new List<Task<CommitResult>>();
        var bad = new List<Task<CommitResult>>();
        for (var i = 0; i < 200; i++)
        {
            good.Add(store.CommitAsync(Table, "p", [RowChange.Insert($"a{i}", Bytes("a")), RowChange.Put($"b{i}", Bytes("b"))]).AsTask());
            bad.Add(store.CommitAsync(Table, "p", [RowChange.Insert($"c{i}", Bytes("c")), RowChange.Insert("taken", Bytes("y"))]).AsTask());
        }

        Assert.All(await Task.WhenAll(good), r => Assert.True(r.Committed));
        Assert.All(await Task.WhenAll(bad), r => Assert.Equal(1, r.ConflictAt));
        Assert.InRange(store.Commits - before, 1, 100);
        Assert.Equal(401, (await store.RangeAsync(Table, "p", RowRange.All, 1000)).Count);
    }

    [Fact]
    public async Task An_item_that_a_killed_process_was_working_on_is_given_out_at_once_after_reopening_and_a_delayed_one_is_not()
    {
        await using (var store = Open())
        {
            await store.EnqueueAsync("send", Bytes("held"));
            Assert.Single(await store.ReceiveAsync("send", 1, Minute));
            await store.EnqueueAsync("send", Bytes("released"));
            Assert.True(await store.ReleaseAsync(Assert.Single(await store.ReceiveAsync("send", 1, Minute)), Minute));
            await store.EnqueueAsync("send", Bytes("delayed"), Minute);
        }

        await using var again = Open();
        var item = Assert.Single(await again.ReceiveAsync("send", 32, Minute));
        Assert.Equal("held", Encoding.UTF8.GetString(item.Body.Span));
        Assert.Equal(2, item.DequeueCount);
    }

    [Fact]
    public async Task What_was_answered_is_there_after_reopening()
    {
        string etag;
        await using (var store = Open())
        {
            etag = (await store.CommitAsync(Table, "p", [RowChange.Insert("r", Bytes("one"))])).ETags[0];
            await store.EnqueueAsync("send", Bytes("a"));
            await store.EnqueueAsync("send", Bytes("b"), TimeSpan.FromDays(1));
            await store.PutAsync("imports", "x/y", Bytes("blob"));
            Assert.Single(await store.ReceiveAsync("send", 1, Minute));
        }

        await using (var store = Open())
        {
            Assert.Equal(etag, (await store.GetAsync(Table, "p", "r"))!.ETag);
            Assert.Equal("blob", (await store.GetAsync("imports", "x/y"))!.Value.Text());
            Assert.Equal(2, await store.CountAsync("send"));
            var item = Assert.Single(await store.ReceiveAsync("send", 32, Minute));
            Assert.Equal((2, "a"), (item.DequeueCount, item.Body.Text()));
            var replaced = await store.CommitAsync(Table, "p", [RowChange.Replace("r", Bytes("two"), etag)]);
            Assert.True(replaced.Committed);
            Assert.NotEqual(etag, replaced.ETags[0]);
        }
    }

    [Fact]
    public async Task A_second_opening_is_refused_and_names_the_remedy()
    {
        await using (Open())
        {
            var error = Assert.Throws<InvalidOperationException>(Open);
            Assert.Contains("in use by another process", error.Message, StringComparison.Ordinal);
            Assert.Contains("a data directory of its own", error.Message, StringComparison.Ordinal);
        }

        await using var again = Open();
        Assert.Null(await again.GetAsync(Table, "p", "r"));
    }

    [Fact]
    public async Task R69_A_full_disk_answers_unavailable_writes_nothing_and_is_recovered_from()
    {
        await using var store = Open();
        await store.CommitAsync(Table, "p", [RowChange.Insert("before", Bytes("x"))]);
        var told = new List<string?>();
        store.OnWriteFailure(told.Add);
        await store.ExecuteAsync("PRAGMA max_page_count=1");
        var failed = Enumerable.Range(0, 50)
            .Select(i => store.CommitAsync(Table, "p", [RowChange.Insert($"r{i}", Noise(64 * 1024))]).AsTask())
            .ToList();
        failed.AddRange(Enumerable.Range(0, 5).Select(async _ =>
        {
            await store.EnqueueAsync("send", Noise(64 * 1024));
            return default(CommitResult);
        }));
        foreach (var write in failed) await Assert.ThrowsAsync<StorageUnavailableException>(() => write);
        Assert.Equal("SQLite: database or disk is full (13).", store.WriteFailure);
        Assert.Equal("before", Assert.Single(await store.RangeAsync(Table, "p", RowRange.All, 1000)).Key);
        Assert.Equal(0, await store.CountAsync("send"));
        await store.ExecuteAsync("PRAGMA max_page_count=1000000");
        Assert.Equal(["SQLite: database or disk is full (13).", null], told); // Once, however many writes failed.
        Assert.True((await store.CommitAsync(Table, "p", [RowChange.Insert("after", Noise(64 * 1024))])).Committed);
        await store.EnqueueAsync("send", Bytes("x"));
        Assert.Equal(1, await store.CountAsync("send"));
    }

    [Fact]
    public async Task R69_A_commit_that_fails_answers_every_caller_of_its_group_unavailable()
    {
        await using var store = Open();
        // A deferred constraint is checked by COMMIT itself, which then fails as it does on a broken disk.
        await store.ExecuteAsync("PRAGMA foreign_keys=1");
        await store.ExecuteAsync("""
            CREATE TABLE parent(id INTEGER PRIMARY KEY);
            CREATE TABLE child(id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
            CREATE TRIGGER broken AFTER INSERT ON rows BEGIN INSERT INTO child VALUES(1); END;
            """);
        var writes = Enumerable.Range(0, 20)
            .Select(i => store.CommitAsync(Table, "p", [RowChange.Insert($"r{i}", Bytes("x"))]).AsTask())
            .ToList();
        foreach (var write in writes) await Assert.ThrowsAsync<StorageUnavailableException>(() => write);
        Assert.Empty(await store.RangeAsync(Table, "p", RowRange.All, 1000));
        await store.ExecuteAsync("DROP TRIGGER broken");
        Assert.True((await store.CommitAsync(Table, "p", [RowChange.Insert("r0", Bytes("x"))])).Committed);
    }

    [Fact]
    public async Task A_closed_store_finishes_what_it_took_and_answers_unavailable()
    {
        var store = Open();
        var writes = Enumerable.Range(0, 100)
            .Select(i => store.CommitAsync(Table, "p", [RowChange.Insert($"r{i:D3}", Bytes("x"))]).AsTask())
            .ToList();
        await store.DisposeAsync();
        Assert.All(await Task.WhenAll(writes), r => Assert.True(r.Committed));
        await Assert.ThrowsAsync<StorageUnavailableException>(
            async () => await store.CommitAsync(Table, "p", [RowChange.Insert("late", default)]));
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await store.GetAsync(Table, "p", "r000"));
        await store.DisposeAsync();
    }

    [Fact]
    public async Task Delays_and_visibility_follow_the_given_clock()
    {
        await using var store = Open();
        await store.EnqueueAsync("send", Bytes("later"), TimeSpan.FromDays(7));
        _time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromMilliseconds(1));
        Assert.Empty(await store.ReceiveAsync("send", 1, Minute));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var first = Assert.Single(await store.ReceiveAsync("send", 1, Minute));
        // Released and received again within one tick of the clock: the same due time, yet another receipt.
        Assert.True(await store.ReleaseAsync(first, TimeSpan.Zero));
        var second = Assert.Single(await store.ReceiveAsync("send", 1, Minute));
        Assert.False(await store.CompleteAsync(first));
        Assert.True(await store.CompleteAsync(second));
    }

    [Fact]
    public async Task A_waiting_pump_wakes_at_an_enqueue_a_release_and_when_an_item_is_due()
    {
        await using var store = Open();
        var waiting = store.WaitForWorkAsync("send").AsTask();
        await store.EnqueueAsync("inbound", Bytes("elsewhere"));
        Assert.False(waiting.IsCompleted);
        await store.EnqueueAsync("send", Bytes("x"));
        await waiting.WaitAsync(TimeSpan.FromSeconds(20));
        await store.WaitForWorkAsync("send").AsTask().WaitAsync(TimeSpan.FromSeconds(20));

        var item = Assert.Single(await store.ReceiveAsync("send", 1, Minute));
        waiting = store.WaitForWorkAsync("send").AsTask();
        Assert.False(waiting.IsCompleted);
        await store.ReleaseAsync(item, TimeSpan.FromSeconds(30));
        Assert.False(waiting.IsCompleted);
        // The pump may be between two looks: it is due in any case, and seen at the next one.
        await Poll.UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(10));
                return Task.FromResult(waiting.IsCompleted);
            },
            "what was put back is seen");
        await waiting;
        Assert.Single(await store.ReceiveAsync("send", 1, Minute));
        using var cancel = new CancellationTokenSource();
        waiting = store.WaitForWorkAsync("send", cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task R66_The_file_shows_no_plaintext_behind_the_sealed_stores()
    {
        const string canary = "canary-7f3a@example.com";
        var sealer = new DataSealer(KeyRing.Parse(KeyRing.NewJson(), "test"));
        await using (var store = Open())
        {
            await new SealedTableStore(store, sealer).CommitAsync(Table, "p", [RowChange.Insert("visible-key", Bytes(canary))]);
            await new SealedWorkQueue(store, sealer).EnqueueAsync("send", Bytes(canary));
            await new SealedBlobStore(store, sealer).PutAsync("imports", "a", Bytes(canary));
            Assert.Equal(canary, (await new SealedTableStore(store, sealer).GetAsync(Table, "p", "visible-key"))!.Text());
            Assert.Equal(canary, Assert.Single(await new SealedWorkQueue(store, sealer).ReceiveAsync("send", 1, Minute)).Body.Text());
            Assert.Equal(canary, (await new SealedBlobStore(store, sealer).GetAsync("imports", "a"))!.Value.Text());
            Assert.Null(await new SealedBlobStore(store, sealer).GetAsync("imports", "absent"));
            AssertAbsent(canary);
        }

        AssertAbsent(canary);
    }

    private void AssertAbsent(string canary)
    {
        var raw = new List<byte>();
        foreach (var file in _directory.EnumerateFiles("*", SearchOption.AllDirectories))
        {
            if (file.Extension == ".lock") continue;
            using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            raw.AddRange(bytes);
        }

        var all = raw.ToArray().AsSpan();
        // The key is there, so what was searched is the data.
        Assert.True(all.IndexOf("visible-key"u8) >= 0);
        Assert.True(all.IndexOf(Encoding.UTF8.GetBytes(canary)) < 0);
    }

    private SqliteStore Open() => SqliteStore.Open(_directory.FullName, _time);
}
