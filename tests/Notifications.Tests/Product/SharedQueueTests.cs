using System.Collections.Concurrent;
using System.Net;
using Notifications.Tests.Infrastructure;
using Xunit.Abstractions;

namespace Notifications.Tests.Product;

/// <summary>Several processes work on the queues of one storage account, as instances of the Functions app do.</summary>
[Collection(Azurite.Collection)]
public sealed class SharedQueueTests(Azurite azurite, ITestOutputHelper output) : IDisposable
{
    private const int Messages = 90, People = 9;
    private readonly string _data = Directory.CreateTempSubdirectory("notifications-share-").FullName;

    [AzuriteFact]
    public async Task P5_Three_processes_share_the_queues_and_hand_nothing_off_twice()
    {
        using var first = new SmtpSink();
        using var second = new SmtpSink();
        using var third = new SmtpSink();
        string[] store = ["--storage", await azurite.ConnectionAsync(), "--storage-prefix", Azurite.Prefix()];
        // Makes the secrets that all of them share.
        await using var one = await LocalProcess.StartAsync(_data, ["--email", first.Url, .. store]);
        await using var two = await LocalProcess.StartAsync(_data, ["--email", second.Url, .. store]);
        await using var three = await LocalProcess.StartAsync(_data, ["--email", third.Url, .. store]);
        LocalProcess[] all = [one, two, three];
        for (var person = 0; person < People; person++)
            await JourneyTests.OptInAsync(all[person % 3], new { email = $"share{person}@example.com", topic = "newsletter" });

        var ids = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(Enumerable.Range(0, Messages), new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (n, _) =>
        {
            // Each is asked for at two processes with one key, as by a caller whose line was cut.
            foreach (var host in new[] { all[n % 3], all[(n + 1) % 3] })
            {
                var (status, body) = await host.PostAsync(
                    "/v1/messages",
                    new
                    {
                        topic = "newsletter",
                        to = new { email = $"share{n % People}@example.com" },
                        data = new { subject = $"shared-{n:D3}" },
                    },
                    $"shared-{n}");
                Assert.True(status is HttpStatusCode.Accepted or HttpStatusCode.Conflict, $"{status}");
                if (status == HttpStatusCode.Accepted) ids.Add(body.GetProperty("id").GetString()!);
            }
        });
        Assert.Equal(Messages, ids.Distinct().Count());
        foreach (var id in ids.Distinct()) Assert.Equal("sent", (await one.EndOfAsync(id)).GetProperty("status").GetString());
        SmtpSink[] sinks = [first, second, third];
        output.WriteLine($"Handed off by each: {string.Join(", ", sinks.Select(s => s.Mails.Count))}.");
        var subjects = sinks.SelectMany(s => s.Subjects()).Where(s => s.Key.StartsWith("shared-", StringComparison.Ordinal)).ToList();
        Assert.Equal(Messages, subjects.Count);
        Assert.All(subjects, s => Assert.Equal(1, s.Value));
        Assert.Equal(Messages, subjects.DistinctBy(s => s.Key).Count());
        Assert.True(
            sinks.Count(s => s.Subjects().Keys.Any(k => k.StartsWith("shared-", StringComparison.Ordinal))) > 1,
            "One did all the work: nothing was shared.");
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);
}
