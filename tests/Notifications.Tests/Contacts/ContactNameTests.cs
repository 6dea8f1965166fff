using System.Net;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Contacts;

/// <summary>A contact had a name, and no template could say it: <c>{{ contact.name }}</c> showed as nothing.</summary>
public sealed class ContactNameTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task A_template_calls_each_address_of_a_contact_by_its_name_as_it_stands_and_encodes_it()
    {
        await TemplateAsync("named");
        await PutAsync("named-1", "Ana <b>", "ana@named.example");
        Assert.Equal(("Hello Ana <b>", true), await SendAsync("named", "ana@named.example", "Hi Ana &lt;b&gt;!"));

        await PutAsync("named-1", "Ana Sofia", "ana@named.example");
        Assert.Equal(("Hello Ana Sofia", true), await SendAsync("named", "ana@named.example", "Hi Ana Sofia!"));
        await product.SendAsync(HttpMethod.Put, "/v1/contacts/named-1", new { });
        Assert.Equal(("Hello friend", true), await SendAsync("named", "ana@named.example", "Hi friend!"));
    }

    [Fact]
    public async Task R33_R34_An_address_that_leaves_its_contact_has_its_name_no_more()
    {
        await TemplateAsync("left");
        await PutAsync("left-1", "Bo", "bo@named.example");
        Assert.Equal(("Hello Bo", true), await SendAsync("left", "bo@named.example", "Hi Bo!"));
        await product.SendAsync(HttpMethod.Put, "/v1/contacts/left-1", new { name = "Bo", addresses = Array.Empty<object>() });
        Assert.Equal(("Hello friend", true), await SendAsync("left", "bo@named.example", "Hi friend!"));
    }

    [Fact]
    public async Task R33_A_corrected_name_is_what_the_next_message_says()
    {
        await TemplateAsync("corrected");
        await PutAsync("corrected-1", "Bea", "bea@named.example");
        var asked = await product.PostAsync(
            "/v1/privacy/requests", new { type = "rectification", contactId = "corrected-1", name = "Beatrix" });
        Assert.True(asked.Status is HttpStatusCode.Created or HttpStatusCode.OK, asked.Text);
        Assert.Equal(("Hello Beatrix", true), await SendAsync("corrected", "bea@named.example", "Hi Beatrix!"));
    }

    private async Task TemplateAsync(string name)
    {
        var made = await product.PostAsync(
            "/v1/templates",
            new
            {
                name,
                topic = "newsletter", channel = "email", locale = "en", subject = "Hello {{ contact.name | default: 'friend' }}",
                html = "<p>Hi {{ contact.name | default: 'friend' }}!</p>", text = "Hi {{ contact.name | default: 'friend' }}!",
                layout = "standard",
            });
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.DoesNotContain("unknown-variable", made.Text, StringComparison.Ordinal);
    }

    private async Task PutAsync(string id, string name, string email)
    {
        var put = await product.SendAsync(
            HttpMethod.Put, "/v1/contacts/" + id, new { name, addresses = new[] { new { email } } });
        Assert.True(put.Status is HttpStatusCode.Created or HttpStatusCode.OK, put.Text);
        var agreed = await product.PostAsync(
            "/v1/consents",
            new
            {
                email,
                topic = "newsletter", action = "opt-in", source = "form", policyVersion = "2026-01", wording = "Yes.",
                evidence = new { confirmed = true },
            });
        Assert.Equal(HttpStatusCode.OK, agreed.Status);
    }

    private async Task<(string Subject, bool Says)> SendAsync(string template, string email, string says)
    {
        var before = product.Sent.Emails.Count;
        await product.PostAsync("/v1/messages", new { topic = "newsletter", to = new { email }, template });
        await product.WorkAsync();
        var mail = Assert.Single(product.Sent.Emails.Skip(before), e => e.To == email);
        return (mail.Subject, mail.Html.Contains(says, StringComparison.Ordinal));
    }
}
