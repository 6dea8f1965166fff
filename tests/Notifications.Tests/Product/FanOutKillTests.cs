using System.Net;
using Notifications.Tests.Infrastructure;
using Xunit.Abstractions;

namespace Notifications.Tests.Product;

/// <summary>kill -9 again and again while one change of one package is told to thousands of followers.</summary>
public sealed class FanOutKillTests(ITestOutputHelper output) : IDisposable
{
    private const int Watchers = 3000, Kills = 5;
    private const string Number = "LX123456785CN";
    private readonly string _data = Directory.CreateTempSubdirectory("notifications-fanout-").FullName;

    [Fact]
    public async Task P5_Kills_in_mid_fan_out_lose_no_follower_and_mail_nobody_twice_but_where_the_hand_off_itself_was_cut()
    {
        using var sink = new SmtpSink();
        await using (var host = await LocalProcess.StartAsync(_data, "--email", sink.Url))
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, Watchers), new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (i, _) =>
            {
                var (status, _) = await host.PostAsync(
                    $"/v1/packages/{Number}/watches", new { email = $"w{i}@example.com", source = "app" }, $"watch-{i}");
                Assert.True((int)status < 300, $"A watch was answered with {status}.");
            });
            var (accepted, _) = await host.PostAsync(
                $"/v1/packages/{Number}/events",
                new
                {
                    id = "e1",
                    status = "InTransit",
                    occurredAt = DateTimeOffset.Parse("2026-11-24T08:00:00Z", System.Globalization.CultureInfo.InvariantCulture),
                },
                "event-1");
            Assert.Equal(HttpStatusCode.Accepted, accepted);
            await UntilAsync(sink, Watchers / (Kills + 2));
            await host.KillAsync();
        }

        for (var kill = 1; kill < Kills; kill++)
        {
            await using var host = await LocalProcess.StartAsync(_data, "--email", sink.Url);
            await UntilAsync(sink, Watchers * (kill + 1) / (Kills + 2));
            await host.KillAsync();
        }

        var atLastKill = sink.Mails.Count;
        await using var last = await LocalProcess.StartAsync(_data, "--email", sink.Url);
        await Poll.UntilAsync(() => Task.FromResult(Taken(sink).Count == Watchers), "every follower was mailed");
        var twice = Taken(sink).Where(to => to.Value.Count > 1).ToList();
        output.WriteLine(
            $"{Kills} kills, {atLastKill} mails taken at the last; {sink.Mails.Count} in all for {Watchers} followers, {twice.Count} of them offered again after a cut hand-off.");
        Assert.InRange(atLastKill, 1, Watchers - 1);
        foreach (var (to, ids) in twice)
        {
            // The server had taken it and the kill swallowed the answer: the same mail under the same id, and the record shows the second
            // claim.
            var id = Assert.Single(ids.Distinct());
            var message = await last.EndOfAsync(id);
            var claims = message.GetProperty("timeline")
                .EnumerateArray()
                .Count(e => e.GetProperty("event").GetString() == Notifications.Sending.MessageRecord.Claimed);
            Assert.True(claims >= ids.Count, $"{to} has {ids.Count} mails and {claims} claims.");
        }
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private static Task UntilAsync(SmtpSink sink, int mails) =>
        Poll.UntilAsync(() => Task.FromResult(sink.Mails.Count >= mails), $"{mails} mails taken");

    /// <summary>The message ids that each follower was mailed.</summary>
    private static Dictionary<string, List<string>> Taken(SmtpSink sink) =>
        sink.Mails.GroupBy(mail => Header(mail, "To: ")).ToDictionary(
            g => g.Key, g => g.Select(mail => Header(mail, "Message-Id: ").Trim('<', '>').Split('@')[0]).ToList());

    private static string Header(string mail, string name) =>
        mail.Split('\n').First(l => l.StartsWith(name, StringComparison.OrdinalIgnoreCase))[name.Length..].Trim();
}
