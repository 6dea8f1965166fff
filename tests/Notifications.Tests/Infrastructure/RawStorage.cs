using Notifications.Storage;

namespace Notifications.Tests.Infrastructure;

/// <summary>What somebody sees who reads the store without its keys (R66).</summary>
internal static class RawStorage
{
    public static async Task<List<(string Place, byte[] Bytes)>> EverythingAsync(MemoryStore store)
    {
        var all = new List<(string, byte[])>();
        foreach (var table in Tables.All)
            foreach (var row in await store.ScanAsync(table, null, 1000)) all.Add(($"{table}/{row.Partition}/{row.Row.Key}", row.Row.Value.ToArray()));
        foreach (var queue in Queues.All.Concat(Queues.All.Select(Queues.Poison)))
            foreach (var item in await store.ReceiveAsync(queue, 32, TimeSpan.Zero)) all.Add((queue, item.Body.ToArray()));
        return all;
    }
}
