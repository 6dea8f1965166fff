using System.Collections.Concurrent;
using System.Text.Json;
using CsCheck;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Events;

/// <summary>What comes from outside in any order, number and shape.</summary>
public sealed class StormTests
{
    private static readonly DateTimeOffset Start = new(2026, 6, 3, 19, 0, 0, TimeSpan.Zero);
    private static readonly Address[] People =
    [
        .. Enumerable.Range(0, 8).Select(i => CoreProduct.Phone($"+1415555267{i}")),
        .. Enumerable.Range(0, 8).Select(i => CoreProduct.Email($"person{i}@example.com")),
    ];

    [Fact]
    public async Task R65_Every_event_five_times_shuffled_by_eight_workers_ends_in_the_state_of_one_ordered_delivery()
    {
        var ordered = await BeginAsync();
        foreach (var happening in Happenings(ordered))
            Assert.Equal(WorkResult.Done, (await ordered.Inbound.HandleAsync(happening, default)).Result);
        await ordered.PumpAsync();
        var expected = await SnapshotAsync(ordered);

        for (var round = 0; round < 5; round++)
        {
            var stormy = await BeginAsync();
            var all = Enumerable.Repeat(Happenings(stormy), 5).SelectMany(h => h).ToArray();
            new Random(round).Shuffle(all);
            var waiting = new ConcurrentQueue<InboundEvent>(all);
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
            {
                while (waiting.TryDequeue(out var happening))
                    Assert.Equal(WorkResult.Done, (await stormy.Inbound.HandleAsync(happening, default)).Result);
            })));
            await stormy.PumpAsync();

            var actual = await SnapshotAsync(stormy);
            for (var i = 0; i < expected.Count; i++) Assert.Equal(expected[i], actual[i]);
            Assert.Equal(stormy.Outbox.Texts.Count, stormy.Outbox.Texts.Select(t => t.Id).Distinct().Count());
            foreach (var person in People)
            {
                var key = stormy.Ring.KeyOf(person);
                var ledger = await stormy.Book.LedgerAsync(key, default);
                Assert.True(LedgerChain.Verify(ledger, (await stormy.StateAsync(person)).Ledger));
                Assert.All(
                    ledger.Where(e => e.Detail!.Evidence is not null).GroupBy(e => (e.Action, e.Topic, e.Detail!.Evidence)),
                    g => Assert.Single(g));
            }
        }
    }

    private static async Task<CoreProduct> BeginAsync()
    {
        var product = new CoreProduct(sms: o => o.RepliesPerHour = 20, sending: o => o.SoftBounceLimit = 3, start: Start);
        foreach (var person in People)
        {
            await product.SubscribeAsync(person, null, TopicKey.PackageUpdates, TopicKey.Promotions);
            for (var i = 0; i < 2; i++) await product.SendAsync(product.Message(person, TopicKey.PackageUpdates, seed: "m" + i));
        }

        return product;
    }

    /// <summary>In the order in which things happened.</summary>
    private static List<InboundEvent> Happenings(CoreProduct product)
    {
        var all = new List<InboundEvent>();
        var at = Start.AddMinutes(-4);
        for (var i = 0; i < People.Length; i++)
        {
            var person = People[i];
            string Id(string what) => $"{i}/{what}";
            SendRequest Sent(int n) => product.Message(person, TopicKey.PackageUpdates, seed: "m" + n);
            DateTimeOffset Next() => at = at.AddMilliseconds(7);
            if (person.Channel == Channel.Sms)
            {
                string[] words = (i % 4) switch
                {
                    0 => ["STOP", "START", "HELP"],
                    1 => ["STOP", "START", "STOP", "STOP"],
                    2 => ["Stop by at 5?", "thanks", "START", "STOP", "START"],
                    _ => ["please stop texting me", "HELP", "cancel it?"],
                };
                foreach (var word in words) all.Add(CoreProduct.Text(Id("text" + all.Count), person.Value, word, Next()));
                all.Add(ProviderReportTests.SmsReport(
                    Id("r0"), Sent(0), i % 2 == 0 ? "Delivered" : "Failed", i % 2 == 0 ? "No error." : "4006", Next()));
                all.Add(ProviderReportTests.SmsReport(Id("r1"), Sent(1), "Failed", i % 3 == 0 ? "4004" : "5002", Next(), tag: false));
            }
            else
            {
                all.Add(ProviderReportTests.EmailReport(Id("d0"), Sent(0), "Delivered", "", Next()));
                all.Add(ProviderReportTests.EmailReport(Id("d1"), Sent(1), "Expanded", "", Next()));
                for (var day = 0; day < 2 + i % 2; day++)
                    all.Add(ProviderReportTests.EmailReport(
                        Id("soft" + day), Sent(day % 2), "Failed", "4.4.1 later", Start.AddDays(-day - 1)));
                if (i % 4 == 0) all.Add(ProviderReportTests.EmailReport(Id("b"), Sent(0), "Bounced", "550 5.1.1 unknown", Next()));
                if (i % 4 is 0 or 2)
                    all.Add(CoreProduct.Event(
                        Id("c"), ProviderReports.Complaint, Next(), new { recipient = person.Value, messageId = Sent(1).Id }));
                if (i % 4 == 1) all.Add(ProviderReportTests.EmailReport(Id("auth"), Sent(1), "Bounced", "550 5.7.515 no", Next()));
                var token = product.Links.UnsubscribeToken(product.Ring.KeyOf(person), Channel.Email, TopicKey.Promotions, null, null);
                all.Add(CoreProduct.Event(Id("mail"), InboundMail.EventType, Next(), new { tokens = new[] { token }, text = "x" }));
            }
        }

        return all;
    }

    /// <summary>
    /// Everything that decides about a person and everything shown of a message. The order in which entries reached the ledger and when we
    /// answered are not among it.
    /// </summary>
    private static async Task<List<string>> SnapshotAsync(CoreProduct product)
    {
        var lines = new List<string>();
        foreach (var person in People)
        {
            var state = await product.StateAsync(person) with { Ledger = LedgerHead.Empty, Replies = [] };
            state = state with { Reviews = [.. state.Reviews.Order(StringComparer.Ordinal)] };
            lines.Add(JsonSerializer.Serialize(state, CoreJson.Default.AddressState));
            foreach (var seed in (string[])["m0", "m1"])
                lines.Add(JsonSerializer.Serialize(
                    (await product.RecordAsync(product.Message(person, TopicKey.PackageUpdates, seed: seed).Id))! with
                    {
                        Claim = null,
                        Receipt = null,
                    },
                    CoreJson.Default.MessageRecord));
        }

        lines.AddRange((await product.Reviews.ListAsync(resolved: false, null, 100, default)).Select(r => r.Id + r.Text));
        lines.AddRange((await product.Suppressions.ListAsync(null, 100, default)).Select(s => s.Key.Value + s.Row.Suppression));
        lines.AddRange((await product.Alerts.SinceAsync(Start.AddDays(-9), 100, default)).Select(a => a.Kind));
        return lines;
    }

    private static Gen<string> Pick(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static readonly Gen<string> Json = Gen.Recursive<string>((depth, inner) => depth > 3
        ? Pick("null", "1", "-1e400", "true", "\"\"", "\"STOP\"", "\"\\ud800\"", "\"+14155552671\"", "\"9999-99-99\"")
        : Gen.OneOf(
            Pick("null", "0", "\"x\"", "\"2026-06-03T19:00:00Z\"", "\"Delivered\"", "\"Bounced\"", "\"4007\""),
            inner.Array[0, 3].Select(items => "[" + string.Join(',', items) + "]"),
            Gen.Select(
                Pick(
                    "from", "To", "MESSAGE", "receivedTimestamp", "recipient", "messageId", "status", "deliveryStatusDetails",
                    "statusMessage", "tag", "tokens", "text", "\\ud800"),
                inner).Array[0, 5]
                .Select(members => "{" + string.Join(',', members.Select(m => $"\"{m.Item1}\":{m.Item2}")) + "}")));

    [Fact]
    public void R65_No_event_whatever_it_holds_makes_a_reader_throw()
    {
        var product = new CoreProduct(start: Start);
        string[] types =
            [
                SmsConversation.SmsReceived, ProviderReports.EmailReport, ProviderReports.SmsReport, ProviderReports.Complaint,
                InboundMail.EventType, "Microsoft.Communication.EmailEngagementTrackingReportReceived", "",
            ];
        Gen.Select(Pick(types), Json, Gen.String[0, 40]).Sample((type, json, id) =>
        {
            var body = System.Text.Encoding.UTF8.GetBytes(
                $"{{\"id\":{JsonSerializer.Serialize(id)},\"type\":{JsonSerializer.Serialize(type)},\"data\":{json},\"at\":\"2026-06-03T19:00:00Z\"}}");
            var outcome = product.Work.DoAsync(Queues.Inbound, body, 1, default);
            Assert.True(outcome.IsCompletedSuccessfully, type + " " + json);
        }, iter: 4000, threads: 1);
    }

    [Fact]
    public void R40_No_noise_around_a_stop_loses_it()
    {
        var n = 0;
        Gen.Select(
            Json, Json, Pick("from", "From", "FROM"), Pick("message", "Message"),
            Pick("STOP", "退订", "please stop texting me", "“Stop!”\\n"), Gen.Bool).Sample((timestamp, to, from, message, word, plus) =>
        {
            var product = new CoreProduct(start: Start);
            var body = System.Text.Encoding.UTF8.GetBytes(
                $"{{\"id\":\"{n++}\",\"type\":\"{SmsConversation.SmsReceived}\",\"at\":\"2026-06-03T19:00:00Z\",\"data\":{{\"extra\":{to},\"{from}\":\"{(plus ? "+" : "")}14155552671\",\"to\":{to},\"receivedTimestamp\":{timestamp},\"{message}\":\"{word}\"}}}}");
            var outcome = product.Work.DoAsync(Queues.Inbound, body, 1, default);
            Assert.True(outcome.IsCompletedSuccessfully);
            var state = product.StateAsync(CoreProduct.Phone("+14155552671"));
            Assert.True(state.IsCompletedSuccessfully);
            Assert.NotNull(state.GetAwaiter().GetResult().Stopped);
        }, iter: 500, threads: 1);
    }
}
