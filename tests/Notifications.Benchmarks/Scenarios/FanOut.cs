using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Notifications.Addresses;
using Notifications.Benchmarks.Load;
using Notifications.Local.Pump;
using Notifications.Packages;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Storage.Sqlite;

namespace Notifications.Benchmarks.Scenarios;

/// <summary>
/// One package followed by many: an event, and for every follower decided, claimed, rendered, handed to a null sender and recorded, through
/// Local's own pump on SQLite. The limit is the campaign's, with the row of the watch besides: what a follower has been told is written
/// with each claim. <c>FANOUT_WATCHERS</c> sets how many follow; 100,000 when not given.
/// </summary>
internal static class FanOut
{
    private const string Number = "LX123456785CN";

    public static async Task<Result[]> RunAsync()
    {
        var watchers = int.Parse(Environment.GetEnvironmentVariable("FANOUT_WATCHERS") ?? "100000", CultureInfo.InvariantCulture);
        var folder = Directory.CreateTempSubdirectory("notifications-fanout-").FullName;
        try
        {
            _ = await ProductAsync(folder, "warm.db", 60_000);
            var (rate, limit) = await ProductAsync(folder, "product.db", watchers);
            return [
                new("fanout", $"messages/s, {watchers:N0} followers of one package", rate, limit, 0.5, AtLeast: true),
                new("fanout", "messages/s on two cores", rate, 10_000, 1, AtLeast: true),
            ];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(double Rate, double Limit)> ProductAsync(string folder, string file, int watchers)
    {
        var sender = new NullSender();
        await using var sqlite = SqliteStore.Open(Path.Combine(folder, file), TimeProvider.System);
        var options = new NotificationsOptions { PublicUrl = "https://mail.example.com", Packages = { CollapseWindow = TimeSpan.Zero } };
        var services = new ServiceCollection().AddLogging();
        services.AddSingleton<IEmailSender>(sender).AddSingleton<ISmsSender>(sender);
        services.AddNotifications(
            options, KeyRing.Parse(KeyRing.NewJson(), options.Environment), Instance.New(exclusive: true),
            new Backend(sqlite, sqlite, sqlite));
        await using var provider = services.BuildServiceProvider();
        var watches = provider.GetRequiredService<Watches>();
        _ = TrackingNumber.TryParse(Number, out var number, out _);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, watchers), new ParallelOptions { MaxDegreeOfParallelism = 256 }, async (i, cancel) =>
                await watches.WatchAsync(
                    new WatchRequest(number, new Address(Channel.Email, $"person{i}@example.com"), "app", "service:benchmark"), cancel));
        sender.Expect(watchers);

        var queue = provider.GetRequiredService<IWorkQueue>();
        using var pump = new QueuePump(
            queue, provider.GetRequiredService<Work>(), sqlite.WaitForWorkAsync, options.Sending, NullLogger<QueuePump>.Instance);
        await pump.StartAsync(default);
        GC.Collect();
        using var self = Process.GetCurrentProcess();
        var (before, most) = (self.WorkingSet64, 0L);
        var now = TimeProvider.System.GetUtcNow();
        var commits = sqlite.Commits;
        var started = Stopwatch.GetTimestamp();
        await provider.GetRequiredService<PackageTracker>().AcceptAsync(
            number, new PackageEvent("e1", ParcelStatus.InTransit, null, "Departed from facility", "Leipzig, Germany", now, "DHL", now),
            default);

        // The last item leaves its queue once the last message is recorded.
        while (sender.Sent < watchers || await queue.CountAsync(Queues.Packages) + await queue.CountAsync(Queues.Send) > 0)
        {
            self.Refresh();
            most = Math.Max(most, self.WorkingSet64);
            await Task.Delay(20);
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await pump.StopAsync(default);
        commits = sqlite.Commits - commits;
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {watchers:N0} told in {seconds:0.0} s; working set {before >> 20} MB before, {most >> 20} MB at most; {2L * watchers / commits} writes of messages to a commit"));
        var ids = sender.Ids();
        if (ids.Distinct().Count() != watchers || sender.Sent != watchers)
            throw new InvalidOperationException($"{sender.Sent} hand-offs for {watchers} followers.");
        var written = new RawMessages.Written[watchers];
        for (var i = 0; i < watchers; i++)
            written[i] = await RawMessages.ReadAsync(sqlite, ids[i].Address.Value, Rows.State, Rows.Watch(Number));
        return (watchers / seconds, RawMessages.Rate(written, Math.Max(1, (int)(2L * watchers / commits))));
    }

    private sealed class NullSender : IEmailSender, ISmsSender
    {
        private MessageId[] _ids = [];
        private int _sent;

        public int Sent => _sent;

        public bool Deduplicates => false;

        /// <summary>Makes room beforehand, so that what memory grows by is the product's.</summary>
        public void Expect(int messages) => _ids = new MessageId[messages + 1000];

        public MessageId[] Ids() => _ids[.._sent];

        public ValueTask<HandOff> SendAsync(OutgoingEmail email, CancellationToken cancel)
        {
            _ids[Interlocked.Increment(ref _sent) - 1] = email.Id;
            return ValueTask.FromResult(HandOff.Accepted(null));
        }

        public ValueTask<HandOff> SendAsync(OutgoingSms sms, CancellationToken cancel) =>
            throw new NotSupportedException("This scenario is by mail.");
    }
}
