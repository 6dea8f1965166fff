using System.Net;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Contacts;

/// <summary>
/// A message to a contact waited for its day, and went to an address that the contact had left meanwhile, which may be somebody else's.
/// </summary>
public sealed class LeftAddressMessageTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R33_A_message_to_a_contact_is_not_sent_to_an_address_that_left_it_before_its_time()
    {
        foreach (var email in (string[])["kept@left.example", "gone@left.example"]) await AgreeAsync(email);
        var both = new object[] { new { email = "kept@left.example" }, new { email = "gone@left.example" } };
        await product.SendAsync(HttpMethod.Put, "/v1/contacts/left-by-one", new { addresses = both });
        var sendAt = product.Time.GetUtcNow().AddMinutes(5);
        var queued = await product.PostAsync(
            "/v1/messages", new { topic = "newsletter", to = new { contactId = "left-by-one" }, sendAt, data = new { subject = "Later" } });
        Assert.Equal(HttpStatusCode.Accepted, queued.Status);

        await product.SendAsync(HttpMethod.Put, "/v1/contacts/left-by-one", new { addresses = both[..1] });
        product.Time.Advance(TimeSpan.FromMinutes(6));
        await product.WorkAsync();

        Assert.Equal(["kept@left.example"], product.Sent.Emails.Where(e => e.Subject == "Later").Select(e => e.To));
        var told = new List<(string?, string?)>();
        foreach (var message in queued.Json.GetProperty("messages").EnumerateArray())
        {
            var found = await product.GetAsync("/v1/messages/" + message.GetProperty("id").GetString());
            told.Add((found["status"], found["reason"]));
        }

        Assert.Equal([("sent", "allowed"), ("skipped", "not-selected")], told.Order());

        // The address itself may still be written to.
        await product.PostAsync(
            "/v1/messages", new { topic = "newsletter", to = new { email = "gone@left.example" }, data = new { subject = "Itself" } });
        await product.WorkAsync();
        Assert.Contains(product.Sent.Emails, e => e.To == "gone@left.example" && e.Subject == "Itself");
    }

    [Fact]
    public async Task P2_Why_it_was_not_sent_is_told_in_words()
    {
        await AgreeAsync("words@left.example");
        await product.SendAsync(
            HttpMethod.Put, "/v1/contacts/left-words", new { addresses = new[] { new { email = "words@left.example" } } });
        var queued = await product.PostAsync(
            "/v1/messages",
            new { topic = "newsletter", to = new { contactId = "left-words" }, sendAt = product.Time.GetUtcNow().AddMinutes(5) });
        await product.SendAsync(HttpMethod.Delete, "/v1/contacts/left-words");
        product.Time.Advance(TimeSpan.FromMinutes(6));
        await product.WorkAsync();
        var why = await product.GetAsync("/v1/explain?messageId=" + queued["id"]);
        Assert.Equal(("skip", "not-selected"), (why["decision"], why["reason"]));
        Assert.Equal("The contact that it was meant for owns the address no more.", why["text"]);
    }

    private async Task AgreeAsync(string email) => await product.PostAsync(
        "/v1/consents",
        new
        {
            email,
            topic = "newsletter", action = "opt-in", source = "form", policyVersion = "2026-01", wording = "Yes.",
            evidence = new { confirmed = true },
        });
}
