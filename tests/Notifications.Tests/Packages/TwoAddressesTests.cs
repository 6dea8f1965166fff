using System.Net;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Packages;

/// <summary>A stop that named one address in the query and another in the body was answered as done, and done for one of them.</summary>
public sealed class TwoAddressesTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Path = "/v1/packages/RA123456785GB/watches";

    [Fact]
    public async Task M4_A_stop_with_an_address_in_the_query_and_one_in_the_body_is_refused_and_each_by_itself_is_done()
    {
        foreach (var email in (string[])["query@example.com", "body@example.com"])
            Assert.Equal(
                HttpStatusCode.OK,
                (await product.PostAsync(
                    Path, new { email, source = "shop", wording = "Yes.", evidence = new { confirmed = true } })).Status);
        foreach (var query in (string[])["email=query@example.com", "phone=%2B14155550123"])
        {
            var both = await product.SendAsync(HttpMethod.Delete, Path + "?" + query, new { email = "body@example.com" });
            Assert.Equal((HttpStatusCode.BadRequest, query.Split('=')[0]), (both.Status, string.Join(' ', both.Fields)));
        }

        Assert.Equal(("allow", "allow"), (await DecisionAsync("query@example.com"), await DecisionAsync("body@example.com")));
        Assert.Equal(
            HttpStatusCode.NoContent,
            (await product.SendAsync(HttpMethod.Delete, Path + "?email=query@example.com", new { source = "phone" })).Status);
        Assert.Equal(("skip", "allow"), (await DecisionAsync("query@example.com"), await DecisionAsync("body@example.com")));
        Assert.Equal(
            HttpStatusCode.NoContent, (await product.SendAsync(HttpMethod.Delete, Path, new { email = "body@example.com" })).Status);
        Assert.Equal("skip", await DecisionAsync("body@example.com"));
    }

    private async Task<string?> DecisionAsync(string email) =>
        (await product.GetAsync($"/v1/explain?email={email}&topic=package-updates"))["decision"];
}
