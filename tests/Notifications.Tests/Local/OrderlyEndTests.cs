using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Notifications.Sending;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Product;
using Notifications.Tests.Unsubscribe;

namespace Notifications.Tests.Local;

/// <summary>A process that is told to end does so in order, whoever is looking at a page of it.</summary>
public sealed class OrderlyEndTests(PublicSite site) : IClassFixture<PublicSite>, IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("notifications-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void P5_What_is_being_handed_off_has_its_whole_time_to_end_beside_whoever_is_being_answered()
    {
        var host = site.Get<IOptions<HostOptions>>().Value;
        Assert.True(host.ServicesStopConcurrently);
        Assert.True(host.ShutdownTimeout >= site.Get<SendingOptions>().HandOffTimeout + TimeSpan.FromSeconds(10));
        Assert.True(host.ShutdownTimeout < TimeSpan.FromSeconds(60)); // What docs/operate.md wants to be allowed.
    }

    [Fact]
    public async Task P5_A_page_of_a_campaign_that_stands_open_does_not_hold_up_the_end()
    {
        await using var host = await LocalProcess.StartAsync(_directory.FullName);
        foreach (var name in (string[])["ana", "bea", "cem"])
            await host.PostAsync(
                "/v1/consents",
                new
                {
                    email = name + "@end.example", topic = "newsletter", action = "opt-in", source = "form", wording = "yes",
                    evidence = new { confirmed = true },
                });
        var (status, campaign) = await host.PostAsync(
            "/v1/campaigns",
            new { name = "Open", topic = "newsletter", channel = "email", template = "newsletter", throttle = new { perHour = 1 } });
        Assert.Equal(HttpStatusCode.Created, status);
        var id = campaign.GetProperty("id").GetString();
        Assert.Equal(HttpStatusCode.OK, (await host.PostAsync($"/v1/campaigns/{id}/launch", new { })).Status);
        Assert.Equal(HttpStatusCode.OK, (await host.PostAsync($"/v1/campaigns/{id}/pause", new { })).Status);

        var browser = new ConsoleClient(host.Http);
        await browser.SignInAsync(LocalProcess.ApiKey);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/console/campaigns/{id}/live");
        request.Headers.TryAddWithoutValidation("Cookie", "console=" + browser.Cookie);
        using var live = await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", live.Content.Headers.ContentType!.MediaType);
        await using var events = await live.Content.ReadAsStreamAsync();
        await events.ReadExactlyAsync(new byte[20]);

        var began = Stopwatch.GetTimestamp();
        Assert.Equal(0, await host.EndAsync());
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(15), Stopwatch.GetElapsedTime(began).ToString());
        Assert.DoesNotContain("xception", host.Output, StringComparison.Ordinal);
    }
}
