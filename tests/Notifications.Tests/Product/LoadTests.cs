using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Local;
using Notifications.Security;
using Notifications.Tests.Infrastructure;
using Notifications.Unsubscribe;
using Xunit.Abstractions;

namespace Notifications.Tests.Product;

/// <summary>
/// More is asked than can be done: who is refused is told so and when to come again, memory stays, and afterwards everything is as before.
/// </summary>
[Collection(Alone.Name)]
public sealed class LoadTests(ITestOutputHelper output) : IDisposable
{
    private const long MiB = 1 << 20;

    /// <summary>Seconds of overload: 60 where somebody has the time, few here.</summary>
    private static readonly int Seconds =
        int.TryParse(
            Environment.GetEnvironmentVariable("NOTIFICATIONS_LOAD_SECONDS"), NumberStyles.None, CultureInfo.InvariantCulture,
            out var asked)
            ? asked
            : 3;

    private readonly string _data = Directory.CreateTempSubdirectory("notifications-load-").FullName;

    [Fact]
    public async Task Twice_the_saturating_rate_meets_503_with_Retry_After_and_nothing_worse_in_flat_memory_and_is_forgotten_within_seconds()
    {
        await using var host = await LocalProcess.StartAsync(_data);
        await JourneyTests.OptInAsync(host, new { email = "load@example.com", topic = "newsletter" });
        var ring = KeyRing.Parse(await File.ReadAllTextAsync(Path.Combine(_data, "keyring.json")), "local");
        var link = "/u/"
            + new LinkTokens(
                ring).Write(
                    new LinkToken(LinkPurpose.Unsubscribe, ring.KeyOf(new Address(Channel.Email, "load@example.com")), Channel.Email)
                    {
                        Topic = TopicKey.Newsletter,
                    });
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, MaxConnectionsPerServer = 3000 })
        {
            BaseAddress = host.Http.BaseAddress,
            Timeout = TimeSpan.FromSeconds(30),
        };
        http.DefaultRequestHeaders.Authorization = host.Http.DefaultRequestHeaders.Authorization;
        var answers = new ConcurrentDictionary<string, int>();
        var ids = new ConcurrentQueue<string>();
        var number = 0;

        // Half of it is services queuing messages, half people leaving.
        async Task AskAsync()
        {
            var mine = Interlocked.Increment(ref number);
            using var request = new HttpRequestMessage(HttpMethod.Post, mine % 2 == 0 ? link : "/v1/messages");
            request.Content = mine % 2 == 0
                ? new StringContent("List-Unsubscribe=One-Click", Encoding.ASCII, "application/x-www-form-urlencoded")
                : new StringContent(
                    $$$"""{"topic":"newsletter","to":{"email":"load{{{mine}}}@example.com"},"data":{"title":"x"}}""", Encoding.UTF8,
                    "application/json");
            try
            {
                using var answer = await http.SendAsync(request);
                var told = answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests
                    ? answer.Headers.RetryAfter is null ? " without Retry-After" : " with Retry-After"
                    : "";
                answers.AddOrUpdate((int)answer.StatusCode + told, 1, (_, count) => count + 1);
                if (answer.StatusCode == HttpStatusCode.Accepted) ids.Enqueue(Id(await answer.Content.ReadAsStringAsync()));
            }
            catch (Exception failed) when (failed is HttpRequestException or TaskCanceledException)
            {
                answers.AddOrUpdate(
                    $"{failed.GetType().Name} {(failed as HttpRequestException)?.HttpRequestError}", 1, (_, count) => count + 1);
            }
        }

        // What it can do: as much as 64 callers get who wait for each answer.
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 64).Select(async _ =>
        {
            while (Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(1)) await AskAsync();
        }));
        var rate = answers.Values.Sum() / Stopwatch.GetElapsedTime(began).TotalSeconds;
        Assert.True(answers.Keys.All(k => k is "200" or "202"), string.Join(", ", answers));
        answers.Clear();

        // Twice that, whatever becomes of it, from callers who do not wait.
        var memory = new List<long>();
        var asked = 0;
        var under = new List<Task>();
        began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) is var passed && passed < TimeSpan.FromSeconds(Seconds))
        {
            for (var due = (int)(passed.TotalSeconds * rate * 2); asked < due; asked++) under.Add(Task.Run(AskAsync));
            if (under.Count > 20_000) under.RemoveAll(t => t.IsCompleted);
            if (passed.TotalSeconds * 4 > memory.Count) memory.Add(host.Resident);
            await Task.Delay(5);
        }

        await Task.WhenAll(under);
        var over = Stopwatch.GetTimestamp();
        var calm = await CalmAsync(http, link, over);
        output.WriteLine(
            $"Saturated at {rate:N0}/s; {asked:N0} asked in {Seconds} s: {string.Join(", ", answers.OrderBy(a => a.Key).Select(a => $"{a.Value:N0} x {a.Key}"))}. Memory {memory[memory.Count / 3] / MiB} MiB after a third, at most {memory.Max() / MiB} MiB. One-click within 250 ms again after {calm.TotalSeconds:F1} s.");
        Assert.Empty(answers.Keys.Except(["200", "202", "429 with Retry-After", "503 with Retry-After"]));
        Assert.True(memory.Max() - memory[memory.Count / 3] < 150 * MiB && memory.Max() < 700 * MiB, "Memory grows.");
        Assert.True(calm < TimeSpan.FromSeconds(20));
        // What was accepted is there.
        foreach (var id in ids.Where((_, i) => i % (1 + ids.Count / 20) == 0))
            Assert.Equal(HttpStatusCode.OK, (await host.SendAsync(HttpMethod.Get, "/v1/messages/" + id)).Status);
    }

    [Fact]
    public async Task Whoever_comes_when_a_thousand_are_served_is_told_to_come_again_and_the_others_are_served()
    {
        var open = new TaskCompletionSource();
        var crowd = RequestBound.Wrap(http => open.Task);
        var services = new ServiceCollection().BuildServiceProvider();
        DefaultHttpContext New() => new() { RequestServices = services };
        var inside = Enumerable.Range(0, RequestBound.Most).Select(_ => crowd(New())).ToList();
        var late = New();
        await crowd(late);
        Assert.Equal((503, "1"), (late.Response.StatusCode, late.Response.Headers.RetryAfter.ToString()));
        Assert.All(inside, task => Assert.False(task.IsCompleted));
        open.SetResult();
        await Task.WhenAll(inside);
        var next = New();
        await crowd(next);
        Assert.Equal(200, next.Response.StatusCode);
    }

    /// <summary>How long after the load ten one-clicks in a row were each answered within 250 ms.</summary>
    private static async Task<TimeSpan> CalmAsync(HttpClient http, string link, long over)
    {
        for (var quick = 0; quick < 10;)
        {
            Assert.True(Stopwatch.GetElapsedTime(over) < TimeSpan.FromSeconds(60), "It does not come to rest.");
            var began = Stopwatch.GetTimestamp();
            using var answer = await http.PostAsync(
                link, new StringContent("List-Unsubscribe=One-Click", Encoding.ASCII, "application/x-www-form-urlencoded"));
            quick = answer.StatusCode == HttpStatusCode.OK && Stopwatch.GetElapsedTime(began) < TimeSpan.FromMilliseconds(250)
                ? quick + 1
                : 0;
        }

        return Stopwatch.GetElapsedTime(over);
    }

    private static string Id(string accepted) => System.Text.Json.JsonDocument.Parse(accepted).RootElement.GetProperty("id").GetString()!;

    public void Dispose() => Directory.Delete(_data, recursive: true);
}
