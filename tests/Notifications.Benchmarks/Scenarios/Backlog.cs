using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Notifications.Addresses;
using Notifications.Benchmarks.Load;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Benchmarks.Scenarios;

/// <summary>
/// A long queue of single messages drained by the local host's pump to a sender that does nothing, beside a short one: ten package updates
/// for each address. The file grows to a gigabyte meanwhile, past every cache: half of the short one's rate is in order, a tenth would be a
/// fault. NOTIFICATIONS_BENCH_BACKLOG sets the long one, 1,000,000 when left out. The memory is this process's own, the greatest that was
/// seen while it drained.
/// </summary>
internal static class Backlog
{
    private const int Small = 20_000, Each = 10;
    private static readonly JsonElement News = JsonDocument.Parse(
        """{"description":"Departed from facility","location":"Lisbon, Portugal"}""").RootElement;

    public static async Task<Result[]> RunAsync()
    {
        var large = CampaignScenario.Size("NOTIFICATIONS_BENCH_BACKLOG", 1_000_000);
        await MeasureAsync(Small); // warm-up
        var (small, _) = await MeasureAsync(Small);
        var (big, megabytes) = await MeasureAsync(large);
        return
        [
            new("backlog", string.Create(CultureInfo.InvariantCulture, $"messages/s, {large:N0} queued against {Small:N0}"), big, small,
                0.4, AtLeast: true),
            new("backlog", string.Create(CultureInfo.InvariantCulture, $"MB resident with {large:N0} queued"), megabytes, 300, 1,
                AtLeast: false),
        ];
    }

    private static async Task<(double PerSecond, double Megabytes)> MeasureAsync(int count)
    {
        var sender = new NullSender();
        await using var bed = new CampaignBed(sender);
        await bed.SubscribeAsync(count / Each, TopicKey.PackageUpdates);
        var queue = bed.Services.GetRequiredService<SendQueue>();
        var ids = bed.Services.GetRequiredService<MessageIds>();
        var now = TimeProvider.System.GetUtcNow();
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 256 }, async (i, cancel) =>
        {
            var to = CampaignBed.Person(i % (count / Each));
            var id = ids.Derive(bed.Ring.KeyOf(to), string.Create(CultureInfo.InvariantCulture, $"backlog/{i}"));
            await queue.EnqueueAsync(
                new SendRequest
                {
                    Id = id.ToString(),
                    Channel = Channel.Email,
                    To = to.Value,
                    Topic = TopicKey.PackageUpdates,
                    Data = News,
                    AcceptedAt = now,
                },
                cancel);
        });

        using var self = Process.GetCurrentProcess();
        var most = 0L;
        var started = Stopwatch.GetTimestamp();
        await bed.StartAsync();
        while (await bed.Store.CountAsync(Queues.Send) > 0)
        {
            self.Refresh();
            most = Math.Max(most, self.WorkingSet64);
            await Task.Delay(20);
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await bed.StopAsync();
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {count:N0}: {seconds:0.0} s, {most >> 20} MB"));
        return sender.Sent == count
            ? (count / seconds, most / 1048576.0)
            : throw new InvalidOperationException($"{sender.Sent} hand-offs for {count} messages.");
    }
}
