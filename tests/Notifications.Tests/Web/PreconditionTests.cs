using System.Net;
using Microsoft.AspNetCore.Routing;
using Notifications.Tests.Infrastructure;
using Notifications.Web.Http;

namespace Notifications.Tests.Web;

/// <summary>A precondition that a route does not heed is refused: passed over, what it is there to prevent would be done.</summary>
public sealed class PreconditionTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task P5_Every_route_that_changes_something_heeds_a_precondition_or_refuses_it_and_its_description_says_which()
    {
        var document = (await product.GetAsync("/openapi/v1.json")).Json.GetProperty("paths");
        var (refused, heeded) = (0, 0);
        foreach (var route in product.Routes)
        {
            var method = route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods[0];
            if (route.Metadata.GetMetadata<ApiDoc>() is not { } doc || method is null or "GET") continue;
            var pattern = route.RoutePattern.RawText!;
            var described = document.GetProperty(pattern).GetProperty(method.ToLowerInvariant());
            var headers = described.TryGetProperty("parameters", out var all)
                ? all.EnumerateArray().Select(p => p.GetProperty("name").GetString()).ToList()
                : [];
            foreach (var (name, heeds) in new[]
            {
                ("If-Match", doc.NeedsIfMatch || doc.HeedsIfMatch), ("If-None-Match", doc.HeedsIfNoneMatch),
            })
            {
                Assert.Equal(heeds, headers.Contains(name));
                using var request = new HttpRequestMessage(
                    new HttpMethod(method), string.Join('/', pattern.Split('/').Select(s => s.StartsWith('{') ? "x1" : s)));
                request.Headers.TryAddWithoutValidation(name, "*");
                using var answer = await product.Http.SendAsync(request);
                var text = await answer.Content.ReadAsStringAsync();
                var no = answer.StatusCode == HttpStatusCode.BadRequest
                    && text.Contains(name + " is not heeded", StringComparison.Ordinal);
                Assert.True(heeds != no, $"{method} {pattern} {name}: {text}");
                if (heeds) heeded++;
                else refused++;
            }
        }

        Assert.True(refused > 60 && heeded >= 7, $"{refused} {heeded}");
    }

    [Fact]
    public async Task A_read_is_answered_whole_whatever_it_names_as_the_description_says()
    {
        var made = await product.PostAsync("/v1/segments", new { name = "whole", filter = new { locale = "de" } });
        foreach (var (name, tag) in new[] { ("If-None-Match", made.Headers.ETag!.Tag), ("If-Match", "\"999\"") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/segments/" + made["id"]);
            request.Headers.TryAddWithoutValidation(name, tag);
            using var answer = await product.Http.SendAsync(request);
            Assert.Equal((HttpStatusCode.OK, made.Headers.ETag), (answer.StatusCode, answer.Headers.ETag));
            Assert.NotEmpty(await answer.Content.ReadAsStringAsync());
        }

        var said = (await product.GetAsync("/openapi/v1.json")).Json.GetProperty("info").GetProperty("description").GetString();
        Assert.Contains("What changes something refuses If-Match and If-None-Match", said, StringComparison.Ordinal);
        Assert.Contains("a read does not heed them", said, StringComparison.Ordinal);
    }
}
