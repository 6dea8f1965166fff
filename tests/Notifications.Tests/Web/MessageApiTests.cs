using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Web;

public sealed class MessageApiTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task A_message_to_nobody_who_agreed_is_queued_and_then_skipped_with_its_receipt()
    {
        var reply = await product.PostAsync(
            "/v1/messages", new { topic = "newsletter", to = new { email = "m1@example.com" }, data = new { subject = "News" } });
        Assert.Equal(HttpStatusCode.Accepted, reply.Status);
        Assert.Equal("queued", reply["status"]);
        var queued = await product.GetAsync("/v1/messages/" + reply["id"]);
        Assert.Equal("queued", queued["status"]);
        Assert.Equal(JsonValueKind.Null, queued.Json.GetProperty("receipt").ValueKind);
        Assert.Equal(JsonValueKind.Null, queued.Json.GetProperty("reason").ValueKind);
        Assert.Contains("waits for its turn", queued["note"], StringComparison.Ordinal);

        await product.WorkAsync();
        var skipped = await product.GetAsync("/v1/messages/" + reply["id"]);
        Assert.Equal(
            ("skipped", "no-consent", "newsletter", "email"), (skipped["status"], skipped["reason"], skipped["topic"], skipped["channel"]));
        Assert.Null(skipped["note"]);
        var receipt = skipped.Json.GetProperty("receipt");
        Assert.Equal(0, receipt.GetProperty("ledgerSeq").GetInt64());
        Assert.Contains(
            receipt.GetProperty("rules").EnumerateArray(),
            r => r.GetProperty("rule").GetString() == "subscription" && r.GetProperty("result").GetString() == "no-consent");
        Assert.Equal(
            ["queued", "skipped"], skipped.Json.GetProperty("timeline").EnumerateArray().Select(e => e.GetProperty("event").GetString()));
    }

    [Fact]
    public async Task P2_A_sent_message_shows_the_ledger_entry_that_allowed_it()
    {
        await OptInAsync("m2@example.com", "newsletter");
        var reply = await product.PostAsync(
            "/v1/messages",
            new
            {
                topic = "newsletter",
                to = new { email = "m2@example.com" },
                content = new { subject = "Hello", text = "What is new." },
            });
        await product.WorkAsync();
        var sent = await product.GetAsync("/v1/messages/" + reply["id"]);
        Assert.Equal(("sent", "allowed"), (sent["status"], sent["reason"]));
        var ledger = await product.GetAsync("/v1/consents?email=m2@example.com");
        Assert.Equal(
            ledger.Json.GetProperty("entries")[0].GetProperty("hash").GetString(),
            sent.Json.GetProperty("receipt").GetProperty("ledgerHash").GetString());
        Assert.Equal("2026-01", sent.Json.GetProperty("receipt").GetProperty("policyVersion").GetString());
        Assert.Contains(product.Sent.Emails, e => e.To == "m2@example.com" && e.Subject == "Hello");
    }

    [Fact]
    public async Task P5_A_repeated_Idempotency_Key_answers_as_the_first_time_and_refuses_another_body()
    {
        var body = new { topic = "newsletter", to = new { email = "m3@example.com" } };
        var first = await product.PostAsync("/v1/messages", body, "order-3");
        var again = await product.PostAsync("/v1/messages", body, "order-3");
        Assert.Equal(first.Text, again.Text);
        Assert.Equal(HttpStatusCode.Accepted, again.Status);
        Assert.False(first.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal("true", again.Headers.GetValues("Idempotency-Replayed").Single());
        var other = await product.PostAsync("/v1/messages", new { topic = "promotions", to = new { email = "m3@example.com" } }, "order-3");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.Status);
        Assert.Equal("urn:notifications:problem:idempotency-key-reused", other["type"]);
    }

    [Fact]
    public async Task P5_The_id_of_a_message_is_derived_from_the_client_and_its_Idempotency_Key_and_random_without_one()
    {
        var body = new { topic = "newsletter", to = new { email = "m4@example.com" } };
        var keyed = await product.PostAsync("/v1/messages", body, "order-4");

        // The remembered answer is lost: what is done again must be the same message.
        foreach (var row in await product.Store.ScanAsync(Tables.Idempotency, null, 1000))
            await product.Store.CommitAsync(Tables.Idempotency, row.Partition, [RowChange.Delete(row.Row.Key)]);
        Assert.Equal(keyed["id"], (await product.PostAsync("/v1/messages", body, "order-4"))["id"]);
        Assert.NotEqual(keyed["id"], (await product.PostAsync("/v1/messages", body, "order-5"))["id"]);
        Assert.NotEqual((await product.PostAsync("/v1/messages", body))["id"], (await product.PostAsync("/v1/messages", body))["id"]);

        var other = product.ClientOf(await product.KeyAsync("send"));
        Assert.NotEqual(
            keyed["id"],
            (await ProductFixture.SendAsync(other, HttpMethod.Post, "/v1/messages", JsonSerializer.Serialize(body), "order-4"))["id"]);
    }

    [Fact]
    public async Task A_message_without_an_Idempotency_Key_writes_one_queue_item_and_no_row()
    {
        var stored = await product.StoredAsync();
        var items = await product.Store.CountAsync(Queues.Send);
        await product.PostAsync("/v1/messages", new { topic = "newsletter", to = new { email = "m5@example.com" } });
        Assert.Equal(items + 1, await product.Store.CountAsync(Queues.Send));
        Assert.Equal(stored + 1, await product.StoredAsync());
    }

    [Theory]
    [InlineData("""{"to":{"email":"a@example.com"}}""", "topic")]
    [InlineData("""{"topic":"nonsense","to":{"email":"a@example.com"}}""", "topic")]
    [InlineData("""{"topic":"newsletter"}""", "to")]
    [InlineData("""{"topic":"newsletter","to":{}}""", "to")]
    [InlineData("""{"topic":"newsletter","to":{"email":"a@example.com","phone":"+14155552671"}}""", "to")]
    [InlineData("""{"topic":"newsletter","to":{"email":"not an address"}}""", "to.email")]
    [InlineData("""{"topic":"newsletter","to":{"phone":"12"}}""", "to.phone")]
    [InlineData("""{"topic":"newsletter","to":{"contactId":"nobody"}}""", "to.contactId")]
    [InlineData("""{"topic":"newsletter","to":{"contactId":"a/b"}}""", "to.contactId")]
    [InlineData("""{"topic":"newsletter","to":{"email":"a@example.com"},"channel":"sms"}""", "channel")]
    [InlineData("""{"topic":"newsletter","to":{"email":"a@example.com"},"channel":"fax"}""", "channel")]
    [InlineData("""{"topic":"newsletter","to":{"email":"a@example.com"},"template":"nonsense"}""", "template")]
    [InlineData(
        """{"topic":"package-updates","to":{"email":"a@example.com"},"template":"promotions","data":{"title":"20 % off"}}""", "template")]
    [InlineData("""{"topic":"package-updates","to":{"phone":"+14155552671"},"template":"newsletter"}""", "template")]
    [InlineData("""{"topic":"newsletter","to":{"email":"a@example.com"},"template":"package-updates"}""", "template")]
    [InlineData(
        """{"topic":"newsletter","to":{"email":"a@example.com"},"template":"newsletter","content":{"subject":"s","text":"t"}}""",
        "content")]
    [InlineData("""{"topic":"newsletter","to":{"email":"a@example.com"},"content":{"text":"t"}}""", "content.subject")]
    [InlineData(
        """{"topic":"newsletter","to":{"email":"a@example.com"},"content":{"subject":"a\r\nBcc: b@example.com","text":"t"}}""",
        "content.subject")]
    [InlineData("""{"topic":"newsletter","to":{"email":"a@example.com"},"content":{"subject":"s"}}""", "content.text")]
    [InlineData("""{"topic":"newsletter","to":{"phone":"+14155552671"},"content":{"html":"<p>x</p>"}}""", "content.text")]
    [InlineData("""{"topic":"newsletter","to":{"phone":"+14155552671"},"content":{"text":"ring \u0007"}}""", "content.text")]
    [InlineData("""{"topic":"newsletter","to":{"email":"a@example.com"},"data":[1]}""", "data")]
    [InlineData("""{"topic":"newsletter","to":{"email":"a@example.com"},"data":{"a":"\ud800"}}""", "data")]
    [InlineData("""{"topic":"newsletter","to":{"email":"a@example.com"},"data":{"\udc00":1}}""", "data")]
    [InlineData("""{"topic":"package-updates","to":{"email":"a@example.com"},"trackingNumber":"?"}""", "trackingNumber")]
    [InlineData("""{"topic":"newsletter","to":{"email":"a@example.com"},"trackingNumber":"RA123456785GB"}""", "trackingNumber")]
    [InlineData("""{"topic":"newsletter","to":{"email":"a@example.com"},"sendAt":"tomorrow"}""", "sendAt")]
    [InlineData("""{"topic":"newsletter","to":{"email":"a@example.com"},"sendAt":"2026-11-25T10:00:00"}""", "sendAt")]
    [InlineData("""{"topic":"newsletter","to":{"email":"a@example.com"},"sendAt":"2036-11-25T10:00:00Z"}""", "sendAt")]
    [InlineData(
        """{"topic":"newsletter","to":{"email":"a@example.com"},"sendAt":"2026-11-25T10:00:00Z","expiresAt":"2026-11-25T09:00:00Z"}""",
        "expiresAt")]
    [InlineData("""{"topic":"newsletter","to":{"email":"a@example.com"},"locale":"x"}""", "locale")]
    [InlineData("""{"topic":"newsletter","to":{"email":"a@example.com"},"colour":1}""", "colour")]
    [InlineData("""{"topic":"newsletter","to":{"email":"a@example.com","fax":"1"}}""", "to.fax")]
    [InlineData("""{"topic":"newsletter","to":"a@example.com"}""", "to")]
    [InlineData("""{"topic":7,"to":{"email":"a@example.com"}}""", "topic")]
    [InlineData("""{"topic":"newsletter","topic":"newsletter","to":{"email":"a@example.com"}}""", "topic")]
    [InlineData("""{"topic":"newsletter","to":{"email":1e999}}""", "to.email")]
    [InlineData("""{"topic":"\ud800","to":{"email":"a@example.com"}}""", "topic")]
    public async Task A_wrong_field_is_named(string body, string field)
    {
        foreach (var path in new[] { "/v1/messages", "/v1/decisions" })
        {
            var reply = await product.PostAsync(path, body);
            Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (reply.Status, reply.MediaType));
            Assert.Contains(field, reply.Fields);
        }

        // In a batch the same body spoils nothing else.
        var batch = await product.PostAsync(
            "/v1/messages/batch", $$"""{"messages":[{"topic":"newsletter","to":{"email":"good@example.com"} },{{body}}]}""");
        Assert.Equal(HttpStatusCode.Accepted, batch.Status);
        var results = batch.Json.GetProperty("results");
        Assert.Equal("queued", results[0].GetProperty("status").GetString());
        Assert.Contains(
            results[1].GetProperty("problem").GetProperty("errors").EnumerateArray(), e => e.GetProperty("field").GetString() == field);
        Assert.Equal(1, results[1].GetProperty("index").GetInt32());
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("\"text\"")]
    [InlineData("{")]
    [InlineData("{\"topic\":")]
    [InlineData("{}{}")]
    public async Task A_body_that_is_no_object_is_refused(string body)
    {
        foreach (var path in new[]
        {
            "/v1/messages",
            "/v1/messages/batch",
            "/v1/decisions",
            "/v1/consents",
            "/v1/suppressions",
            "/v1/keys",
        })
        {
            var reply = await product.PostAsync(path, body);
            Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
            Assert.NotEmpty(reply.Fields);
        }
    }

    [Fact]
    public async Task A_body_of_200_KB_and_a_body_that_is_no_JSON_are_refused()
    {
        var large = await product.PostAsync("/v1/messages", $$"""{"topic":"{{new string('x', 200_000)}}"}""");
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "urn:notifications:problem:too-large"), (large.Status, large["type"]));
        using var text = new StringContent("topic=newsletter", System.Text.Encoding.UTF8, "text/plain");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await product.Http.PostAsync("/v1/messages", text)).StatusCode);
        var nested = string.Concat(Enumerable.Repeat("{\"a\":", 90)) + "1" + new string('}', 90);
        var deep = await product.PostAsync(
            "/v1/messages", """{"topic":"newsletter","to":{"email":"a@example.com"},"data":""" + nested + "}");
        Assert.Equal(HttpStatusCode.BadRequest, deep.Status);
    }

    [Fact]
    public async Task Content_that_would_not_fit_the_queue_is_refused_and_long_content_that_fits_is_taken()
    {
        var escaped = await product.PostAsync(
            "/v1/messages",
            $$"""{"topic":"newsletter","to":{"email":"m6@example.com"},"content":{"subject":"s","html":"{{string.Concat(Enumerable.Repeat("🦊", 27_000))}}"} }""");
        Assert.Equal((HttpStatusCode.BadRequest, "content"), (escaped.Status, escaped.Fields.Single()));
        var plain = await product.PostAsync(
            "/v1/messages",
            $$"""{"topic":"newsletter","to":{"email":"m6@example.com"},"content":{"subject":"s","text":"{{new string('a', 100_000)}}"} }""");
        Assert.Equal(HttpStatusCode.Accepted, plain.Status);
    }

    [Fact]
    public async Task A_batch_of_500_is_taken_in_order_and_one_of_501_or_none_is_refused()
    {
        static string Batch(int count) =>
            JsonSerializer.Serialize(
                new
                {
                    messages = Enumerable.Range(
                        0, count).Select(i => new { topic = "newsletter", to = new { email = $"b{i}@example.com" } }),
                });
        var items = await product.Store.CountAsync(Queues.Send);
        var reply = await product.PostAsync("/v1/messages/batch", Batch(500));
        Assert.Equal(HttpStatusCode.Accepted, reply.Status);
        var results = reply.Json.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal(Enumerable.Range(0, 500), results.Select(r => r.GetProperty("index").GetInt32()));
        Assert.Equal(500, results.Select(r => r.GetProperty("id").GetString()).Distinct().Count());
        Assert.Equal(items + 500, await product.Store.CountAsync(Queues.Send));
        Assert.Equal(["messages"], (await product.PostAsync("/v1/messages/batch", Batch(501))).Fields);
        Assert.Equal(["messages"], (await product.PostAsync("/v1/messages/batch", Batch(0))).Fields);
        Assert.Equal(["colour"], (await product.PostAsync("/v1/messages/batch", """{"messages":[{}],"colour":1}""")).Fields);
        Assert.Equal(
            HttpStatusCode.Accepted,
            (await product.PostAsync("/v1/messages/batch", """[{"topic":"newsletter","to":{"email":"b@example.com"}}]""")).Status);
    }

    [Fact]
    public async Task P5_A_repeated_batch_gives_each_message_its_id_again()
    {
        var body =
            """{"messages":[{"topic":"newsletter","to":{"email":"r@example.com"}},{"topic":"newsletter","to":{"email":"r@example.com"}}]}""";
        var first = await product.PostAsync("/v1/messages/batch", body, "batch-1");
        var again = await product.PostAsync("/v1/messages/batch", body, "batch-1");
        Assert.Equal(first.Text, again.Text);
        var ids = first.Json.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("id").GetString()).ToList();
        Assert.NotEqual(ids[0], ids[1]);
    }

    [Fact]
    public async Task A_contact_with_several_addresses_gets_one_message_on_each_and_on_one_channel_one()
    {
        await product.SendAsync(
            HttpMethod.Put, "/v1/contacts/c-several",
            new { addresses = new object[] { new { email = "several@example.com" }, new { phone = "+14155552672" } } });
        var both = await product.PostAsync("/v1/messages", new { topic = "newsletter", to = new { contactId = "c-several" } });
        Assert.Equal(HttpStatusCode.Accepted, both.Status);
        Assert.Equal(
            ["email", "sms"], both.Json.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("channel").GetString()).Order());
        var one = await product.PostAsync(
            "/v1/messages", new { topic = "newsletter", to = new { contactId = "c-several" }, channel = "sms" });
        Assert.NotNull(one["id"]);
        Assert.False(one.Json.TryGetProperty("messages", out _));
        var content = await product.PostAsync(
            "/v1/messages",
            new { topic = "newsletter", to = new { contactId = "c-several" }, content = new { subject = "s", html = "<p>x</p>" } });
        Assert.Equal(["content.text"], content.Fields);
        var decided = await product.PostAsync("/v1/decisions", new { topic = "newsletter", to = new { contactId = "c-several" } });
        Assert.Equal(2, decided.Json.GetProperty("decisions").GetArrayLength());
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("%F0%9F%98%80")]
    public async Task A_made_up_id_names_no_message(string id)
    {
        var reply = await product.GetAsync("/v1/messages/" + id);
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (reply.Status, reply.MediaType));
    }

    [Fact]
    public async Task A_decision_tells_what_would_happen_and_writes_nothing()
    {
        await OptInAsync("d1@example.com", "newsletter");
        var before = await product.StoredAsync();
        var allow = await product.PostAsync("/v1/decisions", new { topic = "newsletter", to = new { email = "d1@example.com" } });
        Assert.Equal((HttpStatusCode.OK, "allow", "allowed"), (allow.Status, allow["decision"], allow["reason"]));
        Assert.Contains(allow.Json.GetProperty("rules").EnumerateArray(), r => r.GetProperty("rule").GetString() == "quiet-hours");
        var skip = await product.PostAsync("/v1/decisions", new { topic = "promotions", to = new { email = "d1@example.com" } });
        Assert.Equal(("skip", "no-consent"), (skip["decision"], skip["reason"]));
        Assert.Equal(before, await product.StoredAsync());
    }

    [Fact]
    public async Task R56_A_decision_on_a_text_tells_its_segments_and_what_makes_it_UCS_2()
    {
        var plain = await product.PostAsync(
            "/v1/decisions",
            new { topic = "package-updates", to = new { phone = "+14155552671" }, content = new { text = "Your parcel is here." } });
        Assert.Equal(
            ("gsm-7", 1),
            (plain.Json.GetProperty("sms").GetProperty("encoding").GetString(),
                plain.Json.GetProperty("sms").GetProperty("segments").GetInt32()));
        var dear = await product.PostAsync(
            "/v1/decisions",
            new
            {
                topic = "package-updates",
                to = new { phone = "+14155552671" },
                content = new { text = "Your parcel is here \U0001F4E6 " + new string('x', 60) },
            });
        Assert.Equal(
            ("ucs-2", 2),
            (dear.Json.GetProperty("sms").GetProperty("encoding").GetString(),
                dear.Json.GetProperty("sms").GetProperty("segments").GetInt32()));
        Assert.Equal("\U0001F4E6", dear.Json.GetProperty("sms").GetProperty("forcing")[0].GetString());
    }

    [Fact]
    public async Task R52_A_decision_in_quiet_hours_says_until_when()
    {
        // Noon in UTC is 4 in the morning in California.
        await OptInAsync("+14155552673", "newsletter");
        var zone = await product.SendAsync(
            HttpMethod.Patch, "/v1/preferences", new { phone = "+14155552673", timeZone = "America/Los_Angeles" });
        Assert.Equal(HttpStatusCode.OK, zone.Status);
        var defer = await product.PostAsync("/v1/decisions", new { topic = "newsletter", to = new { phone = "+14155552673" } });
        Assert.Equal(("defer", "quiet-hours"), (defer["decision"], defer["reason"]));
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 16, 0, 0, TimeSpan.Zero), defer.Json.GetProperty("until").GetDateTimeOffset());
    }

    private async Task OptInAsync(string address, string topic)
    {
        var who = address[0] == '+' ? "phone" : "email";
        var reply = await product.PostAsync(
            "/v1/consents",
            $$"""{"{{who}}":"{{address}}","topic":"{{topic}}","action":"opt-in","source":"form","policyVersion":"2026-01","wording":"Yes.","evidence":{"confirmed":true} }""");
        Assert.Equal(HttpStatusCode.OK, reply.Status);
    }
}
