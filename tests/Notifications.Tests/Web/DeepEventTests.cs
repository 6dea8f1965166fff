using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Notifications.Access;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Web;

/// <summary>A delivery with one event that nests deeper than the parser goes was refused as a whole, with the STOP beside it.</summary>
public sealed class DeepEventTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private static string Nested(int levels) =>
        $$"""{"id":"deep{{levels}}","eventType":"t","eventTime":"2026-11-24T12:00:00Z","data":{{Data(levels - 1)}} }""";

    private static string Data(int levels) =>
        string.Concat(Enumerable.Repeat("{\"a\":", levels - 1)) + "{}" + new string('}', levels - 1);

    [Theory]
    [InlineData(65, "14155552101")]
    [InlineData(5000, "14155552102")]
    [InlineData(150_000, "14155552103")]
    public async Task R65_R43_An_event_that_nests_deeper_than_anybody_reads_takes_no_STOP_with_it(int levels, string phone)
    {
        var stop =
            $$"""{"id":"{{phone}}","topic":"/t","subject":"","data":{"From":"{{phone}}","To":"18005550100","Message":"STOP"},"eventType":"Microsoft.Communication.SMSReceived","dataVersion":"1.0","metadataVersion":"1","eventTime":"2026-11-24T12:00:00Z"}""";
        var before = await CausesAsync();
        using var taken = await SendAsync($"[{Nested(levels)}, {stop}]");
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        await product.WorkAsync();
        var ledger = (await product.GetAsync("/v1/consents?phone=+" + phone)).Json.GetProperty("entries");
        Assert.Equal("stop-all", Assert.Single(ledger.EnumerateArray()).GetProperty("action").GetString());
        var causes = await CausesAsync();
        Assert.Equal(before.Count + 1, causes.Count);
        Assert.All(causes, c => Assert.Contains("[0] must nest at most 64 deep", c, StringComparison.Ordinal));
        var console = await product.SignedInAsync("otto" + levels, Scope.All);
        Assert.Equal(HttpStatusCode.OK, (await console.GetAsync("/console/dead-letters?queue=inbound")).Status);

        // One that comes alone is refused, and Event Grid lays it down.
        using var alone = await SendAsync(Nested(levels));
        Assert.Equal(HttpStatusCode.BadRequest, alone.StatusCode);
        Assert.Equal(
            "body must nest at most 64 deep.",
            JsonElement.Parse(await alone.Content.ReadAsStringAsync()).GetProperty("detail").GetString());

        // As deep as it is read from the queue it is taken.
        using var deepest = await SendAsync($"[{Nested(64)}]");
        Assert.Equal(HttpStatusCode.OK, deepest.StatusCode);
        await product.WorkAsync();
        Assert.Equal(causes.Count, (await CausesAsync()).Count);
    }

    private async Task<List<string>> CausesAsync() =>
        [
            .. (await product.GetAsync("/v1/dead-letters?queue=inbound")).Json
                .GetProperty("deadLetters")
                .EnumerateArray()
                .Select(l => l.GetProperty("cause").GetString()!),
        ];

    private async Task<HttpResponseMessage> SendAsync(string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/eventgrid?secret=" + ProductFixture.WebhookSecret)
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body))
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
            },
        };
        return await product.Anonymous.SendAsync(request);
    }
}
