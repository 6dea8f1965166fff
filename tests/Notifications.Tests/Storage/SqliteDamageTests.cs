using Microsoft.Extensions.Logging.Abstractions;
using Notifications.Events;
using Notifications.Local;
using Notifications.Storage;
using Notifications.Storage.Sqlite;
using Notifications.Tests.Infrastructure;
using static Notifications.Tests.Storage.StorageText;

namespace Notifications.Tests.Storage;

/// <summary>A file that is damaged, removed, replaced, or put beside another's log: nobody is told that something is stored.</summary>
public sealed class SqliteDamageTests : IDisposable
{
    private const string Table = "addresses";
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("notifications-");

    private string File => Path.Combine(_directory.FullName, "notifications.db");

    private string Log => File + "-wal";

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task R69_A_row_that_cannot_be_read_for_what_it_is_rings_once_and_the_store_is_not_ready()
    {
        await FillAsync(1000);
        Damage("row 500 ");
        var sqlite = Open();
        var backend = new Notifications.Backend(sqlite, sqlite, sqlite);
        await using var store = new Store(backend, exclusive: true, sqlite.WaitForWorkAsync, sqlite);
        var alerts = new OperatorAlerts(sqlite, TimeProvider.System, NullLogger<OperatorAlerts>.Instance);
        store.TellOf(NullLogger.Instance, alerts);
        var health = new StoreHealth(sqlite, () => sqlite.WriteFailure, () => sqlite.Damaged);
        await health.CheckAsync(default);
        Assert.NotNull(await sqlite.GetAsync(Table, "p", "r0001"));
        for (var i = 0; i < 2; i++)
            Assert.True((await Assert.ThrowsAsync<StorageUnavailableException>(
                async () => await sqlite.GetAsync(Table, "p", "r0500"))).IsDamage);
        Assert.True((await Assert.ThrowsAsync<StorageUnavailableException>(async () => await health.CheckAsync(default))).IsDamage);
        await Poll.UntilAsync(async () => (await alerts.TodayAsync(default)).Count > 0, "the alert is written");
        var alert = Assert.Single(await alerts.TodayAsync(default));
        Assert.Equal(("store-damaged", 1), (alert.Kind, alert.Times));
        Assert.Contains("malformed (11)", alert.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(11, "is damaged", "restore its copy into an empty one")]
    [InlineData(779, "is damaged", "restore its copy into an empty one")]
    [InlineData(26, "is damaged", "restore its copy into an empty one")]
    [InlineData(5, "in use by another program", "End it")]
    [InlineData(13, "is full", "Make room")]
    [InlineData(14, "cannot be opened", "can be read and written")]
    public void M15_What_SQLite_says_at_the_opening_is_told_with_the_file_and_the_remedy(int code, string what, string remedy)
    {
        var told = SqliteFailure.AtOpening(SqliteFailure.Of(code), "/data/notifications.db");
        Assert.Contains("/data/notifications.db", told, StringComparison.Ordinal);
        Assert.Contains(what, told, StringComparison.Ordinal);
        Assert.Contains(remedy, told, StringComparison.Ordinal);
    }

    [Fact]
    public void M15_A_file_that_is_no_store_is_named_with_the_remedy()
    {
        System.IO.File.WriteAllText(File, new string('x', 8192));
        var why = Assert.Throws<InvalidOperationException>(Open).Message;
        Assert.StartsWith(File + " is damaged, or no store (SQLite: file is not a database (26)).", why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task P6_R69_Nothing_is_confirmed_that_was_written_to_a_file_that_is_removed_or_replaced(bool replaced)
    {
        await FillAsync(1);
        var copy = File + ".copy";
        System.IO.File.Copy(File, copy);
        await using var store = Open();
        await store.CommitAsync(Table, "p", [RowChange.Put("before", Bytes("x"))]);
        if (replaced) System.IO.File.Move(copy, File, overwrite: true);
        else System.IO.File.Delete(File);
        var why = await Assert.ThrowsAsync<StorageUnavailableException>(
            async () => await store.CommitAsync(Table, "p", [RowChange.Put("after", Bytes("x"))]));
        Assert.StartsWith(File + " was removed or replaced", why.Message, StringComparison.Ordinal);
        Assert.Equal((why.Message, why.Message, true), (store.WriteFailure, store.Damaged, why.IsDamage));
    }

    [Fact]
    public async Task P6_R69_A_file_that_is_removed_is_noticed_also_while_nobody_writes_and_readiness_says_so()
    {
        await using var store = Open();
        var health = new StoreHealth(store, () => store.WriteFailure, () => store.Damaged);
        await health.CheckAsync(default);
        System.IO.File.Delete(File);
        await Poll.UntilAsync(() => Task.FromResult(store.WriteFailure is not null), "the file is missed");
        Assert.True((await Assert.ThrowsAsync<StorageUnavailableException>(async () => await health.CheckAsync(default))).IsDamage);
    }

    [Fact]
    public async Task P5_A_log_that_was_begun_in_the_moment_in_which_its_process_died_keeps_no_start_away()
    {
        await FillAsync(10);
        byte[] log;
        await using (var store = Open())
        {
            await PutAsync(store, 20_000);
            log = await System.IO.File.ReadAllBytesAsync(Log); // It has begun anew, under another name than that which was noted.
        }

        await FillAsync(1);
        await System.IO.File.WriteAllBytesAsync(Log, log[..32]);
        await using var again = Open();
        Assert.NotNull(await again.GetAsync(Table, "p", "r0000"));
    }

    [Theory]
    [InlineData(20_000)] // The log has begun anew meanwhile, and holds a part of the pages alone.
    [InlineData(10)] // It holds all since its opening, and the copy is of two openings before.
    public async Task P6_A_copy_that_is_put_over_a_directory_whose_process_was_killed_is_refused_and_left_as_it_is(int rows)
    {
        await FillAsync(10);
        var copy = await System.IO.File.ReadAllBytesAsync(File);
        if (rows < 1000) await FillAsync(10);
        byte[] log;
        await using (var store = Open())
        {
            await PutAsync(store, rows);
            log = await System.IO.File.ReadAllBytesAsync(Log);
        }

        await System.IO.File.WriteAllBytesAsync(File, copy);
        await System.IO.File.WriteAllBytesAsync(Log, log);
        for (var i = 0; i < 2; i++)
        {
            var why = Assert.Throws<InvalidOperationException>(Open).Message;
            Assert.StartsWith(Log + " belongs to another state of the store", why, StringComparison.Ordinal);
            Assert.Equal(copy, await System.IO.File.ReadAllBytesAsync(File));
        }

        System.IO.File.Delete(Log);
        await using var right = Open();
        Assert.NotNull(await right.GetAsync(Table, "p", "r0001"));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(20_000)]
    public async Task P5_What_a_killed_process_left_is_opened_with_its_log_however_often_it_is_killed(int rows)
    {
        await FillAsync(10);
        for (var killed = 0; killed < 3; killed++)
        {
            byte[] file, log;
            await using (var store = Open())
            {
                await PutAsync(store, rows);
                await store.CommitAsync(Table, "kills", [RowChange.Put($"k{killed}", Bytes("x"))]);
                (file, log) = (await ReadAsync(File), await ReadAsync(Log));
            }

            await System.IO.File.WriteAllBytesAsync(File, file);
            await System.IO.File.WriteAllBytesAsync(Log, log);
            await using (var again = Open())
            {
                Assert.Equal(killed + 1, (await again.RangeAsync(Table, "kills", RowRange.All, 10)).Count);
                (file, log) = (await ReadAsync(File), await ReadAsync(Log));
            }

            await System.IO.File.WriteAllBytesAsync(File, file);
            await System.IO.File.WriteAllBytesAsync(Log, log);
        }
    }

    private static async Task<byte[]> ReadAsync(string file)
    {
        await using var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var bytes = new MemoryStream();
        await open.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private static Task<CommitResult[]> PutAsync(SqliteStore store, int rows) =>
        Task.WhenAll(Enumerable.Range(0, rows).Select(i => store.CommitAsync(
            Table, "p", [RowChange.Put($"r{i:D4}", Bytes($"row {i} {new string('x', 2000)}"))]).AsTask()));

    private async Task FillAsync(int rows)
    {
        await using var store = Open();
        await PutAsync(store, rows);
    }

    // The head of the page that holds a value says of what kind the page is.
    private void Damage(string value)
    {
        var bytes = System.IO.File.ReadAllBytes(File);
        bytes[bytes.AsSpan().IndexOf(Bytes(value).Span) / Schema.PageSize * Schema.PageSize] = 0xff;
        System.IO.File.WriteAllBytes(File, bytes);
    }

    private SqliteStore Open() => SqliteStore.Open(_directory.FullName, TimeProvider.System);
}
