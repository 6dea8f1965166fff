using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Local.Inbox;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Unsubscribe;

namespace Notifications.Tests.Local;

public sealed class InboxTests(PublicSite site) : IClassFixture<PublicSite>
{
    [Fact]
    public async Task A_sent_newsletter_arrives_with_both_list_headers_in_json_and_raw_and_is_shown()
    {
        var mail = await SendAsync("reader@example.com", TopicKey.Newsletter);
        Assert.Equal("email", mail.GetProperty("channel").GetString());
        Assert.Equal("List-Unsubscribe=One-Click", mail.GetProperty("headers").GetProperty("List-Unsubscribe-Post").GetString());
        var id = mail.GetProperty("id").GetString();
        var raw = await GetAsync($"/inbox/messages/{id}/raw");
        Assert.Contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click", raw, StringComparison.Ordinal);
        Assert.Single(raw.Split('\n'), line => line.StartsWith("Message-Id:", StringComparison.OrdinalIgnoreCase));
        Assert.All(raw.Split('\n')[..^1], line => Assert.EndsWith("\r", line, StringComparison.Ordinal)); // RFC 5322 section 2.1.
        Assert.Contains("sandbox=", await GetAsync($"/inbox/mails/{id}"), StringComparison.Ordinal);
        using var html = await site.Http.GetAsync(new Uri($"/inbox/messages/{id}/html", UriKind.Relative));
        Assert.StartsWith("sandbox ", html.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refreshing_the_inbox_stays_at_what_is_open_and_a_thread_opens_at_its_newest_text()
    {
        var mail = await SendAsync("stays@example.com", TopicKey.Newsletter);
        var path = "/inbox/mails/" + mail.GetProperty("id").GetString();
        Assert.Contains($"<a class=\"button\" href=\"{path}\">Refresh</a>", await GetAsync(path), StringComparison.Ordinal);
        Assert.Contains("<a class=\"button\" href=\"/inbox\">Refresh</a>", await GetAsync("/inbox"), StringComparison.Ordinal);
        await site.PersonAsync("+14155550124");
        using var answer = await site.Http.PostAsJsonAsync("/inbox/sms", new { from = "+14155550124", text = "Hello?" });
        var inbox = site.Get<InboxStore>();
        var text = (await inbox.FindAsync(
            (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!, default))!;
        path = "/inbox/phones/" + inbox.KeyOf(text);
        var thread = await GetAsync(path);
        Assert.Contains($"<a class=\"button\" href=\"{path}\">Refresh</a>", thread, StringComparison.Ordinal);
        // Below the newest of them.
        Assert.InRange(thread.IndexOf(" autofocus", StringComparison.Ordinal), thread.IndexOf("Hello?", StringComparison.Ordinal), int.MaxValue);
    }

    [Fact]
    public async Task P5_A_message_that_is_handed_off_again_is_in_the_inbox_once()
    {
        var key = await site.PersonAsync("twice@example.com");
        var id = site.Get<MessageIds>().New(key);
        var email = new OutgoingEmail(id, "news@example.com", "Parcel Post", "twice@example.com", "One", "<p>1</p>", "1", []);
        var sender = site.Get<InboxSender>();
        Assert.Equal(HandOffResult.Accepted, (await sender.SendAsync(email, default)).Result);
        Assert.Equal(HandOffResult.Accepted, (await sender.SendAsync(email, default)).Result);
        Assert.Single(await ListAsync("to=twice@example.com"));
    }

    [Fact]
    public async Task P9_A_store_that_is_away_leaves_a_message_unoffered_and_not_unknown()
    {
        var key = await site.PersonAsync("away@example.com");
        var id = site.Get<MessageIds>().New(key);
        var email = new OutgoingEmail(id, "news@example.com", "Parcel Post", "away@example.com", "One", "<p>1</p>", "1", []);
        var sender = site.Get<InboxSender>();
        site.StoreIsDown = true;
        try
        {
            Assert.Equal(HandOffResult.Unavailable, (await sender.SendAsync(email, default)).Result);
        }
        finally
        {
            site.StoreIsDown = false;
        }

        Assert.Equal(HandOffResult.Accepted, (await sender.SendAsync(email, default)).Result);
    }

    [Fact]
    public async Task What_came_after_a_message_is_asked_for_by_its_id()
    {
        var first = await SendAsync("after@example.com", TopicKey.Newsletter);
        await SendAsync("after@example.com", TopicKey.Promotions);
        var later = await ListAsync($"to=after@example.com&after={first.GetProperty("id").GetString()}");
        Assert.Equal("Promotions", Assert.Single(later).GetProperty("subject").GetString());
    }

    [Fact]
    public async Task R43_A_reply_of_stop_travels_through_the_webhook_and_blocks_the_phone()
    {
        var phone = await site.PersonAsync("+14155550123");
        using var answer = await site.Http.PostAsJsonAsync("/inbox/sms", new { from = "+14155550123", text = "Stop!" });
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        await Poll.UntilAsync(async () => (await site.StateAsync(phone)).Stopped);
        var reply = await Poll.UntilAsync<object>(async () => (await ListAsync("to=%2B14155550123")) is [var only] ? only : null);
        Assert.Contains("no more texts", ((JsonElement)reply).GetProperty("text").GetString(), StringComparison.Ordinal);
        var inbox = site.Get<InboxStore>();
        Assert.Equal(2, (await inbox.ThreadAsync(phone.Value, default)).Count);
        Assert.Contains("Stop!", await GetAsync("/inbox/phones/" + phone.Value), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "evil.example.com", null, null)]
    [InlineData("GET", "127.0.0.1.evil.example.com", null, null)]
    [InlineData("POST", null, "https://evil.example.com", null)]
    [InlineData("POST", null, null, "cross-site")]
    [InlineData("DELETE", null, null, "same-site")]
    public async Task The_inbox_answers_neither_other_hosts_nor_other_sites(string method, string? host, string? origin, string? fetchSite)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), method == "POST" ? "/inbox/sms" : "/inbox/messages");
        if (method == "POST") request.Content = JsonContent.Create(new { from = "+14155550123", text = "STOP" });
        if (host is not null) request.Headers.Host = host;
        if (origin is not null) request.Headers.Add("Origin", origin);
        if (fetchSite is not null) request.Headers.Add("Sec-Fetch-Site", fetchSite);
        using var answer = await site.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task Emptying_the_inbox_takes_no_filter_that_it_would_pass_over()
    {
        using var answer = await site.Http.DeleteAsync(new Uri("/inbox/messages?to=ana@example.com", UriKind.Relative));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task R61_A_method_that_a_public_page_does_not_have_is_not_indexed_either()
    {
        using var answer = await site.Http.DeleteAsync(new Uri("/find", UriKind.Relative));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal("noindex", Assert.Single(answer.Headers.GetValues("X-Robots-Tag")));
    }

    [Theory]
    [InlineData("{\"from\":\"nobody\",\"text\":\"hi\"}", "from")]
    [InlineData("{\"from\":\"+14155550123\",\"text\":\"\"}", "text")]
    [InlineData("{\"from\":5}", "from")]
    [InlineData("{\"from\":\"+14155550123\",\"text\":\"hi\",\"phone\":1}", "phone")]
    [InlineData("{\"from\":\"+14155550123\",\"text\":\"hi\",\"to\":\"+14155550199\"}", "to")]
    [InlineData("[", "body")]
    public async Task A_reply_that_cannot_be_read_is_refused_naming_the_field(string body, string field)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await site.Http.PostAsync(new Uri("/inbox/sms", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains($"\"field\":\"{field}\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reply_that_is_neither_json_nor_a_form_is_refused_by_its_type()
    {
        using var content = new StringContent("{\"from\":\"+14155550123\",\"text\":\"hi\"}", System.Text.Encoding.UTF8, "text/plain");
        using var answer = await site.Http.PostAsync(new Uri("/inbox/sms", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
    }

    [Fact]
    public async Task What_the_pump_cannot_read_becomes_a_dead_letter_and_is_not_lost()
    {
        await site.Get<IWorkQueue>().EnqueueAsync(Queues.Inbound, "not json"u8.ToArray());
        var letters = await Poll.UntilAsync(
            async () =>
                await site.Get<DeadLetters>().ListAsync(Queues.Inbound, null, 10, default) is { Count: > 0 } found
                    ? found
                    : null);
        Assert.Equal("not json"u8.ToArray(), Assert.Single(letters).Letter.Body);
    }

    private async Task<JsonElement> SendAsync(string to, string topic)
    {
        var key = await site.PersonAsync(to);
        var id = site.Get<MessageIds>().New(key);
        await site.Get<SendQueue>().EnqueueAsync(
            new SendRequest
            {
                Id = id.ToString(),
                Channel = Channel.Email,
                To = to,
                Topic = topic,
                Data = JsonDocument.Parse(
                    $"{{\"title\":\"{site.Get<TopicCatalog>().Find(topic)!.Name}\"}}").RootElement,
                AcceptedAt = DateTimeOffset.UnixEpoch,
            },
            default);
        return (JsonElement)await Poll.UntilAsync<object>(
            async () =>
                (await ListAsync("to=" + to))
                    .Where(m => m.GetProperty("id").GetString() == id.ToString())
                    .Cast<object?>()
                    .FirstOrDefault());
    }

    private async Task<List<JsonElement>> ListAsync(string query) =>
        [.. JsonDocument.Parse(await GetAsync("/inbox/messages?" + query)).RootElement.EnumerateArray()];

    private async Task<string> GetAsync(string path) => await site.Http.GetStringAsync(new Uri(path, UriKind.Relative));
}
