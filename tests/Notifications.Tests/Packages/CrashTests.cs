using Notifications.Packages;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Packages;

public class CrashTests
{
    /// <summary>The process dies at any storage or queue operation, before or after it took effect, again and again; what is left goes on.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task P5_A_crash_anywhere_in_mid_fan_out_loses_nothing_and_sends_nothing_twice(int seed)
    {
        Crashing? crashing = null;
        var world = new PackagesWorld(between: store =>
        {
            crashing = new Crashing(store, new Random(seed));
            return (crashing, crashing);
        });
        const int Watchers = 350;
        for (var i = 0; i < Watchers; i++) await world.WatchAsync($"w{i}@example.com");
        ParcelStatus[] day = [ParcelStatus.InfoReceived, ParcelStatus.InTransit, ParcelStatus.OutForDelivery, ParcelStatus.Delivered];
        var crashes = 0;
        foreach (var (i, status) in day.Index())
        {
            world.Clock.Advance(TimeSpan.FromHours(1));
            await world.HappensAsync($"e{i}", status);
            crashing!.Chance = 0.02; // A fan-out takes few operations of its own since it sends in place.
            crashes += await world.PumpAsync(crashesAllowed: int.MaxValue);
            crashing.Chance = 0;
        }

        Assert.True(crashes > 10, $"only {crashes} crashes");
        for (var i = 0; i < Watchers; i++)
        {
            var subjects = world.Outbox.Emails.Where(e => e.To == $"w{i}@example.com").Select(e => e.Subject.Split(':')[0]).ToList();
            Assert.Equal(["Information received", "In transit", "Out for delivery", "Delivered"], subjects);
        }
    }

    /// <summary>Dies at table and queue operations of the fan-out. Hand-offs are left alone: what a crash there means is the send path's own test.</summary>
    private sealed class Crashing(MemoryStore store, Random random) : ITableStore, IWorkQueue
    {
        public double Chance { get; set; }

        public ValueTask<Row?> GetAsync(string table, string partition, string row, CancellationToken cancel = default) => store.GetAsync(table, partition, row, cancel);

        public ValueTask<IReadOnlyList<Row>> RangeAsync(string table, string partition, RowRange range, int limit, CancellationToken cancel = default) => store.RangeAsync(table, partition, range, limit, cancel);

        public async ValueTask<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default)
        {
            if (table != Tables.Packages) return await store.CommitAsync(table, partition, changes, cancel);
            var chance = Chance * 20; // Few commits of this table there are, and each is a step of the outbox.
            Die(chance);
            var result = await store.CommitAsync(table, partition, changes, cancel);
            Die(chance);
            return result;
        }

        public ValueTask<IReadOnlyList<ScannedRow>> ScanAsync(string table, (string Partition, string Row)? after, int limit, CancellationToken cancel = default) => store.ScanAsync(table, after, limit, cancel);

        public async ValueTask EnqueueAsync(string queue, ReadOnlyMemory<byte> body, TimeSpan delay = default, CancellationToken cancel = default)
        {
            Die(Chance);
            await store.EnqueueAsync(queue, body, delay, cancel);
            Die(queue == Queues.Packages ? Chance * 20 : Chance);
        }

        public ValueTask<IReadOnlyList<QueueItem>> ReceiveAsync(string queue, int max, TimeSpan visibility, CancellationToken cancel = default) => store.ReceiveAsync(queue, max, visibility, cancel);

        public async ValueTask<bool> CompleteAsync(QueueItem item, CancellationToken cancel = default)
        {
            Die(Chance);
            return await store.CompleteAsync(item, cancel);
        }

        public ValueTask<bool> ReleaseAsync(QueueItem item, TimeSpan delay, CancellationToken cancel = default) => store.ReleaseAsync(item, delay, cancel);

        public ValueTask PoisonAsync(QueueItem item, CancellationToken cancel = default) => store.PoisonAsync(item, cancel);

        public ValueTask<long> CountAsync(string queue, CancellationToken cancel = default) => store.CountAsync(queue, cancel);

        private void Die(double chance)
        {
            if (chance > 0 && random.NextDouble() < chance) throw new CrashException();
        }
    }
}
