using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage.Sqlite;
using Notifications.Unsubscribe;
using Xunit.Abstractions;

namespace Notifications.Tests.Product;

/// <summary>
/// A campaign whose process is killed with -9 again and again while people opt out, with a pause in the middle. What came of it is read
/// from the store and from the mail server's own record. NOTIFICATIONS_CAMPAIGN_SIZE and NOTIFICATIONS_CAMPAIGN_KILLS make it larger.
/// </summary>
public sealed class CampaignKillTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("notifications-campaign-").FullName;

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : otherwise;

    [Fact]
    public async Task P1_P5_P9_A_campaign_killed_over_and_over_accounts_for_everyone_once()
    {
        var (size, kills) = (Setting("NOTIFICATIONS_CAMPAIGN_SIZE", 3000), Setting("NOTIFICATIONS_CAMPAIGN_KILLS", 5));
        var json = KeyRing.NewJson();
        await File.WriteAllTextAsync(Path.Combine(_data, "keyring.json"), json);
        var ring = KeyRing.Parse(json, "local");
        await SubscribeAsync(ring, size);
        // So that each kill meets some that were taken and not answered.
        using var sink = new SmtpSink(
            mail => mail.Split('\n').First(l => l.StartsWith("To: ", StringComparison.OrdinalIgnoreCase))[4..].Trim(),
            slowest: TimeSpan.FromMilliseconds(100));
        var tokens = new LinkTokens(ring);
        var optedOut = new ConcurrentDictionary<int, bool>();
        var random = new Random(20261125);
        var leavers = Enumerable.Range(0, size).OrderBy(_ => random.Next()).Take(size / 20).ToArray();
        var (left, pausedAt, interrupted) = (0, kills / 2, 0);
        string id;

        await using (var host = await LocalProcess.StartAsync(_data, "--email", sink.Url))
        {
            // Slow enough that it outlives the kills; a large one does so by itself.
            var throttle = size <= 20_000 ? new { perHour = Math.Min(10_000_000, size * 3600 / 12) } : null;
            var (status, created) = await host.PostAsync(
                "/v1/campaigns",
                new
                {
                    name = "Kill",
                    topic = "newsletter",
                    channel = "email",
                    template = "newsletter",
                    data = new { title = "News" },
                    throttle,
                });
            Assert.True(status == HttpStatusCode.Created, created.ToString());
            id = created.GetProperty("id").GetString()!;
            Assert.Equal(size, (await host.PostAsync($"/v1/campaigns/{id}/dry-run", new { })).Body.GetProperty("allowed").GetInt32());
            Assert.Equal(HttpStatusCode.OK, (await host.PostAsync($"/v1/campaigns/{id}/launch", new { confirm = size })).Status);
            await host.KillAsync();
        }

        for (var kill = 0; kill < kills; kill++)
        {
            await using var host = await LocalProcess.StartAsync(_data, "--email", sink.Url);
            using var end = new CancellationTokenSource();
            var upTo = leavers.Length * (kill + 1) / kills;
            var leaving = LeaveAsync(host, upTo, end.Token);

            if (kill == pausedAt)
            {
                Assert.Equal(HttpStatusCode.OK, (await host.PostAsync($"/v1/campaigns/{id}/pause", new { reason = "test" })).Status);
                var taken = sink.Mails.Count;
                for (var look = 0; look < 10; look++)
                {
                    await Task.Delay(100); // Whether anything comes after the answer.
                    Assert.Equal(taken, sink.Mails.Count);
                }

                AddsUp(await host.GetAsync($"/v1/campaigns/{id}/stats"), size);
                await host.KillAsync();
                await using var again = await LocalProcess.StartAsync(_data, "--email", sink.Url);
                Assert.Equal("paused", (await again.GetAsync($"/v1/campaigns/{id}")).GetProperty("status").GetString());
                Assert.Equal(taken, sink.Mails.Count);
                Assert.Equal(HttpStatusCode.OK, (await again.PostAsync($"/v1/campaigns/{id}/resume", new { })).Status);
                await Task.Delay(random.Next(100, 1500));
                await again.KillAsync();
            }
            else
            {
                await Task.Delay(random.Next(300, size <= 20_000 ? 1500 : 5000)); // A random moment, not a wait for something.
                var now = await host.GetAsync($"/v1/campaigns/{id}/stats");
                AddsUp(now, size);
                if (now.GetProperty("status").GetString() == "running") interrupted++;
                await host.KillAsync();
            }

            await end.CancelAsync();
            await leaving;
        }

        JsonElement stats;
        var seen = new Dictionary<string, string>();
        await using (var last = await LocalProcess.StartAsync(_data, "--email", sink.Url))
        {
            // Whoever had no time to leave between two kills does so while the rest is sent.
            var leaving = LeaveAsync(last, leavers.Length, default);
            var deadline = DateTimeOffset.UnixEpoch; // Set by progress: what stands still for a minute has failed.
            var before = -1;
            while (true)
            {
                stats = await last.GetAsync($"/v1/campaigns/{id}/stats");
                AddsUp(stats, size);
                if (stats.GetProperty("status").GetString() == "completed") break;
                if (sink.Mails.Count != before) (before, deadline) = (sink.Mails.Count, TimeProvider.System.GetUtcNow().AddMinutes(1));
                Assert.True(TimeProvider.System.GetUtcNow() < deadline, $"The campaign stands still: {stats}\n{last.Output}");
                await Task.Delay(200);
            }

            await leaving;
            for (string? after = ""; after is not null;)
            {
                var page = await last.GetAsync($"/v1/campaigns/{id}/recipients?limit=1000{(after.Length > 0 ? "&after=" + after : "")}");
                foreach (var recipient in page.GetProperty("recipients").EnumerateArray())
                    seen.Add(recipient.GetProperty("address").GetString()!, recipient.GetProperty("status").GetString()!);
                after = page.TryGetProperty("next", out var next) ? next.GetString() : null;
            }
        }

        output.WriteLine(
            $"{size} recipients, {kills + 2} kills, {interrupted} of them while it ran besides those around the pause, {optedOut.Count} opt-outs acknowledged; {sink.Mails.Count} mails taken; {stats}");
        Assert.Equal(leavers.Length, optedOut.Count);

        // Who opted out before the selection came to them has left the audience: told as such, and nothing of theirs was begun.
        var gone = stats.GetProperty("forecast")
            .GetProperty("differences")
            .EnumerateArray()
            .Where(d => d.GetProperty("because").GetString() == "left")
            .Sum(d => d.GetProperty("count").GetInt32());
        Assert.Equal((size - gone, size - gone), (seen.Count, stats.GetProperty("selected").GetInt32()));
        Assert.Equal(0, stats.GetProperty("forecast").GetProperty("unexplained").GetInt32());
        var mails = sink.Mails.GroupBy(to => to).ToDictionary(g => g.Key, g => g.Count());
        Assert.DoesNotContain(mails, m => m.Value > 1);
        Assert.True(sink.Mails.Count > size / 2 && interrupted > 0, "The test did not try hard enough.");
        foreach (var (address, status) in seen)
        {
            if (status == "sent") Assert.True(mails.ContainsKey(address), $"{address} counts as sent and was never taken.");
            else if (status == "skipped") Assert.False(mails.ContainsKey(address), $"{address} counts as skipped and was taken.");
            else Assert.Equal("unknown", status);
        }

        await CheckStoreAsync(ring, id, size, optedOut.Keys, seen);

        async Task LeaveAsync(LocalProcess host, int upTo, CancellationToken end)
        {
            while (left < upTo && !end.IsCancellationRequested)
            {
                var person = leavers[left];
                try
                {
                    var token =
                        tokens.Write(
                            new LinkToken(LinkPurpose.Unsubscribe, ring.KeyOf(Person(person)), Channel.Email)
                            {
                                Topic = TopicKey.Newsletter,
                            });
                    using var answer = await host.Http.PostAsync(
                        "/u/" + token, new StringContent("List-Unsubscribe=One-Click", Encoding.ASCII, "application/x-www-form-urlencoded"),
                        CancellationToken.None);
                    if (!answer.IsSuccessStatusCode) continue;
                    optedOut[person] = true;
                    left++;
                }
                catch (Exception cut) when (cut is HttpRequestException or IOException or TaskCanceledException)
                {
                    return; // The process is gone: nothing was acknowledged, and the next one is asked again.
                }
            }
        }
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private static Address Person(int number) => new(Channel.Email, $"person{number}@example.com");

    private static void AddsUp(JsonElement stats, int size)
    {
        var skipped = stats.GetProperty("skipped").EnumerateObject().Sum(s => s.Value.GetInt32());
        int Of(string name) => stats.GetProperty(name).GetInt32();
        Assert.Equal(Of("selected"), Of("sent") + skipped + Of("deferred") + Of("failed") + Of("unknown"));
        Assert.InRange(Of("selected"), 0, size);
    }

    private async Task SubscribeAsync(KeyRing ring, int size)
    {
        await using var store = SqliteStore.Open(_data, TimeProvider.System);
        await using var services = Services(store, ring);
        var book = services.GetRequiredService<AddressBook>();
        var topic = services.GetRequiredService<TopicCatalog>().Find(TopicKey.Newsletter)!;
        var draft = new LedgerDraft(LedgerAction.OptIn, topic.Key, "form", "person") { PolicyVersion = "1", Wording = "Yes." };
        await Parallel.ForEachAsync(Enumerable.Range(0, size), new ParallelOptions { MaxDegreeOfParallelism = 256 }, async (i, cancel) =>
            await book.ChangeAsync(
                ring.KeyOf(Person(i)), ConsentDesk.Blank(Person(i)), (state, now) => Transitions.OptIn(state, topic, draft, true, now),
                null, cancel));
    }

    /// <summary>
    /// The store's own word: one record each, equal to what was counted, and no claim after the opt-out's entry in the ledger (P1).
    /// </summary>
    private async Task CheckStoreAsync(KeyRing ring, string campaign, int size, IEnumerable<int> optedOut, Dictionary<string, string> seen)
    {
        await using var store = SqliteStore.Open(_data, TimeProvider.System);
        await using var services = Services(store, ring);
        var (ids, reader, book) = (
            services.GetRequiredService<MessageIds>(), services.GetRequiredService<MessageReader>(),
            services.GetRequiredService<AddressBook>());
        var gone = optedOut.ToHashSet();
        for (var i = 0; i < size; i++)
        {
            var key = ring.KeyOf(Person(i));
            var record = await reader.FindAsync(ids.Derive(key, CampaignBatches.Seed(campaign)), default);
            if (!seen.TryGetValue(Person(i).Value, out var counted))
            {
                Assert.True(gone.Contains(i) && record is null, $"Person {i} is missing, and did not opt out.");
                continue;
            }

            Assert.Equal(counted, record!.Status.ToString().ToLowerInvariant());
            if (!gone.Contains(i)) continue;
            var stop = (await book.LedgerAsync(key, default)).Single(e => e.Action == LedgerAction.OptOut);
            if (record.Status == MessageStatus.Skipped) Assert.Equal(Reason.Unsubscribed, record.Reason);
            else Assert.True(
                record.Receipt!.LedgerSeq < stop.Seq && record.Claim!.At <= stop.At, $"Person {i} was claimed after the opt-out.");
        }
    }

    private static ServiceProvider Services(SqliteStore store, KeyRing ring)
    {
        var sender = new NoSender();
        return new ServiceCollection().AddLogging().AddSingleton<IEmailSender>(sender).AddSingleton<ISmsSender>(sender)
            .AddNotifications(
                new NotificationsOptions { PublicUrl = "http://127.0.0.1" }, ring, Instance.New(exclusive: true),
                new Backend(store, store, store))
            .BuildServiceProvider();
    }

    private sealed class NoSender : IEmailSender, ISmsSender
    {
        public bool Deduplicates => false;

        public ValueTask<HandOff> SendAsync(OutgoingEmail email, CancellationToken cancel) => throw new NotSupportedException();

        public ValueTask<HandOff> SendAsync(OutgoingSms sms, CancellationToken cancel) => throw new NotSupportedException();
    }
}
