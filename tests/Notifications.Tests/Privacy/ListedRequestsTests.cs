using System.Net;
using Notifications.Contacts;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Privacy;

/// <summary>The list of requests, of everybody or of one person.</summary>
public sealed class ListedRequestsTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R31_The_requests_of_one_address_or_contact_are_listed_by_it_page_by_page_also_after_an_erasure()
    {
        await product.Get<ContactDesk>().PutAsync(
            "listed", "Ana", null, null, [CoreProduct.Email("listed@example.com")], "service:x", default);
        var first = await OpenAsync(new { type = "access", email = "listed@example.com" });
        await OpenAsync(new { type = "access", email = "other@example.com" });
        var second = await OpenAsync(new { type = "objection", contactId = "listed" });
        var third = await OpenAsync(new { type = "objection", phone = "+14155550190" });

        Assert.Equal([first, second], await IdsAsync("email=listed@example.com"));
        Assert.Equal([first, second], await IdsAsync("contactId=listed"));
        Assert.Equal([third], await IdsAsync("phone=%2B14155550190"));
        Assert.Empty(await IdsAsync("email=nobody@example.com"));
        Assert.True((await IdsAsync("")).Count >= 4);
        Assert.Equal([first], await IdsAsync("email=listed@example.com&limit=1"));
        Assert.Equal([second], await IdsAsync("email=listed@example.com&limit=1&after=" + first));
        Assert.Contains(
            "contactId", (await product.GetAsync("/v1/privacy/requests?email=listed@example.com&contactId=listed")).Fields);

        var erasure = await OpenAsync(new { type = "erasure", email = "other@example.com" });
        Assert.Contains(erasure, await IdsAsync("email=other@example.com"));
    }

    private async Task<string> OpenAsync(object body)
    {
        product.Time.Advance(TimeSpan.FromSeconds(1));
        var opened = await product.PostAsync("/v1/privacy/requests", body);
        Assert.Equal(HttpStatusCode.Created, opened.Status);
        return opened["id"]!;
    }

    private async Task<List<string>> IdsAsync(string query) =>
        [
            .. (await product.GetAsync("/v1/privacy/requests?" + query)).Json.GetProperty("requests")
                .EnumerateArray()
                .Select(r => r.GetProperty("id").GetString()!),
        ];
}
