using System.Collections.Concurrent;
using System.Diagnostics;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Notifications.Benchmarks.Load;
using Notifications.Sending;
using Notifications.Smtp;

namespace Notifications.Benchmarks.Scenarios;

/// <summary>
/// A campaign over SMTP to a sink on loopback, against a bare MailKit loop that sends the same mails on as many kept-open connections.
/// </summary>
internal static class SmtpScenario
{
    public static async Task<Result[]> RunAsync()
    {
        var count = CampaignScenario.Size("NOTIFICATIONS_BENCH_SMTP", 20_000);
        var sample = new Keeper();
        double limit, product;
        using (var sink = new SinkServer())
        using (var sender = new SmtpSender(SmtpTarget.Parse($"smtp://127.0.0.1:{sink.Port}", "the sink"), TimeProvider.System))
        {
            await using (var warm = new CampaignBed(sample))
            {
                await warm.SubscribeAsync(1000);
                await warm.RunAsync();
            }

            await using (var warm = new CampaignBed(sender))
            {
                await warm.SubscribeAsync(20_000);
                await warm.RunAsync();
            }

            var before = sink.Taken;
            await using var bed = new CampaignBed(sender);
            await bed.SubscribeAsync(count);
            product = count / (await bed.RunAsync()).Seconds;
            if (sink.Taken - before != count) throw new InvalidOperationException($"The sink took {sink.Taken - before} of {count} mails.");
        }

        using (var sink = new SinkServer())
        {
            await LoopAsync(sink.Port, sample.Emails, 3000);
            limit = await LoopAsync(sink.Port, sample.Emails, count);
            if (sink.Taken != count + 3000) throw new InvalidOperationException("The sink did not take every mail.");
        }

        return [new("smtp", "mails/s over SMTP", product, limit, 0.8, AtLeast: true)];
    }

    private static async Task<double> LoopAsync(int port, IReadOnlyCollection<OutgoingEmail> samples, int count)
    {
        var emails = samples.ToArray();
        var next = -1;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, SmtpSender.Connections).Select(_ => Task.Run(async () =>
        {
            using var client = new SmtpClient();
            await client.ConnectAsync("127.0.0.1", port, SecureSocketOptions.StartTlsWhenAvailable);
            for (var i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
            {
                // The mail itself is made anew each time, as any client must.
                using MimeMessage message = MimeMail.Build(emails[i % emails.Length], TimeProvider.System.GetUtcNow());
                await client.SendAsync(message);
            }

            await client.DisconnectAsync(true);
        })));
        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Keeps the mails it is offered, to be sent again by the loop.</summary>
    private sealed class Keeper : IEmailSender
    {
        public ConcurrentBag<OutgoingEmail> Emails { get; } = [];

        public bool Deduplicates => false;

        public ValueTask<HandOff> SendAsync(OutgoingEmail email, CancellationToken cancel)
        {
            Emails.Add(email);
            return ValueTask.FromResult(HandOff.Accepted(null));
        }
    }
}
