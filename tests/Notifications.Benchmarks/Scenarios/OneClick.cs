using Notifications.Benchmarks.Load;

namespace Notifications.Benchmarks.Scenarios;

/// <summary>Durable one-click POSTs, each of another subscribed person, against an empty Kestrel endpoint under the same client.</summary>
internal static class OneClick
{
    private const int Warm = 120_000, Count = 60_000, Connections = 256;

    public static async Task<Result[]> RunAsync()
    {
        using var seed = new Seed();
        await seed.SubscribeAsync(Warm + Count);
        await using var empty = await ServerProcess.EmptyAsync();
        await using var server = await ServerProcess.ProductAsync(seed.Folder, Seed.ApiKey);
        var (product, limit) = await HttpLoad.InTurnAsync(
            server, empty, seed.OneClicks(0, Warm), seed.OneClicks(Warm, Warm + Count), Connections);
        if (product.Failures > 0) throw new InvalidOperationException($"{product.Failures} one-click POSTs failed.");
        return
        [
            new("one-click", "durable POSTs/s", product.PerSecond, limit.PerSecond, 0.5, AtLeast: true),
            new("one-click", "p99 ms", product.P99Ms, limit.P99Ms, 5, AtLeast: false),
        ];
    }
}
