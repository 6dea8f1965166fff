using Microsoft.Extensions.Time.Testing;
using Notifications.Storage;
using Notifications.Storage.Sqlite;
using static Notifications.Tests.Storage.StorageText;

namespace Notifications.Tests.Storage;

/// <summary>The embedded store's file: its layout from version to version, and its log.</summary>
public sealed class SqliteFileTests : IDisposable
{
    // As the first version left it, with a row, an item that is due and one that a process held when it was killed.
    private const string First = """
        CREATE TABLE rows(key BLOB PRIMARY KEY, etag INTEGER NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE items(queue BLOB, due INTEGER, id INTEGER, receipt INTEGER NOT NULL, received INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY(queue, due, id)) WITHOUT ROWID;
        CREATE TABLE queues(queue BLOB PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE blobs(container TEXT NOT NULL, name TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY(container, name));
        CREATE TABLE generation(one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL);
        INSERT INTO rows VALUES(x'61646472657373657300700072', 7, CAST('one' AS BLOB));
        INSERT INTO items VALUES(CAST('send' AS BLOB), 1000, 11, 0, 0, CAST('due' AS BLOB)), (CAST('send' AS BLOB), 99999999999999, 10, 5, 1, CAST('held' AS BLOB));
        INSERT INTO queues VALUES(CAST('send' AS BLOB), 2);
        INSERT INTO blobs VALUES('imports', 'x/y', CAST('blob' AS BLOB));
        INSERT INTO generation VALUES(1, 3);
        """;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("notifications-");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 4, 12, 0, 0, TimeSpan.Zero));

    private string File => Path.Combine(_directory.FullName, "notifications.db");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task A_file_of_the_first_layout_is_taken_over_whole()
    {
        Execute(First);
        for (var opening = 0; opening < 2; opening++)
        {
            await using var store = Open();
            var row = Assert.Single(await store.RangeAsync("addresses", "p", RowRange.All, 10));
            Assert.Equal(("r", "7", "one"), (row.Key, row.ETag, row.Text()));
            Assert.Equal("blob", (await store.GetAsync("imports", "x/y"))!.Value.Text());
            Assert.Equal(2, await store.CountAsync("send"));
            var items = await store.ReceiveAsync("send", 10, TimeSpan.FromMinutes(1));
            Assert.Equal(["due", "held"], items.Select(i => i.Body.Text()).Order());
            if (opening == 0) foreach (var item in items) Assert.True(await store.ReleaseAsync(item, TimeSpan.Zero));
            Assert.False((await store.CommitAsync("addresses", "p", [RowChange.Insert("r", Bytes("two"))])).Committed);
        }

        await using var last = Open();
        var replaced = await last.CommitAsync("addresses", "p", [RowChange.Replace("r", Bytes("two"), "7")]);
        Assert.True(replaced.Committed);
        Assert.NotEqual("7", replaced.ETags[0]);
    }

    [Fact]
    public async Task A_file_of_a_newer_layout_is_refused_and_left_as_it_is()
    {
        await using (Open())
        {
        }

        Execute("PRAGMA user_version=4");
        Assert.Contains("newer version", Assert.Throws<InvalidOperationException>(Open).Message, StringComparison.Ordinal);
        Execute("PRAGMA user_version=3");
        await using var again = Open();
    }

    [Theory]
    [InlineData("DROP TABLE place; PRAGMA user_version=1")]
    [InlineData("PRAGMA user_version=2")]
    public async Task P6_A_file_of_an_older_version_is_taken_over_and_no_build_of_then_opens_it_any_more(string older)
    {
        await using (var store = Open()) await store.CommitAsync("addresses", "p", [RowChange.Insert("r", Bytes("one"))]);
        Execute(older);
        await using (var store = Open())
        {
            Assert.Equal("one", Assert.Single(await store.RangeAsync("addresses", "p", RowRange.All, 10)).Text());
            Assert.False(store.WasPutBack);
        }

        using var connection = new Connection(File, create: false);
        Assert.Equal(3, connection.Number("PRAGMA user_version")); // Those refuse what is over their own.
    }

    [Fact]
    public async Task An_opening_that_fails_holds_nothing_of_the_file()
    {
        await using (Open())
        {
        }

        Execute("DROP TABLE queues; CREATE TABLE queues(other)");
        Assert.Throws<InvalidOperationException>(Open);
        if (OperatingSystem.IsLinux())
            Assert.DoesNotContain(
                Directory.GetFiles("/proc/self/fd").Select(f => new FileInfo(f).LinkTarget),
                held => held?.StartsWith(File, StringComparison.Ordinal) == true);
        Execute("DROP TABLE queues");
        await using var again = Open();
    }

    [Fact]
    public async Task P5_A_first_start_that_died_while_it_made_the_store_is_made_up_for_by_the_next()
    {
        using (var connection = new Connection(File, create: true)) connection.Execute(Schema.Rows);
        await using var store = Open();
        await store.EnqueueAsync("send", Bytes("one"));
        Assert.Single(await store.ReceiveAsync("send", 1, TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task P6_A_directory_that_was_copied_is_known_for_a_copy_at_every_opening_until_it_is_taken_over()
    {
        for (var opening = 0; opening < 3; opening++)
        {
            await using var store = Open();
            Assert.False(store.WasPutBack);
        }

        var copy = _directory.CreateSubdirectory("copy").FullName;
        foreach (var file in _directory.GetFiles()) file.CopyTo(Path.Combine(copy, file.Name));
        for (var opening = 0; opening < 3; opening++)
        {
            await using var store = SqliteStore.Open(copy, _time);
            Assert.True(store.WasPutBack);
            if (opening == 2) await store.TakeOverAsync();
        }

        var moved = copy + "-moved";
        Directory.Move(copy, moved);
        await using var own = SqliteStore.Open(moved, _time);
        Assert.False(own.WasPutBack);
    }

    [Fact]
    public async Task P6_An_older_store_that_is_put_in_the_place_of_a_newer_one_is_known_for_a_copy_however_often_it_is_opened()
    {
        await using (Open())
        {
        }

        var copy = File + ".copy";
        System.IO.File.Copy(File, copy);
        await using (Open())
        {
        }

        System.IO.File.Copy(copy, File, overwrite: true);
        for (var opening = 0; opening < 3; opening++)
        {
            await using var store = Open();
            Assert.True(store.WasPutBack);
            if (opening == 2) await store.TakeOverAsync();
        }

        await using var own = Open();
        Assert.False(own.WasPutBack);
    }

    [Fact]
    public async Task The_log_begins_anew_while_everybody_writes_and_reads()
    {
        const int writers = 64, writes = 300;
        long log = 0;
        await using var store = Open();
        await Task.WhenAll(Enumerable.Range(0, writers).Select(w => Task.Run(async () =>
        {
            for (var i = 0; i < writes; i++)
            {
                // Another at each write: SQLite does not write what is as it was.
                var value = Enumerable.Repeat((byte)i, 8 * 1024).ToArray();
                Assert.True((await store.CommitAsync("addresses", $"p{w}", [RowChange.Put($"r{i % 10}", value)])).Committed);
                Assert.NotNull(await store.GetAsync("addresses", $"p{w}", $"r{i % 10}"));
                if (w == 0) log = Math.Max(log, new FileInfo(File + "-wal").Length);
            }
        })));

        // 150 MB of values went through it.
        Assert.InRange(log, 1, 60 * 1024 * 1024);
    }

    private void Execute(string sql)
    {
        using var connection = new Connection(File, create: true);
        connection.Execute(sql);
    }

    private SqliteStore Open() => SqliteStore.Open(_directory.FullName, _time);
}
