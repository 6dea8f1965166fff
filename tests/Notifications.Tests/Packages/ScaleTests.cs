using Notifications.Packages;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Packages;

[Collection(Alone.Name)]
public sealed class ScaleTests
{
    /// <summary>
    /// Followers' rows stand in one array and messages are counted, so that what grows is the product's own. The benchmark <c>fanout</c>
    /// does the same with 100,000 on SQLite.
    /// </summary>
    [Fact]
    public async Task M1_Ten_thousand_watchers_of_one_package_are_told_once_each_with_flat_memory()
    {
        const int Watchers = 10_000;
        Endless? endless = null;
        var world = new PackagesWorld(between: store =>
        {
            endless = new Endless(store);
            return (endless, endless);
        });
        for (var i = 0; i < Watchers; i++) await world.WatchAsync($"w{i}@example.com");
        endless!.Freeze();
        var told = new bool[Watchers];
        var (sent, twice, before, most) = (0, 0, long.MaxValue, 0L);
        world.Outbox.Answer = to =>
        {
            var i = int.Parse(
                to.AsSpan(1, to.IndexOf('@', StringComparison.Ordinal) - 1), System.Globalization.CultureInfo.InvariantCulture);
            if (told[i]) twice++;
            told[i] = true;
            if (++sent == 1000) before = GC.GetTotalMemory(forceFullCollection: true);
            else if (sent % 2000 == 0) most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
            return HandOff.Accepted(null);
        };
        await world.HappensAsync("e1", ParcelStatus.InTransit);
        await world.PumpAsync();
        Assert.Equal((Watchers, 0, Watchers), (sent, twice, told.Count(t => t)));
        Assert.Equal(0, endless.Sends);
        Assert.InRange(most, long.MinValue, 20 * 1024 * 1024);
    }

    /// <summary>
    /// Keeps followers in one sorted array (a binary search finds a page), forgets what is written of them once frozen, and counts what is
    /// put on the queue one by one.
    /// </summary>
    private sealed class Endless(MemoryStore store) : ITableStore, IWorkQueue
    {
        private readonly Dictionary<string, Row> _growing = [];
        private Row[] _followers = [];
        private bool _frozen;

        public int Sends { get; private set; }

        public void Freeze()
        {
            _followers = [.. _growing.Values.OrderBy(r => r.Key, StringComparer.Ordinal)];
            _growing.Clear();
            _frozen = true;
        }

        public ValueTask<Row?> GetAsync(string table, string partition, string row, CancellationToken cancel = default) =>
            store.GetAsync(table, partition, row, cancel);

        public ValueTask<IReadOnlyList<Row>> RangeAsync(
            string table, string partition, RowRange range, int limit, CancellationToken cancel = default)
        {
            if (table != Tables.Packages || range.From?.StartsWith(Rows.WatcherPrefix, StringComparison.Ordinal) != true)
                return store.RangeAsync(table, partition, range, limit, cancel);
            var (low, high) = (0, _followers.Length);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (string.CompareOrdinal(_followers[middle].Key, range.From) < 0) low = middle + 1;
                else high = middle;
            }

            var until = low;
            while (until < _followers.Length && until - low < limit && string.CompareOrdinal(_followers[until].Key, range.To) < 0) until++;
            return ValueTask.FromResult<IReadOnlyList<Row>>(_followers[low..until]);
        }

        public ValueTask<CommitResult> CommitAsync(
            string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default)
        {
            if (_frozen && table == Tables.Addresses) return ValueTask.FromResult(CommitResult.Success([.. changes.Select(_ => "1")]));
            if (!changes[0].Key.StartsWith(Rows.WatcherPrefix, StringComparison.Ordinal))
                return store.CommitAsync(table, partition, changes, cancel);
            foreach (var change in changes) _growing[change.Key] = new Row(change.Key, change.Value, "1");
            return ValueTask.FromResult(CommitResult.Success(["1"]));
        }

        public ValueTask<IReadOnlyList<ScannedRow>> ScanAsync(
            string table, (string Partition, string Row)? after, int limit, CancellationToken cancel = default) =>
            store.ScanAsync(table, after, limit, cancel);

        public ValueTask EnqueueAsync(string queue, ReadOnlyMemory<byte> body, TimeSpan delay = default, CancellationToken cancel = default)
        {
            if (queue != Queues.Send) return store.EnqueueAsync(queue, body, delay, cancel);
            Sends++;
            return ValueTask.CompletedTask;
        }

        public ValueTask<IReadOnlyList<QueueItem>> ReceiveAsync(
            string queue, int max, TimeSpan visibility, CancellationToken cancel = default) =>
            store.ReceiveAsync(queue, max, visibility, cancel);

        public ValueTask<bool> CompleteAsync(QueueItem item, CancellationToken cancel = default) => store.CompleteAsync(item, cancel);

        public ValueTask<bool> ReleaseAsync(QueueItem item, TimeSpan delay, CancellationToken cancel = default) =>
            store.ReleaseAsync(item, delay, cancel);

        public ValueTask PoisonAsync(QueueItem item, CancellationToken cancel = default) => store.PoisonAsync(item, cancel);

        public ValueTask<long> CountAsync(string queue, CancellationToken cancel = default) => store.CountAsync(queue, cancel);
    }
}
