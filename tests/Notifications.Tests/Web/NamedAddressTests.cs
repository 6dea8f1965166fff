using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Web;

/// <summary>Requests that are about a person: what is said where none is named, or an address is none.</summary>
public sealed class NamedAddressTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task RFC_9457_Where_a_contact_may_be_named_the_error_says_so()
    {
        const string rule = "or phone or contactId is required";
        Assert.Equal(rule, ErrorOf(await product.GetAsync("/v1/messages"), "email"));
        Assert.Equal(rule, ErrorOf(await product.PostAsync("/v1/privacy/requests", """{"type":"access"}"""), "email"));
        Assert.Equal("or phone is required", ErrorOf(await product.GetAsync("/v1/preferences"), "email"));
        Assert.Equal(
            "or phone or address is required", ErrorOf(await PutAsync("""{"addresses":[{"channel":"email"}]}"""), "addresses[0].email"));
    }

    [Theory]
    [InlineData("email", "+1415", "must be one email address")]
    [InlineData("sms", "nobody", "must be one phone number")]
    [InlineData(null, "+1415", "must be one phone number")]
    [InlineData(null, "nobody", "must be one email address")]
    public async Task RFC_9457_An_address_that_is_none_is_told_what_its_channel_asks_for(string? channel, string address, string says) =>
        Assert.StartsWith(
            says,
            ErrorOf(
                await PutAsync($$"""{"addresses":[{"channel":{{(channel is null ? "null" : $"\"{channel}\"")}},"address":"{{address}}"}]}"""),
                "addresses[0].address"),
            StringComparison.Ordinal);

    private Task<Reply> PutAsync(string body) => product.SendAsync(HttpMethod.Put, "/v1/contacts/c-named", body);

    private static string? ErrorOf(Reply reply, string field) => reply.Json.GetProperty("errors")
        .EnumerateArray()
        .Single(e => e.GetProperty("field").GetString() == field)
        .GetProperty("message")
        .GetString();
}
