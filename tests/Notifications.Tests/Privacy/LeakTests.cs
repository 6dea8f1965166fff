using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using System.Text.Json;
using Notifications.Addresses;
using Notifications.Functions.Hosting;
using Notifications.Functions.Queueing;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;
using Notifications.Unsubscribe;
using OpenTelemetry;
using OpenTelemetry.Trace;
using static Notifications.Tests.Privacy.Canary;

namespace Notifications.Tests.Privacy;

/// <summary>
/// R67: one person with names that stand nowhere else goes through everything that works and everything that fails, and every place that
/// remembers is searched for them.
/// </summary>
public sealed class LeakTests
{
    private readonly ConcurrentBag<string> _said = [];

    [Fact]
    public async Task R67_R61_A_canary_through_success_and_failure_stands_in_no_log_trace_metric_error_URL_or_queue()
    {
        var product = new ProductFixture { Logs = new Ear(_said) };
        await product.InitializeAsync();
        var builder = Sdk.CreateTracerProviderBuilder().AddSource("Microsoft.AspNetCore");
        TelemetrySetup.Traces(builder);
        var traces = new ConcurrentBag<Activity>();
        using var tracer = builder.AddProcessor(new SimpleActivityExportProcessor(new Traces(traces))).Build();
        using var meters = Meters();
        try
        {
            var links = product.Get<Links>();
            var key = product.Key(Mail);
            string Path(string url) => new Uri(url).AbsolutePath;
            string[] paths =
                [
                    Path(links.Unsubscribe(links.UnsubscribeToken(key, Channel.Email, "newsletter", null, null))),
                    Path(links.Preferences(key, Channel.Email)), Path(links.Confirm(key, Channel.Email, "newsletter")),
                ];
            var sessions = new ConsoleClient(product.Anonymous);
            await sessions.SignInAsync(product.Secret);
            string[] tokens = [.. paths.Select(p => p[3..]), product.Secret, ProductFixture.WebhookSecret, sessions.Cookie!];

            // First a provider's library that throws: what comes later blocks the address, and nothing reaches a sender any more.
            product.Sent.Throws = to => new HttpRequestException($"550 {to} is unknown, says {Name}");
            await product.PostAsync(
                "/v1/consents",
                new
                {
                    email = Mail.Value,
                    topic = "newsletter",
                    action = "opt-in",
                    source = "form",
                    policyVersion = "1",
                    wording = Text,
                    evidence = new { confirmed = true },
                });
            var thrown = await product.PostAsync(
                "/v1/messages",
                new { topic = "newsletter", to = new { email = Mail.Value }, content = new { subject = Name, text = Text } });
            await WorkAsync(product);
            product.Sent.Throws = null;

            List<string> answers = [(await product.GetAsync("/v1/messages/" + thrown["id"])).Text];
            foreach (var trouble in new Action<bool>[]
            {
                _ => { },
                on => product.Faults.Down = on,
                on =>
                    product.Faults.Broken = on
                        ? new InvalidOperationException($"{Mail.Value} {Number} {Name} {string.Join(' ', tokens)}")
                        : null,
            })
            {
                trouble(true);
                answers.AddRange(await LiveAsync(product, sessions, paths));
                await WorkAsync(product);
                trouble(false);
                product.Time.Advance(TimeSpan.FromMinutes(20));
                await WorkAsync(product);
            }

            // Nothing below is a search in empty rooms.
            Assert.True(
                answers.Count > 120 && _said.Count > 20 && traces.Count > 100,
                $"{answers.Count} answers, {_said.Count} lines, {traces.Count} traces.");
            foreach (var name in (string[])["RequestFailed", "SenderFailed", "MailHandled"])
                Assert.Contains(_said, line => line.Contains(name, StringComparison.Ordinal));
            Assert.Contains(_said, line => line.StartsWith("metric notifications.messages", StringComparison.Ordinal));
            Assert.Contains(product.Sent.Emails, m => m.To == Mail.Value);

            string[] person = [.. new[] { Mail.Value, Number, Number[1..], Name, Text }.SelectMany(Spellings)];
            foreach (var line in _said) Clean(line, [.. person, .. tokens], "A log or a metric");
            foreach (var trace in traces.Where(t => t.TagObjects.Any() || t.DisplayName.Length > 0))
                Clean(
                    $"{trace.DisplayName} {trace.StatusDescription} {string.Join(' ', trace.TagObjects.Select(t => $"{t.Key}={t.Value}"))} {string.Join(' ', trace.Events.SelectMany(e => e.Tags).Select(t => t.Value))} {string.Join(' ', trace.Baggage)}",
                    [.. person, .. tokens], "A trace");
            foreach (var answer in answers) Clean(answer, person, "An error or a URL");
            await product.PostAsync(
                "/v1/messages",
                new { topic = "newsletter", to = new { email = Mail.Value }, content = new { subject = Name, text = Text } });
            Assert.Equal(1, await product.Store.CountAsync(Queues.Send)); // One that waits, so that a queue is looked into as well.
            foreach (var (place, bytes) in await RawStorage.EverythingAsync(product.Store))
                Clean(place + Encoding.Latin1.GetString(bytes), [.. person, .. tokens], "Raw storage at " + place.Split('/')[0]);
        }
        finally
        {
            await product.DisposeAsync();
        }
    }

