using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Notifications.Consent;
using Notifications.Tests.Unsubscribe;

namespace Notifications.Tests.Security;

/// <summary>Clients that say a little and then nothing, to hold connections that others need.</summary>
public sealed class SlowClientTests(PublicSite site) : IClassFixture<PublicSite>
{
    [Fact]
    public void Every_limit_on_slowness_is_set()
    {
        var limits = site.Get<IOptions<KestrelServerOptions>>().Value.Limits;
        Assert.True(limits.RequestHeadersTimeout <= TimeSpan.FromSeconds(10));
        Assert.True(limits.KeepAliveTimeout <= TimeSpan.FromMinutes(2));
        Assert.All(
            [limits.MinRequestBodyDataRate, limits.MinResponseDataRate],
            rate => Assert.True(rate is { BytesPerSecond: >= 240 } && rate.GracePeriod <= TimeSpan.FromSeconds(5)));
        Assert.True(
            limits.MaxRequestHeadersTotalSize <= 32 * 1024
                && limits.MaxRequestHeaderCount <= 100
                && limits.MaxRequestLineSize <= 8 * 1024
                && limits.MaxRequestBodySize <= 64 * 1024 * 1024);
    }

    [Fact]
    public async Task A_hundred_clients_that_stall_are_hung_up_on_and_hold_up_nobody()
    {
        var key = await site.PersonAsync("slow@example.com");
        var path = site.UnsubscribePath(key, TopicKey.Newsletter);
        var clients = new List<(TcpClient Client, string Kind)>();
        try
        {
            for (var i = 0; i < 50; i++)
            {
                clients.Add((await SayAsync("POST " + path + " HTTP/1.1\r\nHost: x\r\nX-Slow: "), "headers"));
                clients.Add(
                    (await SayAsync(
                        "POST "
                        + path
                        + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 26\r\n\r\nList-"),
                        "body"));
            }

            // Somebody else meanwhile.
            var began = Stopwatch.GetTimestamp();
            using (var content = new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]))
            using (var answer = await site.Http.PostAsync(
                new Uri(path, UriKind.Relative), content)) Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(5));

            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(40));
            await Task.WhenAll(clients.Select(async c => await EndAsync(c.Client, deadline.Token)));
        }
        finally
        {
            foreach (var (client, _) in clients) client.Dispose();
        }
    }

    private async Task<TcpClient> SayAsync(string some)
    {
        var client = new TcpClient();
        await client.ConnectAsync(site.Url.Host, site.Url.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(some));
        return client;
    }

    /// <summary>Reads to the end of the connection; the deadline fails the test.</summary>
    private static async Task EndAsync(TcpClient client, CancellationToken deadline)
    {
        var buffer = new byte[4096];
        try
        {
            while (await client.GetStream().ReadAsync(buffer, deadline) > 0)
            {
            }
        }
        catch (IOException)
        {
            // Reset: hung up on too.
        }
    }
}
