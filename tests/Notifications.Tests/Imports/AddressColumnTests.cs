using System.Text;
using Notifications.Tests.Infrastructure;
using static Notifications.Tests.Imports.ImportWorld;

namespace Notifications.Tests.Imports;

/// <summary>A column that holds email addresses and phone numbers, such as that of a campaign's recipients.</summary>
public sealed class AddressColumnTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Recipients = "messageId,address,status,reason,subject,complained,unsubscribed,opened,clicked\r\n";

    [Fact]
    public async Task The_recipients_of_a_campaign_are_recognised_and_what_came_of_a_message_raises_and_lowers_nothing()
    {
        const string file = Recipients
            + "k.s,ana@recipients.example,delivered,allowed,1,false,false,false,false\r\nk.t,+14155550177,bounced,allowed,1,false,false,false,false\r\n";
        var import = await product.ImportAsync(file, "?topic=newsletter");
        Assert.Equal(("recipients", (2, 0, 2, 0)), (import.GetProperty("shape").GetString(), import.Counts()));
        Assert.All(await product.ErrorsAsync(import), e => Assert.Contains(",source,\"is missing", e, StringComparison.Ordinal));
        Assert.Equal((2, 2, 0, 2), (await product.ImportAsync(file, "?topic=newsletter&status=unsubscribed")).Counts());
        Assert.Equal("unsubscribed", await product.StatusAsync("ana@recipients.example"));
        Assert.Equal("unsubscribed", await product.StatusAsync("+14155550177"));
    }

    [Fact]
    public async Task An_address_is_read_as_what_it_is_and_its_column_is_the_one_to_blame()
    {
        var import = await product.ImportAsync(
            "address,status\n+ana@plus.example,bounced\n+14155550178,bounced\nnobody,bounced\n12,bounced\n");
        Assert.Equal((4, 2, 2, 2), import.Counts());
        Assert.Equal("bounce", await product.BlockedAsync("+14155550178"));
        Assert.Equal(
            "bounce",
            (await product.GetAsync("/v1/preferences?email=%2Bana@plus.example")).Json
                .GetProperty("suppression")
                .GetProperty("reason")
                .GetString());
        Assert.All(await product.ErrorsAsync(import), e => Assert.Equal("address", e.Split(',')[1]));
        Assert.Equal((1, 1, 0, 1), (await product.ImportAsync("Who,status\nben@plus.example,bounced\n", "?map.address=Who")).Counts());
    }

    [Fact]
    public async Task Beside_an_email_column_an_address_is_where_somebody_lives()
    {
        var import = await product.ImportAsync("email,address,status\nana@home.example,\"7 Elm Street, Springfield\",bounced\n");
        Assert.Equal((1, 1, 0, 1), import.Counts());
    }

    [Fact]
    public async Task R34_The_row_of_an_erased_phone_blames_the_column_that_the_phone_stands_in()
    {
        await product.PostAsync("/v1/privacy/requests", new { type = "erasure", phone = "+14155550179" });
        var import = await product.ImportAsync(
            Header + ",+14155550179,newsletter,sms,subscribed,form,2026-01,Yes,2026-03-01T10:00:00Z,203.0.113.7,,,,\n");
        Assert.StartsWith("2,phone,", Assert.Single(await product.ErrorsAsync(import)), StringComparison.Ordinal);
        import = await product.ImportAsync(
            "address,topic,status,source,policyVersion,wording,at,ip\n+14155550179,newsletter,subscribed,form,2026-01,Yes,2026-03-01T10:00:00Z,203.0.113.7\n");
        Assert.StartsWith("2,address,", Assert.Single(await product.ErrorsAsync(import)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_without_addresses_is_told_of_each_way_to_name_their_column()
    {
        var accepted = await product.UploadAsync(Encoding.UTF8.GetBytes("who,status\nana@none.example,bounced\n"));
        Assert.Contains(
            "'email', 'phone' or 'address'", accepted.Text.Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("map.address", accepted.Text, StringComparison.Ordinal);
    }
}
