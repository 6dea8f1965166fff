using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using Notifications.Templates;
using Notifications.Tests.Imports;
using Notifications.Tests.Infrastructure;
using PreMailer.Net.Downloaders;

namespace Notifications.Tests.Security;

/// <summary>Server-side request forgery (CWE-918): nothing that a caller names is ever asked for anything.</summary>
public sealed class ReachOutTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private static readonly string[] WaysOut =
        [
            "HttpClient", "HttpMessageInvoker", "SocketsHttpHandler", "HttpClientHandler", "WebRequest", "HttpWebRequest", "WebClient",
            "Socket", "TcpClient", "UdpClient", "ClientWebSocket", "SmtpClient", "Dns", "Ping", "Process",
        ];

    [Fact]
    public void Nothing_in_the_domain_or_the_web_layer_can_open_a_connection_or_start_a_program()
    {
        foreach (var assembly in new[] { typeof(CoreServices).Assembly, typeof(Notifications.Web.WebServices).Assembly })
            Assert.Empty(References(assembly).Intersect(WaysOut));
        // The phone of the laptop's inbox, which calls this very process: the list sees what is there.
        Assert.Contains("HttpClient", References(typeof(Notifications.Local.LocalOptions).Assembly));
    }

    [Fact]
    public async Task R64_No_address_in_a_template_an_event_a_mail_a_file_or_a_consent_is_ever_fetched()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/canary";
        string[] html =
        [
            $"<style>@import \"{url}/1.css\"; p {{ color: red }}</style><p>x</p>",
            $"<style>@import url('{url}/2.css') screen; p {{ color: red }}</style><p>x</p>",
            $"<style>@im/**/port \"{url}/3.css\"; p{{}}</style><p>x</p>", $"<STYLE>@IMPORT '{url}/4.css';</STYLE><p>x</p>",
            $"<link rel=\"stylesheet\" href=\"{url}/5.css\"><p>x</p>",
            $"<p style=\"background:url({url}/6.png)\">x</p>", $"<img src=\"{url}/7.png\" srcset=\"{url}/8.png 2x\">",
            $"<iframe src=\"{url}/9\"></iframe><object data=\"{url}/10\"></object><embed src=\"{url}/11\">",
            $"<svg><image href=\"{url}/12\"/><use href=\"{url}/13#x\"/></svg>",
            $"<base href=\"{url}/14/\"><img src=\"x.png\">", $"<meta http-equiv=\"refresh\" content=\"0;url={url}/15\">",
            $"<!DOCTYPE html SYSTEM \"{url}/16.dtd\"><p>x</p>", $"{{% include '{url}/17' %}}{{% render '{url}/18' %}}<p>x</p>",
            $"<style>@font-face {{ font-family: x; src: url({url}/19.woff) }} p {{ color: red }}</style><p>x</p>",
            $"<style>p {{ color: red }}</style><style media=\"screen\">@import \"{url}/20.css\";</style><p>x</p>",
            $"<style><!-- @import \"{url}/21.css\"; --></style><p>x</p>",
            $"<style>@charset \"x\"; @import\n\"{url}/22.css\";</style><p>x</p>",
        ];
        foreach (var markup in html)
        {
            var body = new
            {
                name = "reach",
                topic = "newsletter",
                channel = "email",
                locale = "en",
                subject = "s",
                html = markup + "<p>{{ unsubscribeUrl }}</p>",
                text = "t",
                layout = "standard",
            };
            foreach (var path in (string[])["/v1/templates", "/v1/templates/preview"])
                Assert.True((int)(await product.PostAsync(path, body)).Status < 500);
            await product.SendAsync(HttpMethod.Put, "/v1/templates/reach", body);
            await product.PostAsync(
                "/v1/messages",
                new
                {
                    topic = "package-updates",
                    to = new { email = "reach@example.com" },
                    content = new { subject = "s", text = url, html = markup },
                });
        }

        await product.PostAsync(
            "/v1/consents",
            new
            {
                email = "reach@example.com",
                topic = "newsletter",
                action = "opt-in",
                source = url,
                policyVersion = "1",
                wording = url,
                evidence = new { confirmed = true, url },
            });
        await product.PostAsync("/v1/messages", new { topic = "newsletter", to = new { email = "reach@example.com" }, template = "reach" });
        await product.PostAsync("/v1/messages", new { topic = "newsletter", to = new { email = "reach@example.com" }, template = url });
        foreach (var (data, type) in new (object, string)[]
        {
            (new { validationCode = "c", validationUrl = url }, "Microsoft.EventGrid.SubscriptionValidationEvent"),
            (new
            {
                MessageId = "m",
                From = "14155550100",
                To = "18005550100",
                Message = url,
                ReceivedTimestamp = "2026-11-24T12:00:00Z",
                callback = url,
            },
                "Microsoft.Communication.SMSReceived"),
        })
            await product.PostAsync(
                "/webhooks/eventgrid?secret=" + ProductFixture.WebhookSecret,
                new[]
                {
                    new
                    {
                        id = "e",
                        topic = url,
                        subject = url,
                        eventType = type,
                        eventTime = "2026-11-24T12:00:00Z",
                        dataVersion = "1.0",
                        data,
                    },
                });
        await product.UploadAsync(
            System.Text.Encoding.ASCII.GetBytes(
                $"From: a@example.com\r\nTo: unsubscribe@mail.example.com\r\nList-Unsubscribe: <{url}/mail>\r\nSubject: stop {url}\r\nContent-Type: text/html\r\n\r\n<img src=\"{url}/inbound.png\">"),
            "?secret=" + ProductFixture.WebhookSecret, type: "message/rfc822", path: "/webhooks/email");
        await product.UploadAsync(
            System.Text.Encoding.ASCII.GetBytes($"email,status,topic,source\n{url},unsubscribed,newsletter,{url}\n"), "?url=" + url);
        await product.WorkAsync();
        Assert.False(listener.Pending(), "Somebody knocked.");
    }

    [Fact]
    public void R64_The_style_inliner_has_nothing_to_fetch_with()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        RuntimeHelpers.RunClassConstructor(typeof(HtmlCompiler).TypeHandle);
        Assert.Equal(
            "",
            WebDownloader.SharedDownloader.DownloadString(
                new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/canary.css")));
        Assert.False(listener.Pending(), "Somebody knocked.");
    }

    private static HashSet<string> References(Assembly assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly.Location));
        var metadata = file.GetMetadataReader();
        return [.. metadata.TypeReferences.Select(r => metadata.GetString(metadata.GetTypeReference(r).Name))];
    }
}
