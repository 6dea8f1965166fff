using Notifications.Packages;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Packages;

[Collection(Alone.Name)]
public sealed class ScaleTests
{
    /// <summary>A hundred thousand followers of one package: the rows are generated as they are read and the messages counted, so that what grows is the product's own.</summary>
    [Fact]
    public async Task A_hundred_thousand_watchers_are_fanned_out_once_each_with_flat_memory()
    {
        const int Watchers = 100_000;
        Endless? endless = null;
        var world = new PackagesWorld(between: store =>
        {
            endless = new Endless(store);
            return (endless, endless);
        });
        var sealer = new Notifications.Security.SealedTableStore(endless!, world.Get<Notifications.Security.DataSealer>());
        for (var i = 0; i < Watchers; i++)
        {
            var address = PackagesWorld.Email($"w{i}@example.com");
            var row = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new WatcherRow(address.Channel, address.Value, WatchFilter.All, world.Clock.GetUtcNow()), CoreJson.Default.WatcherRow);
            await sealer.CommitAsync(Tables.Packages, PackagesWorld.Number, [RowChange.Put(Rows.Watcher(world.Ring.KeyOf(address).Value), row)]);
        }

        endless!.Freeze();
        await world.HappensAsync("e1", ParcelStatus.InTransit);
        GC.Collect();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var most = 0L;
        endless.OnSend = n =>
        {
            if (n % 20_000 == 0) most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
        };
        await world.PumpAsync();
        Assert.Equal(Watchers, endless.Sends);
        Assert.InRange(most, long.MinValue, 20 * 1024 * 1024);
    }

    /// <summary>Keeps followers in one sorted array (a binary search finds a page) and counts sends in place of keeping them.</summary>
    private sealed class Endless(MemoryStore store) : ITableStore, IWorkQueue
    {
        private readonly Dictionary<string, Row> _growing = [];
        private Row[] _followers = [];

        public int Sends { get; private set; }

        public Action<int> OnSend { get; set; } = static _ => { };

        public void Freeze()
        {
            _followers = [.. _growing.Values.OrderBy(r => r.Key, StringComparer.Ordinal)];
            _growing.Clear();
        }

        public ValueTask<Row?> GetAsync(string table, string partition, string row, CancellationToken cancel = default) => store.GetAsync(table, partition, row, cancel);

        public ValueTask<IReadOnlyList<Row>> RangeAsync(string table, string partition, RowRange range, int limit, CancellationToken cancel = default)
        {
            var (low, high) = (0, _followers.Length);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (string.CompareOrdinal(_followers[middle].Key, range.From) < 0) low = middle + 1;
                else high = middle;
            }

            return ValueTask.FromResult<IReadOnlyList<Row>>(_followers[low..Math.Min(low + limit, _followers.Length)]);
        }

        public ValueTask<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default)
        {
            if (!changes[0].Key.StartsWith(Rows.WatcherPrefix, StringComparison.Ordinal)) return store.CommitAsync(table, partition, changes, cancel);
            foreach (var change in changes) _growing[change.Key] = new Row(change.Key, change.Value, "1");
            return ValueTask.FromResult(CommitResult.Success(["1"]));
        }

        public ValueTask<IReadOnlyList<ScannedRow>> ScanAsync(string table, (string Partition, string Row)? after, int limit, CancellationToken cancel = default) => store.ScanAsync(table, after, limit, cancel);

        public ValueTask EnqueueAsync(string queue, ReadOnlyMemory<byte> body, TimeSpan delay = default, CancellationToken cancel = default)
        {
            if (queue != Queues.Send) return store.EnqueueAsync(queue, body, delay, cancel);
            OnSend(++Sends);
            return ValueTask.CompletedTask;
        }

        public ValueTask<IReadOnlyList<QueueItem>> ReceiveAsync(string queue, int max, TimeSpan visibility, CancellationToken cancel = default) => store.ReceiveAsync(queue, max, visibility, cancel);

        public ValueTask<bool> CompleteAsync(QueueItem item, CancellationToken cancel = default) => store.CompleteAsync(item, cancel);

        public ValueTask<bool> ReleaseAsync(QueueItem item, TimeSpan delay, CancellationToken cancel = default) => store.ReleaseAsync(item, delay, cancel);

        public ValueTask PoisonAsync(QueueItem item, CancellationToken cancel = default) => store.PoisonAsync(item, cancel);

        public ValueTask<long> CountAsync(string queue, CancellationToken cancel = default) => store.CountAsync(queue, cancel);
    }
}
