using Notifications.Storage;

namespace Notifications.Tests.Infrastructure;

/// <summary>What somebody sees who reads the store without its keys (R66).</summary>
internal static class RawStorage
{
    /// <summary>What a row holds that nobody can open: so it looks where another key had sealed it.</summary>
    public static readonly byte[] Shut = [1, 250, .. new byte[60]];

    public static async Task<List<(string Place, byte[] Bytes)>> EverythingAsync(MemoryStore store)
    {
        var all = new List<(string, byte[])>();
        foreach (var table in Tables.All)
        {
            (string, string)? after = null;
            while (await store.ScanAsync(table, after, 1000) is { Count: > 0 } rows)
            {
                foreach (var row in rows) all.Add(($"{table}/{row.Partition}/{row.Row.Key}", row.Row.Value.ToArray()));
                after = (rows[^1].Partition, rows[^1].Row.Key);
            }
        }

        foreach (var queue in Queues.WithDeadLetters.Concat(Queues.WithDeadLetters.Select(Queues.Poison)))
            foreach (var item in await store.ReceiveAsync(queue, int.MaxValue, TimeSpan.Zero)) all.Add((queue, item.Body.ToArray()));
        return all;
    }
}
