using System.Diagnostics;
using Notifications.Benchmarks.Load;

namespace Notifications.Benchmarks.Scenarios;

/// <summary>
/// Time per message and resident memory of a large campaign beside a small one. NOTIFICATIONS_BENCH_SCALE sets the large one, 1,000,000
/// when left out. The memory is this process's own, the greatest that was seen during the run.
/// </summary>
internal static class Scale
{
    private const int Small = 10_000;

    public static async Task<Result[]> RunAsync()
    {
        var large = CampaignScenario.Size("NOTIFICATIONS_BENCH_SCALE", 1_000_000);
        await MeasureAsync(Small); // warm-up
        var (small, _) = await MeasureAsync(Small);
        var (big, megabytes) = await MeasureAsync(large);
        return
        [
            new("scale", $"us per message, {large:N0} against {Small:N0}", big, small, 1.2, AtLeast: false),
            new("scale", $"MB resident with {large:N0}", megabytes, 300, 1, AtLeast: false),
        ];
    }

    private static async Task<(double Microseconds, double Megabytes)> MeasureAsync(int count)
    {
        await using var bed = new CampaignBed(new NullSender());
        await bed.SubscribeAsync(count);
        using var end = new CancellationTokenSource();
        var most = 0L;
        var watch = Task.Run(async () =>
        {
            using var self = Process.GetCurrentProcess();
            while (!end.IsCancellationRequested)
            {
                self.Refresh();
                most = Math.Max(most, self.WorkingSet64);
                await Task.Delay(100);
            }
        });
        var (seconds, _) = await bed.RunAsync();
        await end.CancelAsync();
        await watch;
        Console.Error.WriteLine($"  {count:N0}: {seconds:0.0} s, {most / 1048576} MB");
        return (seconds * 1e6 / count, most / 1048576.0);
    }
}
