using System.Text;
using Notifications.Consent;
using Notifications.Privacy;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;

namespace Notifications.Tests.Privacy;

/// <summary>Ledgers are verified while people go on saying things.</summary>
public sealed class SealBesideWritesTests
{
    private const string Ana = "ana@example.com";

    [Fact]
    public async Task P10_A_ledger_that_grows_while_it_is_read_is_not_called_broken()
    {
        var (world, store) = await ManyMessagesAsync();
        // Its entry is behind the reader, its head before them.
        store.AfterFirstPage = async () => await SayAsync(world, TopicKey.Promotions);
        var report = await world.Get<LedgerSeals>().VerifyAsync(default);
        Assert.Null(store.AfterFirstPage);
        Assert.Empty(report.Broken);
        Assert.Equal(
            LedgerSeals.Root(
                [LedgerSeals.Leaf(world.KeyOf(Ana).Value, (await world.Book.LoadAsync(world.KeyOf(Ana), default)).State!.Ledger)]),
            report.Root);
        Assert.Equal(2, report.Entries);
    }

    [Fact]
    public async Task P10_A_ledger_that_grows_and_lacks_an_entry_is_called_broken()
    {
        var (world, store) = await ManyMessagesAsync();
        await SayAsync(world, TopicKey.Promotions);
        await world.Store.CommitAsync(Tables.Addresses, world.KeyOf(Ana).Value, [RowChange.Delete(Rows.Ledger(1))]);
        store.AfterFirstPage = async () => await SayAsync(world, TopicKey.PackageUpdates);
        Assert.Equal([world.KeyOf(Ana).Value], (await world.Get<LedgerSeals>().VerifyAsync(default)).Broken);
    }

    [Fact]
    public async Task P10_An_address_that_is_forgotten_while_its_ledger_is_read_again_is_not_called_broken()
    {
        var (world, store) = await ManyMessagesAsync();
        store.AfterFirstPage = async () => await SayAsync(world, TopicKey.Promotions);
        store.BeforeLedger =
            async () =>
                await world.Store.CommitAsync(
                    Tables.Addresses, world.KeyOf(Ana).Value,
                    [RowChange.Delete(Rows.State), RowChange.Delete(Rows.Ledger(1)), RowChange.Delete(Rows.Ledger(2))]);
        var report = await world.Get<LedgerSeals>().VerifyAsync(default);
        Assert.Null(store.BeforeLedger);
        Assert.Empty(report.Broken);
        Assert.Equal(0, report.Addresses);
    }

    /// <summary>One address with a ledger entry and so many messages that its state stands on the second page.</summary>
    private static async Task<(PackagesWorld World, PagedStore Store)> ManyMessagesAsync()
    {
        PagedStore paged = null!;
        var world = new PackagesWorld(between: memory => (paged = new PagedStore(memory), memory));
        await SayAsync(world, TopicKey.Newsletter);
        foreach (var some in Enumerable.Range(0, 1000).Chunk(100))
            await world.Get<ITableStore>().CommitAsync(
                Tables.Addresses, world.KeyOf(Ana).Value,
                [.. some.Select(i => RowChange.Insert(Rows.Message($"{i:D5}"), Encoding.UTF8.GetBytes("{}")))]);
        return (world, paged);
    }

    private static async Task SayAsync(PackagesWorld world, string topic) =>
        await world.Get<ConsentDesk>().OptOutAsync(
            CoreProduct.Email(Ana), new LedgerDraft(LedgerAction.OptOut, topic, "page", "person"), default);

    /// <summary>A store in which something happens once after the first page of a pass, and once before a ledger is read.</summary>
    private sealed class PagedStore(MemoryStore inner) : PassingStore(inner)
    {
        public Func<Task>? AfterFirstPage { get; set; }

        public Func<Task>? BeforeLedger { get; set; }

        public override async ValueTask<IReadOnlyList<Row>> RangeAsync(
            string table, string partition, RowRange range, int limit, CancellationToken cancel = default)
        {
            if (table == Tables.Addresses && BeforeLedger is { } happens)
            {
                BeforeLedger = null;
                await happens();
            }

            return await Inner.RangeAsync(table, partition, range, limit, cancel);
        }

        public override async ValueTask<IReadOnlyList<ScannedRow>> ScanAsync(
            string table, (string Partition, string Row)? after, int limit, CancellationToken cancel = default)
        {
            var page = await Inner.ScanAsync(table, after, limit, cancel);
            if (AfterFirstPage is { } happens)
            {
                AfterFirstPage = null;
                await happens();
            }

            return page;
        }
    }
}