    [Fact]
    public async Task R67_What_a_queue_trigger_throws_at_the_Functions_host_which_logs_it_repeats_nothing_of_the_item()
    {
        var faults = new FaultyStore(new MemoryStore(TimeProvider.System));
        using var host = new Notifications.Tests.Functions.AzureHost(tables: faults);
        var wrong =
            host.Get<Notifications.Security.SealedWorkQueue>().Seal(
                Encoding.UTF8.GetBytes(
                    $$"""{"id":"{{Mail.Value}}","to":"{{Mail.Value}}","channel":"{{Name}}","acceptedAt":"{{Number}}"}"""));
        foreach (var queue in Queues.All)
        {
            var thrown = await Record.ExceptionAsync(
                () => host.Get<QueuePump>().RunAsync(queue, wrong, new Dictionary<string, object?> { ["DequeueCount"] = 1L }, default));
            if (thrown is not null) Clean(thrown.ToString(), [Mail.Value, Number, Name], "An exception of " + queue);
        }

        // A library below us that repeats what it was given.
        faults.Broken = new InvalidOperationException($"Row of {Mail.Value}, {Number}, {Name} is broken.");
        var request = new SendRequest
        {
            Id = host.Get<MessageIds>().New(host.Get<Notifications.Security.KeyRing>().KeyOf(Mail)).ToString(),
            Channel = Mail.Channel,
            To = Mail.Value,
            Topic = "newsletter",
            Content = new MessageContent(Name, Text, null),
            AcceptedAt = DateTimeOffset.UnixEpoch,
        };
        var right =
            host.Get<Notifications.Security.SealedWorkQueue>().Seal(JsonSerializer.SerializeToUtf8Bytes(
                request, CoreJson.Default.SendRequest));
        var repeated = await Assert.ThrowsAsync<InvalidOperationException>(
            () => host.Get<QueuePump>().RunAsync(Queues.Send, right, new Dictionary<string, object?> { ["DequeueCount"] = 1L }, default));
        Clean(repeated.ToString(), [Mail.Value, Number, Name], "An exception of the store");
    }

    private MeterListener Meters()
    {
        string[] heard =
            [Telemetry.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Routing", "Microsoft.AspNetCore.Diagnostics"];
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (heard.Contains(instrument.Meter.Name)) l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((i, _, tags, _) => Note(i, tags));
        listener.SetMeasurementEventCallback<int>((i, _, tags, _) => Note(i, tags));
        listener.SetMeasurementEventCallback<double>((i, _, tags, _) => Note(i, tags));
        listener.Start();
        return listener;

        void Note(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            _said.Add($"metric {instrument.Name} {string.Join(' ', tags.ToArray().Select(t => $"{t.Key}={t.Value}"))}");
    }

    private static IEnumerable<string> Spellings(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return new[]
        {
            text,
            Uri.EscapeDataString(text),
            WebUtility.UrlEncode(text),
            Convert.ToBase64String(bytes),
            System.Buffers.Text.Base64Url.EncodeToString(bytes),
            Convert.ToHexString(bytes),
            text.Replace("@", "%40", StringComparison.Ordinal),
            text.Split('@')[0],
        }.Distinct();
    }

    private static void Clean(string text, string[] secrets, string where)
    {
        foreach (var secret in secrets)
            Assert.False(text.Contains(secret, StringComparison.OrdinalIgnoreCase), $"{where} tells: {text[..Math.Min(text.Length, 600)]}");
    }

    private sealed class Traces(ConcurrentBag<Activity> seen) : BaseExporter<Activity>
    {
        public override ExportResult Export(in Batch<Activity> batch)
        {
            foreach (var activity in batch) seen.Add(activity);
            return ExportResult.Success;
        }
    }
}
