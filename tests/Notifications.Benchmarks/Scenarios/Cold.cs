using System.Diagnostics;
using Notifications.Benchmarks.Load;

namespace Notifications.Benchmarks.Scenarios;

/// <summary>
/// From the start of the process, as it is published, to the first one-click answered, against an empty ASP.NET Core app. Medians of runs
/// taken in turn.
/// </summary>
internal static class Cold
{
    private const int Runs = 9;

    public static async Task<Result[]> RunAsync()
    {
        using var published = await Published.MakeAsync();
        using var seed = new Seed();
        await seed.SubscribeAsync(Runs + 1);
        var requests = seed.OneClicks(0, Runs + 1);
        await FirstAnswerAsync(() => StartProduct(published, seed), requests[Runs]); // Makes the database's files and warms the disk cache.
        var limit = new double[Runs];
        var product = new double[Runs];
        for (var i = 0; i < Runs; i++)
        {
            limit[i] = await FirstAnswerAsync(StartEmpty, requests[i]);
            product[i] = await FirstAnswerAsync(() => StartProduct(published, seed), requests[i]);
        }

        Array.Sort(limit);
        Array.Sort(product);
        return [new("cold", "ms to the first one-click", product[Runs / 2], limit[Runs / 2], 1.5, AtLeast: false)];
    }

    private static ServerProcess StartEmpty() =>
        ServerProcess.Start(Environment.ProcessPath!, port => ["--serve-empty", "--urls", $"http://127.0.0.1:{port}"]);

    private static ServerProcess StartProduct(Published published, Seed seed) => ServerProcess.Start(
        published.Program, port => ["--urls", $"http://127.0.0.1:{port}", "--data", seed.Folder, "--api-key", Seed.ApiKey]);

    private static async Task<double> FirstAnswerAsync(Func<ServerProcess> start, byte[] request)
    {
        var started = Stopwatch.GetTimestamp();
        await using var server = start();
        while (true)
        {
            if (Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(30)) throw new TimeoutException("No answer within 30 s.");
            try
            {
                var answer = await HttpLoad.RunAsync(server.Port, [request], 1);
                return answer.Failures == 0
                    ? Stopwatch.GetElapsedTime(started).TotalMilliseconds
                    : throw new InvalidOperationException("The first one-click failed.");
            }
            catch (System.Net.Sockets.SocketException)
            {
                await Task.Delay(1); // Not listening yet.
            }
        }
    }
}
