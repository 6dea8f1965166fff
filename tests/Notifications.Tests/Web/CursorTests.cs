using System.Net;
using Notifications.Campaigns;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Web;

/// <summary>A broken cursor is refused: it would end the list, and the rest would be missed without a word.</summary>
public sealed class CursorTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData("/v1/campaigns")]
    [InlineData("/v1/imports")]
    [InlineData("/v1/privacy/requests")]
    [InlineData("/v1/review")]
    [InlineData("/v1/campaigns/0123456789abcdef/recipients")]
    public async Task A_cursor_of_another_shape_is_refused(string path)
    {
        foreach (var after in (string[])["x", "", "1234567-1", "zzzzzzz-00", "8204123456789-0123456789abcdef0", "00179600000000a-01234567"])
        {
            if (after == "1234567-1" && path.EndsWith("recipients", StringComparison.Ordinal)) continue; // One of theirs.
            var reply = await product.GetAsync($"{path}?after={after}");
            Assert.True(reply.Status == HttpStatusCode.BadRequest, $"{path} {after}: {reply.Text}");
            Assert.Equal(["after"], reply.Fields);
        }
    }

    [Theory]
    [InlineData("A000012-7", true)]
    [InlineData("_000012-100", true)]
    [InlineData("A00001x-7", false)]
    [InlineData("A000012-", false)]
    [InlineData("A000012-+7", false)]
    [InlineData("$000012-7", false)]
    public void A_position_among_recipients_is_a_batch_and_a_place_in_it(string text, bool is_) =>
        Assert.Equal(is_, CampaignRecipients.IsPosition(text));

    [Fact]
    public async Task The_cursors_that_lists_give_are_taken()
    {
        for (var i = 0; i < 2; i++)
        {
            product.Time.Advance(TimeSpan.FromSeconds(1));
            await product.PostAsync(
                "/v1/campaigns", new { name = "C" + i, topic = "newsletter", channel = "email", template = "newsletter" });
            await product.PostAsync("/v1/privacy/requests", new { type = "access", email = $"c{i}@cursor.example" });
        }

        foreach (var path in (string[])["/v1/campaigns", "/v1/privacy/requests"])
            Assert.Equal(
                HttpStatusCode.OK,
                (await product.GetAsync($"{path}?limit=1&after={(await product.GetAsync(path + "?limit=1"))["next"]}")).Status);
    }
}
