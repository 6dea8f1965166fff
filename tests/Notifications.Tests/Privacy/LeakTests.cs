using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notifications.Addresses;
using Notifications.Functions.Hosting;
using Notifications.Functions.Queueing;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Imports;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Security;
using Notifications.Tests.Subscribe;
using Notifications.Unsubscribe;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Notifications.Tests.Privacy;

/// <summary>
/// R67: one person with names that stand nowhere else goes through everything that works and everything that fails, and every place that
/// remembers is searched for them.
/// </summary>
public sealed partial class LeakTests
{
    private const string Name = "Kanaria Leckfrei", Number = "+14155558267", Text = "please do not tell anybody 8267";
    private static readonly Address Mail = CoreProduct.Email("kanaria.leck@example.com");
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

    /// <summary>
    /// Everything that a person, a service, a provider and an agent can do with the canary, right and wrong; the answers that are errors,
    /// and every URL that any of them holds.
    /// </summary>
    private static async Task<List<string>> LiveAsync(ProductFixture product, ConsoleClient agent, string[] paths)
    {
        var answers = new List<string>();
        var api = new Visitor(product.Anonymous) { Bearer = product.Secret };
        var anyone = new Visitor(product.Anonymous);
        var find = $"email={Uri.EscapeDataString(Mail.Value)}";
        async Task AskAsync(Visitor who, string method, string path, HttpContent? content = null, params (string, string)[] headers)
        {
            var answer = await who.KnockAsync(method, path, content, headers);
            if ((int)answer.Status >= 400 && !answer.IsHtml) answers.Add(answer.Text);
            answers.Add(answer.Header("Location") ?? "");
            answers.AddRange(Links().Matches(answer.Text).Select(m => m.Groups[1].Value));
        }

        Task PostAsync(string path, object body, string? key = null) =>
            AskAsync(api, "POST", path, Visitor.Json(JsonSerializer.Serialize(body)), key is null ? [] : [("Idempotency-Key", key)]);

        await AskAsync(
            anyone, "POST", "/subscribe",
            Visitor.Form(
                ("email", Mail.Value), ("phone", Number), ("topic-email-newsletter", "yes"), ("topic-sms-newsletter", "yes"),
                ("age", "adult")));
        await AskAsync(anyone, "POST", "/find", Visitor.Form(("address", Mail.Value)));
        foreach (var path in paths)
        {
            await AskAsync(anyone, "GET", path);
            await AskAsync(anyone, "POST", path, Visitor.Form(("confirm", "yes"), ("email", Mail.Value), ("name", Name)));
            await AskAsync(anyone, "GET", path[..^3] + "AAA");
        }

        await PostAsync(
            "/v1/consents",
            new
            {
                email = Mail.Value,
                topic = "newsletter",
                action = "opt-in",
                source = "form",
                policyVersion = "1",
                wording = Text,
                evidence = new { confirmed = true, ip = "203.0.113.9", userAgent = Name },
            });
        await PostAsync(
            "/v1/consents",
            new
            {
                phone = Number,
                topic = "newsletter",
                channel = "sms",
                action = "opt-in",
                source = "form",
                policyVersion = "1",
                wording = Text,
                evidence = new { confirmed = true },
            });
        await AskAsync(
            api, "PUT", "/v1/contacts/c-8267",
            Visitor.Json(
                JsonSerializer.Serialize(
                    new { name = Name, addresses = new object[] { new { email = Mail.Value }, new { phone = Number } } })));
        foreach (var topic in new[] { "newsletter", "package-updates", Mail.Value })
        {
            await PostAsync(
                "/v1/messages", new { topic, to = new { email = Mail.Value }, content = new { subject = Name, text = Text } },
                "k-" + topic.Length);
            await PostAsync(
                "/v1/messages", new { topic, to = new { email = Mail.Value }, content = new { subject = Name, text = "other" } },
                "k-" + topic.Length);
            await PostAsync("/v1/messages", new { topic, to = new { contactId = "c-8267" }, data = new { title = Name, subject = Text } });
            await PostAsync("/v1/messages", new { topic, to = new { phone = Number }, channel = Name, template = Text });
            await PostAsync("/v1/decisions", new { topic, to = new { email = Mail.Value } });
        }

        await PostAsync(
            "/v1/messages",
            new
            {
                topic = "newsletter",
                to = new { email = Number, phone = Mail.Value },
                sendAt = Name,
                locale = Text,
                trackingNumber = Mail.Value,
            });
        await AskAsync(api, "POST", "/v1/messages", Visitor.Json($$"""{"topic":"newsletter","to":{"email":"{{Mail.Value}}" {{Name}} """));
        await AskAsync(api, "POST", "/v1/messages", Visitor.Json($$"""{"topic":12,"to":"{{Mail.Value}}"}"""));
        await PostAsync(
            "/v1/messages/batch",
            new
            {
                messages = new object[]
                {
                    new { topic = "newsletter", to = new { email = Mail.Value } },
                    new { topic = Name, to = new { email = Name } },
                },
            });
        foreach (var query in new[]
        {
            find,
            "phone=" + Uri.EscapeDataString(Number),
            "email=" + Uri.EscapeDataString(Name),
            find + "&phone=1",
        })
        {
            foreach (var path in new[] { "/v1/preferences", "/v1/consents", "/v1/explain", "/v1/suppressions", "/v1/privacy/requests" })
                await AskAsync(api, "GET", $"{path}?{query}");
        }

        await PostAsync("/v1/packages/RR123456785CN/watches", new { email = Mail.Value, source = "shop" });
        await PostAsync(
            "/v1/packages/RR123456785CN/events",
            new { id = "e1", status = "InTransit", description = Text, location = Name, occurredAt = "2026-11-24T10:00:00Z" });
        await PostAsync("/v1/packages/RR123456785CN/events", new { id = "e2", status = Name, description = Text, occurredAt = Mail.Value });
        await PostAsync("/v1/suppressions", new { email = "x" + Mail.Value, note = Name });
        await PostAsync("/v1/privacy/requests", new { type = "access", email = Mail.Value, note = Name });
        await PostAsync("/v1/privacy/requests", new { type = Name, email = Number });
        await PostAsync("/v1/lists", new { name = "l" });
        await PostAsync("/v1/review", new { id = Mail.Value, decision = Name });
        foreach (var (type, data) in new (string, object)[]
        {
            ("SMSReceived",
                new
                {
                    MessageId = "m1",
                    From = Number[1..],
                    To = "18005550100",
                    Message = Text,
                    ReceivedTimestamp = "2026-11-24T12:00:00Z",
                }),
            ("SMSReceived", new { MessageId = "m2", From = Mail.Value, To = Name, Message = 7 }),
            ("SMSDeliveryReportReceived",
                new
                {
                    MessageId = "Outgoing_x",
                    From = "18005550100",
                    To = Number[1..],
                    DeliveryStatus = "Failed",
                    DeliveryStatusDetails = Name,
                }),
            ("EmailDeliveryReportReceived",
                new
                {
                    sender = "a@example.com",
                    recipient = Mail.Value,
                    messageId = "m",
                    status = "Bounced",
                    deliveryStatusDetails = new { statusMessage = "550 " + Mail.Value },
                }),
            ("EmailDeliveryReportReceived", new { recipient = Name, messageId = Mail.Value, status = Text }),
            ("EmailEngagementTrackingReportReceived",
                new { recipient = Mail.Value, messageId = "m", userActionTimeStamp = "x", engagementContext = paths[0] }),
        })
            await AskAsync(
                anyone, "POST", "/webhooks/eventgrid",
                Visitor.Json(
                    JsonSerializer.Serialize(
                        new[]
                        {
                            new
                            {
                                id = type + data.GetHashCode().ToString(System.Globalization.CultureInfo.InvariantCulture),
                                topic = Name,
                                subject = Mail.Value,
                                eventType = "Microsoft.Communication." + type,
                                eventTime = "2026-11-24T12:00:00Z",
                                dataVersion = "1.0",
                                data,
                            },
                        })),
                ("aeg-secret", ProductFixture.WebhookSecret));
        await AskAsync(
            anyone, "POST", "/webhooks/eventgrid",
            Visitor.Json($$"""[{"id":"{{Mail.Value}}","eventType":"{{Name}}","eventTime":"{{Number}}"}]"""),
            ("aeg-secret", ProductFixture.WebhookSecret));
        await AskAsync(
            anyone, "POST", "/webhooks/email",
            new ByteArrayContent(
                Encoding.UTF8.GetBytes(
                    $"From: {Name} <{Mail.Value}>\r\nTo: unsubscribe@mail.example.com\r\nSubject: {Text}\r\n\r\n{paths[0]}")),
            ("aeg-secret", ProductFixture.WebhookSecret));
        foreach (var file in new[]
        {
            ImportWorld.Header
            + ImportWorld.Agreed(Mail.Value) + ImportWorld.Agreed(Name) + $"{Mail.Value},{Name},{Text},{Number},,,,,,,,,,\n",
            $"{Mail.Value},{Name}\n{Number}",
        })
        {
            await AskAsync(
                api, "POST", "/v1/imports",
                new ByteArrayContent(Encoding.UTF8.GetBytes(file)) { Headers = { ContentType = new("text/csv") } });
        }

        foreach (var who in (string[])[Mail.Value, Number, Name])
            answers.Add((await agent.PostAsync("/console/people", ("who", who))).Location ?? "");
        foreach (var path in new[]
        {
            "/console",
            "/console/people",
            "/console/review",
            "/console/dead-letters",
            "/console/blocked",
            "/console/audit",
            "/console/requests",
            "/console/people/" + product.Key(Mail).Value,
        })
        {
            var page = await agent.GetAsync(path);
            answers.Add(page.Location ?? "");
            answers.AddRange(Links().Matches(page.Text).Select(m => m.Groups[1].Value));
        }

        return answers;
    }

