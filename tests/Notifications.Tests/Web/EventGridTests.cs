using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;
using Notifications.Web.Webhooks;

namespace Notifications.Tests.Web;

public sealed class EventGridTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Url = "/webhooks/eventgrid?secret=" + ProductFixture.WebhookSecret;

    private static string Sms(string id, string from, string text) =>
        $$$"""{"id":"{{{id}}}","topic":"/t","subject":"/p/1","data":{"MessageId":"Incoming_1","From":"{{{from}}}","To":"18005550100","Message":"{{{text}}}","ReceivedTimestamp":"2026-11-24T12:00:00Z"},"eventType":"Microsoft.Communication.SMSReceived","dataVersion":"1.0","metadataVersion":"1","eventTime":"2026-11-24T12:00:00Z"}""";

    private static string Cloud(string id, string from, string text) =>
        $$$"""{"specversion":"1.0","id":"{{{id}}}","source":"/t","type":"Microsoft.Communication.SMSReceived","time":"2026-11-24T12:00:00Z","datacontenttype":"application/json","data":{"from":"{{{from}}}","to":"18005550100","message":"{{{text}}}"}}""";

    [Theory]
    [InlineData("application/json", false, true)]
    [InlineData("application/json; charset=utf-8", false, false)]
    [InlineData("application/cloudevents+json; charset=utf-8", true, false)]
    [InlineData("application/cloudevents-batch+json", true, true)]
    public async Task R64_A_STOP_in_either_schema_alone_or_in_a_batch_reaches_the_queue_and_the_ledger(string type, bool cloud, bool batch)
    {
        var phone = $"1415555268{(cloud ? 2 : 0) + (batch ? 1 : 0)}";
        var one = cloud ? Cloud("e" + phone, phone, "STOP") : Sms("e" + phone, phone, "STOP");
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(Url, batch ? $"[{one}]" : one, type)).StatusCode);
        await product.WorkAsync();
        var ledger = (await product.GetAsync("/v1/consents?phone=+" + phone)).Json.GetProperty("entries");
        Assert.Equal("stop-all", ledger[0].GetProperty("action").GetString());

        // Delivered again: the same final state (R65), one confirmation (R44).
        await SendAsync(Url, batch ? $"[{one}]" : one, type);
        await product.WorkAsync();
        Assert.Equal(1, (await product.GetAsync("/v1/consents?phone=+" + phone)).Json.GetProperty("entries").GetArrayLength());
        Assert.Single(product.Sent.Texts, t => t.To == "+" + phone);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"time\":null,")]
    public async Task R65_R43_A_STOP_in_a_CloudEvent_without_its_time_which_may_be_left_out_is_heard(string time)
    {
        var phone = time.Length == 0 ? "14155552670" : "14155552671";
        var body = Cloud("undated" + phone, phone, "STOP").Replace("\"time\":\"2026-11-24T12:00:00Z\",", time, StringComparison.Ordinal);
        for (var delivered = 0; delivered < 2; delivered++)
        {
            Assert.Equal(HttpStatusCode.OK, (await SendAsync(Url, body, "application/cloudevents+json")).StatusCode);
            await product.WorkAsync();
            product.Time.Advance(TimeSpan.FromSeconds(1));
        }

        var ledger = (await product.GetAsync("/v1/consents?phone=+" + phone)).Json.GetProperty("entries");
        Assert.Equal("stop-all", Assert.Single(ledger.EnumerateArray()).GetProperty("action").GetString());
    }

    [Fact]
    public async Task R65_A_report_in_a_CloudEvent_without_a_time_is_one_line_however_often_it_comes_and_its_data_may_date_it()
    {
        var mail = CoreProduct.Email("undated@example.com");
        await product.SubscribedAsync(mail, TopicKey.PackageUpdates);
        var sent = await product.PostAsync(
            "/v1/messages",
            new { topic = "package-updates", to = new { email = mail.Value }, content = new { subject = "s", text = "t" } });
        await product.WorkAsync();
        Assert.True(MessageId.TryParse(sent["id"]!, out var id));
        string Report(string status, string dated) =>
            $$$"""{"specversion":"1.0","id":"{{{status}}}","source":"/t","type":"{{{ProviderReports.EmailReport}}}","data":{"recipient":"{{{mail.Value}}}","messageId":"{{{id.OperationId}}}","status":"{{{status}}}"{{{dated}}}}}""";
        var dated = product.Time.GetUtcNow().AddHours(1); // By a clock that is ahead of ours.
        for (var delivered = 0; delivered < 2; delivered++)
        {
            product.Time.Advance(TimeSpan.FromMinutes(1));
            await SendAsync(Url, Report("Delivered", ""));
            await SendAsync(Url, Report("Bounced", $",\"deliveryAttemptTimeStamp\":\"{dated:yyyy-MM-ddTHH:mm:ss.fffZ}\""));
            await product.WorkAsync();
        }

        var lines = (await product.GetAsync("/v1/messages/" + sent["id"])).Json
            .GetProperty("timeline")
            .EnumerateArray()
            .Where(l => l.GetProperty("event").GetString()!.StartsWith(MessageRecord.ReportPrefix, StringComparison.Ordinal))
            .ToList();
        Assert.Equal(2, lines.Count);
        Assert.Single(lines, l => l.GetProperty("at").GetDateTimeOffset().ToUnixTimeMilliseconds() == dated.ToUnixTimeMilliseconds());
    }

    [Theory]
    [InlineData("POST", "/webhooks/eventgrid", "Bearer")]
    [InlineData("OPTIONS", "/webhooks/eventgrid", "Bearer")]
    [InlineData("POST", "/webhooks/email", "Bearer")]
    [InlineData("POST", "/webhooks/17track", "Signature")]
    public async Task R64_Who_is_refused_at_a_webhook_is_told_how_to_say_who_they_are(string method, string url, string scheme)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), url) { Content = new StringContent("{}") };
        using var answer = await product.Anonymous.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(scheme, Assert.Single(answer.Headers.WwwAuthenticate).Scheme); // RFC 9110 section 15.5.2
    }

    [Fact]
    public async Task R64_The_secret_is_needed_and_taken_from_the_query_a_header_or_a_bearer_token()
    {
        var body = $"[{Sms("e1", "14155552690", "HELP")}]";
        var before = await product.Store.CountAsync(Queues.Inbound);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync("/webhooks/eventgrid", body)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync("/webhooks/eventgrid?secret=", body)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync("/webhooks/eventgrid?secret=wrong-secret-0123456789", body)).StatusCode);
        Assert.Equal(
            HttpStatusCode.Unauthorized, (await SendAsync("/webhooks/eventgrid", body, headers: ("aeg-secret", "wrong"))).StatusCode);
        Assert.Equal(before, await product.Store.CountAsync(Queues.Inbound));
        Assert.Equal(
            HttpStatusCode.OK,
            (await SendAsync("/webhooks/eventgrid", body, headers: ("aeg-secret", ProductFixture.WebhookSecret))).StatusCode);
        Assert.Equal(
            HttpStatusCode.OK,
            (await SendAsync(
                "/webhooks/eventgrid", body, headers: ("Authorization", "Bearer " + ProductFixture.WebhookSecret))).StatusCode);
        Assert.Equal(before + 2, await product.Store.CountAsync(Queues.Inbound));
        await product.WorkAsync();
    }

    [Fact]
    public async Task R64_The_Event_Grid_handshake_answers_the_code_and_fetches_nothing()
    {
        const string body =
            """[{"id":"v","topic":"/t","subject":"","data":{"validationCode":"CODE-1","validationUrl":"http://127.0.0.1:9/never"},"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","eventTime":"2026-11-24T12:00:00Z","metadataVersion":"1","dataVersion":"1"}]""";
        using var answer = await SendAsync(Url, body, headers: ("aeg-event-type", "SubscriptionValidation"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("""{"validationResponse":"CODE-1"}""", await answer.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync("/webhooks/eventgrid", body)).StatusCode);
    }

    [Fact]
    public async Task R64_The_CloudEvents_handshake_allows_Event_Grid_with_the_secret_only()
    {
        using var allowed = await OptionsAsync(Url, "eventgrid.azure.net");
        Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
        Assert.Equal("eventgrid.azure.net", allowed.Headers.GetValues("WebHook-Allowed-Origin").Single());
        Assert.Equal("*", allowed.Headers.GetValues("WebHook-Allowed-Rate").Single());
        Assert.Equal(["POST"], allowed.Content.Headers.Allow);
        foreach (var (url, origin, status) in new[]
        {
            (Url, "evil.example.com", HttpStatusCode.Forbidden),
            (Url, null, HttpStatusCode.Forbidden),
            ("/webhooks/eventgrid", "eventgrid.azure.net", HttpStatusCode.Unauthorized),
        })
        {
            using var refused = await OptionsAsync(url, origin);
            Assert.Equal(status, refused.StatusCode);
            Assert.False(refused.Headers.Contains("WebHook-Allowed-Origin"));
        }
    }

    [Theory]
    [InlineData("", "body")]
    [InlineData("{", "body")]
    [InlineData("[]]", "body")]
    [InlineData("7", "body")]
    [InlineData("[7]", "[0]")]
    [InlineData("""[{"eventType":"t","data":{},"eventTime":"2026-11-24T12:00:00Z"}]""", "[0].id")]
    [InlineData("""[{"id":"1","data":{},"eventTime":"2026-11-24T12:00:00Z"}]""", "[0].eventType")]
    [InlineData("""[{"id":"1","eventType":"t","data":{},"eventTime":"soon"}]""", "[0].eventTime")]
    [InlineData("""[{"id":"1","eventType":"t","data":"x","eventTime":"2026-11-24T12:00:00Z"}]""", "[0].data")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/t","type":"t","data":{},"time":"soon"}""", "time")]
    [InlineData("""[{"id":"1","eventType":"t","data":{}}]""", "[0].eventTime")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/t","data":{},"time":"2026-11-24T12:00:00Z"}""", "type")]
    public async Task A_malformed_delivery_is_400_and_named_and_nothing_of_it_is_queued(string body, string what)
    {
        var before = await product.Store.CountAsync(Queues.Inbound);
        using var answer = await SendAsync(Url, body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.StartsWith(
            what + " ", JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("detail").GetString(),
            StringComparison.Ordinal);
        Assert.Equal(before, await product.Store.CountAsync(Queues.Inbound));
    }

    [Fact]
    public async Task R65_R43_An_event_that_cannot_be_read_takes_no_STOP_with_it_that_is_delivered_beside_it()
    {
        const string phone = "14155552687";
        var broken = """{"id":"no-time","eventType":"t","data":{},"eventTime":"soon"}""";
        var large = Sms("large", "14155552689", new string('x', 210 * 1024));
        var delivery = $"[{broken},{Sms("beside", phone, "STOP")},{large},7]";
        for (var delivered = 0; delivered < 2; delivered++)
        {
            Assert.Equal(HttpStatusCode.OK, (await SendAsync(Url, delivery)).StatusCode);
            await product.WorkAsync();
        }

        var ledger = (await product.GetAsync("/v1/consents?phone=+" + phone)).Json.GetProperty("entries");
        Assert.Equal("stop-all", Assert.Single(ledger.EnumerateArray()).GetProperty("action").GetString());
        var causes = (await product.GetAsync("/v1/dead-letters?queue=inbound")).Json
            .GetProperty("deadLetters")
            .EnumerateArray()
            .Select(l => l.GetProperty("cause").GetString()!)
            .ToList();
        Assert.Equal(3, causes.Count);
        foreach (var why in (string[])[
            "[0].eventTime must be a time", "[2].data must have at most 200 KiB", "[3] must be an event",
        ])
        {
            Assert.Contains(causes, c => c.Contains(why, StringComparison.Ordinal));
        }

        using var nothing = await SendAsync(Url, $"[{broken},7]");
        Assert.Equal(HttpStatusCode.BadRequest, nothing.StatusCode);
    }

    [Theory]
    [InlineData("14155552601", "STOP \\ud83d")]
    [InlineData("14155552602", "\\uDE4F STOP")]
    [InlineData("14155552603", "STOP \\ud83d\\ud83d\\ude4f")]
    public async Task P1_R65_A_STOP_is_heard_beside_half_of_an_emoji(string phone, string text)
    {
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(Url, $"[{Cloud("half-" + phone, phone, text)}]")).StatusCode);
        await product.WorkAsync();
        var ledger = (await product.GetAsync("/v1/consents?phone=+" + phone)).Json.GetProperty("entries");
        Assert.Equal("stop-all", Assert.Single(ledger.EnumerateArray()).GetProperty("action").GetString());
    }

    [Theory]
    [InlineData("""{"a":"\\ud83d"}""")] // A backslash and letters.
    [InlineData("""{"a":"\ud83d\ude4f"}""")]
    [InlineData("""{"a":"\u00e4🙏"}""")]
    [InlineData("""{"a":"\u12"}""")]
    public void What_is_whole_stays_as_it_is(string json) =>
        Assert.Equal(json, Encoding.UTF8.GetString(WholeText.Of(Encoding.UTF8.GetBytes(json))));

    [Fact]
    public void P1_What_is_no_UTF8_in_an_event_leaves_the_rest_to_be_read() =>
        Assert.Equal("""{"a":"STOP �"}""", Encoding.UTF8.GetString(WholeText.Of([.. """{"a":"STOP """u8, 0xF0, 0x9F, .. "\"}"u8])));

    [Fact]
    public async Task R13_R65_While_the_secret_is_changed_the_one_before_is_taken_too_and_an_old_one_never()
    {
        const string now = "the-new-secret-0123456789", before = "the-old-secret-0123456789";
        var changing = new ProductFixture { Configure = o => o.WebhookSecret = $"{now} {before}" };
        await changing.InitializeAsync();
        try
        {
            foreach (var (secret, status) in new[]
            {
                (now, HttpStatusCode.OK), (before, HttpStatusCode.OK), ($"{now} {before}", HttpStatusCode.Unauthorized),
                (ProductFixture.WebhookSecret, HttpStatusCode.Unauthorized), ("", HttpStatusCode.Unauthorized),
            })
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/email")
                {
                    Content = new StringContent("To: a@b.example\n\n"),
                };
                request.Headers.TryAddWithoutValidation("aeg-secret", secret);
                using var answer = await changing.Anonymous.SendAsync(request);
                Assert.Equal(status, answer.StatusCode);
            }
        }
        finally
        {
            await changing.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("short")]
    [InlineData("the-new-secret-0123456789 short")]
    [InlineData("the-new-secret-0123456789 the-old-secret-0123456789 the-older-secret-012345")]
    [InlineData(" ")]
    public void A_webhook_secret_that_could_be_guessed_or_is_one_of_many_is_refused_at_the_start(string secret)
    {
        Assert.Contains(
            "WebhookSecret must be", Assert.Throws<ArgumentException>(() => Valid(o => o.WebhookSecret = secret)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "SeventeenTrackKey must be",
            Assert.Throws<ArgumentException>(() => Valid(o => o.Packages.SeventeenTrackKey = secret)).Message, StringComparison.Ordinal);

        static void Valid(Action<NotificationsOptions> change)
        {
            var options = new NotificationsOptions { PublicUrl = "http://mail.example.com" };
            change(options);
            options.Validate();
        }
    }

    [Fact]
    public async Task A_delivery_over_1_MiB_is_413_and_one_that_is_no_JSON_415()
    {
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await SendAsync(Url, new string(' ', 1024 * 1024 + 1))).StatusCode);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await SendAsync(Url, "[]", "text/plain")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(Url, "[]")).StatusCode);
    }

    private async Task<HttpResponseMessage> SendAsync(
        string url, string body, string type = "application/json", (string Name, string Value)? headers = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (headers is { } header) request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        return await product.Anonymous.SendAsync(request);
    }

    private async Task<HttpResponseMessage> OptionsAsync(string url, string? origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, url);
        if (origin is not null) request.Headers.Add("WebHook-Request-Origin", origin);
        return await product.Anonymous.SendAsync(request);
    }
}
