using System.Net;
using System.Text;
using System.Text.Json;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Storage;

namespace Notifications.Tests.Product;

/// <summary>
/// What the README promises, with nothing but HTTP: consent in, check before send, one click out. Once on the product's own file and once
/// with --storage pointed at Azurite.
/// </summary>
[Collection(Azurite.Collection)]
public sealed class JourneyTests(Azurite azurite) : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("notifications-journey-").FullName;
    private readonly string _prefix = Azurite.Prefix();

    [Theory, OnSqlite, OnAzurite]
    public async Task P2_P3_P4_A_newsletter_arrives_is_unsubscribed_with_one_click_and_is_refused_with_its_receipt(Storage.Backend backend)
    {
        await using var host = await StartAsync(backend);
        const string ana = "ana@example.com";
        await OptInAsync(host, new { email = ana, topic = "newsletter" });
        await OptInAsync(host, new { email = ana, topic = "package-updates" });

        var first = await host.DeliverAsync(
            new { topic = "newsletter", to = new { email = ana }, data = new { subject = "Autumn news", intro = "What is new." } });
        Assert.Equal("sent", first.GetProperty("status").GetString());

        var mail = await host.NewestForAsync(ana);
        var headers = mail.GetProperty("headers");
        Assert.Equal("List-Unsubscribe=One-Click", Header(headers, "List-Unsubscribe-Post"));
        var link = new Uri(Header(headers, "List-Unsubscribe").Split('>')[0].TrimStart('<'));

        var before = await Ledger(host, "email", ana);
        for (var i = 0; i < 3; i++) Assert.Equal(HttpStatusCode.OK, (await host.Http.GetAsync(link.PathAndQuery)).StatusCode);
        using (var head = new HttpRequestMessage(
            HttpMethod.Head, link.PathAndQuery)) Assert.Equal(HttpStatusCode.OK, (await host.Http.SendAsync(head)).StatusCode);
        Assert.Equal(before.Length, (await Ledger(host, "email", ana)).Length);

        using var bare = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = host.Http.BaseAddress,
        };
        using var oneClick = await bare.PostAsync(
            link.PathAndQuery, new StringContent("List-Unsubscribe=One-Click", Encoding.ASCII, "application/x-www-form-urlencoded"));
        Assert.Equal(HttpStatusCode.OK, oneClick.StatusCode);
        Assert.False(oneClick.Headers.Contains("Set-Cookie"));
        using var multipart = new MultipartFormDataContent("a quoted boundary") { { new StringContent("One-Click"), "List-Unsubscribe" } };
        Assert.Equal(HttpStatusCode.OK, (await bare.PostAsync(link.PathAndQuery, multipart)).StatusCode);
        var after = await Ledger(host, "email", ana);
        Assert.Equal(before.Length + 1, after.Length);
        Assert.Equal("opt-out", after[^1].GetProperty("action").GetString());

        var second = await host.DeliverAsync(
            new { topic = "newsletter", to = new { email = ana }, data = new { subject = "Winter news" } });
        Assert.Equal("skipped", second.GetProperty("status").GetString());
        Assert.Equal("unsubscribed", second.GetProperty("reason").GetString());
        var receipt = second.GetProperty("receipt");
        Assert.Equal(after.Length, receipt.GetProperty("ledgerSeq").GetInt64());
        Assert.Equal(after[^1].GetProperty("hash").GetString(), receipt.GetProperty("ledgerHash").GetString());
        Assert.Contains(
            receipt.GetProperty("rules").EnumerateArray(),
            r => r.GetProperty("rule").GetString() == "subscription" && r.GetProperty("result").GetString() == "unsubscribed");

        var parcel = await host.DeliverAsync(
            new
            {
                topic = "package-updates",
                to = new { email = ana },
                trackingNumber = "RA123456785GB",
                data = new { status = "Out for delivery" },
            });
        Assert.Equal("sent", parcel.GetProperty("status").GetString());
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task R43_R44_STOP_by_text_is_confirmed_once_and_the_next_text_is_refused(Storage.Backend backend)
    {
        await using var host = await StartAsync(backend);
        const string phone = "+14155552671";
        await OptInAsync(host, new { phone, topic = "package-updates" });
        Assert.Equal(
            "sent",
            (await host.DeliverAsync(new { topic = "package-updates", to = new { phone }, data = new { status = "In transit" } }))
                .GetProperty("status")
                .GetString());

        var (status, _) = await host.PostAsync("/inbox/sms", new { from = phone, text = "Stop!" });
        Assert.True((int)status is 200 or 202 or 204, status.ToString());
        await Poll.UntilAsync(
            async () => (await Ledger(host, "phone", phone)).Any(e => e.GetProperty("action").GetString() == "stop-all"),
            "STOP reaches the ledger");
        await Poll.UntilAsync(
            async () =>
                (await host.NewestForAsync(phone))
                    .GetProperty("text")
                    .GetString()!.Contains("no more texts", StringComparison.OrdinalIgnoreCase),
            "STOP is confirmed");
        // As an operator looks for it (operate.md, On a small server).
        Assert.Contains(host.Output.Split('\n'), static l => l.Contains("Z info TextHandled: Inbound text ", StringComparison.Ordinal));

        var next = await host.DeliverAsync(new { topic = "package-updates", to = new { phone }, data = new { status = "Delivered" } });
        Assert.Equal("skipped", next.GetProperty("status").GetString());
        Assert.Equal("unsubscribed", next.GetProperty("reason").GetString());
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task P5_The_same_Idempotency_Key_gives_the_same_message_also_after_a_restart(Storage.Backend backend)
    {
        var message = new { topic = "package-updates", to = new { email = "ben@example.com" }, data = new { status = "In transit" } };
        string first;
        await using (var host = await StartAsync(backend))
        {
            await OptInAsync(host, new { email = "ben@example.com", topic = "package-updates" });
            first = (await host.PostAsync("/v1/messages", message, "order-1")).Body.GetProperty("id").GetString()!;
            await host.EndOfAsync(first);
        }

        await using var again = await StartAsync(backend);
        var (status, repeated) = await again.PostAsync("/v1/messages", message, "order-1");
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal(first, repeated.GetProperty("id").GetString());
        Assert.Equal(
            HttpStatusCode.UnprocessableEntity,
            (await again.PostAsync("/v1/messages", message with { topic = "newsletter" }, "order-1")).Status);
        var inbox = await again.GetAsync("/inbox/messages?to=ben@example.com");
        Assert.Equal(1, (inbox.ValueKind == JsonValueKind.Array ? inbox : inbox.GetProperty("messages")).GetArrayLength());
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private async Task<LocalProcess> StartAsync(Storage.Backend backend) =>
        backend == Storage.Backend.Sqlite
            ? await LocalProcess.StartAsync(_data)
            : await LocalProcess.StartAsync(_data, "--storage", await azurite.ConnectionAsync(), "--storage-prefix", _prefix);

    internal static async Task OptInAsync(LocalProcess host, object who)
    {
        var body = JsonSerializer.SerializeToNode(who)!.AsObject();
        body["action"] = "opt-in";
        body["source"] = "signup-form";
        body["policyVersion"] = "2026-01";
        body["wording"] = "Yes, send me this.";
        body["evidence"] = JsonSerializer.SerializeToNode(new { confirmed = true, ip = "203.0.113.7" });
        var (status, answer) = await host.PostAsync("/v1/consents", body);
        Assert.True((int)status is >= 200 and < 300, $"{status}: {answer}");
    }

    private static async Task<JsonElement[]> Ledger(LocalProcess host, string kind, string address)
    {
        var ledger = await host.GetAsync($"/v1/consents?{kind}={Uri.EscapeDataString(address)}");
        Assert.True(ledger.GetProperty("verified").GetBoolean());
        return [.. ledger.GetProperty("entries").EnumerateArray()];
    }

    private static string Header(JsonElement headers, string name) => headers.ValueKind == JsonValueKind.Object
        ? headers.EnumerateObject().Single(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value.ToString()
        : headers.EnumerateArray()
            .Single(h => h.GetProperty("name").GetString()!.Equals(name, StringComparison.OrdinalIgnoreCase))
            .GetProperty("value")
            .GetString()!;
}
