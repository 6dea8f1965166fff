using System.Collections.Concurrent;
using System.Text;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Unsubscribe;
using Xunit.Abstractions;

namespace Notifications.Tests.Product;

/// <summary>kill -9 at random moments, over and over, in the middle of accepting, sending and opting out.</summary>
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private const int Kills = 50, People = 40;
    private readonly string _data = Directory.CreateTempSubdirectory("notifications-kill-").FullName;

    [Fact]
    public async Task P5_Fifty_kills_lose_nothing_acknowledged_and_hand_nothing_off_twice()
    {
        using var sink = new SmtpSink();
        var accepted = new ConcurrentDictionary<string, string>(); // subject -> message id
        var optedOut = new ConcurrentDictionary<int, bool>();
        var afterOptOut = new ConcurrentBag<string>(); // messages accepted once the opt-out had been acknowledged
        var random = new Random(20261124);
        var number = 0;

        await using (var host = await LocalProcess.StartAsync(_data, "--email", sink.Url))
            for (var person = 0; person < People; person++) await JourneyTests.OptInAsync(host, new { email = Person(person), topic = "newsletter" });

        var ring = KeyRing.Parse(await File.ReadAllTextAsync(Path.Combine(_data, "keyring.json")), "local");
        var tokens = new LinkTokens(ring);
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var host = await LocalProcess.StartAsync(_data, "--email", sink.Url);
            using var end = new CancellationTokenSource();
            var leaves = kill % 2 == 0 ? kill / 2 : -1;
            var load = Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
            {
                while (!end.IsCancellationRequested)
                {
                    var mine = Interlocked.Increment(ref number);
                    var person = mine % People;
                    var stopped = optedOut.ContainsKey(person);
                    var subject = $"news-{mine:D6}";
                    try
                    {
                        if (person == leaves && !stopped && worker == 0)
                        {
                            var token = tokens.Write(new LinkToken(LinkPurpose.Unsubscribe, ring.KeyOf(new Address(Channel.Email, Person(person))), Channel.Email) { Topic = TopicKey.Newsletter });
                            using var answer = await host.Http.PostAsync("/u/" + token, new StringContent("List-Unsubscribe=One-Click", Encoding.ASCII, "application/x-www-form-urlencoded"));
                            if (answer.IsSuccessStatusCode) optedOut[person] = true;
                            continue;
                        }

                        var (status, body) = await host.PostAsync("/v1/messages", new { topic = "newsletter", to = new { email = Person(person) }, data = new { subject } }, "key-" + subject);
                        if ((int)status != 202) continue;
                        accepted[subject] = body.GetProperty("id").GetString()!;
                        if (stopped) afterOptOut.Add(subject);
                    }
                    catch (Exception cut) when (cut is HttpRequestException or IOException or TaskCanceledException or System.Text.Json.JsonException)
                    {
                        return; // The process is gone: nothing was acknowledged.
                    }
                }
            })).ToArray();

            await Task.Delay(random.Next(20, 500)); // A random moment, not a wait for something.
            await host.KillAsync();
            await end.CancelAsync();
            await Task.WhenAll(load);
        }

        await using var last = await LocalProcess.StartAsync(_data, "--email", sink.Url);
        var ends = new Dictionary<string, string>();
        foreach (var (subject, id) in accepted)
        {
            var message = await last.EndOfAsync(id);
            ends[subject] = message.GetProperty("status").GetString()!;
        }

        var handedOff = sink.Subjects();
        output.WriteLine($"{Kills} kills, {accepted.Count} messages acknowledged: {string.Join(", ", ends.Values.GroupBy(s => s).Select(g => $"{g.Count()} {g.Key}"))}; {handedOff.Count} mails taken; {optedOut.Count} opt-outs.");
        Assert.True(accepted.Count > 500, $"Only {accepted.Count} messages were acknowledged: the test did not try hard enough.");
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
            Assert.Equal("unsubscribed", preferences.GetProperty("subscriptions").EnumerateArray().Single(s => s.GetProperty("topic").GetString() == "newsletter").GetProperty("status").GetString());
        }
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private static string Person(int number) => $"person{number}@example.com";
}
