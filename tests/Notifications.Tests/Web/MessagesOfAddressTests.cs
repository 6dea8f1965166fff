using System.Net;
using System.Text.Json;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Web;

/// <summary>Who was woken with an address in hand could only read messages whose ids somebody had kept.</summary>
public sealed class MessagesOfAddressTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task The_messages_of_an_address_are_listed_newest_first_page_by_page_with_their_receipts()
    {
        var ids = await SkippedAsync("list@messages.example", 5);
        await SkippedAsync("other@messages.example", 1);
        var seen = new List<string?>();
        var pages = 0;
        for (string? after = ""; after is not null; pages++)
        {
            var page = await product.GetAsync(
                $"/v1/messages?email=list@messages.example&limit=2{(after.Length == 0 ? "" : "&after=" + Uri.EscapeDataString(after))}");
            Assert.Equal(HttpStatusCode.OK, page.Status);
            foreach (var message in page.Json.GetProperty("messages").EnumerateArray())
            {
                seen.Add(message.GetProperty("id").GetString());
                Assert.Equal(
                    ("skipped", "no-consent", "newsletter"),
                    (message.GetProperty("status").GetString(), message.GetProperty("reason").GetString(),
                        message.GetProperty("topic").GetString()));
                Assert.Equal(JsonValueKind.Object, message.GetProperty("receipt").ValueKind);
            }

            Assert.DoesNotContain("messages.example", page.Text, StringComparison.Ordinal);
            after = page["next"];
        }

        Assert.Equal(3, pages);
        Assert.Equal(ids.AsEnumerable().Reverse(), seen);
    }

    [Fact]
    public async Task A_contact_has_the_messages_of_all_its_addresses_in_one_order()
    {
        await product.SendAsync(
            HttpMethod.Put, "/v1/contacts/lists-all",
            new { addresses = new object[] { new { email = "one@messages.example" }, new { phone = "+14155550171" } } });
        List<string?> ids = [.. await SkippedAsync("one@messages.example", 1), .. await SkippedAsync("+14155550171", 1)];
        ids.AddRange(await SkippedAsync("one@messages.example", 1));
        Assert.Equal(ids.AsEnumerable().Reverse(), await ListedAsync("contactId=lists-all"));
        Assert.Equal([ids[1]], await ListedAsync("phone=%2B14155550171"));
        Assert.Empty(await ListedAsync("email=nobody@messages.example"));
    }

    [Fact]
    public async Task Exactly_one_of_the_three_is_asked_for_and_a_page_by_what_the_one_before_it_gave()
    {
        Assert.Equal(["email"], (await product.GetAsync("/v1/messages")).Fields);
        Assert.Equal(["email"], (await product.GetAsync("/v1/messages?email=a@b.example&phone=%2B14155550171")).Fields);
        Assert.Equal(["contactId"], (await product.GetAsync("/v1/messages?email=a@b.example&contactId=x")).Fields);
        Assert.Equal(["contactId"], (await product.GetAsync("/v1/messages?contactId=nobody-of-this-id")).Fields);
        Assert.Equal(["limit", "after"], (await product.GetAsync("/v1/messages?email=a@b.example&limit=0&after=x")).Fields);
        using var wrong = product.ClientOf(await product.KeyAsync("contacts"));
        Assert.Equal(
            HttpStatusCode.Forbidden,
            (await ProductFixture.SendAsync(wrong, HttpMethod.Get, "/v1/messages?email=a@b.example", null)).Status);
    }

    [Fact]
    public async Task R66_A_record_that_no_key_opens_hides_no_other_and_is_named()
    {
        var ids = await SkippedAsync("shut@messages.example", 2);
        var key = ids[0]![..22];
        await product.Store.CommitAsync(Tables.Addresses, key, [RowChange.Put("message:shut", RawStorage.Shut)]);
        var page = await product.GetAsync("/v1/messages?email=shut@messages.example");
        Assert.Equal(2, page.Json.GetProperty("messages").GetArrayLength());
        Assert.Equal([$"addresses/{key}/message:shut"], page.Json.GetProperty("unreadable").EnumerateArray().Select(u => u.GetString()));
    }

    private async Task<List<string?>> ListedAsync(string query) =>
        [
            .. (await product.GetAsync("/v1/messages?" + query)).Json.GetProperty("messages")
                .EnumerateArray()
                .Select(m => m.GetProperty("id").GetString()),
        ];

    private async Task<List<string?>> SkippedAsync(string address, int count)
    {
        var ids = new List<string?>();
        for (var i = 0; i < count; i++)
        {
            product.Time.Advance(TimeSpan.FromSeconds(1));
            var to = new Dictionary<string, string> { [address[0] == '+' ? "phone" : "email"] = address };
            ids.Add((await product.PostAsync("/v1/messages", new { topic = "newsletter", to }))["id"]);
        }

        await product.WorkAsync();
        return ids;
    }
}
