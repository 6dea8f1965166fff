using System.Globalization;
using Notifications.Benchmarks.Load;
using Notifications.Storage;

namespace Notifications.Benchmarks.Scenarios;

/// <summary>
/// A campaign from launch to the last recorded outcome, handed to a sender that does nothing, against raw SQLite writing the same rows
/// (each claim's two, each outcome's one) in group commits as large as the product's own. NOTIFICATIONS_BENCH_CAMPAIGN sets the number of
/// recipients, 100,000 when left out.
/// </summary>
internal static class CampaignScenario
{
    public static int Size(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : otherwise;

    public static async Task<Result[]> RunAsync()
    {
        var count = Size("NOTIFICATIONS_BENCH_CAMPAIGN", 100_000);
        double product, limit;
        await using (var warm = new CampaignBed(new NullSender()))
        {
            await warm.SubscribeAsync(60_000);
            await warm.RunAsync();
        }

        await using (var bed = new CampaignBed(new NullSender()))
        {
            await bed.SubscribeAsync(count);
            var commits = bed.Store.Commits;
            var (seconds, _) = await bed.RunAsync();
            product = count / seconds;
            var group = Math.Max(1, (int)(2L * count / Math.Max(1, bed.Store.Commits - commits)));
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"  {seconds:0.0} s, {group} writes of messages to a commit"));
            var written = new RawMessages.Written[count];
            for (var i = 0; i < count; i++)
                written[i] = await RawMessages.ReadAsync(bed.Store, bed.Ring.KeyOf(CampaignBed.Person(i)).Value, Rows.State);
            limit = RawMessages.Rate(written, group);
        }

        return
        [
            new("campaign", "messages/s, launch to recorded", product, limit, 0.5, AtLeast: true),
            new("campaign", "messages/s on this machine", product, 10_000, 1, AtLeast: true),
        ];
    }
}
