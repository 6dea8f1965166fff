using Notifications.Benchmarks.Load;

namespace Notifications.Benchmarks.Scenarios;

/// <summary>
/// POST /v1/messages, answered once the message is durable on the queue, against an empty Kestrel endpoint that gets the same bytes.
/// </summary>
internal static class Api
{
    private const int Warm = 300_000, Count = 100_000, Connections = 256;

    public static async Task<Result[]> RunAsync()
    {
        using var seed = new Seed();
        await seed.SubscribeAsync(1);
        await using var empty = await ServerProcess.EmptyAsync();
        await using var server = await ServerProcess.ProductAsync(seed.Folder, Seed.ApiKey);
        var (product, limit) = await HttpLoad.InTurnAsync(server, empty, Messages(Warm), Messages(Count), Connections);
        if (product.Failures > 0) throw new InvalidOperationException($"{product.Failures} messages were refused.");
        return [new("api", "messages accepted/s", product.PerSecond, limit.PerSecond, 0.4, AtLeast: true)];
    }

    // Due in an hour, so that what is measured is accepting and not sending. It waits on the queue, as a message that is due now does;
    // what is due after an hour and a half waits in the schedule, with a record of its own (R34).
    private static byte[][] Messages(int count)
    {
        var due = TimeProvider.System.GetUtcNow()
            .AddHours(1)
            .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        return [.. Enumerable.Range(0, count).Select(i => HttpLoad.Post(
            "/v1/messages",
            "application/json",
            $$"""{"topic":"newsletter","to":{"email":"person{{i}}@example.com"},"data":{"subject":"Autumn news","intro":"What is new this month."},"sendAt":"{{due}}"}""",
            $"Authorization: Bearer {Seed.ApiKey}\r\n"))];
    }
}
