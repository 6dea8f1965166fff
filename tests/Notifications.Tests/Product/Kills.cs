using System.Collections.Concurrent;
using System.Text;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Tests.Infrastructure;
using Notifications.Unsubscribe;
using Xunit.Abstractions;

namespace Notifications.Tests.Product;

/// <summary>
/// Attacks P5: kill -9 at random moments, over and over, in the middle of accepting, sending and opting out; then everything is counted.
/// </summary>
internal static class Kills
{
    /// <summary>Runs the host over <paramref name="data"/> and kills it <paramref name="kills"/> times.</summary>
    /// <param name="people">Among so many the messages go round; every second kill, one of them leaves.</param>
    /// <param name="each">So many messages are acknowledged before each kill, and then come 20 to 500 ms more.</param>
    /// <param name="settings">The host's environment besides.</param>
    /// <param name="more">Its arguments besides: the backend.</param>
    public static async Task RunAsync(
        ITestOutputHelper output, string data, int kills, int people, int each, Dictionary<string, string> settings, params string[] more)
    {
        using var sink = new SmtpSink();
        var accepted = new ConcurrentDictionary<string, string>(); // subject -> message id
        var optedOut = new ConcurrentDictionary<int, bool>();
        var afterOptOut = new ConcurrentBag<string>(); // messages accepted once the opt-out had been acknowledged
        var random = new Random(20261124);
        var number = 0;

        Task<LocalProcess> StartAsync() => LocalProcess.StartAsync(data, settings, ["--email", sink.Url, .. more]);

        await using (var host = await StartAsync())
            for (var person = 0; person < people; person++)
                await JourneyTests.OptInAsync(host, new { email = Person(person), topic = "newsletter" });

        var ring = KeyRing.Parse(await File.ReadAllTextAsync(Path.Combine(data, "keyring.json")), "local");
        var tokens = new LinkTokens(ring);
        for (var kill = 0; kill < kills; kill++)
        {
            await using var host = await StartAsync();
            var before = accepted.Count;
            using var end = new CancellationTokenSource();
            var leaves = kill % 2 == 0 ? kill / 2 : -1;
            var load = Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
            {
                while (!end.IsCancellationRequested)
                {
                    var mine = Interlocked.Increment(ref number);
                    // One keeps writing to somebody who has left.
                    var person = worker == 1 && optedOut.Keys.FirstOrDefault(-1) is >= 0 and var left ? left : mine % people;
                    var stopped = optedOut.ContainsKey(person);
                    var subject = $"news-{mine:D6}";
                    try
                    {
                        if (worker == 0 && leaves >= 0 && !optedOut.ContainsKey(leaves))
                        {
                            var token =
                                tokens.Write(
                                    new LinkToken(
                                        LinkPurpose.Unsubscribe, ring.KeyOf(new Address(Channel.Email, Person(leaves))), Channel.Email)
                                    {
                                        Topic = TopicKey.Newsletter,
                                    });
                            using var answer = await host.Http.PostAsync(
                                "/u/" + token,
                                new StringContent("List-Unsubscribe=One-Click", Encoding.ASCII, "application/x-www-form-urlencoded"));
                            if (answer.IsSuccessStatusCode) optedOut[leaves] = true;
                            continue;
                        }

                        var (status, body) = await host.PostAsync(
                            "/v1/messages", new { topic = "newsletter", to = new { email = Person(person) }, data = new { subject } },
                            "key-" + subject);
                        if ((int)status != 202) continue;
                        accepted[subject] = body.GetProperty("id").GetString()!;
                        if (stopped) afterOptOut.Add(subject);
                    }
                    catch (Exception cut)
                        when (cut is HttpRequestException or IOException or TaskCanceledException or System.Text.Json.JsonException)
                    {
                        return; // The process is gone: nothing was acknowledged.
                    }
                }
            })).ToArray();

            // The first to leave is waited for: a slow machine could kill every one-click before its answer.
            await Poll.UntilAsync(
                () => Task.FromResult(accepted.Count - before >= each && (kill > 0 || optedOut.ContainsKey(0))), "messages are acknowledged");
            await Task.Delay(random.Next(20, 500)); // A random moment, not a wait for something.
            await host.KillAsync();
            await end.CancelAsync();
            await Task.WhenAll(load);
        }

        await using var last = await StartAsync();
        var ends = new Dictionary<string, string>();
        foreach (var (subject, id) in accepted)
        {
            var message = await last.EndOfAsync(id);
            ends[subject] = message.GetProperty("status").GetString()!;
        }

        var handedOff = sink.Subjects();
        output.WriteLine(
            $"{kills} kills, {accepted.Count} messages acknowledged: {string.Join(", ", ends.Values.GroupBy(s => s).Select(g => $"{g.Count()} {g.Key}"))}; {handedOff.Count} mails taken; {optedOut.Count} opt-outs.");
        Assert.NotEmpty(optedOut);
        Assert.NotEmpty(afterOptOut);
        Assert.DoesNotContain(handedOff, mail => mail.Value > 1);
        Assert.DoesNotContain(ends, end => end.Value is not ("sent" or "skipped" or "unknown"));
        foreach (var (subject, status) in ends)
        {
            if (status == "sent") Assert.True(handedOff.ContainsKey(subject), $"{subject} is recorded as sent and was never taken.");
            if (status == "skipped") Assert.False(handedOff.ContainsKey(subject), $"{subject} is recorded as skipped and was taken.");
        }

        foreach (var subject in afterOptOut) Assert.Equal("skipped", ends[subject]);
        foreach (var person in optedOut.Keys)
        {
            var preferences = await last.GetAsync("/v1/preferences?email=" + Person(person));
            Assert.Equal(
                "unsubscribed",
                preferences.GetProperty("subscriptions")
                    .EnumerateArray()
                    .Single(s => s.GetProperty("topic").GetString() == "newsletter")
                    .GetProperty("status")
                    .GetString());
        }
    }

    private static string Person(int number) => $"person{number}@example.com";
}
