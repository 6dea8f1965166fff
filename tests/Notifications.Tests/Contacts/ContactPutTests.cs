using System.Net;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Contacts;

/// <summary>What a PUT does with what its body leaves out, as its description says.</summary>
public sealed class ContactPutTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task M8_What_a_PUT_leaves_out_is_emptied_but_addresses_and_tags_stay_and_an_empty_list_takes_them_away()
    {
        var mail = CoreProduct.Email("put@example.com");
        await PutAsync(
            new
            {
                name = "Ana",
                locale = "pt",
                timeZone = "Europe/Lisbon",
                tags = new[] { "vip" },
                addresses = new[] { new { email = mail.Value } },
            });
        var less = await PutAsync(new { });
        Assert.Equal((null, null, null), (less["name"], less["locale"], less["timeZone"]));
        Assert.Equal("vip", Assert.Single(less.Json.GetProperty("tags").EnumerateArray()).GetString());
        Assert.Single(less.Json.GetProperty("addresses").EnumerateArray());
        var state = (await product.StateAsync(mail))!;
        Assert.Equal(("pt", "Europe/Lisbon"), (state.Locale, state.TimeZone)); // The address keeps what it has.
        var none = await PutAsync(new { addresses = Array.Empty<object>(), tags = Array.Empty<string>() });
        Assert.Empty(none.Json.GetProperty("addresses").EnumerateArray());
        Assert.Empty(none.Json.GetProperty("tags").EnumerateArray());
        Assert.Null((await product.StateAsync(mail))!.ContactId);
        var put = (await product.GetAsync("/openapi/v1.json")).Json
            .GetProperty("paths").GetProperty("/v1/contacts/{id}").GetProperty("put").GetProperty("description").GetString();
        Assert.Contains("a name, locale or timeZone that is left out is emptied", put, StringComparison.Ordinal);
    }

    private async Task<Reply> PutAsync(object contact)
    {
        var reply = await product.SendAsync(HttpMethod.Put, "/v1/contacts/put-1", contact);
        Assert.True(reply.Status is HttpStatusCode.OK or HttpStatusCode.Created, reply.Text);
        return reply;
    }
}