    /// <summary>A pump that, as both hosts' do, lets an item that fails come back, and gives it up after the last delivery.</summary>
    private static async Task WorkAsync(ProductFixture product)
    {
        var queue = product.Get<IWorkQueue>();
        var work = product.Get<Work>();
        for (var rounds = 0; rounds < 8; rounds++)
        {
            foreach (var name in Queues.All.SelectMany(q => new[] { q, Queues.Poison(q) }))
            {
                try
                {
                    foreach (var item in await queue.ReceiveAsync(name, 32, TimeSpan.FromSeconds(1)))
                    {
                        var outcome = await work.DoAsync(name, item.Body, item.DequeueCount, default);
                        if (outcome.Result == WorkResult.Done) await queue.CompleteAsync(item);
                        else if (outcome.Result == WorkResult.GiveUp || item.DequeueCount >= Work.MaxDeliveries)
                            await queue.PoisonAsync(item);
                    }
                }
                catch (Exception trouble) when (trouble is StorageUnavailableException or InvalidOperationException or JsonException)
                {
                    // The store is away or broken on purpose.
                }
            }

            product.Time.Advance(TimeSpan.FromSeconds(2));
        }
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

    [GeneratedRegex("(?:href|src|action|content)=\"([^\"]*)\"")]
    private static partial Regex Links();

    private sealed class Ear(ConcurrentBag<string> said) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull
        {
            if (state is IEnumerable<KeyValuePair<string, object?>> values)
                said.Add("scope " + string.Join(' ', values.Where(v => v.Key != "RequestPath").Select(v => $"{v.Key}={v.Value}")));
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            said.Add(
                $"{eventId.Name} {formatter(state, exception)} {(state is IEnumerable<KeyValuePair<string, object?>> values ? string.Join(' ', values.Select(v => $"{v.Key}={v.Value}")) : state)} {exception}");

        public void Dispose()
        {
        }
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
