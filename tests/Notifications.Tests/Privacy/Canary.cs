using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Notifications.Addresses;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Imports;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Security;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Privacy;

/// <summary>A person with names that stand nowhere else, who goes through everything that works and everything that fails.</summary>
internal static partial class Canary
{
    public const string Name = "Kanaria Leckfrei", Number = "+14155558267", Text = "please do not tell anybody 8267";
    public static readonly Address Mail = CoreProduct.Email("kanaria.leck@example.com");

    /// <summary>
    /// Everything that a person, a service, a provider and an agent can do with the canary, right and wrong; the answers that are errors,
    /// and every URL that any of them holds.
    /// </summary>
    public static async Task<List<string>> LiveAsync(ProductFixture product, ConsoleClient agent, string[] paths)
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
    public static async Task WorkAsync(ProductFixture product)
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

    [GeneratedRegex("(?:href|src|action|content)=\"([^\"]*)\"")]
    private static partial Regex Links();
}
