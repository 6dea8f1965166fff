using Microsoft.Extensions.Time.Testing;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Storage;

/// <summary>Reading on behind what no key opens.</summary>
public sealed class LegibleTests
{
    private const string Table = Tables.Idempotency;
    [Fact]
    public async Task R34_Every_row_that_opens_is_read_once_and_many_that_do_not_cost_little_more_than_one_read_each()
    {
        var memory = new MemoryStore(new FakeTimeProvider());
        var counted = new CountedReads(memory);
        var tables = new SealedTableStore(counted, new DataSealer(KeyRing.Parse(KeyRing.NewJson(), "test")));
        for (var i = 0; i < 900; i++)
        {
            var shut = i is (>= 100 and < 700) or 899;
            var row = RowChange.Insert($"r{i:D4}", shut ? RawStorage.Shut : "open"u8.ToArray());
            await (shut ? memory : (ITableStore)tables).CommitAsync(Table, "p", [row]);
        }

        var (open, closed) = (new List<string>(), new List<string>());
        await foreach (var (_, row) in Legible.RangeAsync(tables, Table, "p", RowRange.All, 500, (_, key) =>
        {
            closed.Add(key);
            return ValueTask.CompletedTask;
        }, default)) open.Add(row.Key);
        Assert.Equal(Enumerable.Range(0, 900).Where(i => i is < 100 or (>= 700 and < 899)).Select(i => $"r{i:D4}"), open);
        Assert.Equal(601, closed.Count);
        Assert.True(counted.Rows < 900 * 3, $"{counted.Rows} rows were read.");
    }

    private sealed class CountedReads(ITableStore inner) : PassingStore(inner)
    {
        public int Rows { get; private set; }

        public override async ValueTask<IReadOnlyList<Row>> RangeAsync(
            string table, string partition, RowRange range, int limit, CancellationToken cancel = default)
        {
            var rows = await Inner.RangeAsync(table, partition, range, limit, cancel);
            Rows += rows.Count;
            return rows;
        }
    }
}
